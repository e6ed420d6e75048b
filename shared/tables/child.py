"""The process that reads a file for another one: it bounds itself first, then reads, and has nothing worth stealing.

`standard input` is the file, `standard output` JSON by lines: the head, rows in batches, then how many there were; or a
problem. It imports little, so that it starts in some hundredths of a second.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from shared.core.errors import InvalidError
from shared.tables.files import table_in
from shared.tables.refusals import out_of_memory
from shared.tables.rows import TableRow

BATCH = 64_000
"""Characters after which a batch is written; a row more may be in it."""


def main(wanted: str) -> None:
    """Read the file on standard input; `wanted` is JSON: `megabytes`, `seconds`, `headings`, whether `rows` are."""
    asked = json.loads(wanted)
    megabytes = asked["megabytes"]
    seconds = asked["seconds"]
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    # The first of both tells why; the second ends what does not listen.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    problem: InvalidError | None = None
    try:
        head, rows = table_in(sys.stdin.buffer, headings=asked["headings"])
        _write({"head": head, "heading": next(rows)})
        count = 0
        for batch in _batches(rows):
            count += len(batch)
            if asked["rows"]:
                _write({"rows": batch})
        _write({"end": count})
    except InvalidError as error:
        problem = error
    except MemoryError:
        problem = out_of_memory(asked["megabytes"])
    if problem is not None:
        faults = [[item.pointer, item.zh, item.en] for item in problem.faults]
        _write({"problem": [problem.code, problem.zh, problem.en, faults]})


def _batches(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    batch: list[TableRow] = []
    length = 0
    for row in rows:
        batch.append(row)
        length += sum(map(len, row.cells)) + 20
        if length > BATCH:
            yield batch
            batch, length = [], 0
    yield batch


def _write(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()
