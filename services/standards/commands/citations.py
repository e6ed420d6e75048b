"""Citations: what of this tenant rests on what, replaced as a whole by each event that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from services.standards.commands.consequences import Opening, update_consequences
from services.standards.commands.dependencies import cited_id
from services.standards.commands.propagation import STEP, look_daily, own_certificate
from services.standards.domain.dependencies import Dependant
from services.standards.models import Citation
from shared.database.rows import table_of
from shared.journal.session import Session

MOST = 1000
"""Citations of one thing; a service bounds what its own things cite far below."""
ADD = upsert(table_of(Citation)).on_conflict_do_nothing()


def replace_citations(session: Session, kind: str, *, citing: UUID, cites: Sequence[str]) -> None:
    """The citing thing rests on exactly `cites`; a consequence is opened where what is new does not count now."""
    mine = Citation.citing_kind == kind, Citation.citing_id == citing
    before = set(session.scalars(select(Citation.reference).where(*mine)))
    after = set(cites[:MOST])
    if before - after:
        session.execute(delete(Citation).where(*mine, Citation.reference.in_(before - after)))
    new = [Dependant(kind, citing, name, cited_id(session, name)) for name in sorted(after - before)]
    if not new:
        return
    now, here = session.clock.now(), session.context.tenant_id
    rows = [
        {
            "tenant_id": here,
            "reference": one.reference,
            "citing_kind": one.kind,
            "citing_id": one.id,
            "cited_id": one.cited,
            "since": now,
        }
        for one in new
    ]
    session.write(ADD, rows)
    update_consequences(session, new, opening=Opening.AGAIN, registers=True)
    look_daily(session)


def register_certificate(session: Session, key: UUID, *, number: str) -> None:
    """A certificate of this tenant rests on what it was issued under, by whom and on what basis."""
    update_consequences(session, [own_certificate(key, number)], registers=True)
    look_daily(session)


def look_at_arrivals(session: Session, numbers: Mapping[UUID, str]) -> None:
    """Certificates become known here, perhaps after they were cited and what they rest on has stopped.

    The caller has locked them alone. A step at a time, in this transaction.
    """
    row, names = Citation, [f"certificate:{number}" for number in numbers.values()]
    order = (row.reference, row.citing_kind, row.citing_id)
    query = select(*order, row.cited_id).where(or_(row.cited_id.in_(numbers), row.reference.in_(names)))
    after: tuple[str, str, UUID] | None = None
    while names:
        page = query if after is None else query.where(tuple_(*order) > after)
        rows = session.execute(page.order_by(*order).limit(STEP)).all()
        found = [Dependant(kind, citing, name, known or cited_id(session, name)) for name, kind, citing, known in rows]
        update_consequences(session, found)
        if len(rows) < STEP:
            return
        after = (rows[-1].reference, rows[-1].citing_kind, rows[-1].citing_id)
