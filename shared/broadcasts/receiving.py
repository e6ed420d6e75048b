"""What a cell makes of what another tells it: believed when that cell signed it, and only of homes that live there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.canonical import Json
from events.envelope import Envelope
from shared.broadcasts.beats import note_question, record_beat
from shared.broadcasts.cells import cell_context, cell_id, send_to_cell
from shared.broadcasts.completeness import record_manifest
from shared.broadcasts.manifests import answer_cell
from shared.core.context import machine_context
from shared.journal.session import Database


def receive_from_cell(database: Database, sender: str, *, envelope: Envelope) -> int:
    """Take a beat, a manifest or a question that cell `sender` signed; returns how many messages answer it.

    Raises ValueError, TypeError or KeyError for what has another form.
    """
    if envelope.document["to"] != database.settings.cell:
        return 0
    if envelope.kind == "ask":
        return _answer(database, sender, document=envelope.document)
    given: dict[str, Any] = {"directory": database.directory, "now": database.clock.now()}
    with database.cell_session() as session:
        if envelope.kind == "manifest":
            record_manifest(session, sender, document=envelope.document, **given)
            return 0
        is_enough = record_beat(session, sender, document=envelope.document, **given)
    if not is_enough:
        content: dict[str, Json] = {"home": str(cell_id(sender)), "after": None, "entries": []}
        with database.session(cell_context(database.settings)) as session:
            send_to_cell(session, "ask", to=sender, content=content, key=cell_id(sender))
    return int(not is_enough)


def _answer(database: Database, sender: str, *, document: Mapping[str, Any]) -> int:
    home = UUID(str(document["home"]))
    with database.cell_session() as session:
        if home == cell_id(database.settings.cell):
            # It wants to hear of all homes here; the next beat answers.
            note_question(session, sender, now=database.clock.now())
            return 0
        here = database.directory.hosted(session, [home])
    if not here:
        return 0
    with database.session(machine_context(home, "broadcasts")) as session:
        return answer_cell(session, sender, document=document)
