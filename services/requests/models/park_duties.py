"""The duty table of a park: which party and unit answers which kind of matter, in revisions that all parties sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Mapped

from events.canonical import Json
from events.entry import Entry, aggregate_id
from services.requests.domain.matters import DUTY_REVISION_LIFECYCLE, content_hash, first_handler
from services.requests.domain.scopes import SIGN
from services.requests.models.places import KnownPark
from shared.countersigned.rows import Revision, revision_nonce
from shared.database.rows import Aggregate, aggregate
from shared.journal.session import Session
from shared.rules.duties import Beside, Duty, Work
from shared.rules.signed_commands import Commands, commands_of

SCHEMA = {"schema": "requests"}
SIGNING = Duty("sign", "签署园区分工表", "Sign the duty table of a park", SIGN)


@aggregate
class DutyTable(Aggregate):
    """What the revisions of a park's duty table belong to: at home where the park is, its parties those of the park."""

    __tablename__ = "duty_tables"
    __table_args__ = SCHEMA
    kind = "requests.duty_table"
    called = "园区分工表 / duty table of a park"
    audited = ("park_id", "next_revision")
    guarded = True

    park_id: Mapped[UUID]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    next_revision: Mapped[int]

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """There is one of a park, at its home."""
        del before, here
        if entry.aggregate != table_id(entry.home, UUID(str(state["park_id"]))):
            raise ValueError("it is of another park")


@aggregate
class DutyRevision(Revision):
    """One revision: `matters` are `{"kind", "tenant", "unit"}`, one of each kind of `domain.matters.MATTERS`."""

    __tablename__ = "duty_revisions"
    __table_args__ = SCHEMA
    kind = "requests.duty_revision"
    called = "分工表版次 / revision of a duty table"
    duties = (SIGNING,)
    beside = Beside("table_id", DutyTable.kind, "proposed")
    lifecycle = DUTY_REVISION_LIFECYCLE
    content = ("park_id", "matters", "effective_from")

    table_id: Mapped[UUID]
    park_id: Mapped[UUID]
    matters: Mapped[list[dict[str, Any]]]

    @classmethod
    def hash_of(cls, content: Mapping[str, Any]) -> str:
        """Of the park, who answers what, and from when on."""
        return content_hash(content["park_id"], content["matters"], effective_from=content["effective_from"])

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """As of every revision; and what stands there is of the park whose table it belongs to."""
        super().check_next(entry, state, before=before, here=here)
        park, number = UUID(str(state["park_id"])), int(str(state["revision"]))
        if entry.aggregate != revision_id(entry.home, park, number=number):
            raise ValueError("it is of another park")

    def work(self, beside: DutyTable | None) -> Work | None:
        """While it is proposed it waits for every signature that is missing."""
        if beside is None:
            return None
        is_open = self.state == "proposed"
        return Work(
            name_zh=f"{beside.name_zh}分工表第{self.revision}版",
            name_en=f"Duty table of {beside.name_en or beside.name_zh}, revision {self.revision}",
            url=f"/v1/park-duties/{self.table_id}/revisions/{self.revision}",
            waits=[self.wait_for_signatures(SIGNING, since=self.created_at)] if is_open else [],
        )


def table_nonce(park: UUID) -> str:
    """What makes the id of a duty table follow from its park."""
    return f"duties/{park}"


def table_id(home: UUID, park: UUID) -> UUID:
    """The id of a park's duty table, whether it exists or not."""
    return aggregate_id(home, table_nonce(park))


def revision_id(home: UUID, park: UUID, *, number: int) -> UUID:
    """The id of one of its revisions, whether it exists or not."""
    return aggregate_id(home, revision_nonce(table_id(home, park), number))


def table_in_force(session: Session, park: KnownPark) -> DutyRevision | None:
    """What all who build the park have signed, and is in force; None where one has joined since."""
    row = DutyRevision
    held = row.park_id == park.park_id, row.home_id == park.home, row.state == "in_force"
    found = session.scalar(select(row).where(*held).order_by(row.revision.desc()).limit(1))
    if found is None:
        return None
    signed = {one["tenant"] for one in found.signatures}
    everybody = {str(party) for party in session.directory.staying(session, park.parties)}
    return found if everybody <= signed else None


def consent_behind(state: Mapping[str, Any]) -> Commands:
    """The signed command by which whoever answers a matter agreed to the duty table that says so.

    None where the table is at home with that tenant itself, which knows what it signed. Raises ValueError, TypeError
    or KeyError.
    """
    matter = state["matter"]
    if matter is None or matter["home"] == first_handler(state):
        return ()
    consent, home = matter["consent"], UUID(matter["home"])
    if consent["tenant"] != first_handler(state):
        raise ValueError("somebody else has signed the duty table")
    signed = revision_id(home, UUID(state["park_id"]), number=matter["revision"])
    asked = f"{DutyRevision.kind}.sign", signed
    return commands_of([consent], home=home, asked=asked, content_hash=matter["content_hash"])
