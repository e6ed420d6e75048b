"""Whether certificates count somewhere: the look-ups behind the question, for one or a thousand at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.standards.domain.checking import (
    Evidence,
    Question,
    Reason,
    can_answer,
    counts,
    judge,
    partners_of_known,
)
from services.standards.domain.numbers import read_number
from services.standards.domain.recognition import Asked
from services.standards.models import Body, Certificate, Standard, certificate_id
from services.standards.queries.as_known import NEWEST, Between, Findings, between, find, find_more
from services.standards.queries.names import read_names
from shared.broadcasts.horizon import Horizon
from shared.broadcasts.knowledge import Thing, horizons
from shared.journal.session import Session


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """One question as it is asked; None for `as_of` and `known_at` is now."""

    number: str
    tenant: UUID
    asked: Asked = field(default_factory=Asked)
    asked_for: str | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CheckAnswer:
    """What is said to an inquiry; `counts` None where that is not known here, or is for another tenant to say.

    `horizon` is where what was known of it ends; None where it was up to date.
    """

    inquiry: Inquiry
    as_of: datetime
    known_at: datetime
    asked_at: datetime
    counts: bool | None
    chain: Sequence[Reason]
    horizon: Horizon | None

    @property
    def is_elsewhere(self) -> bool:
        """Whether the tenant asked about has to be asked itself."""
        return not self.chain

    @property
    def first(self) -> Reason | None:
        """The first step that fails, else the first that is not known."""
        short = [reason for reason in self.chain if not reason.holds]
        return min(short, key=lambda reason: reason.holds is None, default=None)


def answers(session: Session, inquiries: Sequence[Inquiry]) -> list[CheckAnswer]:
    """One answer each, in their order; two statements, however many there are.

    A third where an own certificate rests on a foreign standard, and where it is asked what was known before.
    """
    found = evidences(session, inquiries)
    # Taken after reading, so that what was read has been received by then, and asking again about it reads the same.
    now = session.clock.now()
    made = []
    for inquiry, evidence in zip(inquiries, found, strict=True):
        question = question_of(inquiry, now)
        if inquiry.known_at is None:
            read_names(session, evidence)
        can = can_answer(session.context.tenant_id, question, evidence=evidence)
        chain = judge(question, evidence) if can else []
        made.append(
            CheckAnswer(
                inquiry=inquiry,
                as_of=question.moment,
                known_at=inquiry.known_at or now,
                asked_at=now,
                counts=counts(chain) if can else None,
                chain=chain,
                horizon=evidence.horizon,
            )
        )
    return made


def question_of(inquiry: Inquiry, now: datetime) -> Question:
    """The question with its moment."""
    return Question(tenant=inquiry.tenant, moment=inquiry.as_of or now, asked=inquiry.asked)


def evidences(session: Session, inquiries: Sequence[Inquiry]) -> list[Evidence]:
    """What was known of each certificate and of what it rests on."""
    homes: dict[str, UUID | None] = {}
    wanted = [_wanted(session, item, homes=homes) for item in inquiries]
    asked = [(item, one) for item, one in zip(inquiries, wanted, strict=True) if one]
    guessed = {between(item.tenant, one.home, moment=one.moment) for item, one in asked if item.tenant != one.home}
    found = find(session, {(one.id, one.moment) for _item, one in asked}, pairs=guessed)
    partly = [_documents(one, found) for one in wanted]
    pairs: list[set[Between]] = []
    for item, known in zip(inquiries, partly, strict=True):
        moment = item.known_at or NEWEST
        others = partners_of_known(question_of(item, moment), known)
        pairs.append({between(item.tenant, other, moment=moment) for other in others})
    find_more(session, found, pairs={pair for some in pairs for pair in some} - guessed)
    whole = []
    for known, some in zip(partly, pairs, strict=True):
        between_them = [one for pair in some for one in found.recognitions.get(pair, ())]
        # In a fixed order: of two that do equally well the same one is named each time.
        whole.append(replace(known, recognitions=sorted(between_them, key=lambda one: one.proof.id)))
    things = [_things(one, evidence) if one else {} for one, evidence in zip(wanted, whole, strict=True)]
    every = {thing for some in things for thing in some.values()}
    ends = horizons(session, session.directory, things=every, now=session.clock.now())
    return [
        replace(evidence, horizons={name: end for name, thing in some.items() if (end := ends[thing]) is not None})
        for some, evidence in zip(things, whole, strict=True)
    ]


def _things(wanted: _Wanted, evidence: Evidence) -> dict[str, Thing]:
    """The certificate, its body, which is of the same home, and its standard where it is known whose that is."""
    found = {"certificate": Thing(wanted.home, wanted.id, wanted.moment)}
    if evidence.certificate is not None:
        found["body"] = Thing(wanted.home, UUID(evidence.certificate.state["body_id"]), wanted.moment)
    if evidence.standard is not None:
        home = UUID(evidence.standard.state["tenant"])
        found["standard"] = Thing(home, evidence.standard.proof.id, wanted.moment)
    return found


@dataclass(frozen=True)
class _Wanted:
    """The id that follows from a number, whether it exists or not, its home, and when it was known."""

    id: UUID
    home: UUID
    moment: datetime


def _wanted(session: Session, inquiry: Inquiry, *, homes: dict[str, UUID | None]) -> _Wanted | None:
    """None for what is no number, or one of nobody's."""
    number = read_number(inquiry.number)
    if number is None:
        return None
    if number.code not in homes:
        listing = session.directory.named(session, number.code)
        homes[number.code] = None if listing is None else listing.id
    home = homes[number.code]
    return None if home is None else _Wanted(certificate_id(home, number.text), home, inquiry.known_at or NEWEST)


def _documents(wanted: _Wanted | None, found: Findings) -> Evidence:
    known = found.documents.get((Certificate.kind, wanted.id, wanted.moment)) if wanted else None
    if known is None or wanted is None:
        return Evidence()
    body, standard = (
        found.documents.get((kind.kind, UUID(known.state[name]), wanted.moment))
        for kind, name in ((Body, "body_id"), (Standard, "standard_id"))
    )
    return Evidence(certificate=known, body=body, standard=standard)
