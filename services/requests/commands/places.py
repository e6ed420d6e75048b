"""What is kept of organisations and parks from their events, and what a case says of them when it is filed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.requests.models import KnownPark, Place
from services.requests.models.places import ENDED, IN_FORCE
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.database.rows import Row, table_of
from shared.journal.session import Session


def keep_seats(session: Session, states: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Where these organisations have their seat now."""
    seats = {key: {"division": state["division"]} for key, state in states.items()}
    _keep(session, Place, key="organisation_id", known=seats)


def keep_parks(session: Session, states: Mapping[UUID, Mapping[str, Any]]) -> None:
    """What these parks are called, where they are and who builds them; of whom has left it, what it was last."""
    parks = {
        key: {
            **{name: state[name] for name in ("home", "state", "name_zh", "name_en")}, "division": state["location"],
            "parties": [UUID(party["tenant"]) for party in state["parties"]],
        }
        for key, state in states.items()
    }  # fmt: skip
    _keep(session, KnownPark, key="park_id", known=parks)


def _keep(session: Session, kind: type[Row], *, key: str, known: Mapping[UUID, Mapping[str, Any]]) -> None:
    new, here = insert(table_of(kind)), session.context.tenant_id
    names = next(iter(known.values()), {})
    kept = new.on_conflict_do_update(
        index_elements=["tenant_id", key], set_={name: new.excluded[name] for name in names}
    )
    session.write(kept, [{"tenant_id": here, key: one, **known[one]} for one in sorted(known)])


def placed(session: Session, *, organisation: UUID | None, park: UUID | None) -> dict[str, Any]:
    """Where a case lies: in its park, or else where its organisation has its seat, as far as that is known here.

    Raises `InvalidError` for a park that is not known, `ConflictError` for one that has ended.
    """
    seat = None if organisation is None else session.get(Place, (session.context.tenant_id, organisation))
    division = None if seat is None else seat.division
    if park is None:
        return {"division": division, "park_id": None, "park": None}
    known = park_known(session, park)
    said = {"name_zh": known.name_zh, "name_en": known.name_en}
    return {"division": known.division or division, "park_id": park, "park": said}


def park_known(session: Session, key: UUID) -> KnownPark:
    """A park of this tenant that has not ended; for an organisation's people one that is in force."""
    found = session.get(KnownPark, (session.context.tenant_id, key))
    is_seen = found is not None and (session.context.organisation_id is None or found.state in IN_FORCE)
    if found is None or not is_seen or session.context.tenant_id not in found.parties:
        zh, en = (
            "本辖区没有这个园区。请从园区列表中选择。",
            "Your tenant has no such park. Choose one of the list of parks.",
        )
        raise InvalidError("park_unknown", zh, en, [Fault("/park", zh, en)])
    if found.state in ENDED:
        raise ConflictError("park_ended", "园区已结束。请选择其他园区。", "This park has ended. Choose another one.")
    return found
