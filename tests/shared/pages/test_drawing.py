"""Drawings show the figures that they were given, to eyes and to screen readers, without a style of their own."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from shared.pages.drawing.bars import Bar, Part, bars, key_of, ratio, stacked
from shared.pages.drawing.clock import Mark, Span, clock
from shared.pages.drawing.geometry import geometry, read_geometry
from shared.pages.drawing.lines import Series, line, runs, sparkline, ticks
from shared.pages.drawing.map import Arc, Member, Said, draw_map
from shared.pages.drawing.shapes import legend, shortened, width_of
from tests.architecture.tree import ROOT

ROWS = [
    Bar("沱江县连接件", 312.6, "312.6"),
    Bar("天彭区<航空>", 156.3, "156.3"),
    Bar("锦江口区", 100, "欠报", is_owed=True),
]
PARTS = [Part("装备制造", 50, "50%"), Part("电子信息", 30, "30%"), Part("其他", 20, "20%")]
SPANS = [Span("湘", 2, 2), Span("补正", 3, 1, is_paused=True), Span("黔", 6, 0), Span("剩余", 9, None)]
SAID = Said("各省之间的园区", "四川与重庆之间 19 个园区、17 项标准。")
ARCS = [Arc("510000", "500000", 19), Arc("510000", "500000", 17, is_standard=True), Arc("430000", "420000", 1)]
MEMBERS = [Member("510000", 4), Member("500000", 1), Member("430000", None), Member("420000", 0)]


def the_map(said: Said = SAID) -> Markup:
    return draw_map(MEMBERS, ARCS, said=said, geometry=geometry())


DRAWINGS = {
    "bars": bars(ROWS, title="产值", desc="第一为沱江县。"),
    "stacked": stacked(PARTS, title="构成", desc="装备制造一半。"),
    "line": line(
        ["1月", "2月", "3月", "4月"],
        [Series("2026", [150, None, 250, 300]), Series("2025", [140, 150, 160, 170], is_dashed=True)],
        title="当月产值", desc="四月 300。", owed=[1],
    ),
    "clock": clock(SPANS, [Mark(0, "11-02 提交"), Mark(11, "今天", is_today=True)], title="时限", desc="已用 11 天。"),
    "map": the_map(),
}  # fmt: skip


def drawn(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 - our own drawing


def of_class(root: ET.Element, *names: str) -> list[ET.Element]:
    return [one for one in root.iter() if set(names) <= set(one.get("class", "").split())]


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_well_formed_says_what_it_is_and_has_no_style(name: str) -> None:
    root = drawn(DRAWINGS[name])
    assert [one.tag for one in root][:2] == ["title", "desc"]
    assert all((one.text or "").strip() for one in list(root)[:2])
    assert (root.get("role"), "style" in DRAWINGS[name], "<script" in DRAWINGS[name]) == ("img", False, False)
    assert not re.search(r"nan|inf\b", DRAWINGS[name])


def test_bars_are_as_long_as_their_figures_and_what_is_owed_is_hatched() -> None:
    root = drawn(DRAWINGS["bars"])
    widths = [float(one.get("width", 0)) for one in root.iter("rect")]
    assert [round(width / widths[0], 2) for width in widths] == [1.0, 0.5, 0.32]
    assert [one.get("class") for one in root.iter("rect")] == ["f1", "f1", "owed"]
    assert len(of_class(root, "hatch")) == 1
    assert {"312.6", "156.3", "欠报"} <= {one.text for one in of_class(root, "strong")}
    assert "天彭区&lt;航空&gt;" in DRAWINGS["bars"]


def test_what_is_negative_goes_to_the_left_of_the_line() -> None:
    root = drawn(bars([Bar("甲", 10, "+10"), Bar("乙", -5, "−5")], title="划转", desc="甲得乙出。"))
    axis = float(re.findall(r"M([\d.]+)", of_class(root, "axis")[0].get("d", ""))[0])
    gets, gives = root.iter("rect")
    assert float(gets.get("x", 0)) == axis
    assert float(gives.get("x", 0)) + float(gives.get("width", 0)) == pytest.approx(axis, abs=0.2)


def test_a_whole_is_the_sum_of_its_parts_and_has_no_seventh() -> None:
    root = drawn(DRAWINGS["stacked"])
    widths = [float(one.get("width", 0)) + 1.5 for one in root.iter("rect")]
    assert [round(width / sum(widths), 2) for width in widths] == [0.5, 0.3, 0.2]
    assert "电子信息 30%" in key_of(PARTS)
    with pytest.raises(ValueError, match="at most 6"):
        stacked([Part("x", 1, "1")] * 7, title="x", desc="x")


def test_a_line_breaks_where_a_figure_is_missing() -> None:
    root = drawn(DRAWINGS["line"])
    assert len(of_class(root, "line-series", "l1")) == 2
    assert len(of_class(root, "f1")) == 3
    assert "2026 4月 300" in [one.text for one in root.iter("title")]
    heights = [float(one.get("cy", 0)) for one in of_class(root, "f1")]
    assert (heights[0] - heights[1]) / (heights[1] - heights[2]) == pytest.approx(2, abs=0.05)
    assert list(runs([(0, 0), None, None, (1, 1), (2, 2)])) == [[(0, 0)], [(1, 1), (2, 2)]]
    with pytest.raises(ValueError, match="shorter"):
        line(["1月", "2月"], [Series("x", [1])], title="x", desc="x")


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(140, 300, [100, 200, 300]), (0, 1, [0, 0.5, 1]), (5, 5, [4, 6]), (-3, 8, [-5, 0, 5, 10]), (0, 0, [0, 0.5])],
)
def test_figures_on_an_axis_are_round_and_hold_all(low: float, high: float, marks: list[float]) -> None:
    found = ticks(low, high)
    assert found == marks
    assert found[0] <= low <= high <= found[-1]


def test_small_drawings_hold_their_bounds() -> None:
    assert "points" in sparkline([1, 3, 2, None, 5], title="近五月")
    assert drawn(sparkline([], title="没有数字")).find("circle") is None
    widths = [float(one.get("width", 0)) for one in drawn(ratio(30, 120, title="四分之一")).iter("rect")]
    assert widths == [100, 25]
    assert [float(one.get("width", 0)) for one in drawn(ratio(5, 0, title="无")).iter("rect")] == [100, 0]
    assert (shortened("沱江县连接件产业", 60), width_of("沱江")) == ("沱江县连…", 24)
    assert legend([("f1", "甲"), ("flow park", "园区"), ("paused l2", "暂停")]).count("<li>") == 3


def test_the_clock_counts_working_days_and_tells_a_pause_from_what_is_left() -> None:
    root = drawn(DRAWINGS["clock"])
    widths = [float(one.get("width", 0)) for one in root.iter("rect") if one.get("height") == "30"]
    assert [round((width + 1.7) / 1100 * 20, 1) for width in widths] == [2, 3, 6, 9]
    assert (len(of_class(root, "paused")), len(of_class(root, "rest")), len(of_class(root, "hatch"))) == (1, 1, 1)
    (today,) = of_class(root, "today")
    assert today.get("d", "").startswith(f"M{1100 * 11 / 20:g} ")


def test_the_map_shows_the_whole_country_and_the_south_china_sea_always() -> None:
    for markup in (the_map(), draw_map([], [], said=SAID, geometry=geometry())):
        root = drawn(markup)
        (inset,) = of_class(root, "inset")
        assert [one.text for one in inset.iter("text")] == ["南海诸岛"]
        assert len(of_class(root, "province")) == 34 + 1
        assert (len(of_class(root, "islet")), len(of_class(root, "border"))) == (1, 2)
    assert geometry().inset["border"].count("M") == 10


def test_only_who_takes_part_is_named_and_none_differs_from_unknown() -> None:
    root = drawn(the_map())
    assert {one.text for one in of_class(root, "label")} == {"四川", "重庆", "湖南", "湖北"}
    kinds = {
        one.findtext("title"): one.get("class") for one in of_class(root, "province") if one.find("title") is not None
    }
    assert [kinds[name] for name in ("四川省", "湖南省", "湖北省", "云南省")] == [
        "province k4", "province unknown", "province k0", "province",
    ]  # fmt: skip
    english = drawn(the_map(Said("Parks", "19 parks.", "en")))
    assert {one.text for one in of_class(english, "label")} == {"Sichuan", "Chongqing", "Hunan", "Hubei"}


def test_arcs_say_their_numbers_lie_apart_and_end_at_provinces() -> None:
    root = drawn(the_map())
    assert sorted(one.text or "" for one in of_class(root, "on-dot")) == ["1", "17", "19"]
    parks, standards = of_class(root, "flow", "park"), of_class(root, "flow", "standard")
    assert [float(one.get("stroke-width", 0)) for one in (parks[0], parks[1])] == [4.0, 2.1]
    circles = [(float(one.get("cx", 0)), float(one.get("cy", 0))) for one in of_class(root, "dot-num")]
    assert abs(circles[0][1] - circles[1][1]) > 20
    assert len(standards) == 1
    with pytest.raises(KeyError):
        draw_map([], [Arc("510000", "510100", 1)], said=SAID, geometry=geometry())


def test_a_deployments_own_geometry_is_read_and_one_without_the_sea_is_refused() -> None:
    text = (ROOT / "shared/pages/geometry/china.json").read_text("utf-8")
    own = read_geometry(text.replace('"approval":""', '"approval":"GS(2026)0000"'))
    assert (own.approval, geometry().approval) == ("GS(2026)0000", "")
    with pytest.raises(KeyError, match="inset"):
        read_geometry(text.replace('"land"', '"elsewhere"'))
