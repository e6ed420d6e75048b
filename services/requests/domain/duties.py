"""The duty table: which unit and person of a tenant handle a case, and who stands in while that person is away.

Of the rules that fit a case the most exact one decides: first one for the item, then one for its category, then one for
any; among those first one for the park that the case names, then the one with the most exact division (county,
prefecture, province, anywhere). Two rules that ask for the same cannot be, so this leaves one; only a code that ended
when its territory was divided may lie in two divisions of one level, and then the smaller code decides.

A case lies in the division of the park that it names, or else where its organisation has its seat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

from shared.core.errors import Fault, InvalidError
from shared.core.words import Pair
from shared.reference import divisions
from shared.rules.acts import Act

MOST_RULES = 1000
RULE_DRAWN = Act("requests.duty_rule.drawn", "设定分工规则", "Duty rule set")
RULE_REMOVED = Act("requests.duty_rule.removed", "移除分工规则", "Duty rule removed")
GROUNDS = {
    "item": Pair("事项", "the item"),
    "category": Pair("事项类别", "the category"),
    "park": Pair("园区", "the park"),
    "division": Pair("行政区划", "the division"),
    "anything": Pair("不限条件", "no condition"),
}
"""By what a rule fits, and how that is said."""
LEVELS = {"province": 1, "prefecture": 2, "county": 3}


class Rule(Protocol):
    """What a rule asks for, and to whom it gives what fits; a row of the table."""

    item_id: Any
    category: Any
    division: Any
    park_id: Any
    unit: Any
    person: Any
    substitute: Any
    absent_from: Any
    absent_until: Any


@dataclass(frozen=True, kw_only=True)
class About:
    """What a case is about, as far as rules ask for it."""

    item: UUID
    category: str
    division: str | None = None
    park: UUID | None = None


class Duty(NamedTuple):
    """Whose case it is: a unit's, and a person's, who may be the substitute; without a person it is in the pool."""

    unit: str
    person: UUID | None
    is_substitute: bool


R = TypeVar("R", bound=Rule)


def fits(rule: Rule, about: About) -> bool:
    """Whether a rule asks for nothing that the case is not."""
    return (
        rule.item_id in (None, about.item)
        and rule.category in (None, about.category)
        and rule.park_id in (None, about.park)
        and (rule.division is None or (about.division is not None and lies_in(about.division, rule.division)))
    )


def lies_in(division: str, area: str) -> bool:
    """Whether it is that division or below it; an ended code lies where its territory is today."""
    return divisions.lies_in(division, [area])


def fitting(rules: Iterable[R], about: About) -> Sequence[R]:
    """The rules that fit, the one that decides first."""
    return sorted((rule for rule in rules if fits(rule, about)), key=_exactness)


def _exactness(rule: Rule) -> tuple[int, bool, int, str]:
    what = 0 if rule.item_id else 1 if rule.category else 2
    division = divisions.get(rule.division) if rule.division else None
    return what, rule.park_id is None, -(LEVELS[division.level] if division else 0), rule.division or ""


def grounds_of(rule: Rule) -> list[str]:
    """By what it fits: the keys of `GROUNDS`."""
    asked = {"item": rule.item_id, "category": rule.category, "park": rule.park_id, "division": rule.division}
    return [name for name, value in asked.items() if value is not None] or ["anything"]


def is_away(rule: Rule, today: date) -> bool:
    """Whether the person is absent on this day; both days given count, and one that is left out is open."""
    if rule.absent_from is None and rule.absent_until is None:
        return False
    return bool((rule.absent_from or today) <= today <= (rule.absent_until or today))


def duty_by(rule: Rule, *, today: date) -> Duty:
    """To whom a rule gives a case on this day; to nobody where the person is away and nobody stands in."""
    if rule.person is None or not is_away(rule, today):
        return Duty(rule.unit, rule.person, is_substitute=False)
    return Duty(rule.unit, rule.substitute, is_substitute=rule.substitute is not None)


def why(rules: Sequence[Rule], *, today: date) -> Pair:
    """In a sentence: by what the first of the rules that fit decides, and who gets the case why."""
    if not rules:
        return Pair(
            "没有适用的分工规则,办件留在待认领中。", "No rule of the duty table fits, so the case stays in the pool."
        )
    first, others = rules[0], len(rules) - 1
    said = [GROUNDS[name] for name in grounds_of(first)]
    zh = f"按{'、'.join(one.zh for one in said)}由“{first.unit}”办理"
    en = f"By {' and '.join(one.en for one in said)} it is for “{first.unit}”"
    if others:
        zh, en = f"{zh},较其他 {others} 条适用规则更具体", f"{en}, more exactly than by {others} more that fit"
    found = duty_by(first, today=today)
    if found.is_substitute:
        return Pair(f"{zh};经办人不在,由替代人办理。", f"{en}; the person is away, so the substitute gets it.")
    if first.person is not None and found.person is None:
        return Pair(
            f"{zh};经办人不在且没有替代人,留在该单位待认领。",
            f"{en}; the person is away and nobody stands in, so it is in the unit's pool.",
        )
    if found.person is None:
        return Pair(f"{zh};未指定经办人,留在该单位待认领。", f"{en}; no person is named, so it is in the unit's pool.")
    return Pair(f"{zh};由规则指定的经办人办理。", f"{en}; the person of the rule gets it.")


def check_rule(rule: Rule) -> None:
    """Raises `InvalidError` that names all that does not go together."""
    faults = list[Fault]()
    if rule.item_id is not None and rule.category is not None:
        faults.append(Fault("/category", "已指定事项,请不填类别。", "An item is named already: leave this out."))
    if rule.park_id is not None and rule.division is not None:
        faults.append(Fault("/division", "已指定园区,请不填区划。", "A park is named already: leave this out."))
    if rule.division is not None and divisions.get(rule.division) is None:
        zh = f"没有行政区划代码 {rule.division}。请使用 GB/T 2260 的六位代码。"
        faults.append(Fault("/division", zh, f"There is no division {rule.division}. Use six digits of GB/T 2260."))
    if rule.person is None:
        zh, en = "未指定经办人,请不填此项。", "No person is named: leave this out."
        faults += [
            Fault(f"/{name}", zh, en)
            for name in ("substitute", "absent_from", "absent_until")
            if getattr(rule, name) is not None
        ]
    elif rule.substitute == rule.person:
        faults.append(Fault("/substitute", "不能替代本人。请另选一人。", "Nobody stands in for himself: name another."))
    if rule.absent_from and rule.absent_until and rule.absent_until < rule.absent_from:
        faults.append(Fault("/absent_until", f"早于起始日 {rule.absent_from}", f"earlier than {rule.absent_from}"))
    if faults:
        raise InvalidError(
            "duty_rule_invalid",
            "分工规则有误。请按提示更正。",
            "This duty rule is wrong. Correct what is named.",
            faults,
        )
