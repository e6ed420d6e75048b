"""What a thing rests on, and whether that counts: certificates, standards, bodies and recognitions, judged on a day.

What rests on something is a *dependant*, each thing it rests on a *dependency*. A dependant rests on what it cites, and
through a certificate on its standard, its body, what that certificate is based on, and the recognitions by which it
counts here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import NamedTuple, TypeVar
from uuid import UUID

from events.canonical import Json
from services.standards.domain.checking import UNREADABLE, accreditation, is_national
from services.standards.domain.recognition import Item, items_at, other_side
from shared.core.calendar import read_moment

DEEPEST = 5
"""How far certificates that are based on certificates are followed."""
CERTIFICATE, BODY = "standards.certificate", "standards.body"
STANDARD, RECOGNITION = "standards.standard", "standards.recognition"
STOPPED: Mapping[str, tuple[str, ...]] = {
    CERTIFICATE: ("suspended", "revoked", "expired", "replaced"),
    BODY: ("suspended", "withdrawn", "expired"),
    STANDARD: ("withdrawn", "superseded"),
    RECOGNITION: ("suspended", "ended"),
}
LIVING = ("valid", "suspended")
"""States of a certificate in which it can be a dependant."""
LONGEST_KEY = 300
"""Of what a cause is called: its home says so."""

Document = Mapping[str, Json]
T = TypeVar("T")


def legible(read: Callable[[], T], *, otherwise: T) -> T:
    """What a document of another tenant says; `otherwise` where it is not as it should be, for that stops nobody."""
    try:
        return read()
    except UNREADABLE:
        return otherwise


@dataclass(frozen=True)
class Dependant:
    """Something here that rests on `cited` by its `reference`; a certificate rests on itself, by its number."""

    kind: str
    id: UUID
    reference: str
    cited: UUID | None


class Dependency(NamedTuple):
    """One thing that others rest on, as its document says."""

    kind: str
    id: UUID
    document: Document


@dataclass(frozen=True)
class NeededRecognition:
    """A recognition that is needed: of documents under `standard` of one of `others`, by items that accept so."""

    standard: str
    others: frozenset[str]
    accepts: tuple[str, ...]


@dataclass(frozen=True)
class Dependencies:
    """All that a citation rests on here, at this moment: `certificates` are the cited one and those it is based on."""

    here: UUID
    moment: datetime
    today: date
    cited: UUID | None
    certificates: Mapping[UUID, Document] = field(default_factory=dict)
    standards: Mapping[UUID, Document] = field(default_factory=dict)
    bodies: Mapping[UUID, Document] = field(default_factory=dict)
    recognitions: Mapping[UUID, Document] = field(default_factory=dict)

    def each(self) -> Iterator[Dependency]:
        """Everything it rests on."""
        parts = {CERTIFICATE: self.certificates, STANDARD: self.standards, BODY: self.bodies}
        for kind, documents in {**parts, RECOGNITION: self.recognitions}.items():
            yield from (Dependency(kind, key, document) for key, document in documents.items())

    def needs(self) -> list[NeededRecognition]:
        """The recognitions without which it would not count here; a document that cannot be read names none."""
        found = [legible(partial(self._need, one), otherwise=None) for one in self.certificates.values()]
        found.append(legible(lambda: None if self.cited is None else self._foreign(self.cited), otherwise=None))
        return [need for need in found if need is not None]

    def _need(self, certificate: Document) -> NeededRecognition | None:
        standard, home = UUID(certificate["standard_id"]), UUID(certificate["tenant"])
        if home != self.here:
            return NeededRecognition(str(standard), frozenset({str(home)}), ("certificates",))
        return self._foreign(standard)

    def _foreign(self, standard: UUID) -> NeededRecognition | None:
        document = self.standards.get(standard)
        if document is None or is_national(document):
            return None
        issuers, accepts = _issuers(document), ("standard", "certificates")
        return None if str(self.here) in issuers else NeededRecognition(str(standard), issuers, accepts)


def _issuers(standard: Document) -> frozenset[str]:
    return frozenset(str(UUID(issuer["tenant"])) for issuer in standard["issuers"])


def is_current(kind: str, document: Document) -> bool:
    """Whether it counts by its state; a standard that does not say who issued it does not."""

    def read() -> bool:
        return document["state"] not in STOPPED[kind] and (kind != STANDARD or _issuers(document) is not None)

    return legible(read, otherwise=False)


def named_standards(recognition: Document) -> set[UUID]:
    """The standards that its items name."""

    def read(item: Document) -> UUID | None:
        return UUID(item["standard"])

    found = (legible(partial(read, item), otherwise=None) for item in recognition["items"])
    return {one for one in found if one is not None}


def origin_of(dependency: Dependency, *, here: UUID) -> UUID:
    """Whose word it is: its home, of a recognition the other tenant."""
    if dependency.kind == RECOGNITION:
        return other_side(dependency.document, here) or here
    return UUID(dependency.document["tenant"])


def cause_key(kind: str, document: Document) -> str:
    """What people call the cause."""
    names = {CERTIFICATE: "number", BODY: "name_zh", STANDARD: "title_zh", RECOGNITION: "title_zh"}
    numbers = legible(lambda: document["numbers"][0], otherwise=None) if kind == STANDARD else None
    return str(numbers or document.get(names[kind]))[:LONGEST_KEY]


def cause_state(kind: str, state: str) -> str:
    """In what state the cause counts no more; a state in which it might is no reason: its scope is less."""
    return state if state in STOPPED[kind] else "reduced"


def counts(dependency: Dependency, among: Dependencies) -> bool:
    """Whether it counts for what rests on all `among`; one that cannot be read does not."""
    kind, key, document = dependency
    if kind == RECOGNITION:
        # Each need that it ever met is met now, by itself or by another one.
        documents = {**among.recognitions, key: document}
        met = [need for need in among.needs() if _offers(document, need, among=among, ever=True)]
        return all(any(_offers(one, need, among=among) for one in documents.values()) for need in met)

    def accredits() -> bool:
        certified = [one for one in among.certificates.values() if one["body_id"] == str(key)]
        return all(accreditation(document["grants"], one, day=among.today) == "accreditation_ok" for one in certified)

    return is_current(kind, document) and (kind != BODY or legible(accredits, otherwise=False))


def _offers(recognition: Document, need: NeededRecognition, *, among: Dependencies, ever: bool = False) -> bool:
    """Whether it names what is needed, for whatever scope; now and in force, or at any time until now.

    One that cannot be read may have named it, and does not now.
    """

    def names() -> bool:
        if not ever and recognition["state"] != "in_force":
            return False
        items = _begun_items(recognition, among.moment) if ever else items_at(recognition, among.moment)
        return any(item["standard"] == need.standard and item["accepts"] in need.accepts for item in items)

    is_theirs = legible(lambda: str(other_side(recognition, among.here)) in need.others, otherwise=False)
    return is_theirs and legible(names, otherwise=ever)


def _begun_items(recognition: Document, moment: datetime) -> list[Item]:
    """Those that have counted; none of a recognition that has only been agreed on."""
    periods = [period for period in recognition["spells"] if period["state"] == "in_force"]
    if not any(read_moment(period["from"]) <= moment for period in periods):
        return []
    return [item for item in recognition["items"] if read_moment(item["from"]) <= moment]
