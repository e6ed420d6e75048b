"""Division codes: names and years, ended codes, the hierarchy, and what a person reads who used a wrong one."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest
import yaml

from shared.core.errors import InvalidError
from shared.reference import divisions

IN_2023, IN_2025, IN_2026 = date(2023, 5, 1), date(2025, 12, 31), date(2026, 1, 1)


def test_a_present_code_has_its_name_parent_and_level() -> None:
    linshui = divisions.check_code("511623")
    assert (linshui.name_zh, linshui.parent, linshui.level) == ("邻水县", "511600", "county")
    assert divisions.check_code("511600").level == "prefecture"
    assert divisions.check_code("510000").level == "province"
    assert divisions.check_code("510000").parent is None


def test_an_ended_code_stays_readable_and_says_when_it_ended() -> None:
    yubei = divisions.check_code("500112")
    assert (yubei.name_zh, yubei.valid_from, yubei.valid_to) == ("渝北区", 1997, 2025)
    assert not yubei.ended_by(IN_2025)
    assert yubei.ended_by(IN_2026)
    assert divisions.get("500112", IN_2026) is None


def test_an_ended_code_is_refused_for_a_later_day_with_its_successors() -> None:
    assert divisions.check_code("500112", IN_2023).name_zh == "渝北区"
    with pytest.raises(InvalidError) as refusal:
        divisions.check_code("500112", IN_2026)
    assert refusal.value.code == "division_ended"
    for text in (refusal.value.zh, refusal.value.en):
        assert "2025" in text
        assert "两江新区 (500157)" in text
        assert "北碚区 (500109)" in text


def test_a_code_is_refused_for_a_day_before_it_existed() -> None:
    with pytest.raises(InvalidError) as refusal:
        divisions.check_code("500157", IN_2023)
    assert refusal.value.code == "division_not_yet"


def test_an_ended_code_without_a_recorded_successor_asks_for_a_present_one() -> None:
    with pytest.raises(InvalidError) as refusal:
        divisions.check_code("110103", IN_2026)
    assert refusal.value.en.endswith("Use a present code.")
    assert refusal.value.zh.endswith("请改用现行代码。")


@pytest.mark.parametrize(
    "code", ["", "51", "999999", "510099", "5116230", "51162x", "五一一六二三", "١٢٣٤٥٦", "000000"]
)
def test_an_unknown_code_is_refused_in_both_languages(code: str) -> None:
    assert divisions.get(code) is None
    with pytest.raises(InvalidError) as refusal:
        divisions.check_code(code)
    assert refusal.value.code == "unknown_division"
    assert "行政区划代码" in refusal.value.zh
    assert "six-digit" in refusal.value.en


def test_a_code_that_changed_its_name_answers_with_the_name_of_the_day() -> None:
    assert [period.name_zh for period in divisions.history("500110")] == ["万盛区", "綦江区"]
    assert divisions.check_code("500110", date(2009, 6, 1)).name_zh == "万盛区"
    assert divisions.check_code("500110").name_zh == "綦江区"


@pytest.mark.parametrize("code", ["500100", "429000", "510601"])
def test_a_line_that_only_groups_others_is_not_a_division(code: str) -> None:
    assert divisions.get(code) is None


def test_what_a_grouping_holds_belongs_to_the_province() -> None:
    assert divisions.check_code("500112").parent == "500000"
    assert divisions.check_code("429004").parent == "420000"


def test_the_province_of_a_code_is_found_for_ended_codes_too() -> None:
    assert divisions.province_of("511623").name_zh == "四川省"
    assert divisions.province_of("500112").name_zh == "重庆市"
    assert divisions.province_of("500000").code == "500000"


@pytest.mark.parametrize(
    ("code", "ancestor", "within"),
    [
        ("511623", "511600", True),
        ("511623", "510000", True),
        ("511600", "511600", True),
        ("500241", "500000", True),
        ("500112", "510000", False),
        ("511600", "511623", False),
        ("510000", "511600", False),
        ("511623", "511500", False),
        ("999999", "999999", False),
        ("511623", "999999", False),
    ],
)
def test_a_code_lies_within_its_ancestors_only(code: str, ancestor: str, *, within: bool) -> None:
    assert divisions.is_within(code, ancestor) is within


@pytest.mark.parametrize(
    ("code", "name"), [("330113", "临平区"), ("653132", "岑岭县"), ("659013", "草湖市"), ("232762", "松岭区")]
)
def test_the_list_of_2026_is_known(code: str, name: str) -> None:
    assert divisions.check_code(code, date(2026, 9, 11)).name_zh == name


@pytest.mark.parametrize("code", ["429001", "422900", "422921", "500105"])
def test_what_the_list_of_2026_no_longer_has_is_ended(code: str) -> None:
    assert divisions.check_code(code).ended_by(date(2026, 9, 11))


def test_every_correction_has_ordered_periods_and_successors_that_exist() -> None:
    rows = yaml.safe_load(files("shared.reference").joinpath("divisions.yaml").read_text(encoding="utf-8"))["divisions"]
    assert rows
    for code in {row["code"] for row in rows}:
        for period in divisions.history(code):
            assert (period.valid_from or 0) <= (period.valid_to or 9999)
            for successor in period.successors:
                assert divisions.check_code(successor).valid_to is None


def test_what_is_entered_today_names_a_division_of_today_unless_it_is_older_than_the_reform() -> None:
    assert divisions.check_entered("500157", today=IN_2026).name_zh == "两江新区"
    assert divisions.check_entered("500112", today=IN_2025).name_zh == "渝北区"
    assert divisions.check_entered("500112", today=IN_2026, since=IN_2023).name_zh == "渝北区"
    assert divisions.check_entered("500157", today=IN_2026, since=IN_2023).name_zh == "两江新区"
    for since in (None, IN_2026, date(2027, 1, 1), date(1990, 1, 1)):
        with pytest.raises(InvalidError, match="500157") as refusal:
            divisions.check_entered("500112", today=IN_2026, since=since)
        assert refusal.value.code == "division_ended"


@pytest.mark.parametrize(
    ("code", "merged"),
    [
        ("500157", {"500105", "500112"}), ("500109", {"500112"}), ("500000", {"500105", "500112"}), ("500112", set()),
        ("421300", {"429001"}), ("511600", set()), ("999999", set()),
    ],
)  # fmt: skip
def test_ended_divisions_are_found_under_what_they_have_become_part_of(code: str, merged: set[str]) -> None:
    assert divisions.merged_into(code) == merged


def test_a_division_is_found_through_several_reforms(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"name_zh": "甲", "valid_from": None, "valid_to": 1990}
    chain = {"500112": [{**row, "successors": ("500105",)}], "500105": [{**row, "successors": ("500157",)}]}
    monkeypatch.setattr(divisions, "_corrections", lambda: chain)
    divisions.merged_into.cache_clear()
    assert divisions.merged_into("500157") == {"500105", "500112"}
    divisions.merged_into.cache_clear()
