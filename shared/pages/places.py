"""Places: the sign of a jurisdiction that stands at every act, party and wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from shared.pages.languages import named

PROVINCES = {
    "北京": ("京", 11), "天津": ("津", 12), "河北": ("冀", 13), "山西": ("晋", 14), "内蒙古": ("蒙", 15),
    "辽宁": ("辽", 21), "吉林": ("吉", 22), "黑龙江": ("黑", 23), "上海": ("沪", 31), "江苏": ("苏", 32),
    "浙江": ("浙", 33), "安徽": ("皖", 34), "福建": ("闽", 35), "江西": ("赣", 36), "山东": ("鲁", 37),
    "河南": ("豫", 41), "湖北": ("鄂", 42), "湖南": ("湘", 43), "广东": ("粤", 44), "广西": ("桂", 45),
    "海南": ("琼", 46), "重庆": ("渝", 50), "四川": ("川", 51), "贵州": ("黔", 52), "云南": ("滇", 53),
    "西藏": ("藏", 54), "陕西": ("陕", 61), "甘肃": ("陇", 62), "青海": ("青", 63), "宁夏": ("宁", 64),
    "新疆": ("新", 65), "台湾": ("台", 71), "香港": ("港", 81), "澳门": ("澳", 82),
    "成渝": ("圈", 0), "湘鄂渝黔": ("邻", 0),
}  # fmt: skip
"""The short names of provinces, as on number plates (GA 36-2018), and how their codes begin (GB/T 2260); of regions
across borders a sign of their own.
"""


def place(name: Mapping[str, Any] | None, *, small: bool = True) -> Markup:
    """The sign of a jurisdiction in its circle; beside it the name must be said in words."""
    zh = str(name["zh"]) if name else "?"
    sign, code = next((found for start, found in PROVINCES.items() if zh.startswith(start)), (zh[:1], len(zh)))
    return Markup('<span class="place d{}{}" title="{}" aria-hidden="true">{}</span>').format(
        code % 6 + 1, " s" if small else "", named(zh, str(name["en"]) if name else "?"), sign
    )


def placed(name: Mapping[str, Any] | None) -> Markup:
    """The sign with the name beside it."""
    said = named(str(name["zh"]), str(name["en"])) if name else "–"
    return Markup("{} {}").format(place(name), said)
