"""What rests on what, since when a ground no longer carries it, and what may become of the dependant then.

A *ground* is a certificate, body, standard or recognition; what rests on it is a *dependant*. A dependant rests on
what it cites, and through a certificate on its standard, its body, what that certificate is based on, and the
recognitions by which it counts here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from events.canonical import Json
from services.standards.domain.checking import UNREADABLE, accreditation, is_national
from services.standards.domain.recognition import Item, items_at, other_side
from shared.core.calendar import read_moment
from shared.core.errors import Fault, InvalidError

REVIEW, RESTORATION = "review", "restoration"
PURPOSES = (REVIEW, RESTORATION)
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    REVIEW: ("kept", "suspended", "removed"),
    RESTORATION: ("restored", "kept"),
}
EVERY_OUTCOME = ("kept", "suspended", "removed", "restored")
UNDOABLE = ("suspended", "removed")
"""What a correction of the cause may undo."""
TERM = 10
"""Days within which a dependant is to be dealt with, the last one included; our own choice."""
AGAIN = 5
"""Days between escalations."""
MOST_ESCALATIONS = 10
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
LONGEST_KEY = 300
"""Of what a cause is called: its home says so."""
LIVING = ("valid", "suspended")
"""States of a certificate in which it can be a dependant."""

Document = Mapping[str, Json]
Position = tuple[int, int]
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


@dataclass(frozen=True)
class Need:
    """A recognition that is needed: of documents under `standard` of one of `others`, by items that accept so."""

    standard: str
    others: frozenset[str]
    accepts: tuple[str, ...]


@dataclass(frozen=True)
class Basis:
    """All that a citation rests on here, at this moment: `certificates` are the cited one and those it is based on."""

    here: UUID
    moment: datetime
    today: date
    cited: UUID | None
    certificates: Mapping[UUID, Document] = field(default_factory=dict)
    standards: Mapping[UUID, Document] = field(default_factory=dict)
    bodies: Mapping[UUID, Document] = field(default_factory=dict)
    recognitions: Mapping[UUID, Document] = field(default_factory=dict)

    def grounds(self) -> Iterator[tuple[str, UUID, Document]]:
        """Everything it rests on, by kind and id."""
        parts = {CERTIFICATE: self.certificates, STANDARD: self.standards, BODY: self.bodies}
        for kind, documents in {**parts, RECOGNITION: self.recognitions}.items():
            for key, document in documents.items():
                yield kind, key, document

    def needs(self) -> list[Need]:
        """The recognitions without which it would not count here; a document that cannot be read names none."""
        read: list[Callable[[], Need | None]] = [partial(self._need, one) for one in self.certificates.values()]
        found = (legible(one, otherwise=None) for one in (*read, self._own_need))
        return [need for need in found if need is not None]

    def _need(self, certificate: Document) -> Need | None:
        standard, home = UUID(certificate["standard_id"]), UUID(certificate["tenant"])
        if home != self.here:
            return Need(str(standard), frozenset({str(home)}), ("certificates",))
        return self._foreign(standard)

    def _own_need(self) -> Need | None:
        return None if self.cited is None else self._foreign(self.cited)

    def _foreign(self, standard: UUID) -> Need | None:
        document = self.standards.get(standard)
        if document is None or is_national(document):
            return None
        issuers = _issuers(document)
        return None if str(self.here) in issuers else Need(str(standard), issuers, ("standard", "certificates"))


def _issuers(standard: Document) -> frozenset[str]:
    return frozenset(str(UUID(issuer["tenant"])) for issuer in standard["issuers"])


def stands(kind: str, document: Document) -> bool:
    """Whether it counts by its state; a standard that does not say who issued it does not."""

    def read() -> bool:
        return document["state"] not in STOPPED[kind] and (kind != STANDARD or _issuers(document) is not None)

    return legible(read, otherwise=False)


def listed(recognition: Document) -> set[UUID]:
    """The standards that its items name."""
    found = (legible(partial(_standard_of, item), otherwise=None) for item in recognition["items"])
    return {one for one in found if one is not None}


def _standard_of(item: Document) -> UUID | None:
    return UUID(item["standard"])


def carries(kind: str, document: Document, *, key: UUID, basis: Basis) -> bool:
    """Whether this ground, as `document` says of it, carries what has this basis; one that cannot be read does not."""
    if kind == RECOGNITION:
        return _recognised(key, document, basis=basis)
    covers = partial(_accredits, key, document, basis=basis)
    return stands(kind, document) and (kind != BODY or legible(covers, otherwise=False))


def _accredits(key: UUID, body: Document, *, basis: Basis) -> bool:
    certified = [one for one in basis.certificates.values() if one["body_id"] == str(key)]
    return all(accreditation(body["grants"], one, day=basis.today) == "accreditation_ok" for one in certified)


def _recognised(key: UUID, recognition: Document, *, basis: Basis) -> bool:
    """Each need that it ever met is met now, by itself or by another one."""
    documents = {**basis.recognitions, key: recognition}
    met = [need for need in basis.needs() if _offers(recognition, need, basis=basis, ever=True)]
    return all(any(_offers(one, need, basis=basis) for one in documents.values()) for need in met)


def _offers(recognition: Document, need: Need, *, basis: Basis, ever: bool = False) -> bool:
    """Whether it names what is needed, for whatever scope; now and in force, or at any time until now.

    One that cannot be read may have named it, and does not now.
    """

    def names() -> bool:
        if not ever and recognition["state"] != "in_force":
            return False
        items = _begun_items(recognition, basis.moment) if ever else items_at(recognition, basis.moment)
        return any(item["standard"] == need.standard and item["accepts"] in need.accepts for item in items)

    is_theirs = legible(lambda: str(other_side(recognition, basis.here)) in need.others, otherwise=False)
    return is_theirs and legible(names, otherwise=ever)


def _begun_items(recognition: Document, moment: datetime) -> list[Item]:
    """Those that have counted; none of a recognition that has only been agreed on."""
    periods = [period for period in recognition["spells"] if period["state"] == "in_force"]
    if not any(read_moment(period["from"]) <= moment for period in periods):
        return []
    return [item for item in recognition["items"] if read_moment(item["from"]) <= moment]


def stopped_at(
    versions: Sequence[tuple[Position, Document]], does_carry: Callable[[Document], bool]
) -> tuple[Position, str] | None:
    """Since which version it no longer carries, in the state it has now, and that state; None while it does.

    `versions` are newest first. A change that leaves it as it is, such as a wider scope of a suspended body, is none.
    """
    position, newest = versions[0]
    if does_carry(newest):
        return None
    state = newest.get("state")
    for at, document in versions[1:]:
        if does_carry(document) or document.get("state") != state:
            break
        position = at
    return position, str(state)


def consequence_nonce(cause: UUID, dependant: Dependant, *, at: str, occasion: str = "") -> str:
    """What makes the same review one: its cause since when, its dependant; `occasion` where it arose anew."""
    named = f"{dependant.kind}/{dependant.id}/{dependant.reference}"
    return f"consequence/{REVIEW}/{cause}/{at}/{named}/{occasion}"


def restoration_nonce(review: UUID, at: str, *, occasion: str = "") -> str:
    """What makes the same restoration one: the review it undoes, where the cause stood when it counted again."""
    return f"consequence/{RESTORATION}/{review}/{at}/{occasion}"


def cause_key(kind: str, document: Document) -> str:
    """What people call the cause."""
    names = {CERTIFICATE: "number", BODY: "name_zh", STANDARD: "title_zh", RECOGNITION: "title_zh"}
    numbers = legible(lambda: document["numbers"][0], otherwise=None) if kind == STANDARD else None
    return str(numbers or document.get(names[kind]))[:LONGEST_KEY]


def cause_state(kind: str, state: str) -> str:
    """In what state the cause carries no more; a state in which it might is no reason: its scope is less."""
    return state if state in STOPPED[kind] else "reduced"


def check_outcome(purpose: str, outcome: str, *, has_reason: bool) -> None:
    """Raises `InvalidError` for an outcome of another purpose, or for leaving things as they are without a reason."""
    if outcome not in OUTCOMES[purpose]:
        allowed = ", ".join(OUTCOMES[purpose])
        fault = Fault("/outcome", f"须为:{allowed}", f"must be one of: {allowed}")
        raise InvalidError(
            "outcome_invalid", f"此事项的处置结果{fault.zh}。", f"The outcome of this {fault.en}.", [fault]
        )
    if outcome == "kept" and not has_reason:
        zh, en = "维持原状须说明理由,请填写", "is required where things stay as they are"
        raise InvalidError("reason_missing", f"{zh}。", f"A reason {en}. Give it.", [Fault("/reason", zh, en)])
