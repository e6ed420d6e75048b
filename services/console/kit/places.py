"""Places: the sign of a jurisdiction that stands at every act, party and wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from shared.pages.languages import t

SIGNS = {
    "北京": "京", "天津": "津", "河北": "冀", "山西": "晋", "内蒙古": "蒙", "辽宁": "辽", "吉林": "吉", "黑龙江": "黑",
    "上海": "沪", "江苏": "苏", "浙江": "浙", "安徽": "皖", "福建": "闽", "江西": "赣", "山东": "鲁", "河南": "豫",
    "湖北": "鄂", "湖南": "湘", "广东": "粤", "广西": "桂", "海南": "琼", "重庆": "渝", "四川": "川", "贵州": "黔",
    "云南": "滇", "西藏": "藏", "陕西": "陕", "甘肃": "陇", "青海": "青", "宁夏": "宁", "新疆": "新", "成渝": "圈",
}  # fmt: skip
"""The short names of provinces, as on number plates (GA 36-2018)."""
COLOURS = {"川": "p51", "渝": "p50", "湘": "p43", "黔": "p52", "鄂": "p42", "豫": "p41"}


def sign_of(name: str) -> str:
    """One character for a jurisdiction, by its Chinese name."""
    return next((sign for start, sign in SIGNS.items() if name.startswith(start)), name[:1] or "?")


def place(name: Mapping[str, Any] | None, *, small: bool = True) -> Markup:
    """The sign in its circle; beside it the name must be said in words, or by `title`."""
    zh = str(name["zh"]) if name else "?"
    sign = sign_of(zh)
    return Markup('<span class="place {}{}" title="{}" aria-hidden="true">{}</span>').format(
        COLOURS.get(sign, ""), " s" if small else "", t(zh, str(name["en"]) if name else "?"), sign
    )


def placed(name: Mapping[str, Any] | None) -> Markup:
    """The sign with the name beside it."""
    said = t(str(name["zh"]), str(name["en"])) if name else "–"
    return Markup("{} {}").format(place(name), said)
