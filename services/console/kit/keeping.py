"""What people keep for themselves: drafts, views of lists, bookmarks, and what the console remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import g
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import load_only

from services.console.calling.visits import Visitor
from services.console.models import Bookmark, Draft, Preference, SavedView
from shared.core.errors import ConflictError
from shared.core.words import Pair

DONE = "done"
"""Under which name is remembered what a page says once."""
MOST_DRAFTS, MOST_VIEWS, MOST_BOOKMARKS = 100, 100, 500
DRAFT_KEPT, SHOWN_DRAFTS = timedelta(days=30), 20
LONGEST_PLACE, LONGEST_TITLE, LONGEST_QUERY, LARGEST_DRAFT = 300, 400, 2000, 200_000


def preferences(who: Visitor) -> Mapping[str, Any]:
    """All that is remembered of somebody; read once per request."""
    if "preferences" not in g:
        with who.session() as session:
            rows = session.scalars(select(Preference).where(Preference.owner == who.owner)).all()
            g.preferences = {row.name: row.value for row in rows}
    found: Mapping[str, Any] = g.preferences
    return found


def preference(who: Visitor, name: str) -> Mapping[str, Any]:
    """What is remembered under this name; nothing at first."""
    found: Mapping[str, Any] = preferences(who).get(name, {})
    return found


def remember(who: Visitor, name: str, *, value: Mapping[str, Any]) -> None:
    """Under this name, instead of what was there."""
    with who.session() as session:
        row = session.get(Preference, (who.tenant, who.owner, name))
        if row is None:
            session.add(Preference(owner=who.owner, name=name, value=dict(value)))
        else:
            row.value = dict(value)
    g.pop("preferences", None)


def tell_once(who: Visitor, place: str, *, done: Pair) -> None:
    """The next page at this address says that it is done; Back and a reload do not say it again."""
    remember(who, DONE, value={"place": place, **done.by_language()})


def told_once(who: Visitor, place: str) -> Pair | None:
    """What was done, as the page at this address says once; None where nothing was, or it has said so."""
    kept = preference(who, DONE)
    if kept.get("place") != place:
        return None
    remember(who, DONE, value={})
    return Pair(kept["zh"], kept["en"])


def draft_at(who: Visitor, place: str) -> Draft | None:
    """What somebody has typed there and not sent."""
    with who.session() as session:
        row: Draft | None = session.get(Draft, (who.tenant, who.owner, place))
        if row is not None:
            session.expunge(row)
    return row


def keep_draft(who: Visitor, place: str, *, title: str, fields: Mapping[str, str]) -> None:
    """Keep what was typed; the oldest go when there are too many, and what is a month old."""
    if len(place) > LONGEST_PLACE or sum(len(name) + len(value) for name, value in fields.items()) > LARGEST_DRAFT:
        return
    with who.session() as session:
        now = session.clock.now()
        mine = select(Draft.place).where(Draft.owner == who.owner)
        old = mine.order_by(Draft.saved_at.desc()).offset(MOST_DRAFTS)
        gone = or_(Draft.place.in_(old.scalar_subquery()), Draft.saved_at < now - DRAFT_KEPT)
        session.execute(delete(Draft).where(Draft.owner == who.owner, gone))
        row = session.get(Draft, (who.tenant, who.owner, place))
        if row is None:
            row = Draft(owner=who.owner, place=place, title=title, fields={}, saved_at=now)
            session.add(row)
        row.title, row.fields, row.saved_at = title[:LONGEST_TITLE], dict(fields), now


def drop_draft(who: Visitor, place: str) -> None:
    """It was sent, or is not wanted any more."""
    with who.session() as session:
        session.execute(delete(Draft).where(Draft.owner == who.owner, Draft.place == place))


def drafts(who: Visitor) -> Sequence[Draft]:
    """The newest of somebody's, without their fields."""
    with who.session() as session:
        told = load_only(Draft.place, Draft.title, Draft.saved_at)
        mine = select(Draft).options(told).where(Draft.owner == who.owner)
        rows: Sequence[Draft] = session.scalars(mine.order_by(Draft.saved_at.desc()).limit(SHOWN_DRAFTS)).all()
        session.expunge_all()
    return rows


def views_of(who: Visitor, area: str) -> Sequence[SavedView]:
    """Views of a list: one's own, and those that somebody shares with the whole tenant."""
    with who.session() as session:
        seen = or_(SavedView.owner == who.owner, SavedView.shared)
        rows: Sequence[SavedView] = session.scalars(
            select(SavedView).where(SavedView.area == area, seen).order_by(SavedView.shared, SavedView.name)
        ).all()
        session.expunge_all()
    return rows


def save_view(who: Visitor, area: str, *, name: str, query: str, shared: bool) -> None:
    """Keep a list as it is shown, under a name; one of that name is replaced. Raises `ConflictError` at too many."""
    with who.session() as session:
        mine = select(SavedView).where(SavedView.owner == who.owner, SavedView.area == area)
        row = session.scalars(mine.where(SavedView.name == name)).one_or_none()
        if row is None:
            if (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST_VIEWS:
                raise ConflictError(
                    "views_full",
                    f"每个列表至多保存 {MOST_VIEWS} 个视图。请先删除不用的。",
                    f"At most {MOST_VIEWS} views of a list. Remove one that you no longer use.",
                )
            row = SavedView(
                id=uuid4(),
                owner=who.owner,
                area=area,
                name=name,
                query="",
                shared=False,
                created_at=session.clock.now(),
            )
            session.add(row)
        row.query, row.shared = query[:LONGEST_QUERY], shared


def remove_view(who: Visitor, key: UUID) -> None:
    """One of one's own; of others nothing is removed."""
    with who.session() as session:
        session.execute(delete(SavedView).where(SavedView.id == key, SavedView.owner == who.owner))


def bookmarks(who: Visitor) -> Sequence[Bookmark]:
    """Pages to find again, newest first."""
    with who.session() as session:
        rows: Sequence[Bookmark] = session.scalars(
            select(Bookmark).where(Bookmark.owner == who.owner).order_by(Bookmark.created_at.desc())
        ).all()
        session.expunge_all()
    return rows


def is_bookmarked(who: Visitor, place: str) -> bool:
    """Whether somebody wants to find this page again."""
    with who.session() as session:
        return session.get(Bookmark, (who.tenant, who.owner, place)) is not None


def toggle_bookmark(who: Visitor, place: str, *, title: str) -> bool:
    """Add or remove it; returns whether it is there now."""
    with who.session() as session:
        row = session.get(Bookmark, (who.tenant, who.owner, place))
        if row is not None:
            session.delete(row)
            return False
        count = session.scalar(select(func.count()).select_from(Bookmark).where(Bookmark.owner == who.owner)) or 0
        if count >= MOST_BOOKMARKS:
            raise ConflictError(
                "bookmarks_full",
                f"至多关注 {MOST_BOOKMARKS} 项。请先取消一些。",
                f"At most {MOST_BOOKMARKS} bookmarks. Remove some first.",
            )
        session.add(Bookmark(owner=who.owner, place=place, title=title[:LONGEST_TITLE], created_at=session.clock.now()))
        return True
