"""What one cell tells another: documents signed with the cell's own key, which stands in the settings of every cell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Literal
from uuid import UUID, uuid5

from events.canonical import Json, instant
from events.envelope import Envelope
from shared.core.calendar import read_moment
from shared.core.context import PLATFORM, Context, machine_context
from shared.core.settings import Settings
from shared.database.rows import AGGREGATES
from shared.journal.outbox import Message, enqueue
from shared.journal.session import Session
from shared.keys.directory import DirectoryRow, PublicKey, WrongSignatureError, key_id
from shared.keys.keyring import cell_signer

CellKind = Literal["beat", "manifest", "ask"]
CELL_KINDS: tuple[CellKind, ...] = ("beat", "manifest", "ask")


@cache
def cell_id(name: str) -> UUID:
    """The id under which a cell acts: no tenant's, so that row-level security shows it none of their rows."""
    return uuid5(PLATFORM, f"cell:{name}")


def cell_context(settings: Settings) -> Context:
    """What this cell acts as."""
    return machine_context(cell_id(settings.cell), "cell")


def send_to_cell(session: Session, kind: CellKind, *, to: str, content: Mapping[str, Json], key: UUID) -> None:
    """Send another cell (or this one) a document signed by this cell; `key` keeps what belongs together in order."""
    signer, at = cell_signer(session.settings), instant(session.clock.now())
    spec, sender = f"xietong.{kind}.v1", session.settings.cell
    signing = {"spec": spec, "from": sender, "to": to, "key": signer.key, "algorithm": "Ed25519"}
    document = {"at": at, **content, **signing}
    envelope = Envelope(
        kind=kind, document=document, signature=signer.sign(document), source=cell_id(sender), type=spec,
        subject=str(key), time=at,
    )  # fmt: skip
    # Cells talk on the topics of the service that keeps the directory.
    about = next(name for name, kind in AGGREGATES.items() if kind.register is DirectoryRow)
    enqueue(session, Message(envelope, [to], about, key))


def sending_cell(settings: Settings, envelope: Envelope) -> str:
    """The cell that signed the document; raises `WrongSignatureError`."""
    document = envelope.document
    name, spec = str(document.get("from")), document.get("spec")
    public = settings.cell_keys.get(name)
    if public is None or spec != f"xietong.{envelope.kind}.v1":
        raise WrongSignatureError(f"no {envelope.kind} of a cell that the settings name: {name}")
    PublicKey(key_id(public), cell_id(name), public).verify(document, envelope.signature)
    return name


def sent_at(document: Mapping[str, Json]) -> datetime:
    """When the sender said so; raises ValueError without a zone."""
    return read_moment(str(document["at"]))
