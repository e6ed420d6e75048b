"""Conformity bodies, their certificates, and the printed form of a certificate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, Text
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import aggregate_id
from services.standards.domain.numbers import certificate_nonce
from shared.database.rows import Aggregate, Register, TenantRow, aggregate

SCHEMA = {"schema": "standards"}


class BodyRow(Register):
    """What every cell knows of conformity bodies."""

    __tablename__ = "bodies_register"
    __table_args__ = SCHEMA

    code: Mapped[str] = mapped_column(Computed("state->>'code'", persisted=True))
    folded: Mapped[str] = mapped_column(Computed("shared.folded(state->>'name_zh')", persisted=True), deferred=True)


@aggregate
class Body(Aggregate):
    """A conformity body accredited by its home; broadcast.

    `grants` are `{"grant": int, "standards": [ids], "product_classes", "methods", "valid_from", "valid_to"}`; an empty
    list of classes or methods limits nothing. `code` is the organisation's credit code, `tenant` its home.
    """

    __tablename__ = "bodies"
    __table_args__ = SCHEMA
    kind = "standards.body"
    called = "合格评定机构 / conformity body"
    register = BodyRow
    home_column = "tenant"

    state: Mapped[str]
    spells: Mapped[list[dict[str, Any]]]
    tenant: Mapped[UUID]
    organisation: Mapped[UUID | None]
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    grants: Mapped[list[dict[str, Any]]]
    reason_digest: Mapped[str | None]


class CertificateRow(Register):
    """What every cell knows of certificates."""

    __tablename__ = "certificates_register"
    __table_args__ = SCHEMA

    tenant: Mapped[UUID] = mapped_column(Computed("(state->>'tenant')::uuid", persisted=True))
    standard_id: Mapped[UUID] = mapped_column(Computed("(state->>'standard_id')::uuid", persisted=True))
    body_id: Mapped[UUID] = mapped_column(Computed("(state->>'body_id')::uuid", persisted=True))
    holder_code: Mapped[str | None] = mapped_column(Computed("state->'holder'->>'code'", persisted=True))


@aggregate
class Certificate(Aggregate):
    """A certificate of conformity; broadcast. Its id follows from its number (`certificate_id`).

    `holder` is `{"code", "name_digest", "organisation", "public"}`, the name itself a free text at home, `public`
    whether the holder allows that anybody is told it (in certificates of before: not); `products` are `{"class",
    "name"}`, `methods` the tests that were made, `report` cites the test report, `based_on` are numbers of certificates
    it rests on; `tenant` is its home; `dated` and `drawn` the number without the tenant's code, and without the year.
    """

    __tablename__ = "certificates"
    __table_args__ = SCHEMA
    kind = "standards.certificate"
    audited = ("state", "number", "body_id", "standard_id", "valid_from", "valid_to", "replaced_by")
    called = "证书 / certificate"
    register = CertificateRow
    home_column = "tenant"
    files = ("report",)

    state: Mapped[str]
    spells: Mapped[list[dict[str, Any]]]
    tenant: Mapped[UUID]
    number: Mapped[str] = mapped_column(Text(collation="C"))
    dated: Mapped[str] = mapped_column(
        Text(collation="C"), Computed("right(number, 19)", persisted=True), deferred=True
    )
    drawn: Mapped[str] = mapped_column(
        Text(collation="C"), Computed("right(number, 14)", persisted=True), deferred=True
    )
    body_id: Mapped[UUID]
    standard_id: Mapped[UUID]
    holder: Mapped[dict[str, Any]]
    products: Mapped[list[dict[str, Any]]]
    methods: Mapped[list[str]]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    report: Mapped[list[dict[str, Any]]]
    based_on: Mapped[list[str]]
    replaces: Mapped[str | None]
    replaced_by: Mapped[str | None]
    reason_digest: Mapped[str | None]


def certificate_id(home: UUID, number: str) -> UUID:
    """The id of the certificate with this number, whether it exists or not."""
    return aggregate_id(home, certificate_nonce(number))


class Printing(TenantRow):
    """The PDF of one version of a certificate, kept as a file of the tenant; `sha256` is None until it is made."""

    __tablename__ = "printings"
    __table_args__ = SCHEMA

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    made_at: Mapped[datetime | None]


class Holder(TenantRow):
    """A credit code by which certificates are an organisation's: its own, or one of those merged into it."""

    __tablename__ = "holders"
    __table_args__ = SCHEMA

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
