"""Duty tables of parks: which party answers which kind of matter, in revisions that all parties sign."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.catalog import Change, event
from events.text import FreeText


@event("requests.duty_table.begun.v1", zh="建立园区分工表", en="Duty table of a park begun")
class DutyTableBegun(Change):
    """Its parties may propose from now on which of them answers what."""

    park: UUID


@event("requests.duty_table.negotiated.v1", zh="开始协商第 {revision} 版分工表", en="Revision {revision} is negotiated")
class DutyTableNegotiated(Change):
    """A revision of the duty table is on the table, for all who build the park now."""

    revision: int


@event("requests.duty_revision.proposed.v1", zh="提出第 {revision} 版分工表", en="Revision {revision} proposed")
class DutyRevisionProposed(Change):
    """A party proposed which of them answers what."""

    park: UUID
    revision: int
    content_hash: str


@event(
    "requests.duty_revision.amended.v1",
    zh="修改第 {revision} 版分工表,已有签署失效",
    en="Revision {revision} amended, signatures void",
)
class DutyRevisionAmended(Change):
    """The content changed: signatures given before are void."""

    content_hash: str
    voided: tuple[UUID, ...]


@event("requests.duty_revision.signed.v1", zh="签署第 {revision} 版分工表", en="Revision {revision} signed")
class DutyRevisionSigned(Change):
    """A party signed this content; others are still missing."""

    content_hash: str


@event(
    "requests.duty_revision.reminded.v1", zh="提醒签署第 {revision} 版分工表", en="Reminder to sign revision {revision}"
)
class DutyRevisionReminded(Change):
    """Signatures are missing, and the day by which to sign is near or has come."""

    sign_by: date


@event(
    "requests.duty_revision.agreed.v1",
    zh="各方签署完毕,第 {revision} 版分工表将于约定日生效",
    en="All signed, revision {revision} takes effect on its day",
)
class DutyRevisionAgreed(Change):
    """The last party signed the same content, whose day is still to come."""

    content_hash: str
    effective_from: date


@event("requests.duty_revision.in_force.v1", zh="第 {revision} 版分工表生效", en="Revision {revision} in force")
class DutyRevisionInForce(Change):
    """All have signed the same content, and its day has come."""

    content_hash: str


@event("requests.duty_revision.refused.v1", zh="拒绝第 {revision} 版分工表", en="Revision {revision} refused")
class DutyRevisionRefused(Change):
    """A party refused it."""

    reason: FreeText | None


@event("requests.duty_revision.withdrawn.v1", zh="撤回第 {revision} 版分工表", en="Revision {revision} withdrawn")
class DutyRevisionWithdrawn(Change):
    """The proposer took it back."""

    reason: FreeText | None = None


@event(
    "requests.duty_revision.superseded.v1", zh="第 {revision} 版分工表被新版取代", en="Revision {revision} superseded"
)
class DutyRevisionSuperseded(Change):
    """A later revision took effect."""

    by_revision: int


@event("requests.duty_revision.ended.v1", zh="第 {revision} 版分工表终止", en="Revision {revision} ended")
class DutyRevisionEnded(Change):
    """Nothing is answered by it any more."""
