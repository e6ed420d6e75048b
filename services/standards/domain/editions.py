"""The list of recognised documents: published as one, renewed by editions, kept with what has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from events.canonical import Json, canonical, instant
from services.standards.domain.recognition import Item
from shared.core.calendar import read_moment
from shared.core.errors import ConflictError, Fault, InvalidError

MOST_KEPT = 200
"""With those that have ended, which questions about the past still need."""
LARGEST = 48 * 1024
"""Bytes of lists, periods and objections when one of them grows by its own will: the rest of the 64 KB is left for what
must always be possible: both signatures, and 90 changes by persons and 50 lapsing objections of 66 bytes each."""
TERMS = ("standard", "accepts", "product_classes", "sectors", "parks", "extra_tests", "validity_cap_months")
"""An item without its time: what a proposed list consists of."""


def terms_of(item: Item) -> dict[str, Json]:
    """The item without its time."""
    return {name: item[name] for name in TERMS}


def renewed(items: Sequence[Item], listed: Sequence[Item], *, since: datetime) -> list[dict[str, Json]]:
    """The items after which exactly `listed` holds from `since` on, and before it what held.

    An item that is listed again goes on; another one ends, or, where it was yet to begin, never was.
    """
    wanted = [terms_of(item) for item in listed]
    kept = []
    for item in items:
        if read_moment(item["from"]) >= since:
            continue
        if item["until"] is not None and read_moment(item["until"]) <= since:
            kept.append(dict(item))
        elif terms_of(item) in wanted:
            wanted.remove(terms_of(item))
            kept.append({**item, "until": None})
        else:
            kept.append({**item, "until": instant(since)})
    return [*kept, *({**terms, "from": instant(since), "until": None} for terms in wanted)]


def next_turn(items: Sequence[Item], moment: datetime) -> datetime | None:
    """When after this moment an item begins or ends next."""
    moments = (read_moment(item[name]) for item in items for name in ("from", "until") if item[name])
    return min((one for one in moments if one > moment), default=None)


def check_list(listed: Sequence[Item], *, unknown: Sequence[str]) -> None:
    """Raise one `InvalidError` for every item that stands there twice or whose standard is `unknown`."""
    faults = []
    for index, item in enumerate(listed):
        if item["standard"] in unknown:
            zh, en = f"登记簿中没有标准 {item['standard']}", f"is standard {item['standard']}, which no register knows"
            faults.append(Fault(f"/items/{index}/standard", zh, en))
        if item in listed[:index]:
            faults.append(Fault(f"/items/{index}", "与前面一项完全相同", "is the same as one before it"))
    if faults:
        raise InvalidError(
            "items_invalid",
            f"互认清单有 {len(faults)} 处错误。请对照标准登记簿(/v1/standards)逐条更正。",
            f"The list has {len(faults)} fault(s). Correct each of them by the register (/v1/standards).",
            faults,
        )


def check_kept(items: Sequence[Item]) -> None:
    """Refuse more items than one recognition keeps; raises `ConflictError`."""
    if len(items) > MOST_KEPT:
        raise ConflictError(
            "too_many_items",
            f"连同已终止的条目共 {len(items)} 条,超过上限 {MOST_KEPT}。请另行提出一份新的互认。",
            f"With those that have ended there would be {len(items)} items, more than {MOST_KEPT}. "
            "Propose another recognition for the rest.",
        )


def check_size(*parts: Json) -> None:
    """Refuse what would grow too large: everything of a recognition that can grow; raises `ConflictError`."""
    size = len(canonical(list(parts)))
    if size > LARGEST:
        raise ConflictError(
            "recognition_too_large",
            f"清单、异议与状态记录共 {size} 字节,超过上限 {LARGEST}。请缩短限定条件,或拆成几份互认。",
            f"Lists, objections and states have {size} bytes, more than {LARGEST}. "
            "Shorten the limits, or make several recognitions of it.",
        )
