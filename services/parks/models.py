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
from services.parks.domain import believing
from services.parks.domain.agreement import check_next
from services.parks.domain.dissolving import day_set
from services.parks.domain.park import ENDED, REVISABLE, missing_consents, waits_for_consent
from services.parks.domain.terms import content_hash
from shared.commands.reminding import SignedBy
from shared.core.calendar import read_day, start_of
from shared.database.rows import KIND, Aggregate, aggregate
from shared.rules.countersigning import Commands, command_behind, commands_of, missing
from shared.rules.duties import Beside, Duty, Wait, Work

SIGN_COMMAND = "parks.agreement.sign"
"""The command by which a party signs."""
GIVING_UP = {"refused": "parks.agreement.refuse", "withdrawn": "parks.agreement.withdraw"}
"""By event, the commands by which a revision is given up."""


CONSENTS = tuple(
    Duty(action, zh, en, "parks:write")
    for action, zh, en in (
        ("resume", "同意恢复", "Agree to resume"),
        ("dissolve", "同意解散", "Agree to dissolve"),
        ("call_off", "同意撤销解散", "Agree to call the dissolution off"),
    )
)
SIGN = Duty("sign", "签署协议", "Sign the agreement", "parks:sign")


@aggregate
class Park(Aggregate):
    """A joint park; `parties` and `consents` have the shapes that `domain.park` names.

    `entry_rules` has that of `domain.entry_rules`, None in parks of before, `dissolution` that of `domain.dissolving`.
    `reason_digest` names the text of the latest suspension while it lasts, or of the withdrawal.
    """

    __tablename__ = "parks"
    __table_args__ = {"schema": "parks"}
    # Nobody reads the search column, so a write need not fetch it back.
    __mapper_args__ = {"eager_defaults": False}
    kind = "parks.park"
    duties = CONSENTS
    called = "园区 / park"
    guarded = True

    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    park_kind: Mapped[str] = mapped_column(info=KIND)
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
    dissolution: Mapped[dict[str, Any] | None]
    folded: Mapped[str] = mapped_column(
        Computed("shared.folded(name_zh || ' ' || coalesce(name_en, ''))", persisted=True), deferred=True
    )

    @property
    def goes_on(self) -> bool:
        """Whether agreements are still made about it."""
        return self.state not in ENDED and self.dissolves_on is None

    @property
    def dissolves_on(self) -> date | None:
        """The day on which it ends, once all have agreed."""
        return day_set(self.dissolution, self.consents, parties=self.parties)

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Whoever else than the home has agreed, suspended or called off has asked for it itself."""
        name = entry.type.split(".")[2]
        found = command_behind(entry) if name in believing.COMMANDS else ()
        for _tenant, command in found:
            believing.check_asked(name, command["document"], state=state)
        return found

    @classmethod
    def keeps_parties(cls, state: Mapping[str, Json]) -> bool:
        """Once all have signed."""
        return state["state"] not in REVISABLE

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """It ends, and works again, only as all have agreed."""
        if before is not None and here in entry.joined and before["state"] in REVISABLE:
            before = None  # What it became while this tenant was no party is not known here.
        change = believing.ParkChange(
            name=entry.type.split(".")[2], by=str(entry.actor.tenant), home=str(entry.home), at=entry.occurred_at,
            command=None if entry.command is None else entry.command["document"]["name"].rpartition(".")[2],
        )  # fmt: skip
        believing.check_next(change, state, before=before)

    def work(self, _beside: Any) -> Work:
        """What one party has asked for waits for all others; of a dissolution until its day."""
        day = None if self.dissolution is None else start_of(read_day(self.dissolution["dissolves_on"]))
        asked = [duty for duty in CONSENTS if waits_for_consent(self.state, duty.action, consents=self.consents)]
        missing = {duty: missing_consents(self.consents, duty.action, parties=self.parties) for duty in asked}
        waits = [
            Wait(
                duty=duty, parties=[*map(UUID, missing[duty])], since=self.updated_at,
                due=None if duty.action == "resume" else day,
            )
            for duty in asked if missing[duty]
        ]  # fmt: skip
        return Work(name_zh=self.name_zh, name_en=self.name_en, url=f"/v1/parks/{self.id}", waits=waits)


@aggregate
class Agreement(SignedBy, Aggregate):
    """One revision of a park's agreement: its home and parties are the park's.

    `refused_by` and `reason_digest` are set once it is refused.
    """

    __tablename__ = "agreements"
    __table_args__ = {"schema": "parks"}
    kind = "parks.agreement"
    duties = (SIGN,)
    beside = Beside("park_id", Park.kind, "proposed")
    called = "协议 / agreement"
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
        wanted = GIVING_UP.get(entry.type.split(".")[2])
        given_up = () if wanted is None else command_behind(entry)
        if any(command["document"]["name"] != wanted for _tenant, command in given_up):
            raise ValueError("whoever is said to have refused or withdrawn it asked for something else")
        return [*commands_of(state["signatures"], home=entry.home, asked=asked, content_hash=signed), *given_up]

    @classmethod
    def keeps_parties(cls, _state: Mapping[str, Json]) -> bool:
        """All who have to sign."""
        return True

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, **_: Any) -> None:
        """Agreed when all have signed who are parties then, in force on its day, and the same from then on."""
        # Whoever joins a park in which it holds already is no signer, and knows not who had to be.
        knows_all = before is not None or entry.version == 1
        check_next(
            state, before, by=entry.actor.tenant, at=entry.occurred_at, signers=entry.parties if knows_all else ()
        )

    @property
    def signers(self) -> list[UUID]:
        """All parties have to sign."""
        return self.party_ids

    def work(self, beside: Park | None) -> Work | None:
        """While it is proposed, and its park is not ending, it waits for every signature that is missing."""
        if beside is None:
            return None
        waits = []
        if self.state == "proposed" and beside.goes_on:
            waits = [Wait(duty=SIGN, parties=[*map(UUID, missing(self))], since=self.created_at, due=self.sign_due)]
        return Work(
            name_zh=f"{beside.name_zh}协议第{self.revision}版",
            name_en=f"Agreement of {beside.name_en or beside.name_zh}, revision {self.revision}",
            url=f"/v1/parks/{self.park_id}/agreements/{self.revision}", waits=waits,
        )  # fmt: skip


def agreement_nonce(park_id: UUID, revision: int) -> str:
    """What makes the id of a revision follow from its park and number."""
    return f"{park_id}/{revision}"


def agreement_id(park: Park, revision: int) -> UUID:
    """The id of a revision, whether it exists or not."""
    return aggregate_id(park.home_id, agreement_nonce(park.id, revision))
