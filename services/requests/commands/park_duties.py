"""Writes of the duty table of a park: begun at the park's home, its revisions proposed and signed by all parties."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from events import requests as events
from events.canonical import plain
from events.text import FreeText
from services.requests.commands.places import park_known
from services.requests.domain.matters import check_matters
from services.requests.models import DutyRevision, DutyTable
from services.requests.models.park_duties import table_id, table_nonce
from shared.commands.registry import command
from shared.core.errors import ConflictError, RefusedError
from shared.countersigned.commands import Revisions
from shared.countersigned.revision import check_none_open
from shared.journal.session import Session


def _follow(_session: Session, _table: DutyTable, *, revision: DutyRevision) -> None:
    """Whoever raises a matter looks for the revision that is in force: nothing more follows."""
    del revision


REVISIONS = Revisions(
    subject=DutyTable,
    kind=DutyRevision,
    proposed=lambda row: events.DutyRevisionProposed(
        park=row.park_id, revision=row.revision, content_hash=row.content_hash
    ),
    amended=events.DutyRevisionAmended,
    signed=events.DutyRevisionSigned,
    refused=events.DutyRevisionRefused,
    withdrawn=events.DutyRevisionWithdrawn,
    agreed=events.DutyRevisionAgreed,
    in_force=events.DutyRevisionInForce,
    superseded=events.DutyRevisionSuperseded,
    ended=events.DutyRevisionEnded,
    reminded=events.DutyRevisionReminded,
    concluded=_follow,
)


def begin_duty_table(session: Session, *, park: UUID) -> DutyTable:
    """At the park's home: from then on any party proposes who answers what."""
    known = park_known(session, park)
    here = session.context.tenant_id
    if known.home != here:
        raise RefusedError(
            "park_home_only",
            "分工表由园区的起草辖区建立,各参与方都可以提出内容。请与起草辖区联系。",
            "The jurisdiction where the park is at home begins its duty table, for which any party proposes the content"
            " then. Get in touch with it.",
        )
    if session.get(DutyTable, (here, table_id(here, park))) is not None:
        raise ConflictError(
            "duty_table_exists",
            "该园区已有分工表。请提出新的版次。",
            "This park has a duty table. Propose a revision of it.",
        )
    table = session.create(
        DutyTable,
        parties=known.parties,
        nonce=table_nonce(park),
        park_id=park,
        name_zh=known.name_zh,
        name_en=known.name_en,
        next_revision=1,
    )
    session.publish(table, events.DutyTableBegun(park=park))
    return table


@command("requests.duty_table.propose", DutyTable)
def propose_duty_revision(
    session: Session, table: UUID, *, matters: Any, effective_from: date, sign_by: date | None = None
) -> DutyRevision:
    """Put the next revision on the table, for all who build the park now; it is not signed by proposing it."""
    row = session.locked(DutyTable, table)
    known = park_known(session, row.park_id)
    check_none_open(REVISIONS.on_table(session, row))
    check_matters(matters, parties=known.parties)
    row.party_ids, number = sorted({row.home_id, *known.parties}), row.next_revision
    row.next_revision, row.name_zh, row.name_en = number + 1, known.name_zh, known.name_en
    session.publish(row, events.DutyTableNegotiated(revision=number))
    content = {"park_id": row.park_id, "matters": plain(matters), "effective_from": effective_from}
    return REVISIONS.propose(session, row, revision=number, content=content, sign_by=sign_by)


@command("requests.duty_revision.amend", DutyRevision)
def amend_duty_revision(session: Session, key: UUID, **changes: Any) -> DutyRevision:
    """Change who answers what, or from when on; every signature given so far is void."""
    table, row = REVISIONS.locked(session, key, action="amend")
    if "matters" in changes:
        check_matters(changes["matters"], parties=park_known(session, table.park_id).parties)
        changes["matters"] = plain(changes["matters"])
    return REVISIONS.amend(session, row, changes=changes)


@command("requests.duty_revision.sign", DutyRevision)
def sign_duty_revision(session: Session, key: UUID, *, content_hash: str) -> DutyRevision:
    """Sign what one has read; the last party's signature makes it hold, on its day."""
    table, row = REVISIONS.locked(session, key, action="sign")
    park_known(session, table.park_id)
    return REVISIONS.sign(session, table, row=row, content_hash=content_hash)


@command("requests.duty_revision.refuse", DutyRevision)
def refuse_duty_revision(session: Session, key: UUID, *, reason: FreeText) -> DutyRevision:
    """Refuse it; a new one can then be proposed."""
    return REVISIONS.refuse(session, key, reason=reason)


@command("requests.duty_revision.withdraw", DutyRevision)
def withdraw_duty_revision(session: Session, key: UUID, *, reason: FreeText) -> DutyRevision:
    """Take one's own proposal back, for good, while nobody else has signed it."""
    return REVISIONS.withdraw(session, key, reason=reason)
