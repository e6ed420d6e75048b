"""Figures and the map as patterns of the kit: each with source, period, whoever answers for it, and its table."""

from __future__ import annotations

from flask import Response

from services.console.calling.visits import Visitor
from services.console.pages.frame import render
from shared.http.requests.gate import database
from shared.pages.drawing.bars import Bar, bars
from shared.pages.drawing.geometry import geometry
from shared.pages.drawing.lines import Series, line
from shared.pages.drawing.map import Arc, Member, Said, draw_map
from shared.pages.languages import language, t

OUTPUT = {"7": 812.0, "8": 845.5, "9": None, "10": 903.2}
"""Made up: by month, in millions of yuan; one month was not reported."""
TRADE = (("510000", "500000", 4), ("520000", "510000", 2))
"""Made up: from, to, how many parks."""


def figures(who: Visitor) -> Response:
    """A line with a gap, bars of which one is owed, and single figures of which one is overdue."""
    months = [t(f"{month}月", f"2026-{month:0>2}") for month in OUTPUT]
    title = t("园区产值", "Output of parks")
    drawn = line(months, [Series(title, list(OUTPUT.values()))], title=title, desc=title, owed=[2])
    shares = [
        ("四川省", "Sichuan", 52.0, False),
        ("重庆市", "Chongqing", 41.0, False),
        ("贵州省", "Guizhou", 12.0, True),
    ]
    owed = t("未报", "not reported")
    rows = [
        Bar(t(zh, en), value, f"{value:g}{f' {owed}' if is_owed else ''}", is_owed) for zh, en, value, is_owed in shares
    ]
    return render(
        who,
        "kit_dashboard.html",
        sample=True,
        title=title,
        drawn=drawn,
        table=[
            (month, owed if value is None else f"{value:,.1f}")
            for month, value in zip(months, OUTPUT.values(), strict=True)
        ],
        bars=bars(rows, title=t("各辖区企业数", "Enterprises by jurisdiction"), desc=""),
        bars_table=[(row.label, row.shown) for row in rows],
    )


def map_page(who: Visitor) -> Response:
    """The country with what three jurisdictions share."""
    members = [Member(code, step) for code, step in (("510000", 3), ("500000", 2), ("520000", 1))]
    shape = geometry()
    said = Said(
        t("共建园区", "Parks that are shared"), t("三个辖区的共建园区数", "How many parks three share"), language()
    )
    named = {code: t(one.zh, one.en) for code, one in shape.outlines.items()}
    return render(
        who,
        "kit_map.html",
        sample=True,
        drawn=draw_map(members, [Arc(*one) for one in TRADE], said=said, geometry=shape),
        table=[(f"{named[start]} → {named[end]}", count) for start, end, count in TRADE],
        shape=shape,
        year=database().clock.now().year,
    )
