"""Who answers a matter of a park: by the duty table that all its parties have signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from events.canonical import plain
from services.requests.commands.places import park_known
from services.requests.domain.matters import answering, no_table
from services.requests.models import DutyRevision, Note
from services.requests.models.park_duties import revision_id, table_in_force
from shared.journal.session import Session

MACHINE = "xietong:requests"
SIGNED_ONCE = ("in_force", "superseded", "ended")
UNPROVEN = (
    "请核对:提出方所依据的园区分工表,与本辖区保存的不一致。"
    " / Look twice: the duty table that this rests on is not the one that is kept here."
)


def answered_by(session: Session, *, park: UUID, kind: str) -> dict[str, Any]:
    """What a case says of it: handler, and the table by which that is so.

    Raises `ConflictError` while no table is in force that everybody who builds the park has signed.
    """
    table = table_in_force(session, park_known(session, park))
    if table is None:
        raise no_table()
    tenant = answering(table.matters, kind)["tenant"]
    matter = {
        "kind": kind, "revision": table.revision, "home": table.home_id, "matters": table.matters,
        "effective_from": table.effective_from, "content_hash": table.content_hash,
        "consent": next((one for one in table.signatures if one["tenant"] == tenant), None),
    }  # fmt: skip
    return {"handler": UUID(tenant), "matter": plain(matter)}


def note_unproven(session: Session, key: UUID, *, state: Mapping[str, Any]) -> None:
    """Where the table is this tenant's own, it alone can say whether there is one such: if not, colleagues read so."""
    matter, here = state["matter"], session.context.tenant_id
    if matter["home"] != str(here):
        return
    key_of_table = revision_id(here, UUID(state["park_id"]), number=matter["revision"])
    found = session.get(DutyRevision, (here, key_of_table))
    if found is None or found.state not in SIGNED_ONCE or found.content_hash != matter["content_hash"]:
        note = Note(id=uuid4(), case_id=key, author=MACHINE, text=UNPROVEN, created_at=session.clock.now())
        session.add(note)
