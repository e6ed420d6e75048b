"""The worker process: offsets follow the database, and nobody waits without partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from kafka import TopicPartition
from kafka.errors import UnknownTopicOrPartitionError
from kafka.structs import OffsetAndMetadata
from sqlalchemy import select

from shared.core.pauses import Pause
from shared.core.settings import Settings
from shared.database.answers import KEPT, IdempotencyRow
from shared.files.files import KEPT_UNCITED
from shared.files.store import Store
from shared.http.requests.idempotency import KeyedRequest, once
from shared.messaging import batches, kafka, worker_process
from shared.messaging.batches import LARGEST, SMALLEST, Batch, FrozenError
from shared.messaging.rejecting import Record
from shared.messaging.worker_process import PATIENCE, WorkerProcess
from tests.builders.cell import Cell
from tests.builders.files import Desk


class Told:
    """Consumer and worker in one: notes what the process does, and in which order; asks for a stop after the last."""

    def __init__(self, process: WorkerProcess, *, batches: Sequence[int], away_at: int | None = None) -> None:
        self.process, self.sizes, self.away_at, self.done = process, list(batches), away_at, list[str]()
        self.offset = 0

    def poll(self, *_: Any) -> dict[str, list[SimpleNamespace]]:
        if len(self.sizes) == 1:
            self.process.stopping.set()
        first, self.offset = self.offset, self.offset + self.sizes.pop(0)
        offsets = range(first, self.offset)
        return {"partition": [SimpleNamespace(topic="t", partition=0, offset=at, value=b"x") for at in offsets]}

    def verify(self, records: Sequence[Record]) -> int:
        return records[-1].offset

    def apply(self, last: int) -> None:
        if self.away_at is not None and last >= self.away_at:
            raise ConnectionError("the database is away")
        self.done.append(f"handled to {last}")

    def handle(self, records: Sequence[Record]) -> None:
        self.apply(self.verify(records))

    def confirm(self) -> None: ...

    def commit(self, told: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        self.done.append(f"committed {told[TopicPartition('t', 0)].offset}")

    def assignment(self) -> set[Any]:
        return {TopicPartition("t", 0)}


@pytest.mark.parametrize(
    ("batches", "away_at", "done"),
    [
        ([1], None, ["handled to 0", "committed 1"]),
        ([1], 0, []),
        ([150, 150], None, ["handled to 149", "handled to 299", "committed 300"]),
        ([150, 150], 200, ["handled to 149", "committed 150"]),
        ([150, 2], None, ["handled to 149", "handled to 151", "committed 152"]),
        ([150, 2], 150, ["handled to 149", "committed 150"]),
    ],
)
def test_offsets_are_committed_after_the_effect_and_never_without_it(
    settings: Settings, batches: list[int], away_at: int | None, done: list[str]
) -> None:
    """Also of what is verified ahead, while the batch before it is applied."""
    process = WorkerProcess(settings, ())
    told = Told(process, batches=batches, away_at=away_at)
    process.worker = told  # type: ignore[assignment]
    process._consume_with(told, Pause())
    assert told.done == done


def test_homes_are_told_once_for_many_batches_and_of_the_last_before_the_process_ends(settings: Settings) -> None:
    process = WorkerProcess(settings, ())
    told, heard = Told(process, batches=[1] * 20), list[str]()
    told.confirm = lambda: heard.extend(told.done[-1:])  # type: ignore[method-assign]
    process.worker = told  # type: ignore[assignment]
    process._consume_with(told, Pause())
    assert heard == ["handled to 0", "handled to 19"]


def test_long_work_in_steps_goes_on_at_once_and_each_step_is_a_beat(settings: Settings) -> None:
    process, left, pauses, beats = WorkerProcess(settings, ()), [1, 1, 0, 0], list[float](), list[str]()

    def run_timers() -> int:
        return left.pop(0)

    process.stopping.wait = lambda pause: pauses.append(pause) or not left  # type: ignore[assignment, func-returns-value, return-value]
    process.pulse.beat = beats.append  # type: ignore[method-assign]
    process._repeat(run_timers)
    assert (pauses, beats) == ([1.0, 0.0, 0.0, 1.0, 1.0], ["run_timers"] * 4)


def test_a_consumer_does_not_join_before_its_topics_are_known(settings: Settings) -> None:
    with pytest.raises(UnknownTopicOrPartitionError, match="run `xietong topics`"):
        kafka.consumer(settings, ["cell1.nowhere.events"])


def test_the_sweep_drops_answers_kept_for_retries_after_a_day(cell: Cell, sichuan: UUID) -> None:
    process = WorkerProcess(cell.settings, ())
    process.database.clock = cell.clock
    for key in ("old", "young"):
        with cell.session(sichuan) as session:
            once(session, KeyedRequest("platform.cli", "POST /v1/x", key, "hash"), effect=dict)
        cell.clock.advance(KEPT / 2)
    process.sweep()
    process.database.close()
    process.relay_database.close()
    with cell.session(sichuan) as session:
        assert session.scalars(select(IdempotencyRow.key)).all() == ["young"]


def test_the_sweep_forgets_uploads_that_nothing_cites_and_what_was_left_aside(cell: Cell, sichuan: UUID) -> None:
    desk, store = Desk(cell, sichuan), Store(cell.settings)
    spare, left = desk.cited(b"%PDF-1.4 spare"), store.stage([b"half of something"])
    process = WorkerProcess(cell.settings, ())
    process.database.clock = cell.clock
    process.sweep()
    assert (desk.lies_at(spare["sha256"]).exists(), store.system.exists(left.path)) == (True, True)
    process._forgot_at = float("-inf")
    cell.clock.advance(KEPT_UNCITED)
    process.sweep()
    process.database.close()
    process.relay_database.close()
    assert (desk.lies_at(spare["sha256"]).exists(), store.system.exists(left.path)) == (False, False)


def test_a_process_that_stood_still_takes_nothing_of_what_it_holds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = WorkerProcess(settings, ())
    told = Told(process, batches=[1])
    process.worker = told  # type: ignore[assignment]
    monkeypatch.setattr(batches, "FROZEN", -1.0)
    with pytest.raises(FrozenError):
        process._consume_with(told, Pause())
    assert told.done == []


def test_batches_grow_while_they_go_quickly_and_shrink_when_they_take_long() -> None:
    batch, sizes = Batch(), []
    for _batch in range(8):
        batch.took(batch.size, 0.1)
        sizes.append(batch.size)
    batch.took(batch.size - 1, 0.1)
    assert (sizes[0], sizes[-1], batch.size) == (2 * SMALLEST, LARGEST, LARGEST)
    for _batch in range(8):
        batch.took(batch.size, 2.0)
    assert batch.size == SMALLEST


def test_the_sweep_leaves_the_processor_to_what_has_piled_up_but_not_for_long_and_says_that_there_is_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, swept, now = WorkerProcess(settings, ()), list[tuple[float, bool]](), [1000.0]
    process.worker = SimpleNamespace(
        handle=None, rejects=SimpleNamespace(retry=lambda _handle: None, prune=lambda: None)
    )  # type: ignore[assignment]
    monkeypatch.setattr(process.sweeping, "run", lambda *, behind, **_: swept.append((now[0], behind)))
    monkeypatch.setattr(worker_process, "Store", lambda *_: SimpleNamespace(sweep=lambda _before: None))
    monkeypatch.setattr(worker_process, "time", SimpleNamespace(monotonic=lambda: now[0]))
    for records in [SMALLEST] * (2 * int(PATIENCE) + 1) + [0, 0]:
        process._batch.took(records, 0.1)
        process.sweep()
        now[0] += 1
    process.database.close()
    process.relay_database.close()
    piled_up = [(1000.0 + number * PATIENCE, True) for number in range(3)]
    assert swept == [*piled_up, *((1001 + number + 2 * PATIENCE, False) for number in range(2))]


def test_a_silence_after_a_large_batch_gives_the_sweep_its_second_back(settings: Settings) -> None:
    process = WorkerProcess(settings, ())
    told = Told(process, batches=[1])
    polls = iter([[SimpleNamespace(topic="t", partition=0, offset=1, value=b"x")] * SMALLEST, []])
    seen = list[bool]()

    def poll(*_: Any) -> dict[str, list[SimpleNamespace]]:
        seen.append(process._batch.was_large)
        records = next(polls, None)
        if records is None:
            process.stopping.set()
        return {"partition": records or []}

    told.poll = poll  # type: ignore[method-assign]
    process.worker = told  # type: ignore[assignment]
    process._consume_with(told, Pause())
    assert (seen, process._batch.was_large) == ([False, True, False], False)


def test_pauses_grow_to_a_second_and_begin_anew_after_a_success() -> None:
    pause = Pause()
    first = [pause.failed() for _failure in range(10)]
    pause.succeeded()
    assert (first[0], first[-1], pause.failed()) == (0.1, 1.0, 0.1)
