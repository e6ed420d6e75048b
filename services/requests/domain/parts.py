"""Parts of a case: its handler, the lead, splits it among authorities under its one number until all are done.

A part is a document in the case's state, `{"part", "to", "task_digest", "asked_at", "due_on", "state",
"result_digest", "done_at", "moves"}`; `moves` are as a case's `forwards`, from whom to whom, when and why, and `had`
says who had it until then: the lead also takes it from somebody who is silent. The lead alone answers to the applicant
(行政许可法 art. 26: one body accepts, asks the others and handles the whole), so nothing is decided while a part is
not done, and the legal term does not move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError

OPEN, DONE, HANDED_BACK, LAPSED = PART_STATES = ("open", "done", "handed_back", "lapsed")
UNFINISHED = (OPEN, HANDED_BACK)
FEWEST_PARTS, MOST_PARTS = 2, 8
"""Of one split."""
MOST_ALTOGETHER = 16
"""Of one case, however often it is split."""
MOST_READDRESSED = 3
"""After so many the lead does the part itself: as with a case that is forwarded, somebody has to."""
SEVERAL = "several"
"""The owner of days on which a case waits for several authorities at once, none of them the lead."""
OF_LEAD = ("split", "readdress_part")
OF_PART = ("finish_part", "hand_back_part")
FRESH: Mapping[str, Any] = {"state": OPEN, "result_digest": None, "done_at": None, "moves": []}
"""What a part is about which nothing was done yet."""
Parts = Sequence[Mapping[str, Any]]


def unfinished(parts: Parts) -> list[Mapping[str, Any]]:
    """Those that somebody still has to do, or to give to somebody."""
    return [one for one in parts if one["state"] in UNFINISHED]


def parts_of(parts: Parts, tenant: UUID) -> list[Mapping[str, Any]]:
    """Those that this tenant has to do."""
    return [one for one in parts if one["state"] == OPEN and one["to"] == str(tenant)]


def owner_of_days(parts: Parts, *, handler: UUID) -> str:
    """Whose a day of the answer is: of the one that the case waits for, the lead where that is among them.

    Each day has one owner, so that days by owner and pause sum to all that passed.
    """
    waiting = {one["to"] if one["state"] == OPEN else str(handler) for one in unfinished(parts)}
    if not waiting or str(handler) in waiting:
        return str(handler)
    return SEVERAL if len(waiting) > 1 else waiting.pop()


def check_part_turn(case: Mapping[str, Any], *, action: str, by: UUID) -> None:
    """Whether this tenant may do so with any part at all; raises `RefusedError` or `ConflictError`."""
    parts, is_lead = case["parts"], by == case["handler"]
    if action == "split":
        check_whole(parts)
        if len(parts) + FEWEST_PARTS > MOST_ALTOGETHER:
            raise ConflictError(
                "parts_many",
                f"此件已分办 {len(parts)} 项,至多 {MOST_ALTOGETHER} 项。请直接办理。",
                f"This case has had {len(parts)} parts, and may have {MOST_ALTOGETHER}. Handle it as a whole.",
            )
    elif action == "readdress_part" and not unfinished(parts):
        raise ConflictError("no_part_open", "没有未完成的分办事项。", "Every part is done.")
    elif action in OF_PART and not parts_of(parts, by):
        raise RefusedError(
            "not_your_part",
            "贵方没有待办的分办事项。如已退回或完成,请刷新查看。",
            "No part of this case is yours to do now. Reload to see what became of it.",
        )
    elif action == "hand_back_part" and is_lead:
        raise ConflictError(
            "part_of_lead",
            "牵头方不能把自己的分办事项退给自己。请改派,或自行完成。",
            "The lead cannot hand its own part back to itself. Give it to another authority, or finish it.",
        )


def check_whole(parts: Parts) -> None:
    """Raises `ConflictError` while a part is not done: the case is decided as a whole, and split once at a time."""
    missing = unfinished(parts)
    if missing:
        numbers = [str(one["part"]) for one in missing]
        raise ConflictError(
            "parts_open",
            f"第 {'、'.join(numbers)} 项分办尚未完成。请等待完成,或改派后再办。",
            f"Part {', '.join(numbers)} is not done. Wait for it, or give it to another authority.",
        )


def check_split(parts: Parts, wanted: Sequence[Mapping[str, Any]], *, lead: UUID) -> None:
    """Raises `InvalidError` or `ConflictError` where the wanted parts are none of others, or are too many."""
    if all(one["to"] == lead for one in wanted):
        zh, en = "至少有一项应交给其他辖区。", "Give at least one part to another jurisdiction."
        raise InvalidError("split_to_self", zh, en, [Fault("/parts", zh, en)])
    left = MOST_ALTOGETHER - len(parts)
    if len(wanted) > left:
        zh, en = f"此件至多还能分办 {left} 项。", f"This case may have {left} parts more."
        raise InvalidError("parts_many", zh, en, [Fault("/parts", zh, en)])


def check_due(wanted: Mapping[str, date | None], *, today: date, last: date | None) -> None:
    """A part is due from today until the last day of the case's own term; `wanted` are days by their pointers.

    While the term stands still it has no last day, and a part may be due on any. Raises `InvalidError`.
    """
    faults = []
    for pointer, day in wanted.items():
        if day is not None and (day < today or (last is not None and day > last)):
            until = (f",至 {last} 为止", f", and {last} at the latest: the term of the case stays as it is")
            zh, en = ("", "") if last is None else until
            faults.append(Fault(pointer, f"日期应不早于今天{zh}。", f"Choose today or later{en}."))
    if faults:
        raise InvalidError("part_due", "分办期限超出办件期限。", "A part is due within the term of its case.", faults)


def found(parts: Parts, number: int, *, states: Sequence[str] = UNFINISHED) -> Mapping[str, Any]:
    """The part of this number; raises `InvalidError` where there is none, `ConflictError` where it is settled."""
    part = next((one for one in parts if one["part"] == number), None)
    if part is None:
        zh, en = "没有这一项分办。请对照办件页面。", "There is no part of this number. Look at the case."
        raise InvalidError("part_unknown", zh, en, [Fault("/part", zh, en)])
    if part["state"] not in states:
        raise ConflictError(
            "part_settled",
            f"第 {number} 项已完成、已退回或已终止。请刷新查看。",
            f"Part {number} is done, handed back, or over. Reload to see what became of it.",
        )
    return part


def found_own(parts: Parts, number: int, *, by: UUID) -> Mapping[str, Any]:
    """The same of whoever has to do it; raises `RefusedError` for anybody else."""
    part = found(parts, number, states=(OPEN,))
    if part["to"] != str(by):
        raise RefusedError(
            "not_your_part",
            f"第 {number} 项由其他辖区办理。请只办理贵方的分办事项。",
            f"Part {number} is another jurisdiction's. Handle those that are yours.",
        )
    return part


def check_readdressed(part: Mapping[str, Any], *, to: UUID, lead: UUID) -> None:
    """Raises `InvalidError` where nothing would change, `ConflictError` where only the lead itself is left."""
    if part["state"] == OPEN and part["to"] == str(to):
        zh, en = "该项已由此辖区办理。请选择另一个。", "This jurisdiction has the part already. Choose another one."
        raise InvalidError("part_to_same", zh, en, [Fault("/to", zh, en)])
    if to != lead and sum(one["by"] == str(lead) for one in part["moves"]) >= MOST_READDRESSED:
        raise ConflictError(
            "part_moves_many",
            f"该项已改派 {MOST_READDRESSED} 次。请由牵头方自行办理。",
            f"This part was given on {MOST_READDRESSED} times. The lead does it itself now.",
        )


def changed(parts: Parts, number: int, **values: Any) -> list[dict[str, Any]]:
    """The parts with this one changed."""
    return [{**one, **(values if one["part"] == number else {})} for one in parts]


def lapsed(parts: Parts) -> list[dict[str, Any]]:
    """The parts once the case is withdrawn, or decided by silence: nobody has to do the rest."""
    return [{**one, "state": LAPSED if one["state"] in UNFINISHED else one["state"]} for one in parts]
