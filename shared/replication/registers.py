"""Registers: broadcast entries, kept once per cell with every version that was ever received.

A register is one for all tenants of the cell, so an entry gets in only with the nonce that its id was made of: by it,
intake has proven that the id is one of the home that signed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from events.catalog import parse
from shared.core.context import PLATFORM
from shared.database.registers import RegisterEntry
from shared.database.rows import Aggregate, row_values
from shared.keys.directory import DirectoryRow, WrongSignatureError
from shared.keys.verification import VerifiedEntry


def apply_to_register(session: Session, kind: type[Aggregate], *, verified: VerifiedEntry, now: datetime) -> None:
    """Put a verified broadcast entry into its register: the newest version counts, every one is kept.

    Raises `WrongSignatureError` for what this home may not say, ValueError, TypeError or KeyError for what no code here
    could read, and the database's DataError or IntegrityError for what it cannot keep.
    """
    register = kind.register
    if register is None:
        raise LookupError(f"{kind.kind} has no register")
    entry = verified.entry
    if not entry.type.startswith(f"{kind.kind}."):
        raise ValueError(f"{entry.type} does not happen to a {kind.kind}")
    row_values(kind, verified.state)
    parse(entry.type, entry.change, texts={})
    _check_right(session, kind, verified=verified)
    common = _common(verified, now)
    history = {**common, "kind": kind.kind}
    history.pop("entry_hash")
    session.execute(upsert(RegisterEntry).values(history).on_conflict_do_nothing())
    statement = upsert(register).values(common)
    changed = {name: statement.excluded[name] for name in common if name != "id"}
    newer = tuple_(register.epoch, register.version) < tuple_(statement.excluded.epoch, statement.excluded.version)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=newer))


def _check_right(session: Session, kind: type[Aggregate], *, verified: VerifiedEntry) -> None:
    entry = verified.entry
    if kind.register is DirectoryRow:
        if entry.home != PLATFORM:
            raise WrongSignatureError("only the platform writes the directory")
    elif entry.nonce is None:
        raise WrongSignatureError("a broadcast lacks the nonce that proves its id")
    if kind.home_column is not None and verified.state[kind.home_column] != str(entry.home):
        raise WrongSignatureError("the state names another tenant as its home")
    other = select(RegisterEntry.kind).where(RegisterEntry.id == entry.aggregate, RegisterEntry.kind != kind.kind)
    if (known := session.scalar(other.limit(1))) is not None:
        raise WrongSignatureError(f"the id is known here as that of a {known}")


def tenants_here(session: Session, cell: str) -> list[UUID]:
    """The tenants whose rows live in this cell, suspended ones too but none that has left, in a fixed order."""
    here = DirectoryRow.cell == cell, DirectoryRow.status != "left"
    return list(session.scalars(select(DirectoryRow.id).where(*here).order_by(DirectoryRow.id)))


def _common(verified: VerifiedEntry, now: datetime) -> dict[str, Any]:
    entry = verified.entry
    identity: UUID = entry.aggregate
    return {
        "id": identity,
        "epoch": entry.epoch,
        "version": entry.version,
        "entry_hash": entry.hash,
        "state": dict(verified.state),
        "entry": entry.canonical,
        "signature": verified.signature,
        "received_at": now,
    }
