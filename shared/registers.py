"""Registers: broadcast entries, kept once per cell with every version that was ever received."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shared.context import PLATFORM
from shared.directory import DirectoryRow, RegisterEntry, WrongSignatureError
from shared.intake import Arrival
from shared.model import Aggregate


def apply_to_register(session: Session, kind: type[Aggregate], *, arrival: Arrival, now: datetime) -> None:
    """Put a verified broadcast entry into its register: the newest version counts, every one is kept.

    Raises `WrongSignatureError` for a directory entry that the platform did not make, or a state that lies of its home.
    """
    register = kind.register
    if register is None:
        raise LookupError(f"{kind.kind} has no register")
    if register is DirectoryRow and arrival.entry.home != PLATFORM:
        raise WrongSignatureError("only the platform writes the directory")
    if kind.home_column is not None and arrival.state[kind.home_column] != str(arrival.entry.home):
        raise WrongSignatureError("the state names another tenant as its home")
    common = _common(arrival, now)
    history = {**common, "kind": kind.kind}
    history.pop("entry_hash")
    session.execute(upsert(RegisterEntry).values(history).on_conflict_do_nothing())
    statement = upsert(register).values(common)
    changed = {name: statement.excluded[name] for name in common if name != "id"}
    newer = tuple_(register.epoch, register.version) < tuple_(statement.excluded.epoch, statement.excluded.version)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=newer))


def tenants_here(session: Session, cell: str) -> list[UUID]:
    """The tenants whose rows live in this cell, suspended ones too but none that has left, in a fixed order."""
    here = DirectoryRow.cell == cell, DirectoryRow.status != "left"
    return list(session.scalars(select(DirectoryRow.id).where(*here).order_by(DirectoryRow.id)))


def _common(arrival: Arrival, now: datetime) -> dict[str, Any]:
    entry = arrival.entry
    identity: UUID = entry.aggregate
    return {
        "id": identity,
        "epoch": entry.epoch,
        "version": entry.version,
        "entry_hash": entry.hash,
        "state": dict(arrival.state),
        "entry": entry.canonical,
        "signature": arrival.signature,
        "received_at": now,
    }
