"""The notice: its lifecycle, who may do what with it, and what a party believes of who has read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from events.canonical import Json
from events.entry import Entry
from events.notices import NoticeRead
from shared.core.errors import ConflictError, RefusedError
from shared.rules.lifecycle import Lifecycle, Step

CONFIRM = "notices.notice.confirm"
"""The command by which a party confirms."""
NOTICE_LIFECYCLE = Lifecycle(
    "notice",
    "draft",
    (
        Step("revise", ("draft",), "draft"),
        Step("publish", ("draft",), "published"),
        Step("confirm", ("published",), "published"),
        Step("withdraw", ("draft", "published"), "withdrawn"),
    ),
    words="services.notices",
)
Readings = Sequence[Mapping[str, Json]]
"""`{"tenant", "read_at"}` of each addressee that has confirmed, in their order."""


def unread(addressees: Sequence[UUID], readings: Readings) -> list[UUID]:
    """The addressees that have not confirmed, in their order."""
    known = {item["tenant"] for item in readings}
    return [tenant for tenant in addressees if str(tenant) not in known]


def possible(state: str, *, is_home: bool, waits: bool) -> list[str]:
    """What its home, or an addressee on whom it `waits`, may do now."""
    actions = NOTICE_LIFECYCLE.actions(state)
    return [action for action in actions if (waits if action == "confirm" else is_home)]


def check_home(tenant: UUID, home: UUID) -> None:
    """Raises `RefusedError` for all but its home."""
    if tenant != home:
        raise RefusedError(
            "home_only",
            "只有发布方可以修改、发布或撤回公告。如有异议,请与发布方联系。",
            "Only the tenant that made this notice may change, publish or withdraw it. If you object, get in touch.",
        )


def check_unread(tenant: UUID, addressees: Sequence[UUID], *, readings: Readings) -> None:
    """Raises `RefusedError` for who is not addressed, `ConflictError` for who has confirmed already."""
    if tenant not in addressees:
        raise RefusedError(
            "addressee_only",
            "该公告未发给贵方,无须确认。",
            "This notice was not sent to your tenant, so there is nothing to confirm.",
        )
    if tenant not in unread(addressees, readings):
        raise ConflictError(
            "already_confirmed",
            "贵方已确认阅读该公告,无需重复确认。",
            "Your tenant has confirmed this notice already. There is nothing left to do.",
        )


def check_readings(entry: Entry, state: Mapping[str, Json], *, before: Json) -> None:
    """Raises ValueError unless nobody but the entry's actor has read it since `before`, nobody at all before that."""
    readings, known = state["readings"], [] if before is None else before["readings"]
    confirmed = [str(entry.actor.tenant)] if entry.type == NoticeRead.type else []
    if readings[: len(known)] != known or [item["tenant"] for item in readings[len(known) :]] != confirmed:
        raise ValueError("others are said to have read this")
