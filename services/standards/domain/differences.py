"""How two requirement sheets differ, parameter by parameter, and the one sheet that can be made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from events.canonical import Json
from services.standards.domain.sheets import Line, by_parameter, number
from shared.core.errors import Fault, InvalidError

SAME, ONLY_LEFT, ONLY_RIGHT = "same", "only_left", "only_right"
LEFT_STRICTER, RIGHT_STRICTER, DIFFERENT = "left_stricter", "right_stricter", "different"
WRITTEN_OTHERWISE = "written_otherwise"
VERDICTS = (SAME, ONLY_LEFT, ONLY_RIGHT, LEFT_STRICTER, RIGHT_STRICTER, WRITTEN_OTHERWISE, DIFFERENT)
"""`different` cannot be compared: another unit or method, a text, or limits of which neither holds the other.

`written_otherwise` is one number with other digits (18.0 and 18). Held against all digits of a measured value they
admit the same; where a standard has values rounded first they do not, and which is stricter depends on the comparison
(GB/T 8170-2008, 4.3). So people choose which one is written.
"""
LEFT, RIGHT = SIDES = ("left", "right")
STRICTEST, AGREED = RULES = ("strictest", "agreed")
INFINITE = Decimal("Infinity")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What both sides ask of one parameter; a side is None where it asks nothing."""

    parameter: str
    verdict: str
    left: Line | None
    right: Line | None

    @property
    def only_left_materials(self) -> list[str]:
        """Materials that the left side alone asks for."""
        return [item for item in _materials(self.left) if item not in _materials(self.right)]

    @property
    def only_right_materials(self) -> list[str]:
        """Materials that the right side alone asks for."""
        return [item for item in _materials(self.right) if item not in _materials(self.left)]


def differences(left: Sequence[Line], right: Sequence[Line]) -> list[Difference]:
    """One for each parameter, in the order of the left sheet, then what the right one has beyond."""
    lefts, rights = by_parameter(left), by_parameter(right)
    return [
        Difference(
            parameter=name,
            verdict=_verdict(lefts.get(name), rights.get(name)),
            left=lefts.get(name),
            right=rights.get(name),
        )
        for name in dict.fromkeys([*lefts, *rights])
    ]


def counted(found: Sequence[Difference]) -> dict[str, int]:
    """How many parameters have each verdict, the missing ones too."""
    counts = Counter(item.verdict for item in found)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def _materials(line: Line | None) -> list[str]:
    return [] if line is None else list(line["materials"])


def _verdict(left: Line | None, right: Line | None) -> str:
    if left is None:
        return ONLY_RIGHT
    if right is None:
        return ONLY_LEFT
    if any(left[name] != right[name] for name in ("unit", "method")):
        return DIFFERENT
    if all(left[name] == right[name] for name in ("comparison", "limit")):
        return SAME
    if left["comparison"] == right["comparison"] != "text" and number(left) == number(right):
        return WRITTEN_OTHERWISE
    admitted = _admitted(left), _admitted(right)
    return DIFFERENT if None in admitted else _stricter(*admitted)  # type: ignore[arg-type]


Interval = tuple[tuple[Decimal, int], tuple[Decimal, int]]
"""Lower and upper end of what a line admits; the second number orders `>=` before `>` and `<` before `<=`."""


def _admitted(line: Line) -> Interval | None:
    limit = number(line)
    if limit is None:
        return None
    none_below, none_above = (-INFINITE, 0), (INFINITE, 0)
    return {
        "<=": (none_below, (limit, 1)),
        "<": (none_below, (limit, 0)),
        ">=": ((limit, 0), none_above),
        ">": ((limit, 1), none_above),
        "=": ((limit, 0), (limit, 1)),
    }[line["comparison"]]


def _stricter(left: Interval, right: Interval) -> str:
    """The stricter side is the one whose admitted values the other admits too."""
    if right[0] <= left[0] and left[1] <= right[1]:
        return LEFT_STRICTER
    if left[0] <= right[0] and right[1] <= left[1]:
        return RIGHT_STRICTER
    return DIFFERENT


def merged(found: Sequence[Difference], rule: str, *, choices: Mapping[str, str]) -> list[dict[str, Json]]:
    """The one sheet by this rule; raises `InvalidError` naming each parameter to be chosen, or not to be.

    Strictest: the stricter limit, what one side alone asks stays, and all materials are asked for; only what cannot be
    compared, or is one number with other digits, is chosen. Agreed: whatever is not the same is chosen, also that what
    one side alone asks is left out.
    """
    to_choose = {
        item.parameter: item.verdict
        for item in found
        if (item.verdict in (DIFFERENT, WRITTEN_OTHERWISE) if rule == STRICTEST else item.verdict != SAME)
    }
    zh = "两方要求不同,请选择取左方或右方"
    faults = [
        Fault(_pointer(name), zh, f"The sides differ ({verdict}): choose left or right")
        for name, verdict in to_choose.items()
        if name not in choices
    ]
    zh = "无需选择:两方相同、可比较,或没有该参数。请删除"
    en = "Nothing to choose: the same, comparable, or no such parameter. Remove it"
    faults += [Fault(_pointer(name), zh, en) for name in choices if name not in to_choose]
    if faults:
        raise InvalidError(
            "choices_invalid",
            "合并还缺少选择,或选择了不需选择的参数。请按所列各项逐一写明取左方或右方。",
            "A choice is missing, or made where there is none. For each parameter named say left or right in choices.",
            faults,
        )
    lines = (_merged_line(item, rule, choice=choices.get(item.parameter)) for item in found)
    return [line for line in lines if line is not None]


def _pointer(parameter: str) -> str:
    """RFC 6901."""
    return "/choices/" + parameter.replace("~", "~0").replace("/", "~1")


def _merged_line(item: Difference, rule: str, *, choice: str | None) -> dict[str, Json] | None:
    taken = (
        item.right
        if (choice == RIGHT if choice is not None else item.verdict in (ONLY_RIGHT, RIGHT_STRICTER))
        else item.left
    )
    if taken is None:
        return None
    if rule == AGREED and choice is not None:
        return dict(taken)
    return {**taken, "materials": list(dict.fromkeys([*_materials(item.left), *_materials(item.right)]))}
