"""The parts of a workbook: unpacked in slices and parsed as they come, within bounds that no header can talk away."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from shared.tables.refusals import not_a_workbook, workbook_too_large

MOST_PARTS = 2_000
LARGEST_CONTENT = 300_000_000
"""Bytes that are unpacked, of all parts that are read: what no row comes from (pictures, say) is never unpacked."""
SLICE = 1 << 16
LARGEST_TOKEN = 1 << 20
"""Bytes of one tag or comment: expat reads an unfinished one from its beginning again with each slice.

Tags may nest as deep as memory lasts: expat keeps the open ones in a list, and nothing here follows them.
"""
ENCODINGS = ("utf-8", "utf8", "utf-16", "us-ascii")


class Handler:
    """What is made of the XML; names are `namespace local`.

    Where elements end is told only from `read_text` on to the next end, for telling always costs a third of the time.
    """

    parser: expat.XMLParserType
    reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def text(self, text: str) -> None:
        """Nothing is said."""

    def read_text(self) -> None:
        """What follows is text of the element that just began, up to where it or one inside it ends."""
        self.reading = True
        self.parser.EndElementHandler = self._end

    def _end(self, _name: str) -> None:
        self.reading = False
        self.parser.EndElementHandler = None


class Archive:
    """A workbook's parts by name; raises `InvalidError` for what is no workbook."""

    def __init__(self, file: BinaryIO) -> None:
        self.left = LARGEST_CONTENT
        try:
            self.archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
            raise not_a_workbook() from error
        names = self.archive.namelist()
        if len(names) > MOST_PARTS:
            raise workbook_too_large(f"超过 {MOST_PARTS} 个部件", f"more than {MOST_PARTS} parts")
        if "xl/workbook.xml" not in names or len(set(names)) < len(names):
            raise not_a_workbook()
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise not_a_workbook("含宏", "it holds macros")
        self.names = frozenset(names)

    def contains(self, name: str, pattern: re.Pattern[bytes]) -> bool:
        """Whether a part holds these ASCII characters anywhere, also one in UTF-16, of which every other byte is 0."""
        rest = b""
        for piece in self._pieces(name):
            looked = rest + piece.replace(b"\0", b"")
            if pattern.search(looked):
                return True
            rest = looked[-64:]
        return False

    def parsed(self, name: str, handler: Handler) -> Iterator[None]:
        """Parse a part; comes back after each slice, so that what was found can be handed on."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.CharacterDataHandler = handler.start, handler.text
        handler.parser = parser

        def refuse_type(*_: object) -> None:
            # Without a document type there are no entities, neither a billion laughs nor one that names a file.
            raise not_a_workbook("XML 含文档类型声明", "its XML declares a document type")

        def check_encoding(*declared: object) -> None:
            _version, encoding, _standalone = declared
            if encoding is not None and str(encoding).lower() not in ENCODINGS:
                raise not_a_workbook("XML 编码不常见", "its XML is in an unusual encoding")

        parser.StartDoctypeDeclHandler = refuse_type
        parser.XmlDeclHandler = check_encoding
        fed = 0
        try:
            for piece in self._pieces(name):
                parser.Parse(piece, False)  # noqa: FBT003 - expat takes it by position alone
                fed += len(piece)
                if fed - parser.CurrentByteIndex > LARGEST_TOKEN:
                    raise workbook_too_large("XML 标记过长", "a tag of its XML is too long")
                yield
            parser.Parse(b"", True)  # noqa: FBT003 - as above
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise not_a_workbook() from error
        yield

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            part = self.archive.getinfo(name)
            if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise not_a_workbook("已加密或压缩方式不常见", "encrypted, or packed in an unusual way")
            with self.archive.open(part) as content:
                while piece := content.read(SLICE):
                    self.left -= len(piece)
                    if self.left < 0:
                        most = LARGEST_CONTENT // 1_000_000
                        raise workbook_too_large(f"解压后超过 {most} MB", f"more than {most} MB once unpacked")
                    yield piece
        except (KeyError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
            raise not_a_workbook() from error


def drained(parsing: Iterator[None]) -> None:
    """Parse to the end."""
    for _ in parsing:
        pass
