"""What the notices service publishes: announcements of one tenant to others."""

from __future__ import annotations

from uuid import UUID

from events.canonical import Json
from events.catalog import Change, event
from events.text import FreeText


@event("notices.notice.drafted.v1", zh="起草公告", en="Notice drafted")
class NoticeDrafted(Change):
    """A notice exists, for its own tenant alone."""

    title_zh: str


@event("notices.notice.revised.v1", zh="修改公告", en="Notice revised")
class NoticeRevised(Change):
    """The draft changed; `changes` holds the new values."""

    changes: dict[str, Json]


@event("notices.notice.published.v1", zh="发布公告", en="Notice published")
class NoticePublished(Change):
    """The notice is told to these tenants, and changes no more."""

    addressees: tuple[UUID, ...]


@event("notices.notice.read.v1", zh="确认已阅", en="Reading confirmed")
class NoticeRead(Change):
    """The acting tenant has read it."""


@event("notices.notice.withdrawn.v1", zh="撤回公告", en="Notice withdrawn")
class NoticeWithdrawn(Change):
    """What was announced counts no more."""

    reason: FreeText
