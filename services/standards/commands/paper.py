"""How a certificate looks on paper: one A4 page in Chinese and English, the same bytes for the same certificate."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import segno

from shared.pdf.typeface import FAMILY, in_one_line, lend

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 22.0
INNER = WIDTH - 2 * MARGIN
LABEL = 40.0
FOOT = 222.0
"""Where the foot begins: above it everything about the certificate has to fit."""
QR = 48.0
SEAL, INK, SOFT, LINE = (166, 30, 30), (22, 32, 44), (95, 107, 120), (201, 209, 218)
SCALES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.66)
FEWER, FEWEST_METHODS = 3, 8
"""What is left out, and in which steps, when nothing else helps."""
FULL_WIDTH = str.maketrans(",:", "\uff0c\uff1a")
"""Punctuation of Chinese sentences in print."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is printed; names come in Chinese, then English where there is one.

    `proof` is what its home has signed of it (`domain.statement`): it stands in the code, behind the address.
    """

    number: str
    address: str
    holder: tuple[str, str]
    body: tuple[str, str | None, str]
    standard: tuple[str, str, str | None]
    products: Sequence[tuple[str, str]]
    methods: Sequence[str]
    valid: tuple[date, date]
    tenant: tuple[str, str]
    issued_at: datetime
    proof: str = ""
    left_out: int = 0

    @property
    def coded(self) -> str:
        """What the code holds: a browser opens the address, and sends what is behind the `#` to nobody."""
        return f"{self.address}#{self.proof}" if self.proof else self.address

    @property
    def texts(self) -> list[str]:
        """Every text that somebody has given."""
        products = (part for product in self.products for part in product)
        named = (*self.holder, *self.body, *self.standard, *products, *self.methods, *self.tenant)
        return [self.number, self.address, *filter(None, named)]


def pdf_of(paper: Paper) -> bytes:
    """The page: smaller where there is much to say, and at last with fewer products, which it then says."""
    page = _Page(paper, SCALES[0])
    if not page.fits():
        trials = list(_trials(paper))
        first = bisect_left(trials, True, key=lambda trial: _Page(*trial).fits())  # noqa: FBT003 - fits from there on
        page = _Page(*trials[min(first, len(trials) - 1)])
    return page.made()


def _trials(paper: Paper) -> Iterator[tuple[Paper, float]]:
    """Ever less on the page: whatever comes after one that fits, fits."""
    for scale in SCALES:
        yield paper, scale
    every, spoken = len(paper.products), paper.methods
    if len(spoken) > FEWEST_METHODS:
        more = len(spoken) - FEWEST_METHODS
        spoken = (*spoken[:FEWEST_METHODS], f"另有 {more} 项 / and {more} more")
    for kept in (*range(every, 1, -FEWER), 1):
        yield replace(paper, products=paper.products[:kept], left_out=every - kept, methods=spoken), SCALES[-1]


class _Page:
    """A page in the making."""

    def __init__(self, paper: Paper, scale: float) -> None:
        from fpdf import FPDF  # noqa: PLC0415 - slow to load, and most processes print nothing

        self.paper, self.scale = paper, scale
        self.pdf = FPDF(format="A4")
        lend(self.pdf, *paper.texts)
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_margin(MARGIN)
        self.pdf.set_creation_date(paper.issued_at)
        self.pdf.set_title(f"合格评定证书 Certificate of Conformity {paper.number}")
        self.pdf.set_author(paper.tenant[1])
        self.pdf.set_keywords(paper.proof)
        self.pdf.set_lang("zh-CN")
        self.pdf.add_page()
        self.pdf.set_draw_color(*SEAL)
        for inset, width in ((11.0, 0.9), (12.8, 0.25)):
            self.pdf.set_line_width(width)
            self.pdf.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)
        self.pdf.set_y(25)
        self._bold("合格评定证书", size=27, color=SEAL, align="C")
        self.pdf.ln(1)
        self._text("Certificate of Conformity", size=13, color=SOFT, align="C")
        self.pdf.ln(4.5)
        self._text("证书编号 No.", size=9, color=SOFT, align="C")
        self._bold(self.paper.number, size=14.5, align="C")
        self.pdf.ln(5)
        certified = "兹证明:下列单位的下列产品经检验,符合所列标准的要求。".translate(FULL_WIDTH)
        self._text(certified, size=10.5 * self.scale, align="C")
        sentence = "This certifies that the products below, of the holder below, were found to meet the standard below."
        self._text(sentence, size=8.5 * self.scale, color=SOFT, align="C")
        self.pdf.ln(3.5 * self.scale)
        self._facts()

    def fits(self) -> bool:
        """Whether nothing runs into the foot."""
        return bool(self.pdf.get_y() <= FOOT)

    def made(self) -> bytes:
        """The page with its foot."""
        top = 229.0
        left = WIDTH - MARGIN - QR
        rows = [bytes(row) for row in segno.make(self.paper.coded, error="m", micro=False).matrix]
        module = QR / len(rows)
        self.pdf.set_fill_color(0, 0, 0)
        for down, row in enumerate(rows):
            for start, length in _runs(row):
                self.pdf.rect(left + start * module, top + down * module, length * module, module, style="F")
        width = INNER - QR - 10
        self.pdf.set_y(top + 4)
        self._bold("如何核验", size=11, w=width)
        self.pdf.ln(0.6)
        chinese = "本证书可能被暂停、撤销或代替,以网上状态为准。请扫描二维码或访问:"
        self._text(chinese.translate(FULL_WIDTH), size=9, w=width)
        self.pdf.ln(1.2)
        english = (
            "This certificate may be suspended, revoked or replaced: what counts is its state online."
            " Scan the code, or open the address below."
        )
        self._text(english, size=8, color=SOFT, w=width)
        self.pdf.ln(1.2)
        self._text(self.paper.address, size=8.5, w=width)
        self.pdf.link(MARGIN, self.pdf.get_y() - 4.6, width, 4.6, self.paper.coded)
        self.pdf.ln(1.2)
        signed = "二维码含颁发辖区的签名,可离线核验。".translate(FULL_WIDTH)
        offline = f"{signed} The code holds the signature of the tenant that issued this: prove it offline."
        self._text(offline, size=7.5, color=SOFT, w=width)
        return bytes(self.pdf.output())

    def _text(self, text: str, *, size: float, color: tuple[int, int, int] = INK, **cell: Any) -> None:
        """A paragraph; Chinese breaks anywhere, English between words."""
        self.pdf.set_font(FAMILY, size=size)
        self.pdf.set_text_color(*color)
        given = {"h": size * 0.53, "w": INNER, "new_x": "LMARGIN", "new_y": "NEXT", "align": "L", **cell}
        from fpdf.enums import WrapMode  # noqa: PLC0415 - as above

        wide = sum(character >= "⺀" for character in text)
        wrap = WrapMode.CHAR if 4 * wide > len(text) else WrapMode.WORD
        self.pdf.multi_cell(text=in_one_line(text), wrapmode=wrap, **given)

    def _bold(self, text: str, *, size: float, color: tuple[int, int, int] = INK, **cell: Any) -> None:
        """There is one weight of the font: a stroke around the letters makes another."""
        with self.pdf.local_context(text_mode="FILL_STROKE", line_width=size * 0.009, draw_color=color):
            self._text(text, size=size, color=color, **cell)

    def _facts(self) -> None:
        paper = self.paper
        code = "统一社会信用代码 Code"
        self._fact("持证单位", "Holder", lines=[paper.holder[0]], notes=[f"{code} {paper.holder[1]}"])
        named = [name for name in (paper.body[1],) if name]
        self._fact("认证机构", "Body", lines=[paper.body[0]], notes=[*named, f"{code} {paper.body[2]}"])
        titles = [title for title in (paper.standard[2],) if title]
        self._fact("标准", "Standard", lines=[paper.standard[0], paper.standard[1]], notes=titles)
        self._products()
        self._fact("检验方法", "Methods", lines=["、".join(paper.methods) or "—"])
        begins, ends = (f"{day:%Y}-{day:%m}-{day:%d}" for day in paper.valid)
        self._fact("有效期", "Valid", lines=[f"{begins} 至 to {ends}"])
        self._fact("颁发辖区", "Issued in", lines=[paper.tenant[0]], notes=[paper.tenant[1]])
        self._rule()

    def _rule(self) -> None:
        self.pdf.set_draw_color(*LINE)
        self.pdf.set_line_width(0.2)
        self.pdf.line(MARGIN, self.pdf.get_y(), WIDTH - MARGIN, self.pdf.get_y())

    def _fact(self, zh: str, en: str, *, lines: Sequence[str], notes: Sequence[str] = ()) -> None:
        """A label on the left, and on the right lines with notes in smaller type."""
        self._rule()
        self.pdf.ln(2.1 * self.scale)
        top = self.pdf.get_y()
        self._label(zh, en)
        below = self.pdf.get_y()
        self.pdf.set_y(top)
        for line in lines:
            self._beside(line, size=11)
        for note in notes:
            self._beside(note, size=8.5, color=SOFT)
        self.pdf.set_y(max(self.pdf.get_y(), below))
        self.pdf.ln(2.1 * self.scale)

    def _label(self, zh: str, en: str) -> None:
        self._text(zh, size=10 * self.scale, w=LABEL, color=SOFT)
        self._text(en, size=8 * self.scale, w=LABEL, color=SOFT)

    def _beside(self, text: str, *, size: float, color: tuple[int, int, int] = INK) -> None:
        self.pdf.set_x(MARGIN + LABEL)
        self._text(text, size=size * self.scale, color=color, w=INNER - LABEL)

    def _products(self) -> None:
        self._rule()
        self.pdf.ln(2.1 * self.scale)
        top = self.pdf.get_y()
        self._label("产品", "Products")
        below = self.pdf.get_y()
        self.pdf.set_y(top)
        self._product("类别 Class", "名称 Name", color=SOFT, size=8.5)
        for code, name in self.paper.products:
            self._product(code, name, color=INK, size=10.5)
        if self.paper.left_out:
            left = self.paper.left_out
            self._beside(f"另有 {left} 项产品,见证书的登记 / and {left} more, see its record", size=8.5, color=SOFT)
        self.pdf.set_y(max(self.pdf.get_y(), below))
        self.pdf.ln(2.1 * self.scale)

    def _product(self, code: str, name: str, *, color: tuple[int, int, int], size: float) -> None:
        self.pdf.set_x(MARGIN + LABEL)
        self._text(code, size=size * self.scale, color=color, w=26, new_x="RIGHT", new_y="TOP")
        self._text(name, size=size * self.scale, color=color, w=INNER - LABEL - 26)


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    start = None
    for at, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            yield start, at - start
            start = None
