"""The public card of a park: issued with its first agreement in force, renewed with the park, recalled at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.entry import Actor
from events.parks import ParkActivated, ParkCardIssued, ParkCardRecalled, ParkCardRenewed
from services.parks.domain.cards import ISSUED, RECALLED
from services.parks.domain.park import ENDED
from services.parks.models import Agreement, Park, ParkCard, agreement_id, card_id, card_nonce
from shared.journal.entries import JournalRow
from shared.journal.session import Session
from shared.journal.timers import timer

COPIED = ("name_zh", "name_en", "park_kind", "location", "area_km2", "sectors", "parties")
EMPTY: dict[str, Any] = {
    **dict.fromkeys(COPIED), "sectors": [], "parties": [], "park_state": None, "since": None, "signatures": [],
}  # fmt: skip


def issue_card(session: Session, park: Park, *, agreement: Agreement) -> None:
    """Let anybody see it from now on, with the day and the signers of the agreement that brought it into force."""
    card = session.create(
        ParkCard,
        parties=[park.home_id],
        nonce=card_nonce(park.id),
        tenant=park.home_id,
        park_id=park.id,
        status=ISSUED,
        since=agreement.effective_from,
        revision=agreement.revision,
        content_hash=agreement.content_hash,
        signatures=agreement.signatures,
    )
    _fill(card, _shown(park))
    session.publish(card, ParkCardIssued(), by=_follower(session))


@timer("parks.park.show")
def show_park(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """At its home: one in force that came into force before there were cards gets the card that it would have had."""
    park = session.locked(Park, key)
    if park.state in ENDED or session.get(ParkCard, (park.home_id, card_id(park))) is not None:
        return
    row = JournalRow
    begun = select(row).where(row.aggregate_id == key, row.type == ParkActivated.type).order_by(row.epoch, row.version)
    first = session.scalars(begun.limit(1)).one()
    agreement = session.one(Agreement, agreement_id(park, first.state["current_agreement"]))
    issue_card(session, park, agreement=agreement)


def renew_card(session: Session, park: Park) -> None:
    """Let the card say what is true now; a park that never had one, or has it no more, stays without."""
    card = session.get(ParkCard, (park.home_id, card_id(park)))
    if card is None or card.status == RECALLED:
        return
    by = _follower(session)
    card, shown = session.locked(ParkCard, card.id, by=by), _shown(park)
    if any(getattr(card, name) != value for name, value in shown.items()):
        _fill(card, shown)
        session.publish(card, ParkCardRenewed(), by=by)


def recall_card(session: Session, park: Park) -> None:
    """The park has ended: what is broadcast now names nothing."""
    if session.get(ParkCard, (park.home_id, card_id(park))) is None:
        return
    by = _follower(session)
    card = session.locked(ParkCard, card_id(park), by=by)
    _fill(card, {"status": RECALLED, **EMPTY})
    session.publish(card, ParkCardRecalled(), by=by)


def _follower(session: Session) -> Actor | None:
    """The platform at home where another party acted: the card has the home alone as a party."""
    here = session.context.tenant_id
    return None if session.context.party == here else Actor(here, "xietong:parks")


def _shown(park: Park) -> dict[str, Any]:
    return {**{name: getattr(park, name) for name in COPIED}, "park_state": park.state}


def _fill(card: ParkCard, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(card, name, value)
