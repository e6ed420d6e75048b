"""Days without end and days at the ends of the calendar, in what is said of organisations."""

from __future__ import annotations

import pytest

from tests.organisations.builders import HEADINGS, as_csv, credit_code, imported, made_up, registered

ALL = "/v1/organisations"


@pytest.fixture
def official(cell, sichuan):
    return cell.client(sichuan)


@pytest.mark.parametrize("end", ["9999-12-31", "长期", "无固定期限", None])
def test_a_qualification_without_end_is_taken_as_such(official, end):
    url = f"{ALL}/{registered(official)['id']}/qualify"
    answer = official.post(url, {"name": "排污许可证", "valid_from": "2026-01-01", "valid_to": end})
    assert answer.status_code == 200, answer.json
    assert [(one["valid_to"], one["state"]) for one in answer.json["qualifications"]] == [(None, "valid")]


@pytest.mark.parametrize("name", ["valid_from", "issued_on", "valid_to"])
@pytest.mark.parametrize("day", ["0001-01-01", "9998-01-01", "2201-01-01", "1899-12-31"])
def test_a_day_that_nobody_can_mean_is_refused(official, name, day):
    url = f"{ALL}/{registered(official)['id']}/qualify"
    answer = official.post(url, {"name": "高新技术企业", name: day})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{name}")
    assert "2200-12-31" in answer.json["errors"][0]["message"]["en"]


def test_a_three_year_title_may_begin_on_the_last_day_there_is(official):
    url = f"{ALL}/{registered(official)['id']}/qualify"
    answer = official.post(url, {"name": "高新技术企业", "valid_from": "2200-12-31"})
    assert answer.json["qualifications"][0]["valid_to"] == "2203-12-30"


@pytest.mark.parametrize("name", ["高新技术企业", "专精特新「小巨人」企业"])
@pytest.mark.parametrize("end", ["长期", "9999-12-31"])
def test_no_end_is_not_taken_of_what_ends_by_rule(official, name, end):
    url = f"{ALL}/{registered(official)['id']}/qualify"
    answer = official.post(url, {"name": name, "valid_from": "2026-01-01", "valid_to": end})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/valid_to")
    reckoned = official.post(url, {"name": name, "valid_from": "2026-01-01", "valid_to": None})
    assert reckoned.json["qualifications"][0]["valid_to"] == "2028-12-31"


def test_an_import_takes_no_end_and_names_the_cells_with_days_that_nobody_can_mean(cell, official):
    def row(begins, ends, name="排污许可证"):
        return {"code": credit_code(), "name_zh": "甲厂", "kind": "企业", "division": "511600", "qualification": name,
                "qualification_valid_from": begins, "qualification_valid_to": ends}  # fmt: skip

    good = [row("2026-01-01", end) for end in ("9999-12-31", "9999/12/31", "9999年12月31日", "长期有效", "永久", "")]
    bad = [row("9998-01-01", "", "小巨人"), row("0001-01-01", "2027-01-01"), row("9999-12-31", ""),
           row("2026-01-01", "9999-12-30"), row("2025-02-29", ""), row("12026-01-01", ""), row("长期", "")]  # fmt: skip
    done = imported(cell, official, as_csv([*good, *bad, *made_up(1)], (*HEADINGS, "qualification_valid_to")))
    assert (done["state"], done["seen"], done["registered"], done["refused"]) == ("done", 14, 7, 7)
    ends = [official.get(f"{ALL}/by-code/{one['code']}").json["qualifications"][0]["valid_to"] for one in good]
    assert ends == [None] * 6
    errors = official.get(f"{ALL}/imports/{done['id']}/errors").json["items"]
    assert [(one["errors"][0]["column"][14:], one["errors"][0]["code"]) for one in errors] == [
        ("valid_from", "day_out_of_bounds"), ("valid_from", "day_out_of_bounds"), ("valid_from", "day_out_of_bounds"),
        ("valid_to", "day_out_of_bounds"), ("valid_from", "not_a_day"), ("valid_from", "not_a_day"),
        ("valid_from", "not_a_day"),
    ]  # fmt: skip
