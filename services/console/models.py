"""Rows of the console: who is signed in at it, and what people keep there for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from shared.core.words import BETWEEN, Pair
from shared.database.rows import TenantRow


class Visit(TenantRow):
    """A browser that is signed in; the cookie's secret is kept as a hash, the tokens are sealed.

    `refreshing_until` is set while one of the browser's requests fetches new tokens, so that no other does, too.
    """

    __tablename__ = "visits"
    __table_args__ = {"schema": "console"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[str]
    owner: Mapped[str]
    sealed: Mapped[bytes]
    expires_at: Mapped[datetime]
    refreshing_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SavedView(TenantRow):
    """A list as somebody wants it again: filters, columns and order; `shared` ones are seen by the whole tenant."""

    __tablename__ = "views"
    __table_args__ = {"schema": "console"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str]
    area: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    shared: Mapped[bool]
    created_at: Mapped[datetime]


class Draft(TenantRow):
    """What somebody has typed into the form at `place`, kept until it is sent or thrown away."""

    __tablename__ = "drafts"
    __table_args__ = {"schema": "console"}

    owner: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    """`中文 / English`."""
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]

    @property
    def named(self) -> Pair:
        """Its title in both languages, in one where it was kept so."""
        zh, _, en = self.title.partition(BETWEEN)
        return Pair(zh, en or zh)


class Bookmark(TenantRow):
    """A page that somebody wants to find again; `place` is its address in the console."""

    __tablename__ = "bookmarks"
    __table_args__ = {"schema": "console"}

    owner: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    created_at: Mapped[datetime]


class Preference(TenantRow):
    """What the console remembers for somebody: the columns of a list, its density, when they were here last."""

    __tablename__ = "preferences"
    __table_args__ = {"schema": "console"}

    owner: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]


class Feed(TenantRow):
    """A calendar that somebody's calendar program fetches by a secret address, of which only the hash is kept.

    `events` are what was due when its owner was last at the console: whoever has the address learns nothing newer.
    """

    __tablename__ = "feeds"
    __table_args__ = {"schema": "console"}

    owner: Mapped[str] = mapped_column(primary_key=True)
    secret_hash: Mapped[str]
    events: Mapped[list[dict[str, Any]]]
    kept_at: Mapped[datetime]
    created_at: Mapped[datetime]
