"""Fetching: what a verified message cites is copied from whoever sent it, at once or as soon as it can be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import accumulate
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select

from shared.core.log import logger
from shared.core.metrics import FILES
from shared.core.pauses import growing
from shared.core.settings import Settings
from shared.files.files import FETCH, NOBODY, FileRow, keep_received, mark_cited
from shared.files.media_types import LONGEST, MEDIA_TYPE, UNKNOWN, named
from shared.files.store import SHA256, Store
from shared.journal.session import Session
from shared.journal.timers import TimerRow, schedule, timer

NAMES = UUID("5f3f0c0e-5b0e-4d53-9c3c-0a7f2d1f6f5e")
SOON = timedelta(seconds=5)
AT_ONCE = 16 << 20
"""Bytes of one message that are copied at once: for more of them the worker's other messages would wait."""
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 180
"""Doubling pauses, then one an hour: a week."""
MOST_CITED = 100
"""Files of one message that are fetched."""
MOST_AWAITED = 1000
"""Contents of one sender that a tenant waits for; what is cited beyond is fetched once somebody cites it again."""
LARGEST = 2**40
"""Bytes that a citation may speak of."""


def receive(session: Session, cited: Iterable[Any], *, origin: UUID) -> None:
    """Have the contents that a verified entry of `origin` cites, as far as this tenant does not have them yet."""
    items = [item for item in map(_read, list(cited)[:MOST_CITED]) if item is not None]
    ours = FileRow.sha256.in_([item["sha256"] for item in items]), FileRow.organisation_id == NOBODY
    # Locked, so that none is deleted as uncited between the look and the mark.
    query = select(FileRow.sha256).where(*ours).order_by(FileRow.sha256).with_for_update()
    known = set(session.scalars(query)) if items else set()
    if known:
        mark_cited(session, known)
    take_over(session, [item for item in items if item["sha256"] not in known], origin=origin)


def take_over(session: Session, items: Sequence[Mapping[str, Any]], *, origin: UUID) -> None:
    """Have these copied from `origin`: those that it holds now count as received, for the others a timer looks.

    Copied is after the commit, under no lock of the database; the timer also does what that did not, and what would
    keep others waiting. Only `origin`'s own folder is looked into: to cite what others hold fetches nothing.
    """
    here = session.context.tenant_id
    looked = [(item, _held(session, origin, item=item)) for item in items]
    held = [found for _item, found in looked if found is not None]
    missing = [item for item, found in looked if found is None]
    missing = missing[: _room(session, origin)] if missing else []
    for item in [*held, *missing]:
        described = {name: item[name] for name in ("sha256", "size", "media_type")}
        _schedule(session, {**described, "origin": str(origin), "attempts": 0})
    for item, so_far in zip(held, accumulate(item["size"] for item in held), strict=True):
        if so_far <= AT_ONCE:
            session.afterwards.append(partial(_copy, session.settings, way=(origin, here), item=item))
    for item in missing:
        logger("files").warning("file_missing", sha256=item["sha256"], origin=str(origin), tenant=str(here))
        FILES.labels("missing").inc()
    keep_received(session, held, origin=origin)


def _read(item: Any) -> dict[str, Any] | None:
    """A citation as far as it is one; what stands in a signed state may be of any form."""
    given = item if isinstance(item, Mapping) else {}
    sha256, size, media_type = given.get("sha256"), given.get("size"), given.get("media_type")
    if not isinstance(sha256, str) or SHA256.fullmatch(sha256) is None:
        return None
    if type(size) is not int or not 0 <= size <= LARGEST:
        return None
    known = isinstance(media_type, str) and len(media_type) <= LONGEST and MEDIA_TYPE.fullmatch(media_type)
    return {"sha256": sha256, "size": size, "media_type": media_type if known else UNKNOWN}


def _room(session: Session, origin: UUID) -> int:
    of_origin = *_waiting(), TimerRow.params["origin"].astext == str(origin)
    return max(0, MOST_AWAITED - int(session.scalar(select(func.count()).where(*of_origin)) or 0))


def _waiting() -> tuple[Any, ...]:
    return TimerRow.name == FETCH, TimerRow.done_at.is_(None)


def _schedule(session: Session, params: Mapping[str, Any]) -> None:
    attempts = int(params["attempts"])
    pause = growing(attempts + 1, first=SOON, longest=LONGEST_PAUSE)
    key = uuid5(NAMES, f"{params['origin']}/{params['sha256']}")
    schedule(session, FETCH, aggregate=key, due_at=session.clock.now() + pause, params=params)


def _held(session: Session, origin: UUID, *, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The citation, called what its bytes are, if `origin` holds the content.

    A store that is away has nothing now: what is signed is applied all the same, and the content fetched later.
    """
    try:
        return _named(Store(session.settings), origin, item=item)
    except Exception as error:  # noqa: BLE001 - each kind of store has errors of its own
        logger("files").warning("store_away", origin=str(origin), reason=repr(error))
        return None


def _named(store: Store, tenant: UUID, *, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not store.holds(tenant, item["sha256"], size=item["size"]):
        return None
    return {**item, "media_type": named(item["media_type"], store.form(tenant, item["sha256"]))}


def _copy(settings: Settings, *, way: tuple[UUID, UUID], item: Mapping[str, Any]) -> None:
    """From one tenant to the other. Nothing that goes wrong undoes what is committed; the timer tries again."""
    origin, here = way
    try:
        Store(settings).copy(origin, here, sha256=item["sha256"], size=item["size"])
    except Exception as error:  # noqa: BLE001 - each kind of store has errors of its own
        logger("files").warning("file_not_copied", sha256=item["sha256"], origin=str(origin), reason=repr(error))


@timer(FETCH, low_priority=True)
def fetch(session: Session, _key: UUID, params: Mapping[str, Any]) -> None:
    """Copy what was not copied at once; tried again with growing pauses for a week, then given up aloud."""
    origin, here, store = UUID(params["origin"]), session.context.tenant_id, Store(session.settings)
    if store.copy(origin, here, sha256=params["sha256"], size=params["size"]):
        found = _named(store, here, item=params)
        keep_received(session, [] if found is None else [found], origin=origin)
        FILES.labels("copied").inc()
    elif params["attempts"] < MOST_ATTEMPTS:
        _schedule(session, {**params, "attempts": params["attempts"] + 1})
    else:
        FILES.labels("given_up").inc()
        logger("files").error("file_given_up", sha256=params["sha256"], origin=str(origin), tenant=str(here))


def awaited(session: Session) -> Sequence[TimerRow]:
    """What the session's tenant waits for: `params` say what, from whom, and how often it was looked for."""
    rows = select(TimerRow).where(*_waiting(), TimerRow.params["attempts"].as_integer() > 0)
    return session.scalars(rows.order_by(TimerRow.due_at).limit(MOST_AWAITED)).all()
