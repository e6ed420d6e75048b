"""The public card: issued, renewed with its organisation, recalled."""

from __future__ import annotations

from typing import Any

from events.organisations import CardIssued, CardRecalled, CardRenewed
from services.organisations.models import Card, Organisation, card_id, card_nonce
from shared.journal.session import Session

EMPTY: dict[str, Any] = {
    "code": None, "name_zh": None, "name_en": None, "organisation_kind": None, "sectors": [], "division": None,
    "organisation_state": None, "successor_code": None,
}  # fmt: skip


def _shown(row: Organisation) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in EMPTY if name != "organisation_state"},
        "organisation_state": row.state,
    }


def new_card(session: Session, row: Organisation) -> tuple[Card, CardIssued]:
    """A first card, to be published by the caller."""
    home, nonce = row.home_id, card_nonce(row.id)
    fields = {"organisation_id": row.id, "status": "issued", **_shown(row)}
    return session.create(Card, parties=[home], nonce=nonce, **fields), CardIssued()


def issue_card(session: Session, row: Organisation) -> None:
    """Let everybody see it."""
    if session.get(Card, (row.home_id, card_id(row))) is None:
        session.publish(*new_card(session, row))
        return
    card = session.locked(Card, card_id(row))
    _fill(card, {"status": "issued", **_shown(row)})
    session.publish(card, CardIssued())


def renew_card(session: Session, row: Organisation) -> None:
    """Let the card of a public organisation say what is true now."""
    if not row.public:
        return
    card = session.locked(Card, card_id(row))
    shown = _shown(row)
    if any(getattr(card, name) != value for name, value in shown.items()):
        _fill(card, shown)
        session.publish(card, CardRenewed())


def recall_card(session: Session, row: Organisation) -> None:
    """Take it back: what is broadcast now names nothing."""
    card = session.locked(Card, card_id(row))
    _fill(card, {"status": "recalled", **EMPTY})
    session.publish(card, CardRecalled())


def _fill(card: Card, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(card, name, value)
