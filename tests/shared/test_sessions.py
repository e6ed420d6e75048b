"""What a session refuses: changes without lock, without event, on an old version, too large; and how rows are sent."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Enum, Uuid, event, func, insert, literal, select
from sqlalchemy.exc import IntegrityError, OperationalError

from events.entry import Actor, Position
from events.parks import ParkRevised
from services.parks.models import Park
from services.parks.queries.names import park_names
from shared.core.context import Context
from shared.core.errors import InvalidError, NotFoundError, PreconditionError
from shared.database.prepared import HERE, Prepared, among
from shared.database.rows import table_of
from shared.files.files import FileRow
from shared.http.names import Name
from shared.journal.entries import LARGEST_STATE, JournalRow, TextRow, read_entry
from shared.journal.outbox import OutboxRow
from shared.journal.session import Database, Session
from tests.builders.cell import Cell
from tests.builders.parks import bare_park

REVISED = ParkRevised(changes={})


@pytest.fixture
def park_id(cell: Cell, sichuan: UUID) -> UUID:
    with cell.session(sichuan) as session:
        return bare_park(session).id


def counted(session: Session, kind: type[Any]) -> int:
    return session.execute(select(func.count()).select_from(kind)).scalar_one()


def test_an_aggregate_that_is_not_locked_cannot_be_published(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with pytest.raises(RuntimeError, match="without its lock"), cell.session(sichuan) as session:
        session.publish(session.one(Park, park_id), REVISED)


def test_a_lock_of_an_earlier_transaction_does_not_count(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with cell.session(sichuan) as session:
        park = session.locked(Park, park_id)
    with pytest.raises(RuntimeError, match="without its lock"), cell.session(sichuan) as session:
        session.publish(park, REVISED)


@pytest.mark.parametrize("locked", [True, False])
def test_a_change_that_is_not_published_stops_the_commit(
    cell: Cell, sichuan: UUID, park_id: UUID, locked: bool
) -> None:
    with pytest.raises(RuntimeError, match="without being published"), cell.session(sichuan) as session:
        park = session.locked(Park, park_id) if locked else session.one(Park, park_id)
        park.name_zh = "改名"
    with cell.session(sichuan) as session:
        assert session.one(Park, park_id).name_zh == "测试园区"


def test_a_change_that_was_flushed_and_not_published_stops_the_commit(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with pytest.raises(RuntimeError, match="without being published"), cell.session(sichuan) as session:
        session.one(Park, park_id).name_zh = "改名"
        session.flush()


def test_a_change_that_nobody_refers_to_any_more_stops_the_commit(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with pytest.raises(RuntimeError, match="without being published"), cell.session(sichuan) as session:
        session.locked(Park, park_id).name_zh = "改名"
        session.flush()
        gc.collect()


def test_a_change_after_the_event_stops_the_commit(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with pytest.raises(RuntimeError, match="without being published"), cell.session(sichuan) as session:
        park = session.locked(Park, park_id)
        session.publish(park, REVISED)
        park.name_zh = "改名"


def test_an_aggregate_that_was_created_and_not_published_stops_the_commit(cell: Cell, sichuan: UUID) -> None:
    with pytest.raises(RuntimeError, match="without being published"), cell.session(sichuan) as session:
        session.add(session.create(Park, parties=[sichuan]))


def test_what_was_created_in_a_part_that_failed_is_none_of_the_sessions(cell: Cell, sichuan: UUID) -> None:
    with cell.session(sichuan) as session:
        undone = list[Park]()
        with pytest.raises(ValueError, match="failed"), session.savepoint():
            undone.append(bare_park(session))
            raise ValueError("failed")
        with pytest.raises(NotFoundError):
            session.one(Park, undone[0].id)


def test_what_a_kind_has_not_is_refused(cell: Cell, sichuan: UUID) -> None:
    with cell.session(sichuan) as session, pytest.raises(TypeError, match=r"parks\.park has no colour"):
        session.create(Park, parties=[sichuan], colour="red")


def test_a_failure_leaves_neither_row_nor_entry_nor_message(cell: Cell, sichuan: UUID) -> None:
    with pytest.raises(ZeroDivisionError), cell.session(sichuan) as session:
        before = [counted(session, kind) for kind in (Park, JournalRow, OutboxRow)]
        bare_park(session)
        raise ZeroDivisionError
    with cell.session(sichuan) as session:
        assert [counted(session, kind) for kind in (Park, JournalRow, OutboxRow)] == before


def test_what_is_done_in_somebodys_name_says_so_and_nothing_after_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, park_id: UUID
) -> None:
    official, command = Actor(sichuan, "official-7"), {"document": {}, "signature": ""}
    with cell.session(sichuan, acting_id=chongqing, command=command) as session:
        park = session.locked(Park, park_id, by=official)
        session.publish(park, REVISED, by=official)
        session.publish(park, REVISED)
        said = select(JournalRow).where(JournalRow.aggregate_id == park_id).order_by(JournalRow.version)
        entries = [read_entry(row) for row in session.scalars(said)][1:]
    assert [(entry.actor, entry.command) for entry in entries] == [
        (official, None),
        (Actor(chongqing, "tester"), command),
    ]


@pytest.mark.parametrize("named", [Position(1, 2), Position(2, 1), Position(1, 0)])
def test_another_version_than_if_match_names_is_refused(
    cell: Cell, sichuan: UUID, park_id: UUID, named: Position
) -> None:
    with pytest.raises(PreconditionError, match=r"now at version 1\.1"), cell.session(sichuan) as session:
        session.expected = park_id, (named,)
        session.locked(Park, park_id)


def test_the_version_that_if_match_names_may_be_changed_more_than_once(
    cell: Cell, sichuan: UUID, park_id: UUID
) -> None:
    with cell.session(sichuan) as session:
        session.expected = park_id, (Position(1, 1),)
        for _time in range(2):
            session.publish(session.locked(Park, park_id), REVISED)
    with cell.session(sichuan) as session:
        assert session.one(Park, park_id).etag == "1.3"


def test_a_state_above_64_kilobytes_is_refused(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with pytest.raises(InvalidError, match="state_too_large"), cell.session(sichuan) as session:
        park = session.locked(Park, park_id)
        park.sectors = ["x" * LARGEST_STATE]
        session.publish(park, REVISED)
    with cell.session(sichuan) as session:
        assert session.one(Park, park_id).version == 1


def test_a_state_just_below_64_kilobytes_is_published(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with cell.session(sichuan) as session:
        park = session.locked(Park, park_id)
        park.sectors = ["x" * (LARGEST_STATE - 2000)]
        session.publish(park, REVISED)


def test_what_belongs_to_another_tenant_does_not_exist(
    cell: Cell, park_id: UUID, sichuan: UUID, chongqing: UUID
) -> None:
    for context in ({"tenant": chongqing}, {"tenant": sichuan, "acting_id": chongqing}):
        for look in (Session.one, Session.locked):
            with pytest.raises(NotFoundError), cell.session(**context) as session:
                look(session, Park, park_id)


@contextmanager
def inserts(cell: Cell) -> Iterator[list[str]]:
    """The INSERT statements the app role sends meanwhile."""
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].startswith("INSERT"):
            seen.append(arguments[2])

    event.listen(cell.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(cell.database.engine, "before_cursor_execute", note)


def test_a_thousand_rows_are_one_insert_and_carry_their_tenant(cell: Cell) -> None:
    tenant = uuid4()
    with inserts(cell) as seen, cell.session(tenant) as session:
        same = {"size": 1, "media_type": "text/plain", "origin_id": tenant, "received_at": session.clock.now()}
        session.add_all(FileRow(sha256=str(number), **same) for number in range(1000))
        session.flush()
    assert len(seen) == 1
    with cell.database.session(Context(tenant_id=tenant, actor_id="tester")) as session:
        assert counted(session, FileRow) == 1000


def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used(cell: Cell) -> None:
    database, tenant = Database(cell.settings, "app", pool=1), uuid4()
    context = Context(tenant_id=tenant, actor_id="tester")
    with database.session(context) as session:
        pid = session.scalar(select(func.pg_backend_pid()))
    with cell.database.cell_session() as other:
        assert other.scalar(select(func.pg_terminate_backend(pid, 10_000)))
    with database.session(context) as session:
        assert session.scalar(select(func.pg_backend_pid())) != pid
        assert session.scalar(select(func.current_setting("app.tenant_id"))) == str(tenant)
    database.close()


def test_a_connection_that_is_lost_meanwhile_is_told_and_given_up(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    database = Database(cell.settings, "app", pool=1)
    context = Context(tenant_id=sichuan, actor_id="tester")
    with pytest.raises(OperationalError) as lost, database.session(context) as session:
        pid = session.scalar(select(func.pg_backend_pid()))
        with cell.database.cell_session() as other:
            other.scalar(select(func.pg_terminate_backend(pid, 10_000)))
        session.one(Park, park_id)
    assert lost.value.connection_invalidated
    with database.session(context) as session:
        assert session.one(Park, park_id).id == park_id
    database.close()


def test_what_the_driver_reads_otherwise_is_no_prepared_query(cell: Cell) -> None:
    odd = Prepared(lambda: select(literal("a", Enum("a", name="odd")).label("odd")))
    with cell.database.cell_session() as session, pytest.raises(TypeError, match="driver"):
        odd.rows(session)


def test_values_that_stand_in_a_prepared_query_are_what_they_were(cell: Cell) -> None:
    values: list[Any] = ["100 % of 'it' \\ %(keys)s", 7, True, None, uuid4()]
    query = Prepared(lambda: select(*(literal(value) for value in values)).where(among("keys", Uuid()) == HERE))
    with cell.database.cell_session() as session:
        here = uuid4()
        assert query.rows(session, here=here, keys=[uuid4(), here]) == [tuple(values)]
        assert query.rows(session, here=here, keys=[]) == []


def test_a_row_is_read_once_and_knows_what_it_was(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    with cell.session(sichuan) as session:
        park = session.one(Park, park_id)
        assert session.one(Park, park_id) is park is session.get(Park, (sichuan, park_id))
        assert park_names(session, [park_id, uuid4()]) == {park_id: Name("测试园区", "测试园区")}
        assert "测试园区" in park.folded
        assert session.locked(Park, park_id) is park


KEEP_TEXT = insert(table_of(TextRow))
TEXTS = Prepared(lambda: select(TextRow.text).order_by(TextRow.text))


def write_text(session: Session, text: str, key: UUID | None = None) -> None:
    """A row that the session has not sent yet; of one key the second is refused."""
    here = session.context.tenant_id
    session.write(
        KEEP_TEXT, [{"tenant_id": here, "aggregate_id": key or uuid4(), "digest": "", "text": text, "salt": ""}]
    )


@pytest.mark.parametrize(
    "texts",
    [
        lambda session: [row[0] for row in TEXTS.rows(session)],
        lambda session: list(session.scalars(select(TextRow.text))),
        lambda session: list(session.connection().scalars(select(TextRow.text))),
    ],
)
def test_what_is_asked_sees_what_was_written(cell: Cell, texts: Callable[[Session], list[str]]) -> None:
    with cell.database.session(Context(tenant_id=uuid4(), actor_id="tester")) as session:
        write_text(session, "一")
        assert texts(session) == ["一"]


def test_what_was_written_is_sent_with_the_commit_or_not_at_all(cell: Cell) -> None:
    context, key = Context(tenant_id=uuid4(), actor_id="tester"), uuid4()
    with cell.database.session(context) as session:
        write_text(session, "一", key)
        assert len(session.unsent) == 1
    with pytest.raises(IntegrityError), cell.database.session(context) as session:
        write_text(session, "二")
        write_text(session, "一", key)
        write_text(session, "三")
    with cell.database.session(context) as session:
        assert TEXTS.rows(session) == [("一",)]


def test_a_savepoint_that_fails_undoes_what_it_wrote_and_nothing_else(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    key = uuid4()
    with cell.session(sichuan) as session:
        write_text(session, "一", key)
        with suppress(IntegrityError), session.savepoint():
            park = session.locked(Park, park_id)
            park.name_zh = "改名"
            session.publish(park, REVISED)
            write_text(session, "二", key)
        assert not session.unsent
        assert session.one(Park, park_id).name_zh == "测试园区"
        write_text(session, "三")
    with cell.session(sichuan) as session:
        assert TEXTS.rows(session) == [("一",), ("三",)]
        assert session.locked(Park, park_id).version == 1


def test_a_row_that_was_published_is_written_as_it_is(cell: Cell, sichuan: UUID, park_id: UUID) -> None:
    changed: dict[str, Any] = {
        "name_zh": "改名", "area_km2": Decimal("12.5"), "sectors": [], "starts_on": date(2030, 1, 2),
        "consents": {"resume": ["x"]}, "entry_rules": None, "party_ids": [sichuan],
    }  # fmt: skip
    with cell.session(sichuan) as session:
        park = session.locked(Park, park_id)
        assert "测试园区" in park.folded
        for name, value in changed.items():
            setattr(park, name, value)
        session.publish(park, REVISED)
        assert not session.dirty
        assert "改名" in park.folded
        park.location = "510100"
        session.publish(park, REVISED)
    with cell.session(sichuan) as session:
        found = session.one(Park, park_id)
        assert {name: getattr(found, name) for name in changed} == changed
        assert (found.version, found.location) == (3, "510100")
