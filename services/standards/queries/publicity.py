"""How a certificate stands now, for anybody who knows its number: out of registers, its holder from its home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session as OrmSession

from services.standards.domain.checking import Evidence, Knowledge, Proof, Question, judge
from services.standards.domain.dependencies import legible
from services.standards.domain.numbers import read_number
from services.standards.domain.publicity import (
    NOT_KNOWN,
    SAID,
    Facts,
    PublicHolder,
    facts,
    is_told,
    masked,
    public_state,
)
from services.standards.domain.recognition import Asked
from services.standards.models import BodyRow, Certificate, CertificateRow, StandardRow, certificate_id
from services.standards.queries.certificates import id_of
from shared.broadcasts.horizon import Horizon
from shared.broadcasts.knowledge import Thing, horizons
from shared.core.context import PLATFORM
from shared.core.errors import NotFoundError
from shared.database.rows import Register
from shared.evidence.texts import texts
from shared.journal.session import Session
from shared.keys.directory import Directory


@dataclass(frozen=True)
class PublicState:
    """How it stands, and what a paper with its number has to say; `horizon` None where what is known is up to date."""

    home: UUID
    number: str
    state: str
    checked_at: datetime
    horizon: Horizon | None
    facts: Facts | None = None
    holder: PublicHolder | None = None

    @property
    def up_to_date(self) -> bool:
        """Whether all was received lately that the state rests on."""
        return self.horizon is None

    @property
    def known_until(self) -> datetime | None:
        """What was said later is not in the state."""
        return None if self.horizon is None else self.horizon.until

    @property
    def valid(self) -> bool:
        """Whether it counts, with its body and its standard; whether a tenant recognises it is not considered."""
        return self.state == "valid"

    @property
    def message(self) -> Mapping[str, str]:
        """The state as a sentence."""
        return dict(zip(("zh", "en"), SAID[self.state], strict=True))


def public_state_of(session: OrmSession, directory: Directory, *, text: str, now: datetime) -> PublicState:
    """In what state the certificate with this number is; raises one `NotFoundError`, the same for whatever is not one.

    What does not exist is looked up like what does, so that the time taken tells nothing either.
    """
    number = read_number(text)
    # What is nobody's number is looked up as the platform's, which has none.
    listing = None if number is None else directory.named(session, number.code)
    key, home = id_of(session, directory, number=number), PLATFORM if listing is None else listing.id
    certificate = session.get(CertificateRow, key or uuid4())
    named: Mapping[str, Any] = {} if certificate is None else certificate.state
    body = session.get(BodyRow, _key(named, "body_id"))
    standard = session.get(StandardRow, _key(named, "standard_id"))
    things = {"certificate": Thing(home, key or uuid4(), now), "body": Thing(home, _key(named, "body_id"), now)}
    if standard is not None:
        things["standard"] = Thing(UUID(standard.state["tenant"]), standard.id, now)
    ends = horizons(session, directory, things=things.values(), now=now)
    evidence = Evidence(
        certificate=_knowledge(certificate),
        body=_knowledge(body),
        standard=_knowledge(standard),
        horizons={name: end for name, thing in things.items() if (end := ends[thing]) is not None},
    )
    state = public_state(judge(Question(tenant=home, moment=now, asked=Asked()), evidence))
    if number is None or (certificate is None and (key is None or state != NOT_KNOWN)):
        raise NotFoundError(
            "certificate_unknown",
            "没有这个编号的证书。请与证书逐字核对编号。",
            "There is no certificate with this number. Compare it with the certificate character by character.",
        )
    # The number that was asked for, which the id follows from: what a home writes into its document is its own affair.
    return PublicState(home, number.text, state, now, evidence.horizon, facts_of(evidence))


def facts_of(evidence: Evidence) -> Facts | None:
    """What is told of it; None where one of the documents is missing, or not as it should be."""
    known = evidence.certificate, evidence.body, evidence.standard
    if None in known:
        return None
    certificate, body, standard = (one.state for one in known if one is not None)
    return legible(lambda: facts(certificate, body=body, standard=standard), otherwise=None)


def with_holder(session: Session, found: PublicState) -> PublicState:
    """With its holder's name as far as that allows it, which its home alone knows; the session is of that one."""
    row = session.get(Certificate, (session.context.tenant_id, certificate_id(found.home, found.number)))
    if row is None:
        return found
    digest, code = row.holder["name_digest"], row.holder["code"]
    name = texts(session, [(row.id, digest)]).get((row.id, digest))
    if is_told(row.holder):
        return replace(found, holder=PublicHolder(name, code, masked=False))
    return replace(found, holder=PublicHolder(name and masked(name, code=code), None, masked=True))


def _key(named: Mapping[str, Any], name: str) -> UUID:
    return UUID(named[name]) if name in named else uuid4()


def _knowledge(row: Register | None) -> Knowledge | None:
    if row is None:
        return None
    return Knowledge(row.state, Proof(row.id, row.epoch, row.version, row.entry_hash, row.received_at))
