"""What may become of a dependant when something it rests on stops counting, and until when it is to be dealt with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from events.entry import Position
from services.standards.domain.dependencies import Dependant, Document
from shared.core.errors import Fault, InvalidError

REVIEW, RESTORATION = "review", "restoration"
PURPOSES = (REVIEW, RESTORATION)
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    REVIEW: ("kept", "suspended", "removed"),
    RESTORATION: ("restored", "kept"),
}
EVERY_OUTCOME = ("kept", "suspended", "removed", "restored")
UNDOABLE = ("suspended", "removed")
"""What a correction of the cause may undo."""
TERM = 10
"""Days within which a dependant is to be dealt with, the last one included; our own choice."""
AGAIN = 5
"""Days between escalations."""
MOST_ESCALATIONS = 10


def stopped_at(
    versions: Sequence[tuple[Position, Document]], does_count: Callable[[Document], bool]
) -> tuple[Position, str] | None:
    """Since which version it no longer counts, in the state it has now, and that state; None while it does.

    `versions` are newest first. A change that leaves it as it is, such as a wider scope of a suspended body, is none.
    """
    position, newest = versions[0]
    if does_count(newest):
        return None
    state = newest.get("state")
    for at, document in versions[1:]:
        if does_count(document) or document.get("state") != state:
            break
        position = at
    return position, str(state)


def consequence_nonce(cause: UUID, dependant: Dependant, *, at: str, occasion: str = "") -> str:
    """What makes the same review one: its cause since when, its dependant; `occasion` where it arose anew."""
    named = f"{dependant.kind}/{dependant.id}/{dependant.reference}"
    return f"consequence/{REVIEW}/{cause}/{at}/{named}/{occasion}"


def restoration_nonce(review: UUID, at: str, *, occasion: str = "") -> str:
    """What makes the same restoration one: the review it undoes, where the cause stood when it counted again."""
    return f"consequence/{RESTORATION}/{review}/{at}/{occasion}"


def check_outcome(purpose: str, outcome: str, *, has_reason: bool) -> None:
    """Raises `InvalidError` for an outcome of another purpose, or for leaving things as they are without a reason."""
    if outcome not in OUTCOMES[purpose]:
        allowed = ", ".join(OUTCOMES[purpose])
        fault = Fault("/outcome", f"须为:{allowed}", f"must be one of: {allowed}")
        raise InvalidError(
            "outcome_invalid", f"此事项的处置结果{fault.zh}。", f"The outcome of this {fault.en}.", [fault]
        )
    if outcome == "kept" and not has_reason:
        zh, en = "维持原状须说明理由,请填写", "is required where things stay as they are"
        raise InvalidError("reason_missing", f"{zh}。", f"A reason {en}. Give it.", [Fault("/reason", zh, en)])
