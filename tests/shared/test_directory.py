"""A process reads of the directory only what has changed, and misses no change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.keys import directory as module
from shared.keys.directory import Directory, DirectoryRow
from tests.builders.cell import Cell


def write(session: Session, tenant: UUID, status: str) -> None:
    changed = DirectoryRow.state.concat({"state": status})
    session.execute(update(DirectoryRow).where(DirectoryRow.id == tenant).values(state=changed))


def test_each_write_of_a_row_is_read_once_even_two_in_one_transaction(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, read, keys_of = Directory(cell.settings), list[UUID](), module.keys_of

    def note(tenant: UUID, state: Any) -> Any:
        read.append(tenant)
        return keys_of(tenant, state)

    with cell.worker_database.cell_session() as session:
        directory.refresh(session)
        monkeypatch.setattr(module, "keys_of", note)
        for status in ("leaving", "suspended", "active"):
            write(session, sichuan, status)
            for _again in range(2):
                directory.refresh(session)
                shown = {
                    key: listing.status for key, listing in directory.listings(session, [sichuan, chongqing]).items()
                }
                assert shown == {sichuan: status, chongqing: "active"}
    assert read == [sichuan] * 3


def test_what_was_read_and_then_rolled_back_is_forgotten(cell: Cell, sichuan: UUID) -> None:
    directory = Directory(cell.settings)
    with cell.worker_database.cell_session() as session:
        directory.refresh(session)
        with session.begin_nested() as savepoint:
            write(session, sichuan, "suspended")
            directory.refresh(session)
            assert directory.called(sichuan).status == "suspended"  # type: ignore[union-attr]
            savepoint.rollback()
        directory.refresh(session)
    assert directory.called(sichuan).status == "active"  # type: ignore[union-attr]


def test_no_change_gets_a_number_before_those_of_an_earlier_one_are_seen(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    with cell.worker_database.cell_session() as earlier:
        write(earlier, sichuan, "leaving")
        with (
            pytest.raises(OperationalError, match="lock timeout"),
            cell.worker_database.cell_session() as later,
        ):
            later.execute(select(func.set_config("lock_timeout", "100ms", True)))
            write(later, chongqing, "leaving")
        earlier.rollback()
