"""Common sheets of several tenants: proposed and signed by all, and followed by items of each."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.catalog import Change, event
from events.text import FreeText


@event("requests.common_sheet.begun.v1", zh="建立共同规则表", en="Common sheet begun")
class CommonSheetBegun(Change):
    """These tenants are going to offer a service by one sheet."""

    parties: tuple[UUID, ...]


@event(
    "requests.common_sheet.negotiated.v1",
    zh="开始协商第 {revision} 版共同规则表",
    en="Revision {revision} is negotiated",
)
class CommonSheetNegotiated(Change):
    """A revision of the common sheet is on the table."""

    revision: int


@event(
    "requests.item.followed.v1", zh="采用共同规则表第 {revision} 版", en="Common sheet followed, revision {revision}"
)
class ItemFollowed(Change):
    """The item counts by this revision of a common sheet, but for the fields that differ."""

    common: UUID
    revision: int
    differs: tuple[str, ...]
    edition: int


@event("requests.item.unfollowed.v1", zh="停止采用共同规则表", en="Common sheet followed no more")
class ItemUnfollowed(Change):
    """The sheet of the item is its tenant's own again."""

    edition: int


@event("requests.common_revision.proposed.v1", zh="提出第 {revision} 版共同规则表", en="Revision {revision} proposed")
class CommonRevisionProposed(Change):
    """A party proposed a sheet by which all of them offer a service."""

    common: UUID
    revision: int
    content_hash: str


@event(
    "requests.common_revision.amended.v1",
    zh="修改第 {revision} 版共同规则表,已有签署失效",
    en="Revision {revision} amended, signatures void",
)
class CommonRevisionAmended(Change):
    """The content changed: signatures given before are void."""

    content_hash: str
    voided: tuple[UUID, ...]


@event("requests.common_revision.signed.v1", zh="签署第 {revision} 版共同规则表", en="Revision {revision} signed")
class CommonRevisionSigned(Change):
    """A party signed this content; others are still missing."""

    content_hash: str


@event(
    "requests.common_revision.reminded.v1",
    zh="提醒签署第 {revision} 版共同规则表",
    en="Reminder to sign revision {revision}",
)
class CommonRevisionReminded(Change):
    """Signatures are missing, and the day by which to sign is near or has come."""

    sign_by: date


@event(
    "requests.common_revision.agreed.v1",
    zh="各方签署完毕,第 {revision} 版共同规则表将于约定日生效",
    en="All signed, revision {revision} takes effect on its day",
)
class CommonRevisionAgreed(Change):
    """The last party signed the same content, whose day is still to come."""

    content_hash: str
    effective_from: date


@event("requests.common_revision.in_force.v1", zh="第 {revision} 版共同规则表生效", en="Revision {revision} in force")
class CommonRevisionInForce(Change):
    """All have signed the same content, and its day has come."""

    content_hash: str


@event("requests.common_revision.refused.v1", zh="拒绝第 {revision} 版共同规则表", en="Revision {revision} refused")
class CommonRevisionRefused(Change):
    """A party refused it."""

    reason: FreeText | None


@event("requests.common_revision.withdrawn.v1", zh="撤回第 {revision} 版共同规则表", en="Revision {revision} withdrawn")
class CommonRevisionWithdrawn(Change):
    """The proposer took it back."""

    reason: FreeText | None = None


@event(
    "requests.common_revision.superseded.v1",
    zh="第 {revision} 版共同规则表被新版取代",
    en="Revision {revision} superseded",
)
class CommonRevisionSuperseded(Change):
    """A later revision took effect."""

    by_revision: int


@event("requests.common_revision.ended.v1", zh="第 {revision} 版共同规则表终止", en="Revision {revision} ended")
class CommonRevisionEnded(Change):
    """Nothing follows it any more."""
