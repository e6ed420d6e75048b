"""Search: who is found by what, in which order, page by page, and by which index."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select
from stdnum.cn import uscc

from services.organisations.domain.names import best_key
from services.organisations.models import Organisation, SearchKey
from services.organisations.queries import search
from shared.database.rows import state_of
from tests.organisations.builders import as_csv, imported, made_up, registered

ALL = "/v1/organisations"


@pytest.fixture
def official(cell, sichuan):
    return cell.client(sichuan)


def names(client, question):
    answer = client.get(f"{ALL}?q={question}")
    assert answer.status_code == 200, answer.json
    return [item["name_zh"] for item in answer.json["items"]]


def walked(client, question, limit):
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{ALL}?q={question}&limit={limit}{cursor and f'&cursor={cursor}'}").json
        assert len(page["items"]) <= limit
        found, cursor = [*found, *(item["id"] for item in page["items"])], page["next"]
    return found


def test_codes_come_first_then_beginnings_then_insides(official):
    inside = registered(official, name_zh="广安2126机械厂")
    begins = registered(official, name_zh="2126机械厂")
    body = "21265100000000001"
    coded = registered(official, name_zh="甲厂", code=body + uscc.calc_check_digit(body))
    assert names(official, "2126") == [coded["name_zh"], begins["name_zh"], inside["name_zh"]]
    assert names(official, begins["code"]) == ["2126机械厂"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("长安", ["重庆长安汽车股份有限公司", "西安长安学院"]), ("重庆 汽车", ["重庆长安汽车股份有限公司"]),
        ("汽车 zhongqing", []), ("chongqing qiche", ["重庆长安汽车股份有限公司"]),
        ("cqcaqc", ["重庆长安汽车股份有限公司"]),
        ("CHANGAN", ["重庆长安汽车股份有限公司", "西安长安学院"]),
        ("长安 有限公司", ["重庆长安汽车股份有限公司", "西安长安学院"]),
        ("%", []), ("_", []), ("' OR 1=1 --", []), ("\\", []), ("学院 长安 西安", ["西安长安学院"]),
    ],
)  # fmt: skip
def test_every_term_must_be_found(official, question, found):
    registered(official, name_zh="重庆长安汽车股份有限公司", name_en="Changan Automobile")
    registered(official, name_zh="西安长安学院")
    assert sorted(names(official, question)) == sorted(found)


def test_filters_and_words_hold_together(official):
    one = registered(official, name_zh="华瑞检测", kind="testing_body", division="511600", sectors=["M74"])
    registered(official, name_zh="华瑞机械", kind="enterprise", division="500157", sectors=["C34"])
    for filters in ("kind=testing_body", "division=510000", "division=511600", "sector=M", "sector=M74"):
        found = official.get(f"{ALL}?q=华瑞&{filters}").json["items"]
        assert [item["id"] for item in found] == [one["id"]], filters
        assert [item["id"] for item in official.get(f"{ALL}?{filters}").json["items"]] == [one["id"]], filters
    assert len(official.get(f"{ALL}?q=华瑞&state=active").json["items"]) == 2
    assert official.get(f"{ALL}?q=华瑞&state=closed").json["items"] == []


@pytest.fixture
def many(cell, official):
    imported(cell, official, as_csv(made_up(300, seed=7)))
    return official


def test_pages_of_any_size_hold_each_organisation_once_and_all_that_match(cell, sichuan, many):
    with cell.session(sichuan) as session:
        states = {str(row.id): state_of(row) for row in session.scalars(select(Organisation))}
    drawn = random.Random(1)
    for question in ("四川", "科技", "xin", "c", "91510000", "广安 软件", "华 jixie", "cd"):
        terms = question.split()
        wanted = {key for key, state in states.items() if all(best_key(state, term) for term in terms)}
        found = walked(many, question, drawn.choice((1, 7, 50)))
        assert (len(found), set(found)) == (len(wanted), wanted), question


def test_a_page_ends_when_it_has_looked_at_enough(many, monkeypatch):
    whole = walked(many, "四川&kind=institute", 50)
    monkeypatch.setattr(search, "MOST_WALKED", 20)
    first = many.get(f"{ALL}?q=四川&kind=institute&limit=50").json
    assert first["next"] is not None
    assert walked(many, "四川&kind=institute", 50) == whole


@pytest.mark.parametrize(
    "cursor", ["x", "bm9uZQ", "WzEsMiwzXQ", "WzksIngiLCI2ZjFjM2MxZS01YTBiLTRjNTgtOWQwZi0wYTRmMGYyZjdhMTEiXQ"]
)
def test_a_foreign_cursor_is_refused(official, cursor):
    assert official.get(f"{ALL}?q=甲&cursor={cursor}").status_code == 422


def test_under_row_level_security_the_index_serves_tenant_rank_and_range(cell, sichuan, many):
    keys = search._keys(1, "四川").order_by(SearchKey.key).limit(20)
    with cell.session(sichuan) as session:
        session.execute(select(func.set_config("enable_seqscan", "off", True)))
        compiled = keys.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {compiled}".replace("%", "%%")).scalars())
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert all(part in condition for part in ("tenant_id =", "rank = 1", "key >=", "key <")), plan


def test_what_a_search_finds_is_counted(official):
    for number in range(3):
        registered(official, name_zh=f"成都计数{number}厂")
    registered(official, name_zh="绵阳计数厂")

    def counted(question, more=""):
        page = official.get(f"{ALL}?q={question}&limit=1&count=true{more}").json
        return page["total"], page["total_is"]

    assert counted("计数") == counted("jishu") == counted("js") == (4, "exact")
    assert counted("成都 计数") == (3, "exact")
    assert counted("计数", "&state=merged") == counted("没有") == counted("。") == (0, "exact")
    assert counted("chengdujishu0chang") == (1, "exact")
    registered(official, name_zh="成都计数1厂东区")
    assert counted("chengdujishu1chang") == (4, "about")
