"""What a party believes of a case's parts: each is done, or handed back, by the word of whoever has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from events.entry import Entry
from events.requests import CaseMerged, CasePartFinished, CasePartHandedBack, CasePartReaddressed, CaseSplit
from services.requests.domain.parts import DONE, FRESH, HANDED_BACK, OPEN, changed, lapsed, unfinished

FINISHED = (CasePartFinished.type, CaseMerged.type)
BY_PART = (*FINISHED, CasePartHandedBack.type)
"""What the tenant says that has the part; the rest is the lead's."""
COMMAND_OF_PARTS = {
    CaseSplit.type: "split",
    **dict.fromkeys(FINISHED, "finish_part"),
    CasePartHandedBack.type: "hand_back_part",
    CasePartReaddressed.type: "readdress_part",
}
Parts = Sequence[Mapping[str, Any]]


def whose_part(entry: Entry, before: Mapping[str, Any]) -> str:
    """The tenant that had the part of which the entry speaks; raises ValueError where none was to be done."""
    part = next((one for one in before["parts"] if one["part"] == entry.change["part"]), None)
    if part is None or part["state"] != OPEN:
        raise ValueError("no such part was to be done")
    return str(part["to"])


def check_part_command(entry: Entry, state: Mapping[str, Any], *, asked: Mapping[str, Any]) -> None:
    """Raises ValueError unless the signed command says of the parts what the entry says."""
    said, params = entry.change, asked["params"]
    if entry.type == CaseSplit.type:
        told = [[one["to"], one["task_digest"], one["due_on"]] for one in state["parts"][-len(said["to"]) :]]
        if told != [[one["to"], one["task"], one.get("due_on")] for one in params["parts"]]:
            raise ValueError("it was split otherwise")
        return
    if entry.type == CasePartReaddressed.type:
        part = next(one for one in state["parts"] if one["part"] == said["part"])
        if part["due_on"] != params.get("due_on"):
            raise ValueError("it was to be done by another day")
    if entry.type in FINISHED:
        files = [one for one in state["part_files"] if one["part"] == said["part"]]
        given = [{**one, "part": said["part"]} for one in params["attachments"]]
        if files != given:
            raise ValueError("it handed over other files")


def check_parts(entry: Entry, state: Mapping[str, Any], *, before: Mapping[str, Any]) -> None:
    """Raises ValueError where a part became what the entry does not say, or files of another came with it."""
    known, told = before["parts"], state["parts"]
    if told != _expected(entry, state, before=before):
        raise ValueError(f"{entry.type} does not make the parts what they are said to be")
    if entry.type == CaseMerged.type and unfinished(told):
        raise ValueError("it is said to be whole while a part is not done")
    number = entry.change["part"] if entry.type in FINISHED else None
    count = len(before["part_files"])
    if state["part_files"][:count] != before["part_files"]:
        raise ValueError("files of a part are others now")
    if any(one["part"] != number for one in state["part_files"][count:]):
        raise ValueError(f"{entry.type} adds no files of a part")
    if state["state"] == "decided" and not entry.change.get("by_silence") and unfinished(known):
        raise ValueError("it is said to be decided while a part is not done")


def _expected(entry: Entry, state: Mapping[str, Any], *, before: Mapping[str, Any]) -> Parts:
    known, told, said = before["parts"], state["parts"], entry.change
    if entry.type == CaseSplit.type:
        if unfinished(known):
            raise ValueError("it is said to be split while a part is not done")
        return [*known, *_split(told[len(known) :], said=said, first=len(known) + 1)]
    if entry.type not in COMMAND_OF_PARTS:
        is_over = state["state"] == "withdrawn" or (state["state"] == "decided" and said.get("by_silence"))
        return lapsed(known) if is_over else known
    number = said["part"]
    part, now = (next(one for one in parts if one["part"] == number) for parts in (known, told))
    if entry.type in FINISHED:
        return changed(known, number, state=DONE, result_digest=said["result"], done_at=now["done_at"])
    handler = before["handler"]
    by, to = (part["to"], handler) if entry.type == CasePartHandedBack.type else (handler, said["to"])
    told_at = now["moves"][-1]["at"]
    moves = [*part["moves"], {"by": by, "had": part["to"], "to": to, "at": told_at, "reason_digest": said["reason"]}]
    if entry.type == CasePartHandedBack.type:
        return changed(known, number, state=HANDED_BACK, moves=moves)
    given = {name: now[name] for name in ("asked_at", "due_on")}
    return changed(known, number, state=OPEN, to=to, moves=moves, **given)


def _split(new: Parts, *, said: Mapping[str, Any], first: int) -> Parts:
    """The new parts as they have to be: to whom and for what the entry says, and nothing done about them yet."""
    asked = zip(said["to"], said["tasks"], strict=True)
    return [
        {**one, **FRESH, "part": first + index, "to": to, "task_digest": task}
        for index, (one, (to, task)) in enumerate(zip(new, asked, strict=True))
    ]
