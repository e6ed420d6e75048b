"""Recognition between tenants, what was asked of it, what rests on it, and what follows when something stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Computed, Identity
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json
from events.entry import Entry
from services.standards.domain.agreeing import allowed_actions
from services.standards.domain.consent import check_next, signed_commands
from services.standards.domain.dependencies import CERTIFICATE
from services.standards.domain.objections import next_term
from services.standards.domain.scopes import DECIDE
from shared.core.calendar import end_of, read_moment
from shared.countersigned.reminding import SignedBy
from shared.countersigned.verifying import Claim
from shared.database.rows import Aggregate, TenantRow, aggregate
from shared.rules.duties import Duty, Wait, Work
from shared.rules.signed_commands import Commands

SCHEMA = {"schema": "standards"}


AGREE = Duty("agree", "同意互认清单", "Agree to the list", DECIDE)
ANSWER_OBJECTION = Duty("answer", "答复异议", "Answer the objection", DECIDE)
CLOSE = Duty("close", "作出后续处置", "Deal with what rests on it", DECIDE)


@aggregate
class Recognition(SignedBy, Aggregate):
    """What `recogniser` accepts of `recognised`, and, when mutual, the other way round; both are its parties.

    `items`, `pending` and `ends` have the shapes that `domain.recognition` names, `objections` that of
    `domain.objections`, `consent` that of `domain.consent`. `ends_on` is the last day as agreed, `ends` what a party
    decided besides.
    """

    __tablename__ = "recognitions"
    __table_args__ = SCHEMA
    kind = "standards.recognition"
    duties = (AGREE, ANSWER_OBJECTION)
    audited = ("state", "edition", "suspended_by", "ends")
    called = "互认 / recognition"
    guarded = True

    state: Mapped[str]
    spells: Mapped[list[dict[str, Any]]]
    title_zh: Mapped[str]
    title_en: Mapped[str | None]
    recogniser: Mapped[UUID]
    recognised: Mapped[UUID]
    mutual: Mapped[bool]
    edition: Mapped[int]
    items: Mapped[list[dict[str, Any]]]
    pending: Mapped[dict[str, Any] | None]
    consent: Mapped[dict[str, Any] | None]
    ends_on: Mapped[date | None]
    ends: Mapped[list[dict[str, Any]]]
    suspended_by: Mapped[UUID | None]
    objections: Mapped[list[dict[str, Any]]]
    reason_digest: Mapped[str | None]
    folded: Mapped[str] = mapped_column(
        Computed("shared.folded(title_zh || ' ' || coalesce(title_en, ''))", persisted=True), deferred=True
    )

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """The other side has signed itself what stands there as agreed."""
        return signed_commands(entry.aggregate, state, home=entry.home)

    @classmethod
    def keeps_parties(cls, _state: Mapping[str, Json]) -> bool:
        """Both sides."""
        return True

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """What a home may say of both."""
        check_next(Claim.of(entry), state, before=before, here=str(here))

    @property
    def signers(self) -> Sequence[UUID]:
        """Who has to agree: who recognises, when it is mutual both."""
        return [self.recogniser, self.recognised] if self.mutual else [self.recogniser]

    def work(self, _beside: Any) -> Work:
        """What is on the table waits for those who have not agreed, an objection for the other side."""
        parties = {
            duty: [tenant for tenant in self.party_ids if duty.action in allowed_actions(self, tenant)]
            for duty in self.duties
        }
        term = next_term(self.objections)
        since = self.updated_at if self.pending is None else read_moment(self.pending["proposed_at"])
        waits = [
            Wait(duty=AGREE, parties=parties[AGREE], since=since, due=self.sign_due),
            Wait(
                duty=ANSWER_OBJECTION,
                parties=parties[ANSWER_OBJECTION],
                since=self.updated_at,
                due=None if term is None else end_of(term),
            ),
        ]
        return Work(name_zh=self.title_zh, name_en=self.title_en, url=f"/v1/recognitions/{self.id}", waits=waits)


class Citation(TenantRow):
    """Something of this tenant rests on `reference` (`certificate:<number>`, `standard:<id>`, `body:<id>`).

    `cited_id` is the id of what is cited; None while nobody is known who could have issued it.
    """

    __tablename__ = "citations"
    __table_args__ = SCHEMA

    reference: Mapped[str] = mapped_column(primary_key=True)
    citing_kind: Mapped[str] = mapped_column(primary_key=True)
    citing_id: Mapped[UUID] = mapped_column(primary_key=True)
    cited_id: Mapped[UUID | None]
    since: Mapped[datetime]


@aggregate
class Consequence(Aggregate):
    """One dependant that is to be dealt with; home is the dependant's tenant, the other party the cause's home.

    `purpose` is review (the cause stopped counting) or restoration (it counts again). `cause_key` is what people call
    the cause (a number, a title), `cause_at` the cause's epoch.version that this follows from. `reference` is the
    citation by which the dependant rests on the cause, of a certificate its own number.
    """

    __tablename__ = "consequences"
    __table_args__ = SCHEMA
    kind = "standards.consequence"
    duties = (CLOSE,)
    audited = ("state", "outcome", "cause_id", "dependant_id")
    called = "后续处置 / consequence"

    state: Mapped[str]
    purpose: Mapped[str]
    cause_kind: Mapped[str]
    cause_id: Mapped[UUID]
    cause_key: Mapped[str]
    cause_at: Mapped[str]
    cause_state: Mapped[str]
    origin: Mapped[UUID]
    dependant_kind: Mapped[str]
    dependant_id: Mapped[UUID]
    reference: Mapped[str]
    due_on: Mapped[date]
    escalations: Mapped[int]
    outcome: Mapped[str | None]
    reason_digest: Mapped[str | None]

    def work(self, _beside: Any) -> Work:
        """While it is open it waits for the dependant's tenant."""
        parties = [self.home_id] if self.state == "open" else []
        wait = Wait(duty=CLOSE, parties=parties, since=self.created_at, due=end_of(self.due_on))
        is_paper = self.dependant_kind == CERTIFICATE
        paper = f"证书 {self.reference}", f"Certificate {self.reference}"
        zh, en = paper if is_paper else ("所依附事项", "What rests on it")
        past_zh, past_en = ("停用", "stopped") if self.purpose == "review" else ("恢复", "is back")
        return Work(
            name_zh=f"{self.cause_key}{past_zh}后对{zh}的处置",
            name_en=f"{en}: {self.cause_key} {past_en}",
            url=f"/v1/consequences/{self.id}",
            waits=[wait],
        )


class Check(TenantRow):
    """A question that was asked here and what was answered; the dry run asks it again."""

    __tablename__ = "checks"
    __table_args__ = SCHEMA

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str]
    asked_in: Mapped[UUID]
    asked_for: Mapped[str | None]
    as_of: Mapped[datetime]
    known_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    counts: Mapped[bool]
