"""Reading in a child process: what it hands over, and that no file costs more than its bounds."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from shared.core.errors import InvalidError, UnavailableError
from shared.tables import reading
from shared.tables.rows import LONGEST_CELL
from tests.builders.books import HEAD, book, document, named_often, one_sheet, sheet
from tests.builders.sizes import size, soak

GOOD = ("91510100MA6TE5T55J", "成都甲厂", "企业", "510100")


def bomb():
    """300 MB and more of blanks in a part that every reader of the sheet needs."""
    made = io.BytesIO(book(("a", sheet(HEAD, GOOD)), shared="@"))
    kept = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            with new.open(name, "w") as part:
                part.write(old.read(name))
                for _ in range(310 * (name == "xl/sharedStrings.xml")):
                    part.write(b" " * 1_000_000)
    return kept.getvalue()


ATTACKS = {
    "a long text that 2,800 cells name": (lambda: named_often(1_000_000, rows=700, cells=4), None),
    "a text that two million cells name": (lambda: named_often(1_900, rows=199_000, cells=11), "table_too_large"),
    "tags that are never closed": (lambda: book(("a", document("<a>" * 4_000_000))), "table_too_large"),
    "a million columns": (lambda: ",".join([*HEAD, *map(str, range(1_000_000))]).encode() + b"\n1\n", "row_too_long"),
    "a million times the same column": (lambda: b"code," * 1_000_000 + b"\n1\n", "row_too_long"),
    "much that unpacks from little": (bomb, "workbook_too_large"),
    "a tag of many megabytes": (lambda: book(("a", document(f"<a b='{'x' * 9_000_000}'/>"))), "workbook_too_large"),
}


def tables(content):
    """The table as counted, and with its rows."""
    counted = reading.examined(io.BytesIO(content), headings=HEAD)
    with reading.opened(io.BytesIO(content), headings=HEAD) as table:
        return counted, table, list(table.rows)


def refusal(content):
    with pytest.raises(InvalidError) as error:
        reading.examined(io.BytesIO(content), headings=HEAD)
    return error.value


@pytest.mark.parametrize("number", [1, 3_000])
def test_a_child_hands_over_every_row_with_its_marks(number):
    rows = [(*GOOD, ("b", "1"))] * number
    counted, table, read = tables(book(("说明", sheet(["x"])), ("机构", sheet(HEAD, *rows))))
    assert (counted.count, table.sheet, table.heading.cells, counted.unread[0].name) == (
        number,
        "机构",
        list(HEAD),
        "说明",
    )
    assert [row.number for row in read] == list(range(2, number + 2))
    assert set(map(str, (row[1:] for row in read))) == {str(([*GOOD, "TRUE"], [(4, "boolean")]))}


@soak
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_costs_this_process_nothing_and_the_child_no_more_than_its_bounds(attack, monkeypatch):
    make, code = ATTACKS[attack]
    monkeypatch.setattr(reading, "SECONDS", size(8, reading.SECONDS))
    content = make()
    before, began = _megabytes(), time.process_time()
    if code is None:
        _, _, rows = tables(content)
        assert {(len(text), mark) for row in rows for text, (_, mark) in zip(row.cells, row.marks, strict=True)} == {
            (LONGEST_CELL + 1, "long")
        }
    else:
        # On a slow machine the bound on time may be met before the one on size: either ends it.
        assert refusal(content).code in {code, "table_too_slow"}
    assert _megabytes() - before < 60
    assert time.process_time() - began < 2


def _megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def test_a_child_that_takes_too_much_of_a_processor_is_ended(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 1)
    refused = refusal(named_often(9, rows=150_000, cells=6))
    assert (refused.code, "1 seconds" in refused.en) == ("table_too_slow", True)


def test_a_child_that_takes_too_long_by_the_clock_is_ended(monkeypatch):
    monkeypatch.setattr(reading, "LONGEST", 0.01)
    assert refusal(one_sheet(GOOD)).code == "table_too_slow"


def test_a_child_that_breaks_is_a_refusal_and_leaves_its_place_to_others(monkeypatch):
    monkeypatch.setattr(reading, "START", "raise SystemExit(3)")
    for _ in range(3):
        assert refusal(one_sheet(GOOD)).code == "table_unreadable"
    monkeypatch.undo()
    assert tables(one_sheet(GOOD))[0].count == 1


def test_a_third_file_waits_and_is_then_asked_to_come_again(monkeypatch):
    monkeypatch.setattr(reading, "PATIENCE", 0.01)
    file = one_sheet(GOOD)
    with reading.opened(io.BytesIO(file), headings=HEAD), reading.opened(io.BytesIO(file), headings=HEAD):
        with pytest.raises(UnavailableError) as error:
            reading.examined(io.BytesIO(file), headings=HEAD)
        assert error.value.code == "too_many_files"
    assert reading.examined(io.BytesIO(file), headings=HEAD).count == 1


def test_a_child_knows_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("XIETONG_KEY_ENCRYPTION_KEY", "secret")
    told = "import os, json; print(json.dumps({'problem': ['x', ' '.join(os.environ), '', []]}))"
    monkeypatch.setattr(reading, "START", told)
    assert "XIETONG" not in refusal(one_sheet(GOOD)).zh


def readers_here() -> list[str]:
    """Children of this process that read a table; a test process has others, too."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent, words = stat.read_text().rpartition(")")[2].split()[1], stat.with_name("cmdline").read_bytes()
            if parent == str(os.getpid()) and b"shared.tables.child" in words:
                found.append(stat.parent.name)
    return found


def test_whoever_stops_taking_rows_ends_the_child():
    with reading.opened(io.BytesIO(named_often(9, rows=50_000, cells=4)), headings=HEAD) as table:
        next(table.rows)
        assert len(readers_here()) == 1
    assert reading.AT_ONCE.acquire(blocking=False)
    reading.AT_ONCE.release()
    assert readers_here() == []


def test_the_child_imports_nothing_that_is_slow_to_load():
    slow = {"sqlalchemy", "flask", "marshmallow", "shared.db", "structlog", "shared.log"}
    program = f"{reading.START.rpartition(';')[0]}; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", program, reading.ROOT]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert "shared.tables.worksheets" in loaded
    assert not slow & set(loaded)
