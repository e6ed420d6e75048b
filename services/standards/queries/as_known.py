"""What was known here at a moment: of broadcast things from the register, of recognitions from the tenant's journal.

Everything is read from what was *received*, one's own certificates too, so an answer is the same as the neighbour's.
The newest version received by then counts; `NEWEST` asks for the newest of all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    column,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.standards.domain.checking import Knowledge, Proof
from services.standards.models import Certificate, Recognition
from shared.database.prepared import Prepared, given_list
from shared.database.registers import RegisterEntry
from shared.journal.entries import JournalRow
from shared.journal.session import Session

NEWEST = datetime(9999, 1, 1, tzinfo=UTC)
UNUSED = "{text,sheet,report,holder,objections,pending,consent}"
"""Parts of a state document that no answer needs, left in the database: a sheet may have 64 KB."""
Thing = tuple[UUID, datetime]
"""An aggregate and the moment at which it was known."""
Between = tuple[UUID, UUID, datetime]
"""Two tenants, the smaller id first, and the moment at which what is between them was known."""


def between(one: UUID, other: UUID, *, moment: datetime) -> Between:
    """The key of what two tenants recognise of each other."""
    return min(one, other), max(one, other), moment


_MOMENT = DateTime(timezone=True)
_WANTED = (
    func.unnest(given_list("ids", Uuid()), given_list("moments", _MOMENT))
    .table_valued(column("id", Uuid()), column("moment", _MOMENT))
    .render_derived(name="wanted")
)
_PAIRS = (
    func.unnest(given_list("ones", Uuid()), given_list("others", Uuid()), given_list("pair_moments", _MOMENT))
    .table_valued(column("one", Uuid()), column("other", Uuid()), column("moment", _MOMENT))
    .render_derived(name="pairs")
)


def _shown(kept: Any, *, received: Any, picked: Any) -> list[Any]:
    """Columns of one version, read once however many moments it was the newest at."""
    used = kept.state.op("-", return_type=JSONB())(cast(literal(UNUSED), ARRAY(Text())))
    entry_hash = func.encode(func.sha256(kept.entry), "hex")
    return [kept.kind, kept.epoch, kept.version, used, entry_hash, received, picked.c.moments]


def _newest(kept: Any, name: str, *columns: Any, where: Sequence[Any]) -> Any:
    """Of the newest version received by then."""
    latest = kept.epoch.desc(), kept.version.desc()
    return select(*columns).where(*where).order_by(*latest).limit(1).lateral(name)


def _documents() -> Select[Any]:
    kept = RegisterEntry
    # The certificates asked about, and body and standard of each as it was known then, with the moment. Both are
    # computed columns of the register, so they are ids.
    ids = [cast(kept.state[name].astext, Uuid()).label(name) for name in ("body_id", "standard_id")]
    asked = kept.id == _WANTED.c.id, kept.received_at <= _WANTED.c.moment, kept.kind == Certificate.kind
    rests_on = _newest(kept, "rests_on", *ids, where=asked)
    known = select(_WANTED, *rests_on.c).select_from(_WANTED.join(rests_on, true())).cte("known")
    each = (select(known.c[name].label("id"), known.c.moment) for name in ("id", *rests_on.c.keys()))
    needed = union(*each).subquery("needed")
    then = kept.id == needed.c.id, kept.received_at <= needed.c.moment
    newest = _newest(kept, "newest", kept.epoch, kept.version, where=then)
    key = needed.c.id, newest.c.epoch, newest.c.version
    picked = (
        select(*key, func.array_agg(needed.c.moment, type_=ARRAY(_MOMENT)).label("moments"))
        .select_from(needed.join(newest, true()))
        .group_by(*key)
        .subquery("picked")
    )
    same = tuple_(kept.id, kept.epoch, kept.version) == tuple_(picked.c.id, picked.c.epoch, picked.c.version)
    nobody = cast(null(), Uuid()).label("one"), cast(null(), Uuid()).label("other")
    return select(kept.id, *_shown(kept, received=kept.received_at, picked=picked), *nobody).join(picked, same)


def _recognitions() -> Select[Any]:
    """Row-level security keeps to the tenant's own rows and journal; each pair's recognitions are found by index.

    Only what the recogniser itself is home of: nobody recognises on another's behalf.
    """
    row, kept = Recognition, JournalRow
    ours = or_(
        and_(row.recogniser == _PAIRS.c.one, row.recognised == _PAIRS.c.other),
        and_(row.recogniser == _PAIRS.c.other, row.recognised == _PAIRS.c.one),
    )
    then = kept.aggregate_id == row.id, kept.recorded_at <= _PAIRS.c.moment
    newest = _newest(kept, "newest_own", kept.epoch, kept.version, where=then)
    key = row.id, newest.c.epoch, newest.c.version, _PAIRS.c.one, _PAIRS.c.other
    picked = (
        select(*key, func.array_agg(_PAIRS.c.moment, type_=ARRAY(_MOMENT)).label("moments"))
        .select_from(_PAIRS.join(row, and_(ours, row.home_id == row.recogniser)).join(newest, true()))
        .group_by(*key)
        .subquery("picked_own")
    )
    same = tuple_(kept.aggregate_id, kept.epoch, kept.version) == tuple_(picked.c.id, picked.c.epoch, picked.c.version)
    shown = _shown(kept, received=kept.recorded_at, picked=picked)
    return select(picked.c.id, *shown, picked.c.one, picked.c.other).join(picked, same)


FIND = Prepared(lambda: union_all(_documents(), _recognitions()))
"""Certificates, what they rest on, and recognitions: for one question or a thousand it is sent once."""
FIND_MORE = Prepared(_recognitions)


@dataclass(frozen=True)
class Findings:
    """What was known: documents by kind, id and moment, recognitions by two tenants and a moment."""

    documents: dict[tuple[str, UUID, datetime], Knowledge] = field(default_factory=dict)
    recognitions: dict[Between, list[Knowledge]] = field(default_factory=dict)

    def take(self, row: Any) -> None:
        """A row of the statements."""
        known = Knowledge(row[4], Proof(row[0], row[2], row[3], row[5], row[6]))
        for moment in row[7]:
            if row[8] is None:
                self.documents[row[1], row[0], moment] = known
            else:
                self.recognitions.setdefault((row[8], row[9], moment), []).append(known)


def find(session: Session, certificates: Collection[Thing], *, pairs: Collection[Between]) -> Findings:
    """Certificates as they were known, with body and standard, and what was known of each two tenants' recognitions."""
    found = Findings()
    if certificates:
        ids, moments = zip(*sorted(set(certificates)), strict=True)
        given = {"ids": list(ids), "moments": list(moments), **_of(pairs)}
        for row in FIND.rows(session, **given):
            found.take(row)
    return found


def find_more(session: Session, found: Findings, *, pairs: Collection[Between]) -> None:
    """Recognitions whose pair of tenants was not known before."""
    if pairs:
        for row in FIND_MORE.rows(session, **_of(pairs)):
            found.take(row)


def _of(pairs: Collection[Between]) -> dict[str, list[Any]]:
    ordered = sorted(set(pairs))
    return {name: [pair[place] for pair in ordered] for place, name in enumerate(("ones", "others", "pair_moments"))}
