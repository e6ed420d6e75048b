"""Qualifications with their validity: recorded, renewed, withdrawn, expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from events.canonical import Json, plain
from shared.errors import ConflictError, Fault, InvalidError

YEARS: Mapping[str, int] = {"专精特新中小企业": 3, "专精特新“小巨人”企业": 3, "小巨人": 3, "高新技术企业": 3}
"""Validity where the authority fixes it: 优质中小企业梯度培育管理暂行办法, 高新技术企业认定管理办法 art. 9."""
MOST = 100

Qualification = Mapping[str, Json]
"""`{"name", "level", "number", "issued_on", "valid_from", "valid_to", "state"}`; dates as text, state valid|expired."""


def years_after(day: date, years: int) -> date:
    """The last day of a period of whole years that begins on `day`."""
    try:
        same = day.replace(year=day.year + years)
    except ValueError:
        same = date(day.year + years, 3, 1)
    return same - timedelta(days=1)


def completed(given: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """A qualification with the end its kind fixes, where none is given; raises `InvalidError` on impossible dates."""
    begins = given["valid_from"] or given["issued_on"]
    ends, years = given["valid_to"], YEARS.get(given["name"])
    if ends is None and begins is not None and years is not None:
        ends = years_after(begins, years)
    if begins is not None and ends is not None and ends < begins:
        zh, en = f"不能早于起始日 {begins},请更正", f"must not be earlier than the beginning, {begins}"
        fault = Fault("/valid_to", zh, en)
        raise InvalidError(
            "period_invalid", f"资质的到期日{zh}。", f"The qualification's end {en}. Correct it.", [fault]
        )
    state = "valid" if ends is None or today <= ends else "expired"
    dates = {"issued_on": given["issued_on"], "valid_from": begins, "valid_to": ends}
    return {"name": given["name"], "level": given["level"], "number": given["number"], **plain(dates), "state": state}


def with_qualification(held: Sequence[Qualification], added: Qualification) -> list[dict[str, Any]]:
    """The list with `added` in the place of the one with its name and number, or at its end."""
    kept = [dict(item) for item in held if not is_same(item, added)]
    if len(kept) >= MOST:
        raise ConflictError(
            "too_many_qualifications",
            f"一个机构最多记录 {MOST} 项资质。请先撤销不再需要的。",
            f"An organisation has at most {MOST} qualifications. Withdraw those no longer needed first.",
        )
    if dict(added) in [dict(item) for item in held]:
        return [dict(item) for item in held]
    return [*kept, dict(added)]


def without_qualification(held: Sequence[Qualification], name: str, *, number: str | None) -> list[dict[str, Any]]:
    """The list without it; raises `ConflictError` when it is not there."""
    kept = [dict(item) for item in held if (item["name"], item["number"]) != (name, number)]
    if len(kept) == len(held):
        raise ConflictError(
            "not_qualified",
            f"没有记录该资质“{name}”(编号 {number or '无'})。请核对资质名单。",
            f"There is no qualification '{name}' (number {number or 'none'}). Compare the list.",
        )
    return kept


def is_same(one: Qualification, other: Qualification) -> bool:
    """The same title: name and number."""
    return (one["name"], one["number"]) == (other["name"], other["number"])


def next_end(held: Sequence[Qualification]) -> date | None:
    """The last day of the valid qualification that ends first."""
    return min((end for item in held if (end := _end(item)) is not None), default=None)


def _end(item: Qualification) -> date | None:
    return date.fromisoformat(item["valid_to"]) if item["state"] == "valid" and item["valid_to"] else None


def expired(held: Sequence[Qualification], *, today: date) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The list with what has ended marked so, and the names of what has."""
    over = [item for item in held if (end := _end(item)) is not None and end < today]
    marked = [{**item, "state": "expired"} if item in over else dict(item) for item in held]
    return marked, tuple(item["name"] for item in over)
