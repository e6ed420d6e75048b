"""A yearly list of service items: new ones are drafted, known ones revised, and what it does not name is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.catalog import Change
from services.requests.commands.items import differing, lock_codes, new_item, revision_of_item
from services.requests.domain.listed import COLUMNS, MISSING, MOST_ROWS, NEEDED, READERS, TABLE, TAKEN, described
from services.requests.models import Item
from shared.core.errors import Fault, InvalidError
from shared.core.words import Pair
from shared.files.citing import content_given
from shared.journal.session import Session
from shared.tables import reading
from shared.tables.cells import placed, row_in
from shared.tables.columns import UNNAMED
from shared.tables.rows import TableRow

POINTER, OPEN = "/file", "in_force"
CLOSED = Pair("该事项已停办。请先重新开放,或删除本行。", "This item is closed: open it again first, or delete the row.")


@dataclass
class _Reading:
    """What is made of the rows so far; `faults` in the order of the file."""

    columns: list[str]
    known: Mapping[str, Item]
    first: dict[str, int] = field(default_factory=dict)
    new: list[dict[str, Any]] = field(default_factory=list)
    revised: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    """By item, what its row says."""
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def take(self, row: TableRow, said: Mapping[str, Any], *, wrong: Mapping[int, Pair]) -> None:
        """One row: a draft, a revision, nothing new, or what is wrong with its cells."""
        item = self.known.get(said["code"])
        wrong = {**(self._beside(row, said, item=item) if said["code"] else {}), **wrong}
        for place, fault in sorted(wrong.items()):
            name = self.columns[place] if place < len(self.columns) else UNNAMED
            told = placed(fault, row=row.number, place=place, heading=(COLUMNS.get(name, ""), name))
            self.faults.append(Fault(POINTER, told.zh, told.en))
        if wrong:
            return
        if item is None:
            self.new.append(described(said, known=None))
        elif differing(item, **described(said, known=item.sheet)):
            self.revised[item.id] = said
        else:
            self.unchanged += 1

    def _beside(self, row: TableRow, said: Mapping[str, Any], *, item: Item | None) -> dict[int, Pair]:
        """What is wrong with a row beside what stands around it: its code comes twice, its item is closed or lacks."""
        at, before = self.columns.index("code"), self.first.setdefault(said["code"], row.number)
        if before != row.number:
            return {at: Pair(f"与第 {before} 行编码相同,请删除其中一行。", f"As in row {before}: delete one of them.")}
        if item is not None:
            return {at: CLOSED} if item.state == "closed" else {}
        lacks = [name for name in NEEDED if said.get(name) is None]
        if beyond := [name for name in lacks if name not in self.columns]:
            titles = "、".join(COLUMNS[name] for name in beyond)
            zh, en = f"是新事项,表中须有:{titles}。", f"Is new, so the list needs: {', '.join(beyond)}."
            return {at: Pair(zh, en)}
        return dict.fromkeys(map(self.columns.index, lacks), MISSING)


def import_items(session: Session, *, file: str, dry_run: bool) -> dict[str, Any]:
    """Draft what is new, revise what differs, and say which open items the list does not name; all, or nothing.

    Raises `InvalidError` that names each wrong cell. With `dry_run` nothing is changed.
    """
    _stored, opened = content_given(session, file, pointer=POINTER)
    with opened, reading.opened(opened, headings=TABLE.by_heading) as table:
        columns, rows = TABLE.of(table.heading), list(islice(table.rows, MOST_ROWS + 1))
    _check_length(rows)
    lock_codes(session)
    own = list(session.scalars(select(Item).where(Item.tenant == session.context.tenant_id).order_by(Item.code)))
    read = _Reading(columns, {item.code: item for item in own})
    for row in rows:
        said, wrong = row_in(row, columns, readers=READERS, taken=TAKEN)
        read.take(row, said, wrong=wrong)
    if read.faults:
        raise InvalidError(
            "item_rows",
            f"表格有 {len(read.faults)} 处错误,未作任何更改。请按提示更正后重新上传。",
            f"{len(read.faults)} cells of the list are wrong, and nothing was changed. Correct them, send it again.",
            read.faults,
        )
    if not dry_run:
        _write(session, read)
    absent = [one for one in own if one.state == OPEN and one.code not in read.first]
    return {
        "file": file, "dry_run": dry_run, "rows": len(rows), "drafted": len(read.new), "revised": len(read.revised),
        "unchanged": read.unchanged,
        "absent": [{"item": one.id, "code": one.code, "name_zh": one.name_zh} for one in absent],
    }  # fmt: skip


def _check_length(rows: list[TableRow]) -> None:
    if len(rows) > MOST_ROWS:
        zh, en = f"最多 {MOST_ROWS} 行", f"at most {MOST_ROWS} rows"
        raise InvalidError(
            "list_too_long",
            f"表格过长,{zh}。请分成几个文件。",
            f"The list is too long: {en} are taken. Split it into several files.",
            [Fault(POINTER, zh, en)],
        )


def _write(session: Session, read: _Reading) -> None:
    changes = list[tuple[Item, Change]](new_item(session, **one) for one in read.new)
    for key, said in read.revised.items():
        row = session.locked(Item, key)
        change = revision_of_item(row, **described(said, known=row.sheet))
        if change is not None:
            changes.append((row, change))
    session.publish_all(changes)
