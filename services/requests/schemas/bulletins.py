"""Bulletins as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.bulletins import BULLETIN_LIFECYCLE
from services.requests.schemas.scoreboard import ROLES, ScoreView
from shared.http.fields.aggregates import VersionView
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema
from shared.http.fields.texts import Lines
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress


class BulletinDraft(Schema):
    """The period whose cases are counted."""

    since = Day(required=True)
    until = Day(required=True)


class BulletinFilter(PageFilter):
    """Which bulletins to list."""

    tenant = TenantAddress()
    state = Choice(BULLETIN_LIFECYCLE.states)


class PublicBulletinFilter(PageFilter):
    """Whose bulletins to list."""

    tenant = TenantAddress()


class WithdrawalDraft(Schema):
    """Why it holds no longer; anybody reads it, so it names no person."""

    reason = Lines(500, required=True)


class BulletinLineView(ScoreView):
    """One item, called as it was on the day of publication."""

    class Meta:
        """Whose it is, the bulletin says."""

        exclude = ("tenant",)

    item = Reference("item", allow_none=True)
    role = Choice(ROLES)
    code = fields.String(allow_none=True)
    name_zh = fields.String(allow_none=True)
    name_en = fields.String(allow_none=True)


class BulletinSumView(ScoreView):
    """All items together."""

    class Meta:
        """Of no one item."""

        exclude = ("tenant", "item")

    role = Choice(ROLES)


class BulletinView(VersionView):
    """A bulletin as officials see it."""

    id = Reference("bulletin")
    home = Reference("tenant", attribute="tenant")
    state = Choice(BULLETIN_LIFECYCLE.states)
    since = Day()
    until = Day()
    sums = fields.List(fields.Nested(BulletinSumView))
    rows = fields.List(fields.Nested(BulletinLineView))


class PublicBulletinView(Schema):
    """A bulletin as anybody sees it."""

    id = Reference("bulletin")
    home = Reference("tenant", attribute="tenant")
    since = Day()
    until = Day()
    sums = fields.List(fields.Nested(BulletinSumView))
    rows = fields.List(fields.Nested(BulletinLineView))
    updated_at = Instant()
