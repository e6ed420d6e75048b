"""What a cell makes of what another tells it: believed when that cell signed it, and only of homes that live there."""

from __future__ import annotations

from uuid import UUID

from events.envelope import Envelope
from shared.broadcasts.beats import record_beat
from shared.broadcasts.completeness import record_manifest
from shared.broadcasts.manifests import answer_cell
from shared.core.context import machine_context
from shared.journal.session import Database


def receive_from_cell(database: Database, sender: str, *, envelope: Envelope) -> int:
    """Take a beat, a manifest or a question that cell `sender` signed; returns how many messages answer it.

    Raises ValueError, TypeError or KeyError for what has another form.
    """
    document = envelope.document
    if document["to"] != database.settings.cell:
        return 0
    if envelope.kind == "ask":
        home = UUID(str(document["home"]))
        with database.cell_session() as session:
            here = database.directory.hosted(session, [home])
        if not here:
            return 0
        with database.session(machine_context(home, "broadcasts")) as session:
            return answer_cell(session, sender, document=document)
    record = record_beat if envelope.kind == "beat" else record_manifest
    with database.cell_session() as session:
        record(session, sender, document=document, directory=database.directory, now=database.clock.now())
    return 0
