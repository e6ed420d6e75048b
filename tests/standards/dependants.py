"""What rests on certificates and standards in other services, and causes that stop or count again without commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events import standards as events
from events.catalog import Change
from events.text import FreeText
from services.standards.models import Body, Certificate, Citation, Consequence, Recognition, Standard, certificate_id
from shared.database.rows import Aggregate
from shared.rules.periods import with_period, without_last
from tests.builders.cell import Cell
from tests.builders.officials import park_draft
from tests.organisations.builders import registered
from tests.standards.given import given_body, given_certificate, given_standard

SAID = FreeText("试", "salt")
STOPS: dict[str, tuple[type[Aggregate], Change]] = {
    "suspended": (Certificate, events.CertificateSuspended(reason=SAID)),
    "expired": (Certificate, events.CertificateExpired()),
    "body_suspended": (Body, events.BodySuspended(reason=SAID)),
    "withdrawn": (Standard, events.StandardEnded(state="withdrawn")),
    "ended": (Recognition, events.RecognitionEnded(reason=SAID)),
}
RETURNS: dict[type[Aggregate], Change] = {
    Certificate: events.CertificateRestored(reason=SAID),
    Body: events.BodyRestored(reason=SAID),
    Standard: events.StandardRestored(reason=SAID),
    Recognition: events.RecognitionRestored(reason=SAID),
}


def qualified(cell: Cell, tenant: UUID, number: str, *, carry: bool = True) -> str:
    """An organisation of this tenant with a qualification that rests on the certificate; its id."""
    made = registered(cell.client(tenant))
    body = {"name": "家具检测合格", "number": number[-8:], "certificate": number}
    answer = cell.client(tenant).post(f"/v1/organisations/{made['id']}/qualify", body)
    assert answer.status_code == 200, answer.json
    if carry:
        cell.carry()
    return str(made["id"])


def ruled_park(cell: Cell, tenant: UUID, *others: UUID, standard: UUID) -> str:
    """The address of a park whose entry rule cites the standard."""
    rule = {"standard": str(standard), "text_zh": "入园企业产品须符合本标准。"}
    answer = cell.client(tenant).post("/v1/parks", park_draft(tenant, *others, entry_rules=[rule]))
    assert answer.status_code == 201, answer.json
    cell.carry()
    return f"/v1/parks/{answer.json['id']}"


def key_of(home: UUID, number: str) -> UUID:
    """The id of the certificate."""
    return certificate_id(home, number)


def stop(cell: Cell, home: UUID, key: UUID, *, how: str, carry: bool = True) -> None:
    """The thing stops counting, now."""
    kind, change = STOPS[how]
    state = how.removeprefix("body_")
    with cell.session(home) as session:
        row: Any = session.locked(kind, key)
        row.state, row.spells = state, with_period(row.spells, state, since=session.clock.now())
        session.publish(row, change)
    if carry:
        settle(cell)


def correct(cell: Cell, home: UUID, key: UUID, *, kind: type[Aggregate]) -> None:
    """It was a mistake."""
    with cell.session(home) as session:
        row: Any = session.locked(kind, key)
        row.spells = without_last(row.spells)
        row.state = row.spells[-1]["state"]
        session.publish(row, RETURNS[kind])
    settle(cell)


def settle(cell: Cell) -> None:
    """Messages are carried and timers run until nothing is left to do now."""
    cell.carry()
    while cell.run_timers():
        cell.carry()


def found(cell: Cell, seen_by: UUID, **filters: Any) -> list[dict[str, Any]]:
    """Consequences as the tenant's people see them, oldest first."""
    asked = "&".join(f"{name}={value}" for name, value in {"limit": 100, **filters}.items())
    answer = cell.client(seen_by).get(f"/v1/consequences?{asked}")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items[::-1]


def only(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The one there is."""
    (item,) = items
    return item


def close(cell: Cell, tenant: UUID, key: str, **body: Any) -> Any:
    """The answer to closing it; what follows is carried."""
    answer = cell.client(tenant).post(f"/v1/consequences/{key}/close", body)
    settle(cell)
    return answer


def citations(cell: Cell, tenant: UUID) -> set[tuple[str, str]]:
    """What is cited here, and by what kind of thing."""
    with cell.session(tenant) as session:
        return {(row.reference, row.citing_kind) for row in session.scalars(select(Citation))}


def own_consequences(cell: Cell, tenant: UUID) -> list[tuple[str, ...]]:
    """Own consequences without ids and times, in a fixed order: two runs of one story are the same when these are."""
    with cell.session(tenant) as session:
        rows = session.scalars(select(Consequence).where(Consequence.home_id == tenant)).all()
        return sorted((str(row.cause_id), str(row.dependant_id), row.reference, row.purpose, row.state) for row in rows)


class Story:
    """Chongqing issues, Sichuan rests on it."""

    def __init__(self, cell: Cell, home: UUID, user: UUID) -> None:
        self.cell, self.home, self.user = cell, home, user
        self.standard = given_standard(cell, home)
        self.body = given_body(cell, home, self.standard)
        self.number = given_certificate(cell, home, self.body, standard=self.standard)
        self.key = key_of(home, self.number)

    def organisation(self, key: str) -> Any:
        return self.cell.client(self.user).get(f"/v1/organisations/{key}").json

    def qualification(self, key: str) -> str:
        return str(self.organisation(key)["qualifications"][0]["state"])

    def certificate(self, key: UUID) -> str:
        with self.cell.session(self.user) as session:
            return session.one(Certificate, key).state

    def derived(self) -> UUID:
        """A certificate of Sichuan's own standard and body that is based on Chongqing's."""
        standard = given_standard(self.cell, self.user)
        body = given_body(self.cell, self.user, standard)
        number = given_certificate(self.cell, self.user, body, standard=standard, based_on=[self.number])
        return key_of(self.user, number)
