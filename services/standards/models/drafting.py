"""Projects, the consultations and comments on their drafts, and the standards that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json
from events.entry import Entry, aggregate_id
from services.standards.domain.projects import content_hash
from services.standards.domain.scopes import DECIDE, SIGN, WRITE
from services.standards.domain.standards import awaited, signed_commands
from shared.countersigned.rows import Countersigned
from shared.database.rows import KIND, Aggregate, Register, aggregate
from shared.rules.duties import Beside, Duty, Wait, Work
from shared.rules.signed_commands import Commands

SCHEMA = {"schema": "standards"}


NUMBER = Duty("number", "登记项目号与标准号", "Enter project and number", WRITE)
SIGN_TEXT = Duty("sign", "签署标准", "Sign the standard", SIGN)
ANSWER_COMMENT = Duty("answer", "答复意见", "Answer the comment", WRITE)
ENDS = (
    Duty("withdraw", "同意废止", "Agree to withdraw", DECIDE),
    Duty("restore", "同意恢复", "Agree to restore", DECIDE),
)


@aggregate
class Project(Countersigned):
    """A standard in the making; home leads, parties are the tenants that will issue it.

    `issuers` are `{"tenant", "number", "project"}`, one for each party, the latter two None until it has named them.
    `text` cites files, `sheet` has the shape that `domain.sheets` names, `merged_from` are `{"standard",
    "content_hash"}` that a merged sheet was made of; `comment_round` counts consultations.
    """

    __tablename__ = "projects"
    __table_args__ = SCHEMA
    kind = "standards.project"
    duties = (NUMBER, SIGN_TEXT)
    called = "标准项目 / standards project"
    files = ("text",)

    state: Mapped[str]
    standard_kind: Mapped[str] = mapped_column(info=KIND)
    title_zh: Mapped[str]
    title_en: Mapped[str | None]
    subject: Mapped[str]
    issuers: Mapped[list[dict[str, Any]]]
    text: Mapped[list[dict[str, Any]]]
    sheet: Mapped[list[dict[str, Any]]]
    effective_from: Mapped[date]
    replaces: Mapped[list[UUID]]
    merged_from: Mapped[list[dict[str, Any]]]
    comment_round: Mapped[int]
    comments_until: Mapped[date | None]
    standard_id: Mapped[UUID | None]
    folded: Mapped[str] = mapped_column(
        Computed("shared.folded(title_zh || ' ' || coalesce(title_en, '') || ' ' || subject)", persisted=True),
        deferred=True,
    )

    @classmethod
    def hash_of(cls, content: Mapping[str, Any]) -> str:
        """Of the text, what it is, who issues it and from when it holds."""
        return content_hash(content)

    def work(self, _beside: Any) -> Work:
        """Drafted, it waits for the numbers of its issuers; presented, for their signatures."""
        waits = []
        if self.state == "drafting":
            unnamed = [UUID(item["tenant"]) for item in self.issuers if item["number"] is None]
            waits = [Wait(duty=NUMBER, parties=unnamed, since=self.created_at)]
        elif self.state == "signing":
            waits = [self.wait_for_signatures(SIGN_TEXT, since=self.updated_at)]
        return Work(name_zh=self.title_zh, name_en=self.title_en, url=f"/v1/projects/{self.id}", waits=waits)


class ConsultationRow(Register):
    """What every cell knows of drafts that are open, or were open, for comment."""

    __tablename__ = "consultations_register"
    __table_args__ = SCHEMA

    status: Mapped[str] = mapped_column(Computed("state->>'state'", persisted=True))


@aggregate
class Consultation(Aggregate):
    """A draft as it was laid open for comment; broadcast. `issuers` as in `Project`."""

    __tablename__ = "consultations"
    __table_args__ = SCHEMA
    kind = "standards.consultation"
    called = "征求意见稿 / draft open for comment"
    register = ConsultationRow
    home_column = "tenant"
    files = ("text",)

    state: Mapped[str]
    project_id: Mapped[UUID]
    comment_round: Mapped[int]
    standard_kind: Mapped[str] = mapped_column(info=KIND)
    title_zh: Mapped[str]
    title_en: Mapped[str | None]
    subject: Mapped[str]
    issuers: Mapped[list[dict[str, Any]]]
    text: Mapped[list[dict[str, Any]]]
    sheet: Mapped[list[dict[str, Any]]]
    tenant: Mapped[UUID]
    opened_at: Mapped[datetime]
    closes_on: Mapped[date]


@aggregate
class Comment(Aggregate):
    """One comment on a draft; home and parties are the project's. `author` is None for the public."""

    __tablename__ = "comments"
    __table_args__ = SCHEMA
    kind = "standards.comment"
    duties = (ANSWER_COMMENT,)
    beside = Beside("project_id", Project.kind)
    called = "意见 / comment"

    state: Mapped[str]
    project_id: Mapped[UUID]
    comment_round: Mapped[int]
    author: Mapped[UUID | None]
    clause: Mapped[str | None]
    text_digest: Mapped[str]
    verdict: Mapped[str | None]
    answer_digest: Mapped[str | None]

    def work(self, beside: Project | None) -> Work | None:
        """Until it is answered it waits for who leads the project."""
        if beside is None:
            return None
        parties = [self.home_id] if self.state == "open" else []
        return Work(
            name_zh=f"对《{beside.title_zh}》的意见",
            name_en=f"Comment on {beside.title_en or beside.title_zh}",
            url=f"/v1/projects/{self.project_id}/comments",
            waits=[Wait(duty=ANSWER_COMMENT, parties=parties, since=self.created_at)],
        )


def consultation_nonce(project_id: UUID, comment_round: int) -> str:
    """What makes the id of a consultation follow from its project and round."""
    return f"{project_id}/consultation/{comment_round}"


def consultation_id(project: Project) -> UUID:
    """The id of the project's latest consultation."""
    return aggregate_id(project.home_id, consultation_nonce(project.id, project.comment_round))


class StandardRow(Register):
    """What every cell knows of released standards."""

    __tablename__ = "standards_register"
    __table_args__ = SCHEMA

    status: Mapped[str] = mapped_column(Computed("state->>'state'", persisted=True))
    subject: Mapped[str] = mapped_column(Computed("state->>'subject'", persisted=True))
    released_at: Mapped[str] = mapped_column(Computed("state->>'released_at'", persisted=True))
    folded: Mapped[str] = mapped_column(Computed("shared.folded(state->>'title_zh')", persisted=True), deferred=True)


@aggregate
class Standard(Aggregate):
    """A released standard: one text under the number of each issuer; broadcast.

    `issuers` are `{"tenant", "number", "project"}`, `numbers` their numbers alone; `spells` are periods
    (`shared.rules.periods`).
    `ends` is `{"state", "on", "agreed": [tenants], "restoring": [tenants], "by": id | None}` once an end is agreed or
    being agreed; `restoring` are those who say since then that it was a mistake. `signatures` are the issuers', as
    `shared.countersigned.signing` has them.
    """

    __tablename__ = "standards"
    __table_args__ = SCHEMA
    kind = "standards.standard"
    duties = ENDS
    audited = ("state", "numbers", "ends")
    called = "标准 / standard"
    register = StandardRow
    home_column = "tenant"
    files = ("text",)

    state: Mapped[str]
    spells: Mapped[list[dict[str, Any]]]
    standard_kind: Mapped[str] = mapped_column(info=KIND)
    title_zh: Mapped[str]
    title_en: Mapped[str | None]
    subject: Mapped[str]
    tenant: Mapped[UUID]
    issuers: Mapped[list[dict[str, Any]]]
    numbers: Mapped[list[str]]
    text: Mapped[list[dict[str, Any]]]
    sheet: Mapped[list[dict[str, Any]]]
    content_hash: Mapped[str]
    project_id: Mapped[UUID]
    signatures: Mapped[list[dict[str, Any]]]
    replaces: Mapped[list[UUID]]
    released_at: Mapped[datetime]
    effective_from: Mapped[date]
    ends: Mapped[dict[str, Any] | None]
    reason_digest: Mapped[str | None]

    @classmethod
    def commands_in(cls, entry: Entry, state: Mapping[str, Json]) -> Commands:
        """Every issuer has signed this content itself."""
        return signed_commands(entry.home, state)

    def work(self, _beside: Any) -> Work:
        """An end that one issuer has proposed waits for the others; so does its correction."""
        waits = [
            Wait(duty=duty, parties=awaited(self.ends, duty.action, issuers=self.party_ids), since=self.updated_at)
            for duty in ENDS
        ]
        return Work(name_zh=self.title_zh, name_en=self.title_en, url=f"/v1/standards/{self.id}", waits=waits)
