"""Rows of the parks service: parks and the revisions of their agreements."""

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
from services.parks.domain.agreement import check_next
from services.parks.domain.terms import content_hash
from shared.model import Aggregate, aggregate
from shared.signing import Commands, commands_of

SIGN_COMMAND = "parks.agreement.sign"
"""The command by which a party signs."""


@aggregate
class Park(Aggregate):
    """A joint park; `parties` and `consents` have the shapes that `domain.park` names.

    `entry_rules` has that of `domain.entry_rules`, None in parks of before. `reason_digest` names the text of the
    latest suspension while it lasts.
    """

    __tablename__ = "parks"
    __table_args__ = {"schema": "parks"}
    # Nobody reads the search column, so a write need not fetch it back.
    __mapper_args__ = {"eager_defaults": False}
    kind = "parks.park"

    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    park_kind: Mapped[str]
    state: Mapped[str]
    location: Mapped[str | None]
    area_km2: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    sectors: Mapped[list[str]]
    parties: Mapped[list[dict[str, Any]]]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    consents: Mapped[dict[str, Any]]
    current_agreement: Mapped[int | None]
    next_revision: Mapped[int]
    reason_digest: Mapped[str | None]
    entry_rules: Mapped[list[dict[str, Any]] | None]
    folded: Mapped[str] = mapped_column(
        Computed("shared.folded(name_zh || ' ' || coalesce(name_en, ''))", persisted=True), deferred=True
    )


@aggregate
class Agreement(Aggregate):
    """One revision of a park's agreement: its home and parties are the park's.

    `refused_by` and `reason_digest` are set once it is refused.
    """

    __tablename__ = "agreements"
    __table_args__ = {"schema": "parks"}
    kind = "parks.agreement"
    guarded = True
    files = ("attachments",)

    park_id: Mapped[UUID]
    revision: Mapped[int]
    state: Mapped[str]
    terms: Mapped[dict[str, Any]]
    attachments: Mapped[list[dict[str, Any]]]
    effective_from: Mapped[date]
    content_hash: Mapped[str]
    proposer: Mapped[UUID]
    signatures: Mapped[list[dict[str, Any]]]
    refused_by: Mapped[UUID | None]
    reason_digest: Mapped[str | None]

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Who stands there as having signed has signed this revision itself."""
        signed = content_hash(state["terms"], state["attachments"], effective_from=state["effective_from"])
        asked = SIGN_COMMAND, entry.aggregate
        return commands_of(state["signatures"], home=entry.home, asked=asked, content_hash=signed)

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, **_: Any) -> None:
        """Agreed when all have signed who are parties then, in force on its day, and the same from then on."""
        # Whoever joins a park in which it holds already is no signer, and knows not who had to be.
        knows_all = before is not None or entry.version == 1
        check_next(state, before, at=entry.occurred_at, signers=entry.parties if knows_all else ())

    @property
    def signers(self) -> list[UUID]:
        """All parties have to sign."""
        return self.party_ids


def agreement_nonce(park_id: UUID, revision: int) -> str:
    """What makes the id of a revision follow from its park and number."""
    return f"{park_id}/{revision}"


def agreement_id(park: Park, revision: int) -> UUID:
    """The id of a revision, whether it exists or not."""
    return aggregate_id(park.home_id, agreement_nonce(park.id, revision))
