"""Whether a person's act can be corrected at all."""

from __future__ import annotations

from collections.abc import Sequence

from shared.core.errors import ConflictError
from shared.rules.periods import Period


def can_correct(periods: Sequence[Period]) -> bool:
    """Whether an act of a person may be the mistake: what just expired had none, unless it was suspended then."""
    return periods[-1]["state"] != "expired" or (len(periods) > 1 and periods[-2]["state"] == "suspended")


def check_correctable(periods: Sequence[Period]) -> None:
    """Raises `ConflictError`."""
    if not can_correct(periods):
        raise ConflictError(
            "nothing_to_restore",
            "它因期满失效,期满前未被暂停,没有可更正的决定。需要延续的,请颁发新证书,或扩大机构的认可范围。",
            "Its term ended while it was not suspended, so no decision can be corrected. To go on, issue a new "
            "certificate, or extend the body's scope.",
        )
