"""Tables for those who need them: read by a child process that is bounded in memory and time, few of them at once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore, Timer
from typing import Any, BinaryIO

import shared
from shared.core.errors import Fault, InvalidError, UnavailableError
from shared.core.log import logger
from shared.tables.files import Form
from shared.tables.refusals import out_of_time, unreadable
from shared.tables.rows import TableRow, Unread

MEGABYTES = 400
"""Memory of a child; a good file of 200,000 rows takes about 60."""
SECONDS = 60
"""Of a processor; that file takes about 15."""
LONGEST = 150
"""Seconds by the clock, also when its rows are taken slowly."""
AT_ONCE = BoundedSemaphore(2)
PATIENCE = 10
"""Seconds to wait for a place."""
LONGEST_LINE = 4_000_000
"""Bytes of what a child says at once: a batch and the largest row have less."""
ROOT = str(Path(shared.__file__).resolve().parents[1])
START = "import sys; sys.path.insert(0, sys.argv[1]); from shared.tables.child import main; main(sys.argv[2])"


@dataclass(frozen=True)
class Table:
    """What a file holds. `heading` is its first row; `rows`, those below, may be read once; `count` says how many."""

    form: Form
    sheet: str | None
    unread: list[Unread]
    heading: TableRow
    rows: Iterator[TableRow]
    count: int = 0


@contextmanager
def opened(file: BinaryIO, *, headings: Collection[str]) -> Iterator[Table]:
    """The table with its rows, at most two in a process at a time.

    Raises `InvalidError` for a file of which no row may be taken, also from `rows`, and `UnavailableError` after
    waiting ten seconds for others.
    """
    with _said_by_child(file, headings=headings, rows=True) as said:
        yield _table(said)


def examined(file: BinaryIO, *, headings: Collection[str]) -> Table:
    """The table read to its end, with its `count` and without its rows; raises as `opened` does."""
    with _said_by_child(file, headings=headings, rows=False) as said:
        found = _table(said)
        return Table(found.form, found.sheet, found.unread, found.heading, iter(()), count=next(said)["end"])


def _table(said: Iterator[dict[str, Any]]) -> Table:
    first = next(said)
    form, sheet, unread = first["head"]
    rows = (_row(row) for line in said for row in line.get("rows", ()))
    return Table(form, sheet, [Unread(*item) for item in unread], _row(first["heading"]), rows)


def _row(said: list[Any]) -> TableRow:
    number, cells, marks = said
    return TableRow(number, cells, [(place, mark) for place, mark in marks])


@contextmanager
def _said_by_child(file: BinaryIO, *, headings: Collection[str], rows: bool) -> Iterator[Iterator[dict[str, Any]]]:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise UnavailableError(
            "too_many_files",
            "正在读取的文件过多,未作任何更改。请稍后重试。",
            "Too many files are being read. Nothing was changed; retry in a moment.",
        )
    try:
        with TemporaryFile() as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.seek(0)
            asked = {"headings": list(headings), "rows": rows, "megabytes": MEGABYTES, "seconds": SECONDS}
            # Isolated, without site packages, and with an empty environment: it shall know nothing of this process.
            command = [sys.executable, "-I", "-S", "-c", START, ROOT, json.dumps(asked)]
            with subprocess.Popen(command, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={}) as child:  # noqa: S603
                watch = Timer(LONGEST, child.kill)
                watch.daemon = True
                watch.start()
                try:
                    yield _lines(child)
                finally:
                    watch.cancel()
                    child.kill()
    finally:
        AT_ONCE.release()


def _lines(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """Until it has said that it came to the end; whatever else it ends with is a refusal."""
    if child.stdout is None:
        raise RuntimeError("the child has no standard output")
    while line := child.stdout.readline(LONGEST_LINE):
        if not line.endswith(b"\n"):
            break
        said: dict[str, Any] = json.loads(line)
        if "problem" in said:
            code, zh, en, faults = said["problem"]
            raise InvalidError(code, zh, en, [Fault(*item) for item in faults])
        yield said
        if "end" in said:
            return
    code = child.wait()
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise out_of_time(SECONDS if code == -signal.SIGXCPU else LONGEST)
    trace = child.stderr.read(20_000) if child.stderr else b""
    logger("tables").error("table_reader_failed", code=code, trace=trace.decode("utf-8", "replace")[-2000:])
    raise unreadable()
