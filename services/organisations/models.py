"""Rows of the organisations service: organisations, their public cards, search keys, contacts and imports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, Text
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import aggregate_id
from services.organisations.domain.applications import APPLICATION_LIFECYCLE
from services.organisations.domain.organisation import DECIDE, WRITE
from shared.core.errors import NotFoundError
from shared.database.rows import KIND, Aggregate, Register, TenantRow, aggregate
from shared.database.session import TenantSession
from shared.keys.keyring import Vault
from shared.rules.duties import Duty, Wait, Work

SCHEMA = {"schema": "organisations"}
PERSON = ("name", "title", "phone", "email", "note")
"""What is kept of a contact, each a text or None."""


@aggregate
class Organisation(Aggregate):
    """An organisation; home is the tenant that registered it, parties are the tenants in which it takes part.

    `predecessors` (`{"id", "code", "name_zh"}`) are organisations merged into it; `qualifications` and `memberships`
    have the shapes that the domain names; `reason_digest` names the text of the latest suspension or closure.
    """

    __tablename__ = "organisations"
    __table_args__ = SCHEMA
    # The computed columns are for policy and search alone, so a write need not fetch it back.
    __mapper_args__ = {"eager_defaults": False}
    kind = "organisations.organisation"
    audited = ("state", "public", "successor_id")
    called = "机构 / organisation"

    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    former_names: Mapped[list[str]]
    organisation_kind: Mapped[str] = mapped_column(info=KIND)
    sectors: Mapped[list[str]]
    division: Mapped[str]
    qualifications: Mapped[list[dict[str, Any]]]
    memberships: Mapped[list[dict[str, Any]]]
    predecessors: Mapped[list[dict[str, Any]]]
    public: Mapped[bool]
    state: Mapped[str]
    successor_id: Mapped[UUID | None]
    successor_code: Mapped[str | None]
    reason_digest: Mapped[str | None]
    organisation_id: Mapped[UUID] = mapped_column(Computed("id", persisted=True), deferred=True)
    folded: Mapped[str] = mapped_column(Computed("shared.folded(name_zh)", persisted=True), deferred=True)

    @property
    def partners(self) -> list[UUID]:
        """The tenants in which it takes part, beside its home."""
        return [party for party in self.party_ids if party != self.home_id]


class CardRow(Register):
    """What every cell knows of public organisations; a recalled card names nothing."""

    __tablename__ = "cards_register"
    __table_args__ = SCHEMA

    code: Mapped[str | None] = mapped_column(Computed("state->>'code'", persisted=True))
    name_zh: Mapped[str | None] = mapped_column(Computed("state->>'name_zh'", persisted=True))
    folded: Mapped[str] = mapped_column(Computed("shared.folded(state->>'name_zh')", persisted=True), deferred=True)


@aggregate
class Card(Aggregate):
    """The public face of an organisation, at its home; broadcast to every cell. `status` is issued or recalled."""

    __tablename__ = "cards"
    __table_args__ = SCHEMA
    kind = "organisations.card"
    untold = "it repeats what its organisation's own change says"
    called = "名片 / card"
    register = CardRow

    organisation_id: Mapped[UUID]
    status: Mapped[str]
    code: Mapped[str | None]
    name_zh: Mapped[str | None]
    name_en: Mapped[str | None]
    organisation_kind: Mapped[str | None] = mapped_column(info=KIND)
    sectors: Mapped[list[str]]
    division: Mapped[str | None]
    organisation_state: Mapped[str | None]
    successor_code: Mapped[str | None]


def card_nonce(organisation_id: UUID) -> str:
    """What makes the id of a card follow from its organisation."""
    return f"card/{organisation_id}"


def card_id(row: Organisation) -> UUID:
    """The id of an organisation's card, whether it exists or not."""
    return aggregate_id(row.home_id, card_nonce(row.id))


SUBMIT = Duty("submit", "填写并提交申请", "Fill in and submit the application", WRITE)
APPROVE = Duty("approve", "审批申请", "Decide on the application", DECIDE)
SUBJECTS = {"registration": ("登记申请", "Registration"), "qualification": ("资质申请", "Qualification")}


@aggregate
class Application(Aggregate):
    """What an organisation asks of its tenant, the only party.

    `asked` holds what the schema of its `purpose` does, `evidence` cites files; `organisation_id` is whose it is, also
    before that one is registered. `reason_digest` names the text of the latest return or refusal.
    """

    __tablename__ = "applications"
    __table_args__ = SCHEMA
    kind = "organisations.application"
    called = "申请 / application"
    audited = ("state", "purpose", "organisation_id")
    lifecycle = APPLICATION_LIFECYCLE
    duties = (SUBMIT, APPROVE)
    files = ("evidence",)

    organisation_id: Mapped[UUID]
    purpose: Mapped[str]
    state: Mapped[str]
    asked: Mapped[dict[str, Any]]
    evidence: Mapped[list[dict[str, Any]]]
    reason_digest: Mapped[str | None]

    def work(self, _beside: Any) -> Work:
        """As a draft it waits for the organisation's people, submitted for the tenant's."""
        duty = {"draft": SUBMIT, "submitted": APPROVE}.get(self.state)
        name = self.asked.get("name_zh") or self.asked.get("name") or ""
        zh, en = SUBJECTS[self.purpose]
        waits = []
        if duty is not None:
            waits.append(
                Wait(
                    duty=duty,
                    parties=[self.home_id],
                    since=self.updated_at,
                    organisation=self.organisation_id,
                    by_organisation=duty == SUBMIT,
                )
            )
        url = f"/v1/organisations/applications/{self.id}"
        return Work(name_zh=f"{name}{zh}", name_en=f"{en} {name}".strip(), url=url, waits=waits)


class SearchKey(TenantRow):
    """One place from which somebody may begin to type an organisation's name; see docs/decisions/0005."""

    __tablename__ = "search_keys"
    __table_args__ = SCHEMA

    rank: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)


class Contact(TenantRow):
    """A person at an organisation: personal data sealed with the vault, in no event, log or audit record."""

    __tablename__ = "contacts"
    __table_args__ = SCHEMA
    called = "联系人 / contact"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def seal(self, vault: Vault, person: Mapping[str, Any]) -> None:
        """Keep the personal data, `PERSON` and nothing else."""
        plain = json.dumps({name: person.get(name) for name in PERSON}, ensure_ascii=False)
        self.sealed = vault.seal(plain.encode(), label=self._label)

    def person(self, vault: Vault) -> dict[str, Any]:
        """The personal data."""
        opened: dict[str, Any] = json.loads(vault.unseal(self.sealed, label=self._label))
        return opened

    @property
    def _label(self) -> bytes:
        # Not the organisation: a merger moves the row as it is.
        return f"{self.tenant_id}/contacts/{self.id}".encode()


def contact_at(session: TenantSession, organisation: UUID, *, contact: UUID, lock: bool = False) -> Contact:
    """Raises `NotFoundError` unless this organisation has this contact."""
    row = session.one(Contact, contact, lock=lock)
    if row.organisation_id != organisation:
        raise NotFoundError.of(Contact.called, contact)
    return row


class Import(TenantRow):
    """A file of organisations on its way in; `state` as in `domain.imports`, counts are of rows.

    `columns` are names, or what `domain.columns` says instead; `sheet` is what is read, `notes` tell what is not.
    """

    __tablename__ = "imports"
    __table_args__ = SCHEMA
    called = "导入 / import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    file: Mapped[str]
    form: Mapped[str]
    sheet: Mapped[str | None]
    notes: Mapped[list[dict[str, Any]] | None]
    dry_run: Mapped[bool]
    state: Mapped[str]
    actor_id: Mapped[str]
    columns: Mapped[list[str]]
    rows: Mapped[int]
    seen: Mapped[int]
    registered: Mapped[int]
    revised: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ImportChunk(TenantRow):
    """Rows of the file that are still to be taken, read once so that each step of an import reads only its own."""

    __tablename__ = "import_chunks"
    __table_args__ = SCHEMA

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_row: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[list[dict[str, Any]]]


class ImportFault(TenantRow):
    """A row that was not taken: its cells as they stood in the file, and per column what is wrong with them."""

    __tablename__ = "import_faults"
    __table_args__ = SCHEMA

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    cells: Mapped[list[str]]
    faults: Mapped[list[dict[str, Any]]]
