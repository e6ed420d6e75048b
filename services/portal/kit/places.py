"""Places: which province a jurisdiction lies in, and the sign by which it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.reference import divisions

SIGNS = {
    "11": "京", "12": "津", "13": "冀", "14": "晋", "15": "蒙", "21": "辽", "22": "吉", "23": "黑", "31": "沪",
    "32": "苏", "33": "浙", "34": "皖", "35": "闽", "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘",
    "44": "粤", "45": "桂", "46": "琼", "50": "渝", "51": "川", "52": "黔", "53": "滇", "54": "藏", "61": "陕",
    "62": "甘", "63": "青", "64": "宁", "65": "新", "71": "台", "81": "港", "82": "澳",
}  # fmt: skip
"""The short names of provinces by the first two digits of GB/T 2260."""
SERIES = 6


def provinces_of(tenant: Mapping[str, Any]) -> list[str]:
    """The six digits of each province in which a jurisdiction has divisions, its own or its members'."""
    codes = [*tenant["division_codes"], *(member["division"] for member in tenant["members"])]
    return list(dict.fromkeys(f"{code[:2]}0000" for code in codes if code[:2] in SIGNS))


def sign_of(tenant: Mapping[str, Any]) -> str:
    """One character: of a province its short name, of anything else the first of its name."""
    codes = tenant["division_codes"]
    if len(codes) == 1 and codes[0].endswith("0000") and codes[0][:2] in SIGNS:
        return SIGNS[codes[0][:2]]
    return str(tenant["name_zh"])[:1]


def colour_of(code: str) -> str:
    """One of six colours, always the same for one jurisdiction; the sign tells them apart, not the colour."""
    return f"d{sum(map(ord, code)) % SERIES + 1}"


def division_name(code: str | None) -> str:
    """In Chinese, as officials write it; the code where nobody knows it, nothing where there is none."""
    if code is None:
        return ""
    found = divisions.get(code)
    return code if found is None else found.name_zh
