"""What a citation rests on here: read in one go for many, and held against whoever follows what stopped.

Two things may happen at once: something new rests on a ground (it is cited, a certificate is issued), and the ground
stops carrying. Neither may miss the other. What registers reads the register only while it holds a *shared* advisory
lock on every ground, to the end of its transaction; what follows a stop takes the lock *alone*, after the stop is in
the register (`shared.commands.handlers`), and only then looks for dependants. So either the registration has committed
before the follower looks, and is found; or it waits for the follower, reads a register that knows the stop, and opens
the consequence itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, column, func, or_, select

from services.standards.domain.consequences import DEEPEST, RECOGNITION, Basis, Dependant, Document, carries
from services.standards.domain.numbers import read_number
from services.standards.models import BodyRow, CertificateRow, Recognition, StandardRow, certificate_id
from shared.core.calendar import day_of
from shared.database.rows import state_of
from shared.journal.session import Session

Bases = Mapping[UUID, Basis]


@dataclass(frozen=True)
class Fallen:
    """A dependant and one ground that does not carry it now."""

    dependant: Dependant
    kind: str
    cause: UUID
    document: Document
    basis: Basis


def cited_id(session: Session, reference: str) -> UUID | None:
    """The id of what a reference names, whether that is known here or not; None where nobody could have issued it."""
    kind, _, name = reference.partition(":")
    if kind == "certificate":
        number = read_number(name)
        home = None if number is None else session.directory.named(session, number.code)
        return None if number is None or home is None else certificate_id(home.id, number.text)
    try:
        return UUID(name)
    except ValueError:
        return None


def hold_alone(session: Session, names: Iterable[UUID | None]) -> None:
    """Wait for all who register on these grounds, and let none begin until this transaction ends.

    A recognition is held by the other tenant, so that a new one is held too; anything else by its id.
    """
    _lock(session, map(str, names), with_others=False)


def held_bases(session: Session, dependants: Iterable[Dependant]) -> Bases:
    """What they rest on, under a shared lock on each ground: what stops from now on will find them."""
    wanted = list(dependants)
    held: set[str] = set()
    while True:
        found = bases(session, wanted)
        names = {name for basis in found.values() for name in _lock_names(basis)} - held
        if not names:
            return found
        _lock(session, names, with_others=True)
        # Read again under the locks: a certificate that has just become known may bring grounds of its own.
        held |= names


def _lock_names(basis: Basis) -> set[str]:
    grounds = {str(key) for kind, key, _document in basis.grounds() if kind != RECOGNITION}
    others = {other for need in basis.needs() for other in need.others}
    return {*grounds, *others, str(basis.cited)}


def _lock(session: Session, names: Iterable[str], *, with_others: bool) -> None:
    ours = [f"standards.ground/{session.context.tenant_id}/{name}" for name in sorted(names)]
    session.execute(LOCKS[with_others], {"names": ours})


def _taking(take: Any) -> Any:
    """One lock after the other, in the order given: so do all, and none waits for another in a circle."""
    names: Any = bindparam("names", type_=ARRAY(Text()))
    return select(take(func.hashtextextended(column("name", Text()), 0))).select_from(func.unnest(names).alias("name"))


LOCKS = {True: _taking(func.pg_advisory_xact_lock_shared), False: _taking(func.pg_advisory_xact_lock)}


def bases(session: Session, dependants: Iterable[Dependant]) -> Bases:
    """What each cited thing rests on here now, by its id; about six statements whatever the number."""
    cited = {one.cited for one in dependants if one.cited is not None}
    certificates, parents = _certificates(session, cited)
    standards = _documents(session, StandardRow, keys={*cited, *(row.standard_id for row in certificates.values())})
    bodies = _documents(session, BodyRow, keys={*cited, *(row.body_id for row in certificates.values())})
    now = session.clock.now()
    found = {}
    for key in cited:
        line = [certificates[one] for one in _line(key, parents) if one in certificates]
        found[key] = Basis(
            here=session.context.tenant_id, moment=now, today=day_of(now), cited=key,
            certificates={row.id: row.document for row in line},
            standards=_some(standards, {key, *(row.standard_id for row in line)}),
            bodies=_some(bodies, {key, *(row.body_id for row in line)}),
        )  # fmt: skip
    return _with_recognitions(session, found)


def _some(documents: Mapping[UUID, Document], keys: set[UUID]) -> dict[UUID, Document]:
    return {key: documents[key] for key in keys if key in documents}


def _documents(session: Session, kind: Any, *, keys: set[UUID]) -> dict[UUID, Document]:
    rows = session.execute(select(kind.id, kind.state).where(kind.id.in_(keys))) if keys else ()
    return dict(tuple(row) for row in rows)


class _Known(NamedTuple):
    """What is read of a certificate: its entry and signature are many times as long."""

    id: UUID
    document: Document
    standard_id: UUID
    body_id: UUID


KNOWN = select(CertificateRow.id, CertificateRow.state, CertificateRow.standard_id, CertificateRow.body_id)


def _certificates(session: Session, wanted: set[UUID]) -> tuple[dict[UUID, _Known], dict[UUID, tuple[UUID, ...]]]:
    """The certificates among these with those they are based on, and which are based on which."""
    found: dict[UUID, _Known] = {}
    parents: dict[UUID, tuple[UUID, ...]] = {}
    for _level in range(DEEPEST):
        missing = wanted - set(parents)
        rows = [_Known(*row) for row in session.execute(KNOWN.where(CertificateRow.id.in_(missing)))] if missing else []
        for row in rows:
            found[row.id], parents[row.id] = row, _based_on(session, row.document)
        wanted = {one for row in rows for one in parents[row.id]}
    return found, parents


def _based_on(session: Session, document: Document) -> tuple[UUID, ...]:
    numbers = document.get("based_on")
    named = [number for number in numbers if isinstance(number, str)] if isinstance(numbers, list) else []
    ids = [cited_id(session, f"certificate:{number}") for number in named]
    return tuple(one for one in ids if one is not None)


def _line(key: UUID, parents: Mapping[UUID, tuple[UUID, ...]]) -> set[UUID]:
    """Itself and all it is based on, in however many steps."""
    line, left = {key}, [key]
    while left:
        new = [one for one in parents.get(left.pop(), ()) if one not in line]
        line.update(new)
        left += new
    return line


def _with_recognitions(session: Session, found: Mapping[UUID, Basis]) -> dict[UUID, Basis]:
    others = {UUID(other) for basis in found.values() for need in basis.needs() for other in need.others}
    if not others:
        return dict(found)
    sides = or_(Recognition.recogniser.in_(others), Recognition.recognised.in_(others))
    own = Recognition.home_id == Recognition.recogniser
    # As they are now: under the locks they are read a second time.
    query = select(Recognition).where(sides, own).execution_options(populate_existing=True)
    documents = {row.id: state_of(row) for row in session.scalars(query)}
    return {key: replace(basis, recognitions=documents if basis.needs() else {}) for key, basis in found.items()}


def fallen(dependants: Sequence[Dependant], found: Bases, *, only: UUID | None = None) -> list[Fallen]:
    """Every ground (or that one) which does not carry one of these; what is not known here carries nothing yet."""
    made = []
    for one in dependants:
        basis = None if one.cited is None else found.get(one.cited)
        for kind, key, document in () if basis is None else basis.grounds():
            if basis is None or key == one.id or (only is not None and key != only):
                continue
            if not carries(kind, document, key=key, basis=basis):
                made.append(Fallen(one, kind, key, document, basis))
    return made
