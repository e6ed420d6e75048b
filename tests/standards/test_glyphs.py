"""Characters of printed documents: every one is printed as itself, or refused by name before anything is issued."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from services.standards.commands.paper import pdf_of
from services.standards.models import Body, Certificate
from shared.core.context import PLATFORM
from shared.pdf.typeface import UnprintableError, check_printable
from tests.builders.cell import Cell
from tests.organisations.builders import credit_code
from tests.standards.certification import accredited, body_draft, certificate_draft, issued
from tests.standards.drafting import project_draft
from tests.standards.given import given_standard
from tests.standards.test_printing import PAPER, text_of

RARE = (
    "㑇㑊㕮㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛"
    "䓨䓫䓬䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮鿍鿎鿏𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈"
    "𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬"
    "𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋"
    "𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍"
    "𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)
"""Of the 8,105 characters of 通用规范汉字表 those outside U+4E00-9FA5 (property kTGH of Unicode 15)."""


def printed_characters(content: bytes) -> str:
    """What the ToUnicode maps say of the glyphs on the page."""
    found = ""
    for stream in re.finditer(rb"stream\r?\n(.*?)\r?\n?endstream", content, re.DOTALL):
        try:
            text = zlib.decompress(stream[1])
        except zlib.error:
            text = stream[1]
        if b"begincmap" in text:
            found += "".join(_characters(text))
    return found


def _characters(cmap: bytes) -> list[str]:
    mapped = re.findall(rb"^<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>$", cmap, re.MULTILINE)
    return [bytes.fromhex(one.decode()).decode("utf-16-be") for one in mapped]


def named(text: str) -> Any:
    return replace(PAPER, holder=(text, "91510000MA0000001Y"))


def test_every_character_of_the_standard_table_is_in_the_font() -> None:
    check_printable(RARE, "".join(map(chr, range(0x4E00, 0x9FA6))), "".join(map(chr, range(0x3400, 0x4DB6))))


@pytest.mark.parametrize("text", ["成都䶮㛃实业有限公司", RARE[:60], RARE[-60:], "Đồng Nai–Ōsaka €5 ½"])
def test_a_printed_name_has_its_characters_and_no_box(text: str) -> None:
    content = pdf_of(named(text))
    characters = printed_characters(content)
    assert sorted(set(text) - set(characters)) == []
    assert "□" not in characters
    assert text[:30] in text_of(content)
    assert pdf_of(named(text)) == content


@pytest.mark.parametrize(
    ("text", "said"),
    [("㐂\U00020bb7野家", "“\U00020bb7”(U+20BB7)"), ("厂\U0001f600", "U+1F600"), ("厂\ue000", "U+E000"),
     ("葛\U000e0100", "U+E0100"), ("厂\u200b", "U+200B"), ("甲\U00030edd\U00031350", "U+31350")],
)  # fmt: skip
def test_what_cannot_be_printed_is_named(text: str, said: str) -> None:
    with pytest.raises(UnprintableError) as refusal:
        pdf_of(named(text))
    for sentence in (refusal.value.zh, refusal.value.en):
        assert said in sentence


def test_it_is_refused_where_a_name_is_given(cell: Cell, sichuan: UUID) -> None:
    client, standard, odd = cell.client(sichuan), given_standard(cell, sichuan), "甲\U00020bb7"
    body = accredited(cell, sichuan, standard)
    draft = certificate_draft(cell, body["id"], standard=standard)
    platform = {"code": "odd-one", "name_zh": odd, "name_en": "x", "kind": "region"}
    answers = {
        "/holder/name_zh": client.post("/v1/certificates", {**draft, "holder": {**draft["holder"], "name_zh": odd}}),
        "/products/0/name": client.post("/v1/certificates", {**draft, "products": [{"class": "C2110", "name": odd}]}),
        "/methods/0": client.post("/v1/certificates", {**draft, "methods": [odd]}),
        "/name_zh": client.post("/v1/bodies", body_draft(cell, standard, name_zh=odd)),
        "/name_en": client.post("/v1/bodies", body_draft(cell, standard, name_en=odd)),
        "/title_zh": client.post("/v1/projects", project_draft(cell, sichuan, title_zh=odd)),
        "/name_zh ": cell.client(PLATFORM, "system_administrator").post("/v1/tenants", platform),
    }
    for pointer, answer in answers.items():
        assert answer.status_code == 422, (pointer, answer.json)
        assert [one["pointer"] for one in answer.json["errors"]] == [pointer.strip()]
        assert "U+20BB7" in answer.json["errors"][0]["message"]["zh"]


def test_it_is_refused_at_issue_where_an_older_name_cannot_be_printed(cell: Cell, sichuan: UUID) -> None:
    standard = given_standard(cell, sichuan)
    body = accredited(cell, sichuan, standard)
    with cell.session(sichuan) as session:
        session.execute(update(Body).values(name_zh="甲\U00020bb7检测中心"))
    draft = certificate_draft(cell, body["id"], standard=standard)
    answer = cell.client(sichuan).post("/v1/certificates", draft)
    assert (answer.status_code, answer.json["code"]) == (409, "not_printable")
    assert "机构名称" in answer.json["message"]["zh"]
    assert "U+20BB7" in answer.json["message"]["en"]
    with cell.session(sichuan) as session:
        assert session.query(Certificate).count() == 0


def test_a_rare_name_is_printed_in_the_background(cell: Cell, sichuan: UUID) -> None:
    standard = given_standard(cell, sichuan)
    body = accredited(cell, sichuan, standard)
    holder = {"code": credit_code(), "name_zh": "成都䶮㛃实业有限公司"}
    made = issued(cell, sichuan, body, standard=standard, holder=holder)
    while cell.run_timers():
        pass
    content = cell.client(sichuan).get(f"/v1/certificates/{made['id']}/pdf").data
    assert {"䶮", "㛃"} <= set(printed_characters(content))
