"""What dependants rest on here: read in one go for many, and locked against whoever propagates a stop.

Two things may happen at once: something new rests on a dependency (it is cited, a certificate is issued), and the
dependency stops counting. Neither may miss the other. What registers reads the register only while it holds a *shared*
advisory lock on every dependency, to the end of its transaction; what propagates a stop takes the lock *alone*, after
the stop is in the register (`shared.commands.handlers`), and only then looks for dependants. So either the registration
has committed before the propagation looks, and is found; or it waits for the propagation, reads a register that knows
the stop, and opens the consequence itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, column, func, or_, select

from services.standards.domain.dependencies import (
    BODY,
    CERTIFICATE,
    DEEPEST,
    RECOGNITION,
    STANDARD,
    Dependant,
    Dependencies,
    Dependency,
    Document,
    counts,
)
from services.standards.domain.numbers import read_number
from services.standards.domain.recognition import other_side
from services.standards.models import BodyRow, CertificateRow, Recognition, StandardRow, certificate_id
from shared.core.calendar import day_of
from shared.database.rows import state_of
from shared.journal.session import Session

REGISTERS: Mapping[str, Any] = {CERTIFICATE: CertificateRow, BODY: BodyRow, STANDARD: StandardRow}
ByCited = Mapping[UUID, Dependencies]


@dataclass(frozen=True)
class Cause:
    """A dependency that changed, as it is known now, in which version."""

    dependency: Dependency
    at: str


Key = tuple[UUID, UUID, str]
"""Cause, dependant and reference: there is one open review of each."""


@dataclass(frozen=True)
class Broken:
    """A dependant, and one of its dependencies that does not count now."""

    dependant: Dependant
    cause: Dependency
    among: Dependencies

    @property
    def key(self) -> Key:
        """Of which review it is about."""
        return self.cause.id, self.dependant.id, self.dependant.reference


def cause_of(session: Session, kind: str, *, key: UUID) -> Cause | None:
    """As it is known here now; None where nothing of it is."""
    if kind == RECOGNITION:
        own = session.get(Recognition, (session.context.tenant_id, key), populate_existing=True)
        return None if own is None else Cause(Dependency(kind, key, state_of(own)), own.etag)
    row = session.get(REGISTERS[kind], key, populate_existing=True)
    return None if row is None else Cause(Dependency(kind, key, row.state), row.etag)


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


def lock_alone(session: Session, names: Iterable[UUID | None]) -> None:
    """Wait for all who register on these dependencies, and let none begin until this transaction ends.

    A recognition is locked by the other tenant, so that a new one is locked too; anything else by its id.
    """
    _lock(session, map(str, names), with_others=False)


def lock_cause(session: Session, kind: str, *, cause: UUID) -> None:
    """The same for one of any kind, of which only the id is known."""
    name: UUID | None = cause
    if kind == RECOGNITION:
        now = cause_of(session, kind, key=cause)
        name = None if now is None else other_side(now.dependency.document, session.context.tenant_id)
    lock_alone(session, [name])


def locked_dependencies(session: Session, dependants: Iterable[Dependant]) -> ByCited:
    """What they rest on, under a shared lock on each dependency: what stops from now on will find them."""
    wanted = list(dependants)
    locked: set[str] = set()
    while True:
        found = dependencies_of(session, wanted)
        names = {name for dependencies in found.values() for name in _lock_names(dependencies)} - locked
        if not names:
            return found
        _lock(session, names, with_others=True)
        # Read again under the locks: a certificate that has just become known may bring dependencies of its own.
        locked |= names


def _lock_names(dependencies: Dependencies) -> set[str]:
    ids = {str(one.id) for one in dependencies.each() if one.kind != RECOGNITION}
    others = {other for need in dependencies.needs() for other in need.others}
    return {*ids, *others, str(dependencies.cited)}


def _lock(session: Session, names: Iterable[str], *, with_others: bool) -> None:
    ours = [f"standards.ground/{session.context.tenant_id}/{name}" for name in sorted(names)]
    session.execute(LOCKS[with_others], {"names": ours})


def _taking(take: Any) -> Any:
    """One lock after the other, in the order given: so do all, and none waits for another in a circle."""
    names: Any = bindparam("names", type_=ARRAY(Text()))
    return select(take(func.hashtextextended(column("name", Text()), 0))).select_from(func.unnest(names).alias("name"))


LOCKS = {True: _taking(func.pg_advisory_xact_lock_shared), False: _taking(func.pg_advisory_xact_lock)}


def dependencies_of(session: Session, dependants: Iterable[Dependant]) -> ByCited:
    """What each cited thing rests on here now, by its id; about six statements whatever the number."""
    cited = {one.cited for one in dependants if one.cited is not None}
    certificates, parents = _certificates(session, cited)
    standards = _documents(session, StandardRow, keys={*cited, *(row.standard_id for row in certificates.values())})
    bodies = _documents(session, BodyRow, keys={*cited, *(row.body_id for row in certificates.values())})
    now = session.clock.now()
    found = {}
    for key in cited:
        line = [certificates[one] for one in _ancestors(key, parents) if one in certificates]
        found[key] = Dependencies(
            here=session.context.tenant_id,
            moment=now,
            today=day_of(now),
            cited=key,
            certificates={row.id: row.document for row in line},
            standards=_some(standards, {key, *(row.standard_id for row in line)}),
            bodies=_some(bodies, {key, *(row.body_id for row in line)}),
        )
    others = {UUID(other) for one in found.values() for need in one.needs() for other in need.others}
    if not others:
        return dict(found)
    sides = or_(Recognition.recogniser.in_(others), Recognition.recognised.in_(others))
    own = Recognition.home_id == Recognition.recogniser
    # As they are now: under the locks they are read a second time.
    query = select(Recognition).where(sides, own).execution_options(populate_existing=True)
    documents = {row.id: state_of(row) for row in session.scalars(query)}
    return {key: replace(one, recognitions=documents if one.needs() else {}) for key, one in found.items()}


def _some(documents: Mapping[UUID, Document], keys: set[UUID]) -> dict[UUID, Document]:
    return {key: documents[key] for key in keys if key in documents}


def _documents(session: Session, kind: Any, *, keys: set[UUID]) -> dict[UUID, Document]:
    rows = session.execute(select(kind.id, kind.state).where(kind.id.in_(keys))) if keys else ()
    return dict(tuple(row) for row in rows)


class _StoredCertificate(NamedTuple):
    """What is read of a certificate: its entry and signature are many times as long."""

    id: UUID
    document: Document
    standard_id: UUID
    body_id: UUID


STORED = select(CertificateRow.id, CertificateRow.state, CertificateRow.standard_id, CertificateRow.body_id)


def _certificates(
    session: Session, wanted: set[UUID]
) -> tuple[dict[UUID, _StoredCertificate], dict[UUID, tuple[UUID, ...]]]:
    """The certificates among these with those they are based on, and which are based on which."""
    found: dict[UUID, _StoredCertificate] = {}
    parents: dict[UUID, tuple[UUID, ...]] = {}
    for _level in range(DEEPEST):
        missing = wanted - set(parents)
        rows = (
            [_StoredCertificate(*row) for row in session.execute(STORED.where(CertificateRow.id.in_(missing)))]
            if missing
            else []
        )
        for row in rows:
            found[row.id], parents[row.id] = row, _based_on(session, row.document)
        wanted = {one for row in rows for one in parents[row.id]}
    return found, parents


def _based_on(session: Session, document: Document) -> tuple[UUID, ...]:
    numbers = document.get("based_on")
    named = [number for number in numbers if isinstance(number, str)] if isinstance(numbers, list) else []
    ids = [cited_id(session, f"certificate:{number}") for number in named]
    return tuple(one for one in ids if one is not None)


def _ancestors(key: UUID, parents: Mapping[UUID, tuple[UUID, ...]]) -> set[UUID]:
    """Itself and all it is based on, in however many steps."""
    found, left = {key}, [key]
    while left:
        new = [one for one in parents.get(left.pop(), ()) if one not in found]
        found.update(new)
        left += new
    return found


def broken_dependencies(
    session: Session, dependants: Sequence[Dependant], *, only: UUID | None = None, registers: bool = False
) -> list[Broken]:
    """Of these dependants every dependency (or that one) that does not count now.

    `registers`: under the shared locks of whoever begins to rest on them. What is not known here breaks nothing yet.
    """
    found = locked_dependencies(session, dependants) if registers else dependencies_of(session, dependants)
    pairs = [(one, found[one.cited]) for one in dependants if one.cited is not None and one.cited in found]
    return [
        Broken(one, cause, among)
        for one, among in pairs
        for cause in among.each()
        if cause.id != one.id and only in (None, cause.id) and not counts(cause, among)
    ]
