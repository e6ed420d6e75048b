"""States of things: a word, a shape and a colour, so that nobody needs to see colours."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from shared.core.words import Pair
from shared.pages.languages import t

STATES: Mapping[str, tuple[str, ...]] = {
    "good": (
        "active", "in_force", "released", "published", "valid", "approved", "done", "agreed", "answered", "accredited",
        "applied", "decided", "delivered", "confirmed", "used", "free",
        "green",
    ),
    "wait": (
        "proposed", "pending", "open", "submitted", "consulting", "signing", "negotiating", "running", "waiting",
        "invited", "leaving", "not_yet_valid", "filed", "accepted", "requested", "yellow",
    ),
    "paused": ("suspended", "held", "locked", "returned", "handed_back"),
    "wrong": (
        "revoked", "refused", "overdue", "expired", "parked", "not_valid", "body_not_valid", "standard_not_valid",
        "not_known", "failed", "no_show", "red",
    ),
    "draft": ("draft", "drafting", "later", "too_few"),
    "ended": (
        "withdrawn", "dissolved", "closed", "ended", "superseded", "merged", "left", "retired", "deactivated",
        "removed", "abandoned", "replaced", "erased", "cancelled", "taken", "past", "lapsed", "none",
    ),
}  # fmt: skip
"""How a state looks, word and shape and colour."""
LOOKS = {state: look for look, states in STATES.items() for state in states}


def state(value: str, label: Pair | None) -> Markup:
    """A state as word, shape and colour."""
    said = t(label.zh, label.en) if label else value
    return Markup('<span class="state {}">{}</span>').format(LOOKS.get(value, ""), said)
