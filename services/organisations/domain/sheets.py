"""Files of organisations: CSV in UTF-8 or GB18030 and XLSX, checked as a whole before a row of them is taken."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, Literal

from services.organisations.domain.columns import columns_of
from services.organisations.domain.workbooks import check_workbook, not_a_workbook, workbook_rows
from shared.errors import InvalidError

MOST_ROWS = 200_000
LONGEST_CELL = 2_000
SLICE = 1 << 20
ENCODINGS = ("utf-8", "gb18030")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
WORKBOOK = b"PK"

Form = Literal["csv", "xlsx"]


@dataclass(frozen=True)
class Sheet:
    """What was found out about a file: its form, the names of its columns, how many rows below the heading."""

    form: Form
    columns: list[str]
    rows: int


def examined(file: BinaryIO) -> Sheet:
    """Read the whole file once; raises `InvalidError` for a file of which no row may be taken."""
    form = form_of(file)
    if form == "xlsx":
        check_workbook(file)
    columns: list[str] | None = None
    count = 0
    for number, cells in numbered_rows(file, form=form):
        _check_cells(cells, number=number)
        if columns is None:
            columns = columns_of(cells)
            continue
        count += 1
        if count > MOST_ROWS:
            raise _too_many_rows()
    if columns is None or count == 0:
        raise InvalidError(
            "file_empty",
            "文件没有数据行。请在表头下填写机构后重新上传。",
            "The file has no rows. Fill in organisations below the heading and upload it again.",
        )
    return Sheet(form, columns, count)


def form_of(file: BinaryIO) -> Form:
    """By its first bytes, whatever it is called: a browser with Excel calls a CSV application/vnd.ms-excel."""
    file.seek(0)
    start = file.read(4)
    if start.startswith(WORKBOOK):
        return "xlsx"
    if start == OLD_WORKBOOK:
        raise not_a_workbook()
    return "csv"


def numbered_rows(file: BinaryIO, *, form: Form) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with its number as a spreadsheet shows it: the first row is 1."""
    with closing(workbook_rows(file) if form == "xlsx" else _csv_rows(file)) as rows:
        for number, cells in enumerate(rows, 1):
            if any(cells):
                yield number, cells


def _csv_rows(file: BinaryIO) -> Generator[list[str], None, None]:
    encoding = _encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        for cells in csv.reader(text, strict=True):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise InvalidError(
            "csv_malformed",
            f"CSV 格式错误({error}),常见原因是引号没有成对。请用表格软件另存为 CSV 后重新上传。",
            f"The CSV is malformed ({error}), mostly a quotation mark without its pair. Save it anew as CSV.",
        ) from error
    finally:
        # The file belongs to the caller.
        text.detach()


def _encoding_of(file: BinaryIO) -> str:
    file.seek(0)
    if file.read(3) == codecs.BOM_UTF8:
        if _checked(file, "utf-8"):
            return "utf-8-sig"
        raise _unreadable()
    for encoding in ENCODINGS:
        if _checked(file, encoding):
            return encoding
    raise _unreadable()


def _checked(file: BinaryIO, encoding: str) -> bool:
    """Whether the whole file is text in this encoding, looked at in slices."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(SLICE):
            if b"\0" in piece:
                raise _unreadable()
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _unreadable() -> InvalidError:
    return InvalidError(
        "encoding_unknown",
        "文件不是 UTF-8 或 GB18030 编码的文本。请另存为“CSV UTF-8”或 .xlsx 后重新上传。",
        "The file is no text in UTF-8 or GB18030. Save it as 'CSV UTF-8' or .xlsx and upload it again.",
    )


def _check_cells(cells: list[str], *, number: int) -> None:
    for index, cell in enumerate(cells):
        if len(cell) > LONGEST_CELL:
            raise InvalidError(
                "cell_too_long",
                f"第 {number} 行第 {index + 1} 列超过 {LONGEST_CELL} 个字符。请缩短后重新上传。",
                f"Row {number}, column {index + 1} has more than {LONGEST_CELL} characters. Shorten it.",
            )


def _too_many_rows() -> InvalidError:
    return InvalidError(
        "too_many_rows",
        f"文件超过 {MOST_ROWS} 行。请分成几个文件。",
        f"The file has more than {MOST_ROWS} rows. Split it into several files.",
    )
