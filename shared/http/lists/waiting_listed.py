"""What does not flow in a tenant, as its administrators read it: since when, why, what to do now; and its replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import fields

from shared.core.errors import ConflictError, NotFoundError
from shared.core.log import logger
from shared.core.words import Pair
from shared.database.pages import Order, Page, PageRequest, of_known
from shared.evidence.audit import detail
from shared.http.fields.references import ID, Reference
from shared.http.fields.strict import BilingualSchema, Choice, Schema
from shared.http.fields.times import Instant
from shared.http.lists.command_views import title_of
from shared.http.lists.pages import PageFilter
from shared.http.names import ON_WAITING, names_of
from shared.journal.session import Session
from shared.messaging import waiting
from shared.messaging.attempts import database_is_away
from shared.messaging.waiting import Item
from shared.messaging.waiting_kinds import OF_TENANTS
from shared.replication import parking

ORDER = Order({"since": "at", "kind": "kind"}, "since", ("at", "kind", "mark"))
KINDS_ORDER = Order({"kind": "kind"}, "kind", ("kind",))
MOST = 500
"""Of each kind the oldest are listed; `/v1/waiting/kinds` counts them all."""
CALLED = "停滞事项 / thing that waits"
NOTHING = Pair("已与主办辖区同步,无须处理。", "It is in step with its home: nothing to do.")


class WaitingFilter(PageFilter):
    """What to list."""

    kind = Choice(tuple(OF_TENANTS), load_default=None)


class WaitingView(Schema):
    """Something that waits: what, since when, why and what to do; `id` is that of a thing whose entries wait.

    `kind` is null once nothing of the thing waits any more.
    """

    id = Reference(by="thing_kind", required=True, allow_none=True)
    kind = Choice(tuple(OF_TENANTS), required=True, allow_none=True)
    thing = Reference(by="thing_kind", required=True, allow_none=True)
    thing_kind = fields.String(required=True)
    subject = fields.String(required=True)
    home = Reference("tenant", required=True, allow_none=True)
    parties = fields.List(Reference("tenant"), required=True)
    since = Instant(required=True)
    cause = fields.Nested(BilingualSchema, required=True)
    advice = fields.Nested(BilingualSchema, required=True)
    allowed_actions = fields.List(fields.String(), required=True)


class WaitingKindView(Schema):
    """How many wait in one way, since when the oldest, and what to do now."""

    kind = Choice(tuple(OF_TENANTS), required=True)
    count = fields.Integer(required=True)
    since = Instant(required=True, allow_none=True)
    advice = fields.Nested(BilingualSchema, required=True)


@dataclass(frozen=True)
class KindCount:
    """One kind with its number."""

    kind: str
    count: int
    since: datetime | None


def waiting_things(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """What waits in the session tenant, the oldest first; people of one organisation are told of none."""
    found = waiting.items_of_tenant(session, kind=filters.get("kind"), most=MOST) if _of_tenant(session) else []
    return of_known(found, order=ORDER, paging=paging)


def waiting_kinds(session: Session, _filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """Every kind with its number, also where that is 0."""
    counts = waiting.counts_of_tenant(session) if _of_tenant(session) else {}
    found = [KindCount(kind, one.count, one.since) for kind, one in counts.items()]
    return of_known(found, order=KINDS_ORDER, paging=paging)


def waiting_thing(session: Session, key: UUID) -> Item:
    """How far the tenant has come with one thing; raises `NotFoundError`."""
    found = waiting.standing_of(session, key) if _of_tenant(session) else None
    if found is None:
        raise NotFoundError.of(CALLED, key)
    return found


def replay_waiting(session: Session, key: UUID) -> Item:
    """Apply what queued behind a parked thing, in order; raises `ConflictError`, and then nothing has changed."""
    before = waiting_thing(session, key)
    try:
        row = parking.replay(session, key)
        session.flush()
        session.send()
    except Exception as error:
        if database_is_away(error):
            raise
        logger("replication").warning("replay_failed", aggregate=str(key), reason=repr(error), exc_info=error)
        cause = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        raise ConflictError(
            "replay_failed",
            f"重放没有成功,原因仍在:{cause}。排队的内容都还在,没有丢失。请排除原因后再试,或请平台运维处理。",
            f"The replay failed, its reason is still there: {cause}. All that queues is kept. Mend the reason and try"
            " again, or ask the platform's operator.",
        ) from error
    if row is None:
        raise ConflictError(
            "not_parked",
            "该事项没有搁置,无须重放。请刷新后再看。",
            "This is not parked, so there is nothing to replay. Reload and look again.",
        )
    detail(
        session,
        subject=str(key),
        before={"status": "parked", "version": before.version},
        after={"status": row.status, "version": row.version},
    )
    return waiting_thing(session, key)


def present_waiting(session: Session, rows: Sequence[Item]) -> list[dict[str, Any]]:
    """What the view shows."""
    session.info[ON_WAITING] = True
    names = names_of(session, {key for row in rows for key in ID.findall(row.said or "")})
    return [
        {
            "id": row.thing if row.kind in (None, "parked", "held", "phantom") else None,
            "kind": row.kind,
            "thing": row.thing,
            "thing_kind": ".".join(row.what.split(".")[:2]) if row.home or row.kind == "unconfirmed" else "",
            "subject": row.subject if row.thing is None else str(row.thing),
            "home": row.home,
            "parties": sorted(json.loads(row.said or "{}")) if row.kind == "unconfirmed" else [],
            "since": row.since,
            "cause": _named(REASONS[row.kind](row), names).by_language(),
            "advice": (OF_TENANTS[row.kind] if row.kind else NOTHING).by_language(),
            "allowed_actions": ("replay",) if row.kind == "parked" else (),
        }
        for row in rows
    ]


def present_kinds(_session: Session, rows: Sequence[KindCount]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [{**vars(row), "advice": OF_TENANTS[row.kind].by_language()} for row in rows]


def _of_tenant(session: Session) -> bool:
    return session.context.scope == "tenant"


def _named(said: Pair, names: Mapping[str, Mapping[str, Any]]) -> Pair:
    """With the name of each thing and tenant instead of its id."""

    def in_language(text: str, language: str) -> str:
        return ID.sub(lambda found: str(names[found[0]][language]) if found[0] in names else found[0], text)

    return Pair(in_language(said.zh, "zh"), in_language(said.en, "en"))


def _parked(row: Item) -> Pair:
    next_one = (row.version or 0) + 1
    return Pair(f"第 {next_one} 版无法应用:{row.said}", f"Version {next_one} could not be applied: {row.said}")


def _held(row: Item) -> Pair:
    return Pair(
        f"本辖区有第 {row.version} 版,已知有第 {row.wanted} 版,中间缺少的还没有到。",
        f"Version {row.version} is here, version {row.wanted} is known of; what is between them has not come yet.",
    )


def _sent(row: Item) -> Pair:
    called = title_of(row.what)
    return Pair(
        f"“{called['zh']}”已送往主办辖区,还没有答复。", f"'{called['en']}' was sent to its home; no answer yet."
    )


def _failed(row: Item) -> Pair:
    why = (
        Pair(f"出错:{row.said}", f"failed: {row.said}")
        if row.said
        else Pair("还没有轮到。", "has not had its turn yet.")
    )
    return Pair(f"{row.what} {why.zh}", f"{row.what} {why.en}")


REASONS: Mapping[str | None, Callable[[Item], Pair]] = {
    None: lambda row: Pair(f"本辖区已有第 {row.version} 版。", f"Version {row.version} is here."),
    "parked": _parked,
    "held": _held,
    "phantom": lambda _row: Pair("听说过该事项,但其内容从未到达。", "It was heard of, but nothing of it ever came."),
    "unsent": lambda row: Pair(f"还没有发出({row.what})。", f"Not sent yet ({row.what})."),
    "pending": _sent,
    "overdue": _sent,
    "unconfirmed": lambda _row: Pair(
        "多次提醒后,有参与方仍未确认收到最新内容。", "Parties have not confirmed its newest version, though told again."
    ),
    "timer": _failed,
    "handler": _failed,
    "key": lambda _row: Pair("新的签名密钥还没有登记到名录。", "A new signing key is not listed in the directory yet."),
}
"""Why each kind waits, as far as can be said of the tenant itself."""
