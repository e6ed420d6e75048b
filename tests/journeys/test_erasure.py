"""A person is erased: no table, file, message or log line names them any more, and every journal still verifies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select

from services.registry import MIGRATED
from shared.core.context import PLATFORM
from shared.core.log import configure
from shared.evidence import audit_file, journal_file
from shared.evidence.audit import sequence
from shared.journal.entries import TextRow
from shared.messaging.kafka import WEEK_MS
from tests.builders.cell import Cell
from tests.builders.identity import make_user, sign_in
from tests.builders.officials import active
from tests.organisations.builders import registered

WEEK = 7 * 24 * 3600 * 1000


def forms(name: str) -> list[str]:
    """How a name may stand in a column's text: as it is, in JSON with escapes, as bytes in hexadecimal."""
    return [name, name.encode("unicode_escape").decode(), name.encode().hex()]


def places_that_name(cell: Cell, name: str, tenants: list[UUID]) -> list[str]:
    """Every table in which a row that any of these tenants sees holds the name."""
    found = []
    with psycopg.connect(cell.settings.url("worker")) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ANY (%s) AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT')",
            [["shared", *MIGRATED]],
        ).fetchall()
        for tenant in tenants:
            for (table,) in tables:
                connection.execute(
                    "SELECT set_config('app.tenant_id', %s, true), set_config('app.scope', 'tenant', true)",
                    [str(tenant)],
                )
                query = f"SELECT count(*) FROM {table} t WHERE t::text LIKE ANY (%s)"
                row = connection.execute(query, [[f"%{form}%" for form in forms(name)]]).fetchone()
                if row and row[0]:
                    found.append(table)
    return sorted(set(found))


def messages_that_name(cell: Cell, name: str) -> int:
    """Of those that wait; the relay deletes what it has sent, the brokers what is a week old."""
    return sum(name in row.value.decode() or forms(name)[1] in row.value.decode() for row in cell.take_unsent())


@pytest.fixture
def quiet_afterwards() -> Iterator[None]:
    """What was captured is closed when the test ends: asked for first, so that this is undone last."""
    yield
    configure("error")


@dataclass(frozen=True)
class Known:
    """Where a person is known by name: an account, a contact, and the reason of a suspension in `park`."""

    user: UUID
    contact: str
    park: str


def made_known(cell: Cell, name: str, *, home: UUID, party: UUID) -> Known:
    """In every way the platform has: sealed at home, in clear in a text that home and party hold."""
    person = make_user(cell, home, "official", name=name, email=f"{uuid4().hex[:6]}@person.example")
    sign_in(cell.app.test_client(), person)
    official = cell.client(home)
    people = f"/v1/organisations/{registered(official)['id']}/contacts"
    contact = official.post(people, {"name": name, "phone": "13800000000", "email": "a@person.example"}).json["id"]
    park = active(cell, home, party)
    assert cell.client(party).post(f"{park}/suspend", {"reason": f"{name}投诉核查"}).status_code == 202
    cell.carry()
    return Known(person.id, f"{people}/{contact}", park)


def erase(cell: Cell, known: Known, *, home: UUID) -> None:
    """As officials and administrators do it."""
    official, system = cell.client(home), cell.client(home, "system_administrator")
    aggregate = known.park.split("/")[-1]
    with cell.session(home) as session:
        digests = list(session.scalars(select(TextRow.digest).where(TextRow.aggregate_id == UUID(aggregate))))
    answers = [
        official.post(f"{known.contact}/erase"),
        system.post(f"/v1/users/{known.user}/deactivate"),
        system.post(f"/v1/users/{known.user}/erase"),
        official.post("/v1/texts/erase", {"aggregate": aggregate, "digests": digests}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    cell.carry()


@pytest.mark.timeout(180)
def test_a_person_is_erased_everywhere_and_everything_signed_still_verifies(
    quiet_afterwards: None, cell: Cell, sichuan: UUID, chongqing: UUID, capfd: pytest.CaptureFixture[str]
) -> None:
    name = f"欧阳测试{uuid4().hex[:6]}"
    tenants = [PLATFORM, sichuan, chongqing]
    configure("debug")
    known = made_known(cell, name, home=sichuan, party=chongqing)
    assert places_that_name(cell, name, tenants) == ["shared.texts"]

    erase(cell, known, home=sichuan)

    assert places_that_name(cell, name, tenants) == []
    assert messages_that_name(cell, name) == 0
    files = [path for path in Path(cell.settings.files).rglob("*") if path.is_file()]
    assert [path for path in files if name.encode() in path.read_bytes()] == []
    logged = "".join(capfd.readouterr())
    assert known.contact in logged
    assert [form for form in forms(name) if form in logged] == []
    assert int(WEEK_MS) == WEEK
    for tenant in (sichuan, chongqing):
        with cell.session(tenant) as session:
            exported = journal_file.export(session, [UUID(known.park.split("/")[-1])])
        assert journal_file.verify(exported, cell.settings.platform_key)
    log = audit_log(cell, sichuan)
    assert audit_file.verify(log, cell.settings.platform_key)
    assert name not in str(log)


def audit_log(cell: Cell, tenant: UUID) -> dict[str, Any]:
    """All of it, with positions."""
    with cell.worker_database.session(cell.context(tenant)) as session:
        sequence(session)
    with cell.session(tenant) as session:
        return audit_file.export(session, first=1, most=1000)
