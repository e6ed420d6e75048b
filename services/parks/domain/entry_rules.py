"""Entry rules: which standards those meet who settle in a park, and what becomes of a rule whose standard ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.canonical import Json
from services.parks.domain.park import ENDED, REVISABLE
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError

MOST = 50
STATES = ("valid", "suspended", "removed")
AFTER: Mapping[str, str] = {"suspended": "suspended", "removed": "removed", "restored": "valid"}
"""What a rule becomes by the outcome about its standard; `kept` leaves it."""

Rule = Mapping[str, Json]
"""`{"standard": id as text, "text_zh", "text_en", "state": one of STATES}`."""


def can_set(state: str, *, is_home: bool) -> bool:
    """Before the park is in force any party writes them, as its description; later the home that runs it."""
    return state not in ENDED and (is_home or state in REVISABLE)


def check_setter(state: str, *, is_home: bool) -> None:
    """Raises `ConflictError` for a park that has ended, `RefusedError` for whom the rules are not to set."""
    if state in ENDED:
        raise ConflictError(
            "park_closing",
            "园区已解散或已撤回,不能再设定入园规则。如需继续合作,请新建园区。",
            "The park has ended or was withdrawn, and takes no entry rules. To go on together, create a new park.",
        )
    if not can_set(state, is_home=is_home):
        raise RefusedError(
            "home_only",
            "园区启动后,入园规则由主办方设定。请联系主办方。",
            "Once the park is in force its home tenant sets the entry rules. Ask that tenant.",
        )


def with_rules(before: Sequence[Rule] | None, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The new rules; one about the same standard as before keeps its state. Raises `InvalidError` for two."""
    names = [str(rule["standard"]) for rule in given]
    faults = [
        Fault(f"/entry_rules/{index}/standard", f"{name} 重复出现", f"names {name} a second time")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
    if faults:
        raise InvalidError(
            "standard_twice", "同一标准只能有一条入园规则,请合并。", "One rule for each standard: join them.", faults
        )
    states = {rule["standard"]: rule["state"] for rule in before or ()}
    return [
        {"standard": name, "text_zh": rule["text_zh"], "text_en": rule["text_en"], "state": states.get(name, "valid")}
        for name, rule in zip(names, given, strict=True)
    ]


def counts(rule: Rule) -> bool:
    """Whether those who settle have to meet it now."""
    return bool(rule["state"] == "valid")


def with_outcome(before: Sequence[Rule] | None, standard: UUID, *, outcome: str) -> list[dict[str, Any]]:
    """The rules after a decision about this standard."""
    return [
        {**rule, "state": AFTER.get(outcome, rule["state"])} if rule["standard"] == str(standard) else dict(rule)
        for rule in before or ()
    ]


def cites(rules: Sequence[Rule] | None) -> tuple[str, ...]:
    """What the valid rules rest on, as `events.citing` names it; a suspended or removed one claims nothing."""
    return tuple(sorted(f"standard:{rule['standard']}" for rule in rules or () if counts(rule)))
