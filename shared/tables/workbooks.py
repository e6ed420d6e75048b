"""What surrounds the sheets of a workbook: their names, the texts they share, how numbers are shown."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared.tables.archives import Archive, Handler, drained
from shared.tables.refusals import not_a_workbook, workbook_too_large
from shared.tables.rows import LONGEST_CELL

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
"""The namespace as everybody writes it, and that of ISO's strict form."""
RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
MOST_SHEETS = 100
MOST_STYLES = 65_500
MOST_TEXTS = 3_000_000
MOST_SHARED = 80_000_000
"""Bytes of the texts that sheets name by number, each once and cut after `LONGEST_CELL` characters."""
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SheetPart(NamedTuple):
    """A sheet with a table, and the part that holds it."""

    name: str
    hidden: bool
    part: str


def named(*names: str) -> dict[str, str]:
    """Names with their namespace, by which the parser calls them."""
    return {f"{space} {name}": name for space in MAIN for name in names}


def unescaped(text: str) -> str:
    """`_x000D_` is how workbooks write what XML cannot; what no text may hold becomes U+FFFD and is a fault later."""
    return ESCAPE.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number and not 0xD800 <= number <= 0xDFFF else "\ufffd"


class _Catalogue(Handler):
    """`xl/workbook.xml`: sheets in their order, and where days are counted from."""

    NAMES = named("sheet", "workbookPr")

    def __init__(self) -> None:
        self.sheets: list[tuple[str, bool, str]] = []
        self.since_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = self.NAMES.get(name)
        if kind == "sheet":
            relation = next((attributes[f"{space} id"] for space in RELATIONS if f"{space} id" in attributes), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", "")[:100], hidden, relation))
            if len(self.sheets) > MOST_SHEETS:
                raise workbook_too_large(f"超过 {MOST_SHEETS} 张工作表", f"more than {MOST_SHEETS} sheets")
        elif kind == "workbookPr":
            self.since_1904 = attributes.get("date1904") in ("1", "true")


class _Relations(Handler):
    """`xl/_rels/workbook.xml.rels`: where the parts are."""

    def __init__(self) -> None:
        self.targets: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" Relationship") and len(self.targets) < 10_000:
            kind, target = attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", "")
            # Relative to xl/, unless it begins with a slash.
            part = target[1:] if target.startswith("/") else f"xl/{target.removeprefix('./')}"
            self.targets[attributes.get("Id", "")] = kind, part

    def of(self, kind: str) -> Iterable[str]:
        return (part for found, part in self.targets.values() if found == kind)


class Texts(Handler):
    """`xl/sharedStrings.xml`, as one run of bytes with the ends of each text: a third of what Python's take."""

    NAMES = named("si", "t", "rPh")

    def __init__(self) -> None:
        self.ends, self.run = array("q", [0]), bytearray()
        self.is_open = self.spoken = False
        self.raw = ""

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self.ends) - 1:
            raise not_a_workbook("单元格引用的文本不存在", "a cell names a text that is not there")
        return self.run[self.ends[number] : self.ends[number + 1]].decode()

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        kind = self.NAMES.get(name)
        if kind == "si":
            self.close()
            self.is_open, self.spoken, self.raw = True, False, ""
        elif kind == "rPh":
            # How words are pronounced stands behind them and is no part of them.
            self.spoken = True
        elif kind == "t" and not self.spoken:
            self.read_text()

    def text(self, text: str) -> None:
        if self.reading and len(self.raw) <= LONGEST_CELL:
            # One character more than a cell may have is kept, so that it is known to be too long.
            self.raw += text[: LONGEST_CELL + 1]

    def close(self) -> None:
        """What was read is one text."""
        if self.is_open:
            self.run += unescaped(self.raw).encode()
            self.ends.append(len(self.run))
            if len(self.ends) > MOST_TEXTS or len(self.run) > MOST_SHARED:
                raise workbook_too_large("文本过多", "too many texts")


class Styles(Handler):
    """`xl/styles.xml`: the number format of each style."""

    NAMES = named("numFmt", "cellStyleXfs", "cellXfs", "cellStyles", "xf")

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}
        self.styles: list[str] = []
        self.inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = self.NAMES.get(name)
        if kind == "numFmt":
            self.formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:255]
        elif kind == "xf" and self.inside:
            self.styles.append(attributes.get("numFmtId", "0"))
        elif kind and kind != "xf":
            # The styles that cells give; those of the same name beside them are for people to choose from.
            self.inside = kind == "cellXfs"
        if len(self.styles) + len(self.formats) > MOST_STYLES:
            raise workbook_too_large("样式过多", "too many styles")


class Workbook(NamedTuple):
    """All that is needed to read one of its sheets."""

    archive: Archive
    sheets: list[SheetPart]
    texts: Texts
    styles: list[str]
    """The format of each style, by the number that cells give: `id 14`, or the code that the file gives it."""
    since_1904: bool


def workbook_in(archive: Archive) -> Workbook:
    """Raises `InvalidError` where a part is missing that another names."""
    catalogue, relations, texts, styles = _Catalogue(), _Relations(), Texts(), Styles()
    drained(archive.parsed("xl/workbook.xml", catalogue))
    drained(archive.parsed("xl/_rels/workbook.xml.rels", relations))
    for part in list(relations.of("sharedStrings"))[:1]:
        drained(archive.parsed(part, texts))
        texts.close()
    for part in list(relations.of("styles"))[:1]:
        drained(archive.parsed(part, styles))
    sheets = [
        SheetPart(name, hidden, part)
        for name, hidden, relation in catalogue.sheets
        for kind, part in [relations.targets.get(relation, ("", ""))]
        if kind == "worksheet"
    ]
    formats: Mapping[str, str] = styles.formats
    return Workbook(
        archive, sheets, texts, [formats.get(number, f"id {number}") for number in styles.styles], catalogue.since_1904
    )
