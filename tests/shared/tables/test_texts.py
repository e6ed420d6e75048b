"""CSV: rows and marks, and the bounds that hold before a row is split."""

from __future__ import annotations

import io

import pytest

from shared.core.errors import InvalidError
from shared.tables import files
from shared.tables.files import table_in
from shared.tables.rows import LONGEST_CELL, MOST_COLUMNS
from shared.tables.texts import csv_rows


def rows(text):
    return [tuple(row) for row in csv_rows(io.BytesIO(text.encode()))]


def refusal(text):
    with pytest.raises(InvalidError) as error:
        rows(text)
    return error.value


def test_blank_rows_and_blank_columns_at_the_end_are_left_away_and_rows_keep_their_numbers():
    text = 'a,b,,,\n\n , \n" x ","y\nz"\n' + "1" + "," * 50_000 + "\n"
    assert rows(text) == [(1, ["a", "b"], []), (4, ["x", "y\nz"], []), (5, ["1"], [])]


def test_error_values_and_too_long_cells_are_marked():
    text = f"#N/A,#REF!,#no. 1,####,{'长' * (LONGEST_CELL + 1)}\n"
    [(_, cells, marks)] = rows(text)
    assert marks == [(0, "error"), (1, "error"), (3, "error"), (4, "long")]
    assert len(cells[4]) == LONGEST_CELL + 1
    assert rows(",".join(cells))[0][2] == marks


def test_the_first_cell_beyond_the_columns_that_are_read_is_marked_and_left_away():
    [(_, cells, marks)] = rows("1" + "," * (MOST_COLUMNS + 3) + "x,y\n")
    assert (cells, marks) == (["1"] + [""] * (MOST_COLUMNS - 1), [(MOST_COLUMNS + 3, "beyond")])


@pytest.mark.parametrize(
    "text",
    ["a,b\n1," + ",x" * 1_000_000, "a,b\n" + "x" * 400_000, 'a,b\n"' + "x\n" * 200_000, "a,b\n" + "a," * 999_999],
    ids=["columns", "one cell", "an open quotation mark", "headings"],
)
def test_a_row_without_end_is_refused_with_its_number(text):
    refused = refusal(text)
    assert (refused.code, "Row 2 " in refused.en) == ("row_too_long", True)


@pytest.mark.parametrize("text", ['a,b\n1,"x\n', 'a,b\n1,"x"y\n'])
def test_a_quotation_mark_without_its_pair_is_refused_with_its_row(text):
    refused = refusal(text)
    assert (refused.code, "Row 2 " in refused.en) == ("csv_malformed", True)


@pytest.mark.parametrize(
    ("bound", "most", "code"), [("MOST_ROWS", 3, "too_many_rows"), ("MOST_TEXT", 9, "table_too_large")]
)
def test_rows_and_characters_are_bounded(monkeypatch, bound, most, code):
    monkeypatch.setattr(files, bound, most)
    _, read = table_in(io.BytesIO(b"a,b\n" + b"1,2\n" * 4), headings=[])
    with pytest.raises(InvalidError) as error:
        list(read)
    assert error.value.code == code


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n", b"a,b\n,,\n"])
def test_a_file_without_rows_is_refused(content):
    _, read = table_in(io.BytesIO(content), headings=[])
    with pytest.raises(InvalidError) as error:
        list(read)
    assert error.value.code == "file_empty"
