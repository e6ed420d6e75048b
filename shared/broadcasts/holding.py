"""Which of the entries that manifests name are in the registers of this cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, column, func, select, tuple_
from sqlalchemy.orm import Session

from shared.broadcasts.manifests import Line
from shared.database.prepared import given_list
from shared.database.registers import RegisterEntry
from shared.database.rows import AGGREGATES


def _held() -> Any:
    names = (("ids", "id", Uuid()), ("epochs", "epoch", Integer()), ("versions", "version", Integer()),
             ("hashes", "hash", Text()))  # fmt: skip
    lists = [given_list(given, kind) for given, _name, kind in names]
    wanted = func.unnest(*lists).table_valued(*(column(name, kind) for _given, name, kind in names))
    named = wanted.render_derived(name="named")
    kept = RegisterEntry
    same = tuple_(kept.id, kept.epoch, kept.version) == tuple_(named.c.id, named.c.epoch, named.c.version)
    is_this = func.encode(func.sha256(kept.entry), "hex") == named.c.hash
    return select(kept.id, kept.epoch, kept.version).join(named, same).where(is_this)


HELD = _held()


def missing_of(session: Session, lines: Sequence[Line]) -> list[Line]:
    """Those of which a register here lacks the entry, or the row that entries lead to.

    Of a kind that this code keeps no register of nothing is missing.
    """
    ours = [line for line in lines if (kind := AGGREGATES.get(line.kind)) is not None and kind.register is not None]
    if not ours:
        return []
    given = {
        "ids": [line.aggregate for line in ours], "epochs": [line.epoch for line in ours],
        "versions": [line.version for line in ours], "hashes": [line.hash for line in ours],
    }  # fmt: skip
    held = {tuple(row) for row in session.execute(HELD, given)}
    rows = _rows(session, ours)
    return [line for line in ours if line[1:4] not in held or (line.kind, line.aggregate) not in rows]


def _rows(session: Session, lines: Sequence[Line]) -> set[tuple[str, UUID]]:
    by_kind: dict[str, list[UUID]] = {}
    for line in lines:
        by_kind.setdefault(line.kind, []).append(line.aggregate)
    found: set[tuple[str, UUID]] = set()
    for kind, keys in by_kind.items():
        register: Any = AGGREGATES[kind].register
        there = select(register.id).where(register.id.in_(keys))
        found |= {(kind, key) for key in session.scalars(there)}
    return found
