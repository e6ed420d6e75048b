"""How a certificate stands now, for anybody who knows its number: out of registers, and no tenant's rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session as OrmSession

from services.standards.domain.checking import Evidence, Known, Proof, Question, judge
from services.standards.domain.numbers import read_number
from services.standards.domain.publicity import SAID, public_state
from services.standards.domain.recognition import Asked
from services.standards.models import BodyRow, CertificateRow, StandardRow
from services.standards.queries.certificates import id_of
from shared.directory import Directory, Register
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Standing:
    """State only."""

    number: str
    state: str
    checked_at: datetime

    @property
    def valid(self) -> bool:
        """Whether it stands, with its body and its standard; whether a tenant recognises it is not considered."""
        return self.state == "valid"

    @property
    def message(self) -> Mapping[str, str]:
        """The state as a sentence."""
        return dict(zip(("zh", "en"), SAID[self.state], strict=True))


def standing(session: OrmSession, directory: Directory, *, text: str, now: datetime) -> Standing:
    """How the certificate with this number stands; raises one `NotFoundError`, the same for whatever is not one.

    What does not exist is looked up like what does, so that the time taken tells nothing either.
    """
    number = read_number(text)
    certificate = session.get(CertificateRow, id_of(session, directory, number=number) or uuid4())
    named: Mapping[str, Any] = {} if certificate is None else certificate.state
    body = session.get(BodyRow, _key(named, "body_id"))
    standard = session.get(StandardRow, _key(named, "standard_id"))
    if certificate is None or number is None:
        raise NotFoundError(
            "certificate_unknown",
            "没有这个编号的证书。请与证书逐字核对编号。",
            "There is no certificate with this number. Compare it with the certificate character by character.",
        )
    evidence = Evidence(certificate=_known(certificate), body=_known(body), standard=_known(standard))
    question = Question(tenant=UUID(named["tenant"]), moment=now, asked=Asked())
    # The number that was asked for, which the id follows from: what a home writes into its document is its own affair.
    return Standing(number.text, public_state(judge(question, evidence)), now)


def _key(named: Mapping[str, Any], name: str) -> UUID:
    return UUID(named[name]) if name in named else uuid4()


def _known(row: Register | None) -> Known | None:
    if row is None:
        return None
    return Known(row.state, Proof(row.id, row.epoch, row.version, row.entry_hash, row.received_at))
