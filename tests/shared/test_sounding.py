"""Names are found by what they sound like: pinyin, whole or begun, and initials; in the database as in Python."""

from __future__ import annotations

import re
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Text, literal, select

from shared.text.matching import sounds_like_all
from shared.text.searching import folded, terms_of
from shared.text.speaking import sounding, syllables
from tests.builders.cell import Cell, Client
from tests.builders.officials import park_draft
from tests.standards.drafting import project_draft

NAME = "重庆两江新区(重庆)Joint park 2026"


@pytest.mark.parametrize(
    "question",
    ["chongqing", "chongq", "liangjiang", "cqlj", "ljxq", "xinqu", "重庆 liangjiang", "CHONGQING lj", "joint",
     "park2026", "qingliang", "xq重庆", "区cq", "zhongqing"],
)  # fmt: skip
def test_a_name_is_found_by_its_sound(question: str) -> None:
    assert all(re.search(sounding(term) or term, folded(NAME)) for term in terms_of(question))


@pytest.mark.parametrize("question", ["lq", "chengdu", "liangjaing", "cqxq2027", "chongqingg", "uv", "qlj重"])
def test_what_sounds_otherwise_is_not_found(question: str) -> None:
    assert not all(re.search(sounding(term) or term, folded(NAME)) for term in terms_of(question))


def test_every_character_of_a_name_is_found_by_each_of_its_readings() -> None:
    for name, readings in {
        "西安": "xian xa", "先": "xian x", "吕梁": "lvliang ll", "长治": "changzhi zhangzhi", "六安": "luan liuan",
        "厦门": "xiamen shamen", "亳州": "bozhou",
    }.items():  # fmt: skip
        for reading in readings.split():
            assert re.search(sounding(reading) or "", name), reading


def test_what_has_no_letter_is_looked_for_as_it_is_written() -> None:
    assert sounding("高竹2026") is None
    assert sounding("é") is None


def test_no_question_makes_a_pattern_without_bounds() -> None:
    began = perf_counter()
    longest = max(
        len(sounding(term) or "") for term in ("xian" * 25, "xianxianxianxianxianxianxianxi", "a" * 100, "z" * 12)
    )
    assert longest < 50_000
    assert perf_counter() - began < 5


def test_no_character_of_the_table_is_a_sign_of_patterns() -> None:
    told = syllables()
    assert len(told) > 400
    assert all(re.fullmatch(r"[\u4e00-\u9fff]+", characters) for characters in told.values())
    assert all(re.fullmatch(r"[a-z]+", syllable) for syllable in told)


def test_the_database_reads_a_pattern_as_python_does(cell: Cell, sichuan: UUID) -> None:
    questions = (
        "chongqing",
        "cqlj",
        "重庆 xinqu",
        "joint 2026",
        "lq",
        "chengdu",
        "xianxianxian",
        "uv",
        "。",
        "重庆两江",
    )
    with cell.session(sichuan) as session:
        for question in questions:
            found = session.scalar(select(sounds_like_all(literal(folded(NAME), Text()), question)))
            terms = terms_of(question)
            assert found is (bool(terms) and all(re.search(sounding(term) or term, folded(NAME)) for term in terms))


def names(client: Client, url: str, question: str) -> list[Any]:
    answer = client.get(url, query_string={"q": question, "limit": 100})
    assert answer.status_code == 200, answer.json
    return [item.get("name_zh") or item.get("title_zh") for item in answer.json["items"]]


def test_parks_projects_and_tenants_are_found_so(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    client = cell.client(sichuan)
    for name in ("川渝高竹新区", "广安临港园区"):
        assert client.post("/v1/parks", park_draft(sichuan, chongqing, name_zh=name)).status_code == 201
    assert names(client, "/v1/parks", "gaozhu") == names(client, "/v1/parks", "cygz xinqu") == ["川渝高竹新区"]
    assert names(client, "/v1/parks", "chongqing") == []
    assert set(names(client, "/v1/parks", "qu")) == {"川渝高竹新区", "广安临港园区"}
    assert client.post("/v1/projects", project_draft(cell, sichuan, title_zh="川菜通则")).status_code == 201
    assert names(client, "/v1/projects", "chuancai") == names(client, "/v1/projects", "cctz") == ["川菜通则"]
    assert names(client, "/v1/projects", "yuecai") == []
    named = cell.tenant("hubei", name_zh="湖北省", name_en="Hubei Province")
    assert "湖北省" in names(client, "/v1/tenants", "hubeisheng")
    assert str(named) in [item["id"] for item in client.get("/v1/tenants?q=hbs&limit=100").json["items"]]
