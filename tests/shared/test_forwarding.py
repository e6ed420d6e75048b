"""A forwarded command is carried out once at most, whatever is lost or late, and its sender hears what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.commands.execution import CLOCKS, KEPT, ExecutedCommand
from shared.commands.forwarding import AGAIN_AT_ONCE, ASKED_FOR, FIRST_PAUSE, PendingCommand
from shared.core.settings import LONGEST_COMMAND
from shared.messaging.relay import Unsent
from shared.messaging.worker_process import WorkerProcess
from tests.builders.cell import Cell
from tests.builders.officials import drafted


def kinds(messages: list[Unsent]) -> list[str]:
    return [kind for row in messages for kind in ("command", "answer") if f'"xietong.{kind}.v1"'.encode() in row.value]


def without(kind: str) -> Any:
    """Weather that loses every message of this kind."""
    return lambda messages: [row for row in messages if kind not in kinds([row])]


@pytest.fixture
def park(cell: Cell, sichuan: UUID, chongqing: UUID) -> str:
    """The address of a park whose home is Sichuan."""
    return drafted(cell, sichuan, chongqing)


def ask(cell: Cell, chongqing: UUID, park: str) -> str:
    """Chongqing asks home for a change; the address of the command."""
    answer = cell.client(chongqing).patch(park, {"sectors": ["芯片"]})
    assert (answer.status_code, answer.json["state"], answer.json["reason"]) == (202, "pending", None)
    return str(answer.headers["Location"])


def shown(cell: Cell, chongqing: UUID, command: str) -> dict[str, Any]:
    return dict(cell.client(chongqing).get(command).json)


def later(cell: Cell, tenant: UUID, seconds: float = 0) -> None:
    """Time passes, and the sweep does what is due."""
    cell.clock.advance(FIRST_PAUSE + timedelta(seconds=seconds))
    cell.sweep(tenant)


def hours_pass(cell: Cell) -> None:
    cell.clock.advance(timedelta(seconds=cell.settings.command_seconds))


def after_its_time(cell: Cell) -> None:
    """What is kept no longer is dropped."""
    cell.clock.advance(KEPT)
    process = WorkerProcess(cell.settings, ())
    process.database.clock = cell.clock
    process.sweep()
    process.database.close()
    process.relay_database.close()


def executed(cell: Cell, sichuan: UUID) -> list[Any]:
    with cell.session(sichuan) as session:
        return [row["problem"] and row["problem"]["code"] for row in session.scalars(select(ExecutedCommand.answer))]


@pytest.mark.parametrize("lost", ["command", "answer"])
def test_what_is_lost_is_sent_again_and_carried_out_once(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str, lost: str
) -> None:
    command = ask(cell, chongqing, park)
    cell.carry(without(lost))
    assert shown(cell, chongqing, command)["state"] == "pending"
    later(cell, chongqing)
    assert "已重发 1 次" in shown(cell, chongqing, command)["reason"]["zh"]
    cell.carry()
    after = shown(cell, chongqing, command)
    assert (after["state"], after["reason"], executed(cell, sichuan)) == ("done", None, [None])
    assert cell.client(sichuan).get(park).headers["ETag"] == '"1.2"'


def test_a_doubled_command_has_one_effect_and_one_answer(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    command = ask(cell, chongqing, park)
    later(cell, chongqing)
    cell.carry(lambda messages: [*messages, *messages])
    assert shown(cell, chongqing, command)["state"] == "done"
    assert (executed(cell, sichuan), cell.client(sichuan).get(park).headers["ETag"]) == ([None], '"1.2"')


def test_an_expired_command_ends_as_expired_and_its_late_original_changes_nothing(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    command = ask(cell, chongqing, park)
    original = cell.take_unsent()
    hours_pass(cell)
    assert shown(cell, chongqing, command)["state"] == "overdue"
    assert "没有答复" in shown(cell, chongqing, command)["reason"]["zh"]
    later(cell, chongqing)
    cell.carry()
    after = shown(cell, chongqing, command)
    assert (after["state"], after["problem"]["code"]) == ("expired", "command_expired")
    # Even where the clock of home goes back: what was said of the command holds.
    cell.clock.offset = timedelta(0)
    cell.deliver(original)
    cell.carry()
    assert executed(cell, sichuan) == ["command_expired"]
    assert cell.client(sichuan).get(park).headers["ETag"] == '"1.1"'


def test_what_home_did_in_time_is_told_as_done_also_after_the_expiry(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    command = ask(cell, chongqing, park)
    cell.carry(without("answer"))
    hours_pass(cell)
    assert shown(cell, chongqing, command)["state"] == "overdue"
    later(cell, chongqing)
    cell.carry()
    assert (shown(cell, chongqing, command)["state"], executed(cell, sichuan)) == ("done", [None])


def test_an_answer_is_kept_while_copies_may_count_and_none_counts_after_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    ask(cell, chongqing, park)
    original = cell.take_unsent()
    cell.deliver(original)
    after_its_time(cell)
    assert executed(cell, sichuan) == []
    cell.deliver(original)
    assert executed(cell, sichuan) == ["command_expired"]
    assert cell.client(sichuan).get(park).headers["ETag"] == '"1.2"'


def test_a_command_that_would_count_for_longer_than_its_answer_is_kept_is_refused(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting = replace(cell.database.settings, command_seconds=LONGEST_COMMAND + CLOCKS + 60)
    monkeypatch.setattr(cell.database, "settings", lasting)
    ask(cell, chongqing, park)
    cell.carry()
    assert executed(cell, sichuan) == ["expires_too_late"]
    after_its_time(cell)
    assert executed(cell, sichuan) == ["expires_too_late"]
    cell.clock.offset = timedelta(0)
    assert cell.client(sichuan).get(park).headers["ETag"] == '"1.1"'


def test_whoever_waits_is_told_that_it_expired(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    command = ask(cell, chongqing, park)
    cell.take_unsent()
    hours_pass(cell)
    later(cell, chongqing)
    cell.carry()
    assert shown(cell, chongqing, command)["problem"]["status"] == 409


def test_a_home_that_is_away_is_asked_ever_more_rarely_and_not_for_ever(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    command, sent = ask(cell, chongqing, park), 0
    cell.take_unsent()
    for _minute in range(60):
        cell.clock.advance(timedelta(minutes=1))
        cell.sweep(chongqing)
        sent += kinds(cell.take_unsent()).count("command")
    assert 8 <= sent <= 12
    cell.clock.advance(ASKED_FOR)
    for _hour in range(3):
        later(cell, chongqing, 3600)
    assert "command" not in kinds(cell.take_unsent())
    assert shown(cell, chongqing, command)["state"] == "overdue"
    with cell.session(chongqing) as session:
        assert session.get_one(PendingCommand, (chongqing, UUID(command.rsplit("/", 1)[-1]))).message is None


def test_nothing_is_sent_again_while_it_waits_in_the_outbox_nor_much_at_once(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    for _command in range(AGAIN_AT_ONCE + 5):
        ask(cell, chongqing, park)
    later(cell, chongqing)
    assert kinds(cell.take_unsent()).count("command") == AGAIN_AT_ONCE + 5
    later(cell, chongqing)
    assert kinds(cell.take_unsent()).count("command") == AGAIN_AT_ONCE


def test_an_erased_text_does_not_travel_again(cell: Cell, sichuan: UUID, chongqing: UUID, park: str) -> None:
    assert cell.client(chongqing).post(f"{park}/suspend", {"reason": "张三受贿"}).status_code == 202
    [message] = [row for row in cell.take_unsent() if kinds([row]) == ["command"]]
    digest = "sha256:" + message.value.decode().split("sha256:")[1][:64]
    erased = {"aggregate": park.rsplit("/", 1)[-1], "digests": [digest]}
    assert cell.client(chongqing, "official").post("/v1/texts/erase", erased).status_code in (
        200,
        201,
    )
    later(cell, chongqing)
    assert "张三受贿" not in str([row.value.decode() for row in cell.take_unsent()])
