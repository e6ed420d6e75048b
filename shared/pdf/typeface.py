"""The Chinese font of printed documents: which characters it has, and its tables, parsed once in each process.

Two files are one font: the second has what is rare, such as Extension A in names of places and people, and is
read where it is needed.
"""

from __future__ import annotations

import unicodedata
from copy import copy
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "notosanssc"
FILES = {FAMILY: "NotoSansSC-Regular.ttf", "notosansscmore": "NotoSansSC-More.ttf"}
MOST_NAMED = 5


class UnprintableError(ValueError):
    """A text has characters that cannot be printed; it says which, in both languages."""

    def __init__(self, missing: str) -> None:
        # Controls, marks and what is not assigned show nothing, or change what stands beside them.
        shown = [(one if unicodedata.category(one)[0] not in "CMZ" else "", ord(one)) for one in missing[:MOST_NAMED]]
        named = "、".join(f"“{one}”(U+{code:04X})" if one else f"U+{code:04X}" for one, code in shown)
        self.zh = f"证书等文书的字库没有下列字符,无法打印:{named}。请改用规范汉字或删除"
        self.en = f"The font of printed documents lacks {named}: write it with other characters, or remove it"
        super().__init__(self.en)


def in_one_line(text: str) -> str:
    """As it is printed: each run of white space is one space."""
    return " ".join(text.split())


def check_printable(*texts: str) -> None:
    """Raises `UnprintableError` with every character that the font lacks."""
    characters = dict.fromkeys("".join(map(in_one_line, texts)))
    missing = "".join(one for one in characters if not any(ord(one) in _characters(name) for name in FILES))
    if missing:
        raise UnprintableError(missing)


@cache
def _characters(family: str) -> frozenset[int]:
    """Code points; fontTools is slow to load, so it is loaded with the first look."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - see above

    with TTFont(str(_path(family)), lazy=True) as font:
        return frozenset(font.getBestCmap())


def _path(family: str) -> Any:
    return files("shared.pdf") / "fonts" / FILES[family]


@cache
def _parsed(family: str) -> Any:
    """Fpdf's font, with every table read: 22,000 glyphs take half a second, a page a tenth."""
    from fpdf import FPDF  # noqa: PLC0415 - slow to load, and a process may print nothing

    document = FPDF()
    document.add_font(family, fname=str(_path(family)))
    font: Any = document.fonts[family]
    for name in font.ttfont.keys():  # noqa: SIM118 - a font is no mapping that is iterated by its keys
        font.ttfont[name]
    font.ttfont.close()
    font.ttfont.reader = None
    return font


def lend(document: FPDF, *texts: str) -> None:
    """Make the font known to the document as `FAMILY`, as far as these texts need it; raises `UnprintableError`."""
    check_printable(*texts)
    rare = [one for one in "".join(map(in_one_line, texts)) if ord(one) not in _characters(FAMILY)]
    for family in FILES if rare else (FAMILY,):
        from fpdf.fonts import SubsetMap  # noqa: PLC0415 - as above

        font = copy(_parsed(family))
        font.ttfont = copy(font.ttfont)
        font.ttfont.tables = {name: copy(table) for name, table in font.ttfont.tables.items()}
        font.ttfont["cmap"].tables = [copy(table) for table in font.ttfont["cmap"].tables]
        font.subset, font.missing_glyphs, font.i = SubsetMap(font), [], len(document.fonts) + 1
        document.fonts[family] = font
    document.set_fallback_fonts([family for family in document.fonts if family != FAMILY])
