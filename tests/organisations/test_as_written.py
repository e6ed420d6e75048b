"""What is seen of an organisation is what is kept of it and what finds it; its code is one, however it is written."""

# ruff: noqa: RUF001 - characters that look like others are what is tested here

from __future__ import annotations

from uuid import uuid4

import pytest
from stdnum.cn import uscc

from tests.organisations.builders import credit_code, draft, imported, registered
from tests.shared.test_identifiers import PERSON, wide

ALL = "/v1/organisations"


@pytest.fixture
def official(cell, sichuan):
    return cell.client(sichuan)


def ids(client, path=ALL, **filters):
    answer = client.get(path, query_string=filters)
    assert answer.status_code == 200, answer.json
    return [item.get("id") or item["organisation"] for item in answer.json["items"]]


@pytest.mark.parametrize("name", ["\u200b", "\u2800", "\u3164", "成都\u202e司公限有", "\ue5e5厂", "厂\ufffd", "a\x07b"])
def test_a_name_nobody_sees_is_refused_and_named(official, name):
    for changes in ({"name_zh": name}, {"former_names": [name]}, {"name_en": name}):
        answer = official.post(ALL, draft(**changes))
        assert (answer.status_code, answer.json["code"]) == (422, "invalid"), changes
        assert "看不见" in answer.json["errors"][0]["message"]["zh"]


def test_what_is_seen_finds_what_was_pasted(official):
    made = registered(official, name_zh="成都\u200b华瑞\ufeff厂 ", name_en="Hua\u00adrui")
    assert (made["name_zh"], made["name_en"]) == ("成都华瑞厂", "Huarui")
    assert ids(official, q="成都华瑞") == [made["id"]]


@pytest.mark.parametrize("prefix", ["N2510112", "A1110000", "Y1110000", "92511600", "52510000"])
def test_codes_of_every_department_are_taken_and_found_as_written(official, prefix):
    body = f"{prefix}{uuid4().int % 10**9:09}"
    code = body + uscc.calc_check_digit(body)
    made = registered(official, code=f"{wide(code[:8]).lower()} {code[8:17]}-{code[17]}。")
    assert made["code"] == code
    for typed in (code, wide(code), code.lower(), f"“{code}”", f"{code[:2]} {code[2:8]} {code[8:]}"):
        assert official.get(f"{ALL}/by-code/{typed}").json["id"] == made["id"], typed
        assert ids(official, q=typed) == [made["id"]], typed
    again = official.post(ALL, draft(code=wide(code)))
    assert (again.status_code, again.json["code"]) == (409, "code_taken")


@pytest.mark.parametrize("typed", [PERSON, wide(PERSON), f"{PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}"])
def test_a_citizens_number_is_taken_nowhere_and_never_said_again(official, typed, capsys):
    made = registered(official)
    qualify = {"name": "执业资格", "number": typed}
    answers = [
        official.post(ALL, draft(code=typed)), official.get(f"{ALL}/by-code/{typed}"),
        official.get(f"{ALL}/cards", query_string={"code": typed}),
        official.post(f"{ALL}/{made['id']}/qualify", qualify),
    ]  # fmt: skip
    for answer in answers:
        assert answer.status_code == 422
        assert "公民身份号码" in answer.text
        assert PERSON not in answer.text
    assert PERSON not in capsys.readouterr().err


def test_a_citizens_number_in_a_file_is_refused_in_its_row_and_kept_masked(cell, official):
    rows = f"code,name_zh,kind,division\n{PERSON},甲,企业,511600\n{wide(credit_code())},乙\u200b厂,企业,５１１６００\n"
    done = imported(cell, official, rows.encode())
    assert (done["registered"], done["refused"]) == (1, 1)
    errors = official.get(f"{ALL}/imports/{done['id']}/errors")
    assert [fault["code"] for fault in errors.json["items"][0]["errors"]] == ["personal_number"]
    assert PERSON not in errors.text
    assert len(ids(official, q="乙厂")) == 1


def test_words_are_found_in_any_order_width_and_writing(cell, official):
    mark = "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in str(uuid4().int)[:8])
    made = registered(official, name_zh=f"{mark}ABB（高竹）新材料系統有限公司", public=True)
    cell.carry()
    for question in (
        f"系统 {mark}abb",
        f"{mark}ＡＢＢ",
        f"高竹 {mark}",
        f"{mark}abb(高竹)",
        f"系統，{mark}",
        f"新材料系统 {mark}ABB",
    ):
        assert ids(official, q=question) == [made["id"]], question
        assert ids(official, f"{ALL}/cards", q=question) == [made["id"]], question
    assert ids(official, q=f"{mark} 系铜") == ids(official, f"{ALL}/cards", q=f"{mark} 系铜") == []


def test_a_qualification_is_the_same_in_any_width_and_dash(official):
    made = registered(official)
    url = f"{ALL}/{made['id']}"
    named = {"name": "专精特新“小巨人”企业", "number": "GR-2026—001", "valid_from": "2026-01-01"}
    assert official.post(f"{url}/qualify", named).json["qualifications"][0]["number"] == "GR-2026-001"
    again = {**named, "name": "专精特新 “小巨人” 企业", "number": "ＧＲ-2026-001。"}
    assert len(official.post(f"{url}/qualify", again).json["qualifications"]) == 1
    assert ids(official, qualification="專精特新「小巨人」企業") == [made["id"]]
    gone = official.post(f"{url}/disqualify", {"name": "专精特新“小巨人”企业", "number": "gr–2026–001"})
    assert gone.json["qualifications"] == []
