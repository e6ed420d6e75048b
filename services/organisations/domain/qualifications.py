"""Qualifications with their validity: recorded, renewed, withdrawn, expired, and what certificates they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from events.canonical import Json, plain
from shared.core.calendar import read_day
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.text.identifiers import Said
from shared.text.searching import spaced

FIXED = ("专精特新中小企业", "专精特新“小巨人”企业", "小巨人", "高新技术企业")
YEARS: Mapping[str, int] = {spaced(name): 3 for name in FIXED}
"""Validity where the authority fixes it: 优质中小企业梯度培育管理暂行办法, 高新技术企业认定管理办法 art. 9."""
FIXED_END: Said = (
    "end_is_fixed",
    "该资质的有效期由主管部门规定,不是长期。请填写到期日,或留空由系统推算。",
    "The authority fixes how long this qualification lasts: write its last day, or leave it blank to have it reckoned.",
)
MOST = 100

Qualification = Mapping[str, Json]
"""`{"name", "level", "number", "issued_on", "valid_from", "valid_to", "state"}`, dates as text, and `certificate`, the
number of the certificate that it rests on, where it does; the state is one of `STATES`."""
STATES = ("valid", "expired", "suspended", "withdrawn")
DECIDED: Mapping[str, str] = {"suspended": "suspended", "removed": "withdrawn"}
"""What becomes of a qualification whose certificate stopped counting, by the outcome; restoring undoes both."""


def has_fixed_end(name: str) -> bool:
    """Whether the authority fixes how long a qualification of this name lasts; "no end" is wrong of it."""
    return spaced(name) in YEARS


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
    ends, years = given["valid_to"], YEARS.get(spaced(given["name"]))
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
    made = {"name": given["name"], "level": given["level"], "number": given["number"], **plain(dates), "state": state}
    return {**made, "certificate": given["certificate"]} if given.get("certificate") else made


def with_qualification(held: Sequence[Qualification], added: Qualification) -> list[dict[str, Any]]:
    """The list with `added` in the place of the one with its name and number, or at its end.

    What was suspended or withdrawn because of its certificate stays so while it rests on the same one.
    """
    added = {**added, "state": _decided_before(held, added) or added["state"]}
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


def _decided_before(held: Sequence[Qualification], added: Qualification) -> str | None:
    certificate = added.get("certificate")
    same = [item for item in held if is_same(item, added) and certificate and item.get("certificate") == certificate]
    return next((str(item["state"]) for item in same if item["state"] in DECIDED.values()), None)


def with_certificate_before(held: Sequence[Qualification], added: Qualification) -> dict[str, Any]:
    """For a source that knows no certificates: the one that this qualification rests on already, if any."""
    before = next((item["certificate"] for item in held if is_same(item, added) and item.get("certificate")), None)
    return {**added, "certificate": before} if before else dict(added)


def is_held(held: Sequence[Qualification], added: Qualification) -> bool:
    """Whether a source that knows no certificates says nothing new."""
    known = with_certificate_before(held, added)
    return {**known, "state": _decided_before(held, known) or known["state"]} in [dict(item) for item in held]


def cites(held: Sequence[Qualification]) -> tuple[str, ...]:
    """What the valid qualifications rest on, as `events.citing` names it; others claim nothing that could fall.

    So a further one on the same certificate, or the same once it is restored, is a new citation and looked at anew.
    """
    claimed = [item for item in held if item.get("certificate") and item["state"] == "valid"]
    return tuple(sorted({f"certificate:{item['certificate']}" for item in claimed}))


def with_outcome(
    held: Sequence[Qualification], reference: str, *, outcome: str, today: date
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The list after a decision about what rests on this certificate, and the names of those that it changed."""
    after = [dict(item) for item in held]
    for item in after:
        if item.get("certificate") and f"certificate:{item['certificate']}" == reference:
            item["state"] = _after(item, outcome, today=today)
    changed = [item["name"] for item, before in zip(after, held, strict=True) if item["state"] != before["state"]]
    return after, tuple(changed)


def _after(item: Qualification, outcome: str, *, today: date) -> str:
    state = str(item["state"])
    if outcome in DECIDED:
        return state if state == "expired" else DECIDED[outcome]
    if outcome != "restored" or state not in DECIDED.values():
        return state
    return "expired" if item["valid_to"] and read_day(item["valid_to"]) < today else "valid"


def without_qualification(held: Sequence[Qualification], name: str, *, number: str | None) -> list[dict[str, Any]]:
    """The list without it; raises `ConflictError` when it is not there."""
    named = {"name": name, "number": number}
    kept = [dict(item) for item in held if not is_same(item, named)]
    if len(kept) == len(held):
        raise ConflictError(
            "not_qualified",
            f"没有记录该资质“{name}”(编号 {number or '无'})。请核对资质名单。",
            f"There is no qualification '{name}' (number {number or 'none'}). Compare the list.",
        )
    return kept


def is_same(one: Qualification, other: Qualification) -> bool:
    """The same title: name, as it is seen, and number."""
    return (spaced(str(one["name"])), one["number"]) == (spaced(str(other["name"])), other["number"])


def next_end(held: Sequence[Qualification]) -> date | None:
    """The last day of the valid qualification that ends first."""
    return min((end for item in held if (end := _end(item)) is not None), default=None)


def _end(item: Qualification) -> date | None:
    return read_day(item["valid_to"]) if item["state"] == "valid" and item["valid_to"] else None


def expired(held: Sequence[Qualification], *, today: date) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The list with what has ended marked so, and the names of what has."""
    over = [item for item in held if (end := _end(item)) is not None and end < today]
    marked = [{**item, "state": "expired"} if item in over else dict(item) for item in held]
    return marked, tuple(item["name"] for item in over)
