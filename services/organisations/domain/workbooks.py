"""Workbooks (XLSX): what must hold of the bytes before anything reads them, and their rows."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from datetime import date, datetime
from threading import Lock
from typing import BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from shared.errors import InvalidError

LARGEST_CONTENT = 200_000_000
"""Bytes all members may have together, once uncompressed."""
LARGEST_RATIO = 200
"""Uncompressed to compressed bytes of the whole; tables of names reach about 20."""
MOST_MEMBERS = 200
SLICE = 1 << 20
OVERLAP = 64
"""Bytes of a slice that are looked at again with the next, so that nothing hides on the border."""
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
FAR_CELL = re.compile(
    rb"""\br\s*=\s*["'](?:[A-Z]{2,}[0-9]|[A-Z]?(?:20000[2-9]|2000[1-9][0-9]|200[1-9][0-9]{2}|20[1-9][0-9]{3}"""
    rb"""|2[1-9][0-9]{4}|[3-9][0-9]{5}|[0-9]{7,})["'])"""
)
"""A cell right of column Z or below row 200,001: readers reserve room for the whole rectangle before it."""
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
ONE_AT_A_TIME = Lock()
"""A workbook lies in memory as a whole while it is read; two at once would double that."""


def check_workbook(file: BinaryIO) -> None:
    """Raises `InvalidError` unless this is a workbook that is small when unpacked and holds values only."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive)
            total = 0
            for member in archive.infolist():
                total = _check_member(file, member, total=total)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise not_a_workbook() from error


def _check_members(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "xl/workbook.xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise not_a_workbook()
    packed = sum(item.compress_size for item in archive.infolist())
    size = sum(item.file_size for item in archive.infolist())
    if len(names) > MOST_MEMBERS or size > LARGEST_CONTENT or size > LARGEST_RATIO * max(packed, 10_000):
        raise _bomb()


def _check_member(file: BinaryIO, member: zipfile.ZipInfo, *, total: int) -> int:
    """Unpack in slices what really is there, whatever the member says of its size; returns the running total."""
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    rest = b""
    for piece in _unpacked(file, member):
        total += len(piece)
        if total > LARGEST_CONTENT:
            raise _bomb()
        if member.filename.endswith((".xml", ".rels")):
            _check_slice(rest + piece, is_sheet=is_sheet)
            rest = piece[-OVERLAP:]
    return total


def _unpacked(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise not_a_workbook()
    file.seek(member.header_offset)
    local = file.read(30)
    # The local header's own name and extra field decide where the content begins.
    file.seek(int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little"), 1)
    left = member.compress_size
    unpack = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (packed := file.read(min(SLICE, left))):
        left -= len(packed)
        if unpack is None:
            yield packed
            continue
        while packed and not unpack.eof:
            yield unpack.decompress(packed, SLICE)
            packed = unpack.unconsumed_tail


def _check_slice(text: bytes, *, is_sheet: bool) -> None:
    if b"\0" in text or DECLARATION.search(text):
        raise not_a_workbook()
    if is_sheet and FORMULA.search(text):
        raise InvalidError(
            "formula_in_workbook",
            "工作簿中含有公式。请全选后“选择性粘贴-数值”,再上传。",
            "The workbook holds formulas. Paste all cells as values and upload it again.",
        )
    if is_sheet and FAR_CELL.search(text):
        raise InvalidError(
            "sheet_too_large",
            "工作表超出 Z 列或 200001 行。请删除多余的行列,或分成几个文件。",
            "The sheet goes beyond column Z or row 200,001. Delete what is not needed, or split the file.",
        )


def not_a_workbook() -> InvalidError:
    """Not XLSX, damaged, encrypted, with macros or with an encoding nobody writes."""
    return InvalidError(
        "not_a_workbook",
        "这不是可以读取的 XLSX 工作簿(可能已损坏、加密或含宏)。请另存为 .xlsx 或 CSV 后重新上传。",
        "This is no readable XLSX workbook (damaged, encrypted, with macros?). Save it as .xlsx or CSV anew.",
    )


def _bomb() -> InvalidError:
    return InvalidError(
        "workbook_too_large",
        "工作簿解压后过大(上限 200 MB)。请只保留数据,或分成几个文件。",
        "The workbook is too large once unpacked (at most 200 MB). Keep the table alone, or split the file.",
    )


def workbook_rows(file: BinaryIO) -> Generator[list[str], None, None]:
    """The rows of the first sheet as texts, blank ones too; only for what `check_workbook` let pass."""
    file.seek(0)
    with ONE_AT_A_TIME:
        try:
            with CalamineWorkbook.from_filelike(file) as book:
                sheet = book.get_sheet_by_index(0)
                for row in sheet.iter_rows():
                    yield [_text(cell) for cell in row]
        except CalamineError as error:
            raise not_a_workbook() from error


def _text(cell: object) -> str:
    """A cell as it reads: a code that was typed as a number has no decimals, a day no time."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
