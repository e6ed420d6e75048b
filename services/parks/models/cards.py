"""The public card of a park in force, and what every cell knows of such cards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json
from events.entry import Entry, aggregate_id
from services.parks.domain.cards import signed_by_parties
from services.parks.models.parks import Agreement, Park
from shared.countersigned.rows import revision_nonce
from shared.database.rows import KIND, Aggregate, Register, aggregate
from shared.rules.signed_commands import Commands

SCHEMA = {"schema": "parks"}


class ParkCardRow(Register):
    """What anybody may know of a park in force; a recalled card names nothing."""

    __tablename__ = "cards_register"
    __table_args__ = SCHEMA

    park_state: Mapped[str | None] = mapped_column(Computed("state->>'park_state'", persisted=True))
    since: Mapped[str | None] = mapped_column(Computed("state->>'since'", persisted=True))
    folded: Mapped[str | None] = mapped_column(
        Computed(
            "shared.folded((state->>'name_zh') || ' ' || coalesce(state->>'name_en', ''))",
            persisted=True,
        ),
        deferred=True,
    )


@aggregate
class ParkCard(Aggregate):
    """The public face of a park, at its home; broadcast to every cell. `status` is issued or recalled.

    `revision`, `content_hash` and `signatures` are those of the agreement that brought it into force, so that nobody is
    shown as a party by the word of the home alone. `since` is the day from which that agreement holds.
    """

    __tablename__ = "cards"
    __table_args__ = SCHEMA
    kind = "parks.card"
    untold = "it repeats what its park's own change says"
    called = "园区公开信息 / public card of a park"
    register = ParkCardRow
    home_column = "tenant"

    tenant: Mapped[UUID]
    park_id: Mapped[UUID]
    status: Mapped[str]
    name_zh: Mapped[str | None]
    name_en: Mapped[str | None]
    park_kind: Mapped[str | None] = mapped_column(info=KIND)
    park_state: Mapped[str | None]
    location: Mapped[str | None]
    area_km2: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    sectors: Mapped[list[str]]
    parties: Mapped[list[dict[str, Any]]]
    since: Mapped[date | None]
    revision: Mapped[int]
    content_hash: Mapped[str]
    signatures: Mapped[list[dict[str, Any]]]

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Every party beside the home has signed the agreement of this very park."""
        nonce = revision_nonce(UUID(state["park_id"]), state["revision"])
        return signed_by_parties(entry.home, state, asked=(f"{Agreement.kind}.sign", aggregate_id(entry.home, nonce)))


def card_nonce(park: UUID) -> str:
    """What makes the id of a card follow from its park."""
    return f"card/{park}"


def card_id(park: Park) -> UUID:
    """The id of a park's card, whether it exists or not."""
    return aggregate_id(park.home_id, card_nonce(park.id))
