"""What jurisdictions say for anybody of how they keep their terms."""

from __future__ import annotations

from datetime import date

from events.catalog import Change, event


@event("requests.bulletin.published.v1", zh="发布办件公报", en="Bulletin published")
class BulletinPublished(Change):
    """How its home kept its terms with the cases that were filed in these days."""

    since: date
    until: date


@event("requests.bulletin.withdrawn.v1", zh="撤回办件公报", en="Bulletin withdrawn")
class BulletinWithdrawn(Change):
    """It holds no longer."""

    reason: str
