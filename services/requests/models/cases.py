"""Rows of the requests service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Computed, Text
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json
from events.entry import Entry
from services.requests.domain.believing import check_command, check_next
from services.requests.domain.cases import OPEN
from services.requests.domain.clocks import ground_of
from services.requests.domain.items import ITEM_LIFECYCLE
from services.requests.domain.matters import check_matter
from services.requests.domain.parts import HANDED_BACK
from services.requests.domain.waiting import DUTIES, PART, PART_BACK, waits_of
from services.requests.models.park_duties import consent_behind
from shared.database.rows import Aggregate, Register, TenantRow, aggregate
from shared.rules.duties import Work
from shared.rules.signed_commands import Commands, command_behind

SCHEMA = {"schema": "requests"}


class ItemRow(Register):
    """What every cell knows of service items."""

    __tablename__ = "items_register"
    __table_args__ = SCHEMA

    code: Mapped[str] = mapped_column(Computed("state->>'code'", persisted=True))
    status: Mapped[str] = mapped_column(Computed("state->>'state'", persisted=True))
    tenant: Mapped[UUID] = mapped_column(Computed("(state->>'tenant')::uuid", persisted=True))
    category: Mapped[str] = mapped_column(Computed("state->>'category'", persisted=True))
    mode: Mapped[str] = mapped_column(Computed("state->>'mode'", persisted=True))
    audience: Mapped[str] = mapped_column(Computed("coalesce(state->>'audience', 'anyone')", persisted=True))
    follows: Mapped[UUID | None] = mapped_column(Computed("(state->'follows'->>'common')::uuid", persisted=True))
    folded: Mapped[str] = mapped_column(
        Computed(
            "shared.folded((state->>'code') || ' ' || (state->>'name_zh') || ' ' || coalesce(state->>'name_en', ''))",
            persisted=True,
        ),
        deferred=True,
    )


@aggregate
class Item(Aggregate):
    """A service that its home offers to organisations of every jurisdiction; broadcast.

    `sheet` is as `schemas.items.SheetSchema` says: conditions, materials, fields of the form, terms, fee. `edition`
    rises with each revision. `follows` is its common sheet, `{"common", "revision", "local", "reasons"}`.
    `coordinator` decides who handles a case that was forwarded too often.
    """

    __tablename__ = "items"
    __table_args__ = SCHEMA
    kind = "requests.item"
    called = "服务事项 / service item"
    register = ItemRow
    home_column = "tenant"
    audited = ("state", "code", "edition")
    lifecycle = ITEM_LIFECYCLE

    tenant: Mapped[UUID]
    state: Mapped[str]
    code: Mapped[str]
    national_code: Mapped[str | None]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    category: Mapped[str]
    nature: Mapped[str]
    mode: Mapped[str]
    audience: Mapped[str]
    provider: Mapped[str]
    coordinator: Mapped[UUID | None]
    edition: Mapped[int]
    sheet: Mapped[dict[str, Any]]
    follows: Mapped[dict[str, Any] | None]


@aggregate
class Case(Aggregate):
    """A case, at home in the tenant where it was filed; the tenant that handles it is a party once it is filed.

    `item` and `sheet` are the item as it was when it was filed, `division` is where it lay then and `park` what its
    park was called (`commands.places.placed`). `clocks` are as `domain.clocks` says, `due_on` follows from the last.
    `forwards` are `{"by", "to", "at", "reason_digest"}`, `supplement` is `{"missing", "asked_at", "answer_by"}`,
    `decision` is `{"outcome", "ground", "remedy", "decided_at", "reason_digest", "by_silence"}`, `ratings` are `{"by",
    "score", "at", "reason_digest", "reply_digest"}`. `parts` are as `domain.parts` says, `part_files` are the files of
    each with its number as `part`; `proposal` and `agreed_on` are as `domain.dates` says. `accepted_in_term`,
    `answered_in_term`, `agreed_kept` and `own_days`, those that its handler needed, are what the scoreboard counts.
    Answers and the applicant's name are behind their digests.
    """

    __tablename__ = "cases"
    __table_args__ = SCHEMA
    kind = "requests.case"
    called = "办件 / case"
    audited = ("state", "number", "item_id", "handler")
    duties = DUTIES
    guarded = True
    files = ("materials", "part_files")

    organisation_id: Mapped[UUID | None]
    division: Mapped[str | None]
    park_id: Mapped[UUID | None]
    park: Mapped[dict[str, Any] | None]
    state: Mapped[str]
    number: Mapped[str | None] = mapped_column(Text(collation="C"))
    item_id: Mapped[UUID]
    item: Mapped[dict[str, Any]]
    sheet: Mapped[dict[str, Any]]
    matter: Mapped[dict[str, Any] | None]
    handler: Mapped[UUID]
    coordinator: Mapped[UUID | None]
    answers_digest: Mapped[str | None]
    applicant_digest: Mapped[str | None]
    materials: Mapped[list[dict[str, Any]]]
    parts: Mapped[list[dict[str, Any]]]
    part_files: Mapped[list[dict[str, Any]]]
    forwards: Mapped[list[dict[str, Any]]]
    is_final: Mapped[bool]
    supplement: Mapped[dict[str, Any] | None]
    clocks: Mapped[list[dict[str, Any]]]
    due_on: Mapped[date | None]
    due_by: Mapped[date] = mapped_column(Computed("coalesce(due_on, date '9999-12-31')", persisted=True), deferred=True)
    due_is_provisional: Mapped[bool]
    is_overdue: Mapped[bool]
    decision: Mapped[dict[str, Any] | None]
    reopened: Mapped[int]
    filed_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason_digest: Mapped[str | None]
    ratings: Mapped[list[dict[str, Any]]]
    accepted_in_term: Mapped[bool | None]
    answered_in_term: Mapped[bool | None]
    own_days: Mapped[int | None]
    proposal: Mapped[dict[str, Any] | None]
    proposals: Mapped[int]
    agreed_on: Mapped[date | None]
    agreed_kept: Mapped[bool | None]

    @property
    def situation(self) -> dict[str, Any]:
        """What decides who may do what now (`domain.cases.check_turn`)."""
        names = ("state", "handler", "home_id", "coordinator", "supplement", "forwards", "is_final", "ratings",
                 "parts", "proposal", "proposals")  # fmt: skip
        return {**{name: getattr(self, name) for name in names}, "is_paused": ground_of(self.clocks) is not None}

    @property
    def is_open_here(self) -> bool:
        """Whether the tenant whose row it is has to do with it now, and somebody has to do something."""
        return self.state in OPEN and self.tenant_id in self.party_ids

    @property
    def concerned(self) -> set[UUID]:
        """The tenants that have, or had, to do with it."""
        moves = [*self.forwards, *(move for part in self.parts for move in part["moves"])]
        before = {UUID(one[name]) for one in (*moves, *self.parts) for name in ("by", "had", "to") if name in one}
        return {self.home_id, self.handler, *before} | ({self.coordinator} if self.coordinator else set())

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Whoever handles it says so itself, and says just this; who answers a matter has agreed to do so."""
        found = command_behind(entry)
        for _tenant, command in found:
            check_command(entry, state, asked=command["document"])
        return [*found, *consent_behind(state)]

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """Nobody acts by the word of the home, and no day that was counted is counted otherwise later."""
        check_matter(state)
        check_next(entry, state, before=before, joins=before is None or here in entry.joined)

    def work(self, _beside: Any) -> Work:
        """Each state waits for the applicant, the handler or the coordinator, and parts for those who have them."""
        number = self.number or ""
        zh, en = self.item["name_zh"], self.item["name_en"] or self.item["name_zh"]
        url = f"/v1/requests/{self.id}"
        return Work(name_zh=f"{number} {zh}".strip(), name_en=f"{number} {en}".strip(), url=url, waits=waits_of(self))

    def asked_by(self, action: str) -> UUID:
        """Parts are given by the handler, and handed back by who had them; all else comes from where it was filed."""
        back = [UUID(one["to"]) for one in self.parts if one["state"] == HANDED_BACK]
        if action == PART_BACK.action and back:
            return back[0]
        return self.handler if action == PART.action else self.home_id


class Counter(TenantRow):
    """The last number of a year that a tenant has given to a case."""

    __tablename__ = "counters"
    __table_args__ = SCHEMA

    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Tally(TenantRow):
    """How the terms of cases were kept that were filed on one day (in Beijing), by handler, home and item.

    The database adds to it whenever a case changes; of one key there may be several rows, to be added up.
    """

    __tablename__ = "tallies"
    __table_args__ = SCHEMA

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date]
    handler: Mapped[UUID]
    home: Mapped[UUID]
    item_id: Mapped[UUID]
    cases: Mapped[int]
    accepted: Mapped[int]
    accepted_in_term: Mapped[int]
    decided: Mapped[int]
    decided_in_term: Mapped[int]
    timed: Mapped[int]
    """Cases whose handler's own days are known."""
    own_days: Mapped[int]
    refused: Mapped[int]
    overdue: Mapped[int]
    dated: Mapped[int]
    """Cases that were decided once a date was agreed on."""
    dated_kept: Mapped[int]


class Assignment(TenantRow):
    """Who of this tenant works on a case, and when they look at it again; a case without one is in the pool.

    `reopened` is how often the case had been reopened when they got it.
    """

    __tablename__ = "assignments"
    __table_args__ = SCHEMA
    called = "认领 / assignment"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[str]
    since: Mapped[datetime]
    reopened: Mapped[int]
    follow_up_on: Mapped[date | None]
    organisation_id: Mapped[UUID | None]
    """Nobody's: an organisation's people see none of them."""


class Note(TenantRow):
    """What people of one tenant tell each other about a case; in no event, and nobody else's to see."""

    __tablename__ = "notes"
    __table_args__ = SCHEMA
    called = "内部备注 / internal note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    author: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]
    organisation_id: Mapped[UUID | None]
    """Nobody's, as above."""


@aggregate
class Message(Aggregate):
    """A message in the thread of a case: at home with whoever wrote it, the other parties of the case its parties.

    It is never changed. `by_applicant` says that the organisation's own people wrote it; the text is behind its digest.
    `question` and `answers` are as `domain.questions` says.
    """

    __tablename__ = "messages"
    __table_args__ = SCHEMA
    kind = "requests.message"
    called = "办件沟通 / message"
    files = ("attachments",)

    organisation_id: Mapped[UUID | None]
    case_id: Mapped[UUID]
    by_applicant: Mapped[bool]
    text_digest: Mapped[str]
    attachments: Mapped[list[dict[str, Any]]]
    question: Mapped[dict[str, Any] | None]
    answers: Mapped[UUID | None]
