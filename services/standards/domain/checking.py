"""The question everyone asks: does this certificate count there, on that day, and why.

A pure function of four documents as they were known: certificate, body, standard and the recognitions between the two
tenants. Each step of the chain says what was looked at, its state at the moment asked about, and the entry that proves
it. Where a step fails the later ones are still judged, so that the answer names everything that is wrong.

What a certificate is `based_on` is no step: when that stops counting, the issuer of this one is to deal with it
(`domain.consequences`) and may keep it with a reason, and then it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from events.canonical import Json
from services.standards.domain.recognition import (
    Asked,
    Item,
    classes_of,
    covers,
    items_at,
    methods_of,
    months_after,
    other_side,
    within,
)
from shared.broadcasts.horizon import Horizon
from shared.core.calendar import day_of, read_day
from shared.core.context import PLATFORM
from shared.rules.periods import state_at

STEPS = ("certificate", "body", "accreditation", "standard", "recognition", "conditions")
"""Of the chain, in its order."""
RESTS_ON = {"certificate": "certificate", "body": "body", "accreditation": "body", "standard": "standard"}
"""Which document of a register a step looks at."""
NATIONAL = ("national", "industry")
"""Standards that hold in the whole country: no tenant needs to recognise them."""
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What a document raises that is not as it should be."""


def is_national(standard: Mapping[str, Json]) -> bool:
    """Whether it holds everywhere; only the platform issues such a one, whatever a tenant may call its own."""
    return standard["kind"] in NATIONAL and standard["tenant"] == str(PLATFORM)


@dataclass(frozen=True)
class Proof:
    """The entry that says what was known: the newest that was here by then."""

    id: UUID
    epoch: int
    version: int
    entry_hash: str
    received_at: datetime


@dataclass(frozen=True)
class Knowledge:
    """A document as it was known, with its proof."""

    state: Mapping[str, Json]
    proof: Proof


@dataclass(frozen=True, kw_only=True)
class Question:
    """Does the certificate count in `tenant`, at this moment, for what is asked."""

    tenant: UUID
    moment: datetime
    asked: Asked

    @property
    def day(self) -> date:
        """The day in Beijing of the moment."""
        return day_of(self.moment)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One step of the chain; `code` is stable, `proof` None where nothing is known or nothing is needed.

    `holds` None where something later is there than is known here, which is everything up to `known_until`.
    """

    step: str
    holds: bool | None
    code: str
    state: str | None
    proof: Proof | None
    known_until: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """What was known of a certificate and all it rests on; `horizons` of what was not up to date then."""

    certificate: Knowledge | None = None
    body: Knowledge | None = None
    standard: Knowledge | None = None
    recognitions: Sequence[Knowledge] = ()
    horizons: Mapping[str, Horizon] = field(default_factory=dict)

    @property
    def horizon(self) -> Horizon | None:
        """Where the first of them ends; None where all was up to date."""
        return min(self.horizons.values(), key=lambda one: one.since, default=None)


def judge(question: Question, evidence: Evidence) -> list[Reason]:
    """The chain of reasons; the certificate counts when all of them hold.

    Documents come from other tenants, so one that lacks what it should have is an answer too, and no error.
    """
    known = evidence.certificate
    if known is None:
        chain = [Reason(step="certificate", holds=False, code="certificate_unknown", state=None, proof=None)]
    else:
        try:
            chain = [
                _certificate(question, known),
                *_body(question, known.state, body=evidence.body),
                _standard(question, evidence.standard),
                *_recognition(question, known.state, evidence=evidence),
            ]
        except UNREADABLE:
            chain = [_reason("certificate", "certificate_unreadable", state=None, known=known)]
    return [_as_far_as_known(reason, evidence.horizons) for reason in chain]


def _as_far_as_known(reason: Reason, horizons: Mapping[str, Horizon]) -> Reason:
    """Where something later is missing a step neither holds nor fails, whatever is known: it may have been mended."""
    about = RESTS_ON.get(reason.step, "")
    horizon = horizons.get(about)
    if horizon is None or not horizon.missing:
        return reason
    return replace(reason, holds=None, code=f"{about}_not_known", state=None, known_until=horizon.until)


def counts(chain: Sequence[Reason]) -> bool | None:
    """Whether every step holds; None where none fails but one is not known."""
    found = {reason.holds for reason in chain}
    return False if False in found else (None if None in found else True)


def _reason(step: str, code: str, *, state: str | None, known: Knowledge | None) -> Reason:
    """A code that ends in `_ok` holds."""
    proof = None if known is None else known.proof
    return Reason(step=step, holds=code.endswith("_ok"), code=code, state=state, proof=proof)


def _certificate(question: Question, known: Knowledge) -> Reason:
    document = known.state
    state = state_at(document["spells"], question.moment)
    asked, classes = question.asked.product_class, classes_of(document)
    if state is None or question.day < read_day(document["valid_from"]):
        code = "certificate_not_yet_valid"
    elif state != "valid":
        code = f"certificate_{state}"
    elif question.day > read_day(document["valid_to"]):
        code = "certificate_expired"
    elif asked is not None and not within(asked, classes):
        code = "certificate_other_products"
    else:
        code = "certificate_ok"
    return _reason("certificate", code, state=state, known=known)


def _body(question: Question, certificate: Mapping[str, Json], *, body: Knowledge | None) -> Iterator[Reason]:
    if body is None:
        yield _reason("body", "body_unknown", state=None, known=None)
        return
    state = state_at(body.state["spells"], question.moment)
    code = "body_ok" if state == "accredited" else f"body_{state or 'not_yet'}"
    # A tenant answers for its own bodies: it cannot issue in the name of one that another tenant accredited.
    code = code if body.state["tenant"] == certificate["tenant"] else "body_of_another_tenant"
    yield _reason("body", code, state=state, known=body)
    code = accreditation(body.state["grants"], certificate, day=question.day)
    yield _reason("accreditation", code, state="valid" if code == "accreditation_ok" else "missing", known=body)


def accreditation(grants: Sequence[Mapping[str, Json]], certificate: Mapping[str, Json], *, day: date) -> str:
    """`accreditation_ok`, or what no grant of that day covers: the standard, a product class or a method."""
    of_day = [grant for grant in grants if (read_day(grant["valid_from"]) <= day <= read_day(grant["valid_to"]))]
    if not of_day:
        return "accreditation_expired"
    of_standard = [grant for grant in of_day if str(certificate["standard_id"]) in grant["standards"]]
    if not of_standard:
        return "accreditation_not_for_standard"
    classes = classes_of(certificate)
    of_classes = [g for g in of_standard if all(within(one, g["product_classes"]) for one in classes)]
    if not of_classes:
        return "accreditation_not_for_products"
    used = methods_of(certificate["methods"])
    if not any(not grant["methods"] or used <= methods_of(grant["methods"]) for grant in of_classes):
        return "accreditation_not_for_methods"
    return "accreditation_ok"


def _standard(question: Question, standard: Knowledge | None) -> Reason:
    if standard is None:
        return _reason("standard", "standard_unknown", state=None, known=None)
    state = state_at(standard.state["spells"], question.moment)
    code = "standard_ok" if state == "in_force" else f"standard_{state or 'not_yet'}"
    return _reason("standard", code, state=state, known=standard)


def partners(question: Question, evidence: Evidence) -> frozenset[UUID]:
    """The tenants whose recognitions with the tenant asked about decide; none where nothing needs to be recognised."""
    if evidence.certificate is None:
        return frozenset()
    home = evidence.certificate.state["tenant"]
    if str(question.tenant) != home:
        return frozenset({UUID(home)})
    if evidence.standard is None or is_national(evidence.standard.state):
        return frozenset()
    issuers = frozenset(UUID(issuer["tenant"]) for issuer in evidence.standard.state["issuers"])
    return frozenset() if question.tenant in issuers else issuers


def can_answer(asker: UUID, question: Question, *, evidence: Evidence) -> bool:
    """Whether the asker holds every recognition that decides: its own, or those to which it is the other party."""
    return asker == question.tenant or partners_of_known(question, evidence) <= {asker}


def partners_of_known(question: Question, evidence: Evidence) -> frozenset[UUID]:
    """As `partners`, but none where the documents are not as they should be, which `judge` will say."""
    try:
        return partners(question, evidence)
    except UNREADABLE:
        return frozenset()


def _recognition(question: Question, certificate: Mapping[str, Json], *, evidence: Evidence) -> Iterator[Reason]:
    """The best that any recognition offers: one that covers before one that does not, however well it would do."""
    others = partners(question, evidence)
    if not others:
        yield Reason(step="recognition", holds=True, code="recognition_not_needed_ok", state=None, proof=None)
        return
    abroad = str(question.tenant) != certificate["tenant"]
    # The items, of whatever time, by which a recognition might accept the certificate.
    tries = [
        list(_tried(question, certificate, known=known, item=item))
        for known in evidence.recognitions
        if other_side(known.state, question.tenant) in others
        for item in known.state["items"]
        if item["standard"] == certificate["standard_id"] and (item["accepts"] == "certificates" or not abroad)
    ]
    if tries:
        yield from max(tries, key=lambda chain: [bool(reason.holds) for reason in chain])
    else:
        yield _reason("recognition", "recognition_none", state=None, known=None)


def _tried(question: Question, certificate: Mapping[str, Json], *, known: Knowledge, item: Item) -> Iterator[Reason]:
    state = state_at(known.state["spells"], question.moment)
    classes = classes_of(certificate)
    if state != "in_force":
        code = f"recognition_{state or 'not_yet'}"
    elif item not in items_at(known.state, question.moment):
        code = "recognition_not_listed_then"
    elif not covers(item, question.asked, classes=classes):
        code = "recognition_out_of_scope"
    else:
        code = "recognition_ok"
    yield _reason("recognition", code, state=state, known=known)
    code = conditions(item, certificate, day=question.day)
    yield _reason("conditions", code, state="met" if code == "conditions_ok" else "unmet", known=known)


def conditions(item: Item, certificate: Mapping[str, Json], *, day: date) -> str:
    """`conditions_ok`, or which condition is not met."""
    if not methods_of(item["extra_tests"]) <= methods_of(certificate["methods"]):
        return "conditions_tests_missing"
    cap = item["validity_cap_months"]
    if cap is not None and day >= months_after(read_day(certificate["valid_from"]), cap):
        return "conditions_too_old"
    return "conditions_ok"
