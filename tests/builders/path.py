"""Follows what one request sets going through every process, and tells it as a page."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from sqlalchemy import Engine, event

from shared.database.rows import Aggregate, state_columns
from shared.messaging.rejecting import Record
from shared.messaging.relay import Relay
from tests.builders.cell import Cell
from tests.builders.race import Outcome, send_now

ROOT = Path(__file__).resolve().parents[2]
ROOMS = tuple(f"{ROOT / room}/" for room in ("shared", "services", "events"))
WEB, RELAY, HOME, PARTY = "web", "relay", "worker at home", "worker at party"
SIGNS = ("shared/keys/keyring.py", "Signer.sign_bytes")
VERIFIES = ("shared/keys/directory.py", "PublicKey.verify_bytes")
ENCODES = ("events/canonical.py", "canonical")
MACHINE = ("events/", *(f"shared/{room}/" for room in (
    "broadcasts", "commands", "database", "evidence", "files", "journal", "keys", "messaging", "replication", "rules",
)))  # fmt: skip
"""What carries a change from tenant to tenant: every room but those of HTTP, and of plain values."""


class Step(NamedTuple):
    """A function as it was first called: its name, its file, the process and its transaction's number, 0 for none."""

    name: str
    file: str
    process: str
    transaction: int

    @property
    def is_of_machine(self) -> bool:
        """Whether it carries changes, and is none of HTTP nor of the service."""
        return self.file.startswith(MACHINE)


@dataclass
class Trail:
    """What happened while it was followed; `state` names the fields of the state document that is counted."""

    state: frozenset[str]
    steps: list[Step] = field(default_factory=list)
    process: str = WEB
    transactions: list[str] = field(default_factory=list)
    """The process of each."""
    signed: list[str] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    encoded: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    _seen: dict[CodeType, bool] = field(default_factory=dict)
    _open: int = 0

    def call(self, frame: FrameType, what: str, _argument: Any) -> None:
        """The profiler's hook."""
        code = frame.f_code
        if what != "call" or not code.co_filename.startswith(ROOMS):
            return
        place = code.co_filename.removeprefix(f"{ROOT}/"), code.co_qualname
        if place == SIGNS:
            self.signed.append(self.process)
        elif place == VERIFIES:
            self.verified.append(self.process)
        elif place == ENCODES and self._is_state(frame.f_locals["value"]):
            self.encoded.append(self.process)
        if code not in self._seen and not code.co_name.startswith("<"):
            self._seen[code] = True
            self.steps.append(Step(code.co_qualname, place[0], self.process, self._open))

    @property
    def of_machine(self) -> list[Step]:
        """Those functions that the budget is for."""
        return [step for step in self.steps if step.is_of_machine]

    def _is_state(self, value: Any) -> bool:
        return isinstance(value, dict) and value.keys() == self.state

    def begun(self, _connection: Any) -> None:
        """A transaction begins."""
        self.transactions.append(self.process)
        self._open = len(self.transactions)

    def ended(self, _connection: Any) -> None:
        """It is committed, or rolled back."""
        self._open = 0


@contextmanager
def followed(kind: type[Aggregate]) -> Iterator[Trail]:
    """Follow what this thread does."""
    path = Trail(frozenset(state_columns(kind)))
    hooks = {"begin": path.begun, "commit": path.ended, "rollback": path.ended}
    for name, hook in hooks.items():
        event.listen(Engine, name, hook)
    sys.setprofile(path.call)
    try:
        yield path
    finally:
        sys.setprofile(None)
        for name, hook in hooks.items():
            event.remove(Engine, name, hook)


@dataclass
class Carrier:
    """What a request sleeps on: instead of sleeping it does what relay and workers would, in order."""

    cell: Cell
    path: Trail
    service: str

    def clear(self) -> None: ...

    def set(self) -> None: ...

    def wait(self, _timeout: float | None = None) -> None:
        """Carry the command to home and its entry and answer back."""
        for process in (HOME, PARTY):
            self.path.process = RELAY
            records = self._relayed()
            self.path.process = process
            self.cell.worker.handle(records)
        self.path.process = WEB

    def _relayed(self) -> list[Record]:
        sent: list[Record] = []

        class Producer:
            def send(self, topic: str, *, key: bytes, value: bytes) -> Any:
                sent.append(Record(topic, 0, len(sent), value))
                return Outcome()

            def flush(self, timeout: float | None = None) -> None: ...

        # The relay's transaction is the driver's alone, which no hook sees.
        self.path.begun(None)
        send_now(Relay(self.cell.relay_database, Producer(), [self.service]))
        self.path.ended(None)
        self.path.messages += [record.topic for record in sent]
        return sent


def written(trail: Trail, *, title: str, before: str) -> str:
    """The page: what was counted, and each function where it is first called."""
    counted = {
        "functions": f"{len(trail.steps)} in {_files(trail.steps)} files; of the machine "
        f"{len(trail.of_machine)} in {_files(trail.of_machine)}",
        "transactions": _told(trail.transactions),
        "messages": _told(trail.messages),
        "signatures made": _told(trail.signed),
        "signatures verified": _told(trail.verified),
        "state put into canonical bytes": _told(trail.encoded),
    }
    lines = [f"# {title}", "", "<!-- written by `make path`, do not edit -->", ""]
    lines += [INTRODUCTION, "", *(f"- {name}: {value}" for name, value in counted.items()), "", before, ""]
    process = ""
    for number, step in enumerate(trail.steps, 1):
        if step.process != process:
            process = step.process
            lines += ["", f"## {process}", "", "| | function | file | transaction |", "| --- | --- | --- | --- |"]
        lines.append(f"| {number} | `{step.name}` | `{step.file}` | {step.transaction or ''} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


INTRODUCTION = """Each function of the project stands where it is called first, in order, with the process that runs it
and the number of the transaction that is open then. What HTTP, a service or plain values bring is listed, not budgeted;
"of the machine" are `events/` and the rooms of `shared/` that carry a change from tenant to tenant."""


def _files(steps: Sequence[Step]) -> int:
    return len({step.file for step in steps})


def _told(places: Sequence[str]) -> str:
    each = ", ".join(f"{name} {count}" for name, count in Counter(places).items())
    return f"{len(places)} ({each})"
