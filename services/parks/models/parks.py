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
from services.parks.domain import verifying
from services.parks.domain.dissolving import day_set, possible
from services.parks.domain.entry_rules import can_set
from services.parks.domain.park import ENDED, PARK_LIFECYCLE, REVISABLE, missing_consents, waits_for_consent
from services.parks.domain.park import allowed_actions as park_actions
from services.parks.domain.terms import AGREEMENT_LIFECYCLE, content_hash
from shared.core.calendar import read_day, start_of
from shared.countersigned.rows import Revision, revision_nonce
from shared.countersigned.verifying import Claim
from shared.database.rows import KIND, Aggregate, aggregate
from shared.rules.duties import Beside, Duty, Wait, Work
from shared.rules.signed_commands import Commands, command_behind

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

    def allowed_actions(self, tenant: UUID, *, is_negotiated: bool) -> list[str]:
        """What a person of this party may do to it now, sorted; `is_negotiated`: a proposal is on the table."""
        found = {
            *park_actions(self.state, tenant=tenant, home=self.home_id, parties=self.parties, consents=self.consents)
        }
        if is_negotiated or self.dissolves_on is not None:
            found.discard("propose")
        if tenant in self.party_ids:
            if "dissolve" in PARK_LIFECYCLE.actions(self.state):
                found -= {"dissolve", "call_off"}
                found |= possible(self.dissolution, self.consents, parties=self.parties, tenant=tenant)
            if can_set(self.state, is_home=tenant == self.home_id):
                found.add("set_entry_rules")
        return sorted(found)

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Whoever else than the home has agreed, suspended or called off has asked for it itself."""
        event = entry.type.split(".")[2]
        found = command_behind(entry) if event in verifying.COMMANDS else ()
        for _tenant, command in found:
            verifying.check_asked(event, command["document"], state=state)
        return found

    @property
    def stands_alone(self) -> bool:
        """Until its first agreement is proposed; a party may hear of that one before it hears of the park."""
        return self.next_revision == 1 and self.home_id == self.tenant_id

    @classmethod
    def keeps_parties(cls, state: Mapping[str, Json]) -> bool:
        """Once all have signed."""
        return state["state"] not in REVISABLE

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """It ends, and works again, only as all have agreed."""
        if before is not None and here in entry.joined and before["state"] in REVISABLE:
            before = None  # What it became while this tenant was no party is not known here.
        verifying.check_next(Claim.of(entry), state, before=before)

    def asked_by(self, action: str) -> UUID:
        """Whoever agreed first."""
        return UUID(next(iter(self.consents.get(action) or [str(self.home_id)])))

    def work(self, _beside: Any) -> Work:
        """What one party has asked for waits for all others; of a dissolution until its day."""
        day = None if self.dissolution is None else start_of(read_day(self.dissolution["dissolves_on"]))
        asked = [duty for duty in CONSENTS if waits_for_consent(self.state, duty.action, consents=self.consents)]
        missing = {duty: missing_consents(self.consents, duty.action, parties=self.parties) for duty in asked}
        waits = [
            Wait(
                duty=duty,
                parties=[*map(UUID, missing[duty])],
                since=self.updated_at,
                due=None if duty.action == "resume" else day,
            )
            for duty in asked
            if missing[duty]
        ]
        return Work(name_zh=self.name_zh, name_en=self.name_en, url=f"/v1/parks/{self.id}", waits=waits)


@aggregate
class Agreement(Revision):
    """One revision of a park's agreement: its home and parties are the park's."""

    __tablename__ = "agreements"
    __table_args__ = {"schema": "parks"}
    kind = "parks.agreement"
    duties = (SIGN,)
    beside = Beside("park_id", Park.kind, "proposed")
    called = "协议 / agreement"
    files = ("attachments",)
    lifecycle = AGREEMENT_LIFECYCLE
    content = ("terms", "attachments", "effective_from")

    park_id: Mapped[UUID]
    terms: Mapped[dict[str, Any]]
    attachments: Mapped[list[dict[str, Any]]]

    @classmethod
    def hash_of(cls, content: Mapping[str, Any]) -> str:
        """Of terms, attachments and the day it takes effect."""
        return content_hash(content["terms"], content["attachments"], effective_from=content["effective_from"])

    def work(self, beside: Park | None) -> Work | None:
        """While it is proposed, and its park is not ending, it waits for every signature that is missing."""
        if beside is None:
            return None
        return Work(
            name_zh=f"{beside.name_zh}协议第{self.revision}版",
            name_en=f"Agreement of {beside.name_en or beside.name_zh}, revision {self.revision}",
            url=f"/v1/parks/{self.park_id}/agreements/{self.revision}",
            waits=[self.wait_for_signatures(SIGN, since=self.created_at)]
            if self.state == "proposed" and beside.goes_on
            else [],
        )


def agreement_id(park: Park, revision: int) -> UUID:
    """The id of a revision, whether it exists or not."""
    return aggregate_id(park.home_id, revision_nonce(park.id, revision))
