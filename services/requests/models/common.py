"""Common sheets of several tenants, in revisions that all of them sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Mapped

from events.entry import aggregate_id
from services.requests.domain.common import COMMON_LIFECYCLE, content_hash
from services.requests.domain.scopes import SIGN
from shared.countersigned.rows import Revision, revision_nonce
from shared.database.rows import Aggregate, aggregate
from shared.journal.session import Session
from shared.rules.duties import Beside, Duty, Work

SCHEMA = {"schema": "requests"}
SIGNING = Duty("sign", "签署共同规则表", "Sign the common sheet", SIGN)


@aggregate
class CommonSheet(Aggregate):
    """A service that several tenants offer by one sheet; each follows it with an item of its own (`Item.follows`)."""

    __tablename__ = "common_sheets"
    __table_args__ = SCHEMA
    kind = "requests.common_sheet"
    called = "共同规则表 / common sheet"
    audited = ("next_revision",)

    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    category: Mapped[str]
    next_revision: Mapped[int]


@aggregate
class CommonRevision(Revision):
    """One revision of a common sheet; `sheet` is as that of an item."""

    __tablename__ = "common_revisions"
    __table_args__ = SCHEMA
    kind = "requests.common_revision"
    called = "共同规则表版次 / revision of a common sheet"
    duties = (SIGNING,)
    beside = Beside("common_id", CommonSheet.kind, "proposed")
    lifecycle = COMMON_LIFECYCLE
    content = ("sheet", "effective_from")

    common_id: Mapped[UUID]
    sheet: Mapped[dict[str, Any]]

    @classmethod
    def hash_of(cls, content: Mapping[str, Any]) -> str:
        """Of the sheet, and from when on it counts."""
        return content_hash(content["sheet"], effective_from=content["effective_from"])

    def work(self, beside: CommonSheet | None) -> Work | None:
        """While it is proposed it waits for every signature that is missing."""
        if beside is None:
            return None
        return Work(
            name_zh=f"{beside.name_zh}共同规则表第{self.revision}版",
            name_en=f"Common sheet of {beside.name_en or beside.name_zh}, revision {self.revision}",
            url=f"/v1/common-sheets/{self.common_id}/revisions/{self.revision}",
            waits=[self.wait_for_signatures(SIGNING, since=self.created_at)] if self.state == "proposed" else [],
        )


def common_revision_id(home: UUID, common: UUID, *, number: int) -> UUID:
    """The id of a revision, whether it exists or not."""
    return aggregate_id(home, revision_nonce(common, number))


def common_in_force(session: Session, key: UUID) -> CommonRevision | None:
    """The revision of a common sheet that counts now."""
    row = CommonRevision
    held = select(row).where(row.common_id == key, row.state == "in_force")
    return session.scalar(held.order_by(row.revision.desc()).limit(1))
