"""The Chinese font of printed documents, parsed once in each process and lent to every document."""

from __future__ import annotations

from copy import copy
from functools import cache
from importlib.resources import files
from typing import Any

from fpdf import FPDF
from fpdf.fonts import SubsetMap

FAMILY, BOX = "notosanssc", "□"


@cache
def _parsed() -> Any:
    """Fpdf's font, with every table read: 22,000 glyphs take half a second, a page a tenth."""
    document = FPDF()
    document.add_font(FAMILY, fname=str(files("shared") / "fonts" / "NotoSansSC-Regular.ttf"))
    font: Any = document.fonts[FAMILY]
    for name in font.ttfont.keys():  # noqa: SIM118 - a font is no mapping that is iterated by its keys
        font.ttfont[name]
    font.ttfont.close()
    font.ttfont.reader = None
    return font


def lend(document: FPDF) -> None:
    """Make the font known to the document as `FAMILY`.

    Writing a document cuts its font down to what it uses and closes it, so each gets tables of its own; the glyphs
    in them are shared, for nobody changes those.
    """
    font = copy(_parsed())
    font.ttfont = copy(font.ttfont)
    font.ttfont.tables = {name: copy(table) for name, table in font.ttfont.tables.items()}
    font.ttfont["cmap"].tables = [copy(table) for table in font.ttfont["cmap"].tables]
    font.subset, font.missing_glyphs = SubsetMap(font), []
    document.fonts[FAMILY] = font


def printable(text: str) -> str:
    """The text in one line, with a box for every character that the font lacks: fpdf would leave it out."""
    known = _parsed().cmap
    return "".join(one if ord(one) in known else BOX for one in " ".join(text.split()))
