"""Places: in which provinces a jurisdiction lies, and what divisions are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.pages.places import PROVINCES
from shared.reference import divisions

CODES = {str(code) for _sign, code in PROVINCES.values() if code}


def provinces_of(tenant: Mapping[str, Any]) -> list[str]:
    """The six digits of each province in which a jurisdiction has divisions, its own or its members'."""
    codes = [*tenant["division_codes"], *(member["division"] for member in tenant["members"])]
    return list(dict.fromkeys(f"{code[:2]}0000" for code in codes if code[:2] in CODES))


def division_name(code: str | None) -> str:
    """In Chinese, as officials write it; the code where nobody knows it, nothing where there is none."""
    if code is None:
        return ""
    found = divisions.get(code)
    return code if found is None else found.name_zh
