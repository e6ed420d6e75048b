"""A process reads of the directory only what has changed, and misses no change."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import event, update

from shared.keys.directory import Directory, DirectoryRow
from tests.builders.cell import Cell


def test_each_write_of_a_row_is_read_once_even_two_in_one_transaction(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    directory, read = Directory(cell.settings), []

    def note(*called: object) -> None:
        if str(called[2]).startswith("SELECT shared.directory.id, shared.directory.code"):
            read.append(called[2])

    with cell.worker_database.cell_session() as session:
        event.listen(session.connection(), "before_cursor_execute", note)
        for status in ("leaving", "suspended", "active"):
            changed = DirectoryRow.state.concat({"state": status})
            session.execute(update(DirectoryRow).where(DirectoryRow.id == sichuan).values(state=changed))
            for _again in range(2):
                directory.refresh(session)
                shown = {
                    key: listing.status for key, listing in directory.listings(session, [sichuan, chongqing]).items()
                }
                assert shown == {sichuan: status, chongqing: "active"}
    assert len(read) == 3
