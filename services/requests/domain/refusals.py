"""The same refusal again and again between two tenants: no case can settle that, so somebody above them is told.

The same is: of the same item of cases filed in one tenant, by the same other tenant, and either *decided* on the same
legal ground, however it is punctuated, or *forwarded* as another body's for the same kind of reason. `other` is no kind
that says what two forwards have in common, so those are not counted. A case that is reopened and refused anew counts
again: it is a second decision.
"""

from __future__ import annotations

import unicodedata

FORWARD_KINDS = ("territory", "subject", "level", "other")
"""Why a case is another body's: it lies elsewhere, is of another matter, or belongs to another level."""
DECIDED, FORWARDED = REFUSAL_KINDS = ("decided", "forwarded")
EVERY = 3
"""Each so many times it is told."""
LONGEST = 200


def same_ground(ground: str) -> str:
    """What grounds that are the same have in common: letters and digits alone, in one width and case."""
    plain = unicodedata.normalize("NFKC", ground).casefold()
    return "".join(char for char in plain if char.isalnum())[:LONGEST]


def is_counted(kind: str, ground: str) -> bool:
    """Whether two of these have anything in common."""
    return bool(same_ground(ground)) and (kind, ground) != (FORWARDED, "other")


def is_told(times: int) -> bool:
    """The third time, the sixth, and so on."""
    return times % EVERY == 0
