"""Two parties act on one park at the same moment: one order everywhere, one answer to each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID

from sqlalchemy import select

from shared.commands.execution import ExecutedCommand
from shared.commands.forwarding import PendingCommand
from shared.journal.entries import JournalRow
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell, Client
from tests.builders.officials import drafted
from tests.builders.sizes import size, soak

TIMES = size(50, 500)


def act(client: Client, url: str, name: str) -> list[Any]:
    """Change the park again and again, each time as it stands now or not at all."""
    answers = []
    for number in range(TIMES):
        etag = "*" if number % 2 else client.get(url).headers["ETag"]
        answers.append(client.patch(url, {"sectors": [f"{name}{number}"]}, headers={"If-Match": etag}))
    return answers


def carry_until(cell: Cell, done: Event) -> list[Unsent]:
    """Gives what was carried."""
    carried: list[Unsent] = []

    def noted(messages: list[Unsent]) -> list[Unsent]:
        carried.extend(messages)
        return messages

    while not done.is_set():
        cell.carry(noted, rounds=1_000)
    cell.carry(noted, rounds=1_000)
    return carried


@soak
def test_two_parties_acting_at_once_end_in_one_order_and_one_answer_each(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url = drafted(cell, sichuan, chongqing)
    park = UUID(url.split("/")[-1])
    done = Event()
    with ThreadPoolExecutor(3) as pool:
        carrying = pool.submit(carry_until, cell, done)
        acting = [pool.submit(act, cell.client(party), url, str(party)[:4]) for party in (sichuan, chongqing)]
        answers = [future.result() for future in acting]
        done.set()
        carried = carrying.result()
    assert {answer.status_code for answer in answers[0]} <= {200, 412}
    assert {answer.status_code for answer in answers[1]} == {202}
    assert journal(cell, sichuan, park) == journal(cell, chongqing, park)
    versions = [version for version, _hash in journal(cell, sichuan, park)]
    assert versions == list(range(1, len(versions) + 1))
    won = sum(answer.status_code == 200 for answer in answers[0])
    assert len(versions) == 1 + won + answered_once(cell, sichuan, chongqing, carried=carried)


def journal(cell: Cell, tenant: UUID, park: UUID) -> list[tuple[int, bytes]]:
    with cell.session(tenant) as session:
        rows = select(JournalRow).where(JournalRow.aggregate_id == park).order_by(JournalRow.version)
        return [(row.version, row.entry) for row in session.scalars(rows)]


def answered_once(cell: Cell, home: UUID, sender: UUID, *, carried: list[Unsent]) -> int:
    """Checks that every command has exactly one answer, the same at both; returns how many had an effect."""
    with cell.session(sender) as session:
        mine = select(PendingCommand).where(PendingCommand.kind == "parks.park")
        sent = {row.id: row.state for row in session.scalars(mine)}
    with cell.session(home) as session:
        executed = {row.id: row.answer["problem"] is None for row in session.scalars(select(ExecutedCommand))}
    answers = [row for row in carried if b'"xietong.answer.v1"' in row.value]
    assert len(sent) == len(executed) == len(answers) == TIMES
    assert {key: state == "done" for key, state in sent.items()} == executed
    return sum(executed.values())
