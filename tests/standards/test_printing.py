"""The PDF of a certificate: one page, always the same, whose code leads to the page that says how it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
import zxingcpp

from services.standards.commands.paper import Paper, pdf_of
from services.standards.domain.statement import read_statement
from shared.pdf import typeface
from tests.builders.cell import Cell
from tests.standards.certification import accredited, issued
from tests.standards.given import given_standard

PAPER = Paper(
    number="SICHUAN-2026-4F7K9Q2M8XZB-T",
    address="https://xietong.example.cn/c/SICHUAN-2026-4F7K9Q2M8XZB-T",
    holder=("虚构家具制造有限公司", "91510000MA0000001Y"),
    body=("四川虚构检测认证中心", "Made-up Testing Centre", "91510000MA0000000X"),
    standard=("DB51/T 虚-0001 / DB50/T 虚-0001", "家具中甲醛释放量限值", "Formaldehyde release from furniture"),
    products=[("C2110", "木质家具"), ("C2120", "竹、藤家具")],
    methods=["GB/T 35607"],
    valid=(date(2026, 7, 1), date(2029, 6, 30)),
    tenant=("四川省", "Sichuan Province"),
    issued_at=datetime(2026, 7, 1, 2, tzinfo=UTC),
)


def page_of(content: bytes) -> Any:
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    return document[0]


def text_of(content: bytes) -> str:
    return str(page_of(content).get_textpage().get_text_range())


def code_of(content: bytes) -> str:
    found = zxingcpp.read_barcodes(page_of(content).render(scale=2).to_pil())
    assert len(found) == 1
    return str(found[0].text)


def test_a_certificate_is_printed_in_the_background_and_its_code_leads_to_a_page_that_says_valid(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    standard = given_standard(cell, sichuan)
    made = issued(cell, sichuan, accredited(cell, sichuan, standard), standard=standard)
    url = f"/v1/certificates/{made['id']}/pdf"
    early = cell.client(sichuan).get(url)
    assert (early.status_code, early.json["code"], early.headers["Retry-After"]) == (202, "pdf_being_made", "2")
    while cell.run_timers():
        pass
    printed = cell.client(sichuan).get(url)
    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
    assert printed.headers["Content-Disposition"] == f'attachment; filename="{made["number"]}.pdf"'
    address, _hash, proof = code_of(printed.data).partition("#")
    assert address == f"{cell.settings.issuer}/c/{made['number']}"
    document, _signature = read_statement(proof)
    assert (document["certificate"], document["holder"]) == (
        made["number"],
        [made["holder"]["name_zh"], made["holder"]["code"]],
    )
    page = cell.app.test_client().get(address.removeprefix(cell.settings.issuer))
    assert page.status_code == 200
    assert "证书有效。" in page.text
    assert cell.client(chongqing).get(url).status_code == 404


def test_everything_stands_on_the_page() -> None:
    text = text_of(pdf_of(PAPER))
    wanted = [PAPER.number, *PAPER.holder, PAPER.body[0], PAPER.standard[1], "C2120", "竹、藤家具", "2026-07-01",
              "2029-06-30", "四川省", "GB/T 35607", PAPER.address]  # fmt: skip
    assert [item for item in wanted if item not in text] == []


def test_the_same_certificate_gives_the_same_bytes_also_from_a_font_parsed_anew() -> None:
    first = pdf_of(PAPER)
    pdf_of(replace(PAPER, holder=("別的持證單位龘", "1")))
    assert pdf_of(PAPER) == first
    typeface._parsed.cache_clear()
    assert pdf_of(PAPER) == first


@pytest.mark.parametrize("products", [1, 20, 50])
def test_however_much_there_is_to_say_it_stays_one_page_that_can_be_read(products: int) -> None:
    much = replace(
        PAPER,
        holder=("很长的名称" * 40, "91510000MA0000001Y"),
        body=("认证" * 100, "A very long name of a body " * 7, "91510000MA0000000X"),
        products=[("C2110", f"木质家具{number}" * 4) for number in range(products)],
        methods=[f"GB/T {number:05} 测定方法" for number in range(50)],
    )
    content = pdf_of(much)
    assert code_of(content) == PAPER.address
    assert "木质家具0木质家具0" in text_of(content)


def test_what_is_left_out_is_said() -> None:
    many = [("C2110", f"家具{number}" * 20) for number in range(50)]
    text = text_of(pdf_of(replace(PAPER, products=many)))
    assert "项产品" in text
    assert "more, see its record" in text
