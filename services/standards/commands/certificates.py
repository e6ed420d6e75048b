"""Writes of certificates: issued, suspended, reinstated, revoked, replaced, restored, expired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from events.canonical import plain
from events.standards import (
    CertificateExpired,
    CertificateIssued,
    CertificateReinstated,
    CertificateReplaced,
    CertificateRestored,
    CertificateRevoked,
    CertificateSuspended,
)
from events.text import FreeText
from services.standards.commands.printing import print_later
from services.standards.domain import certificates as rules
from services.standards.domain.checking import Evidence, Knowledge, Proof, Question, judge, partners_of_known
from services.standards.domain.corrections import check_correctable
from services.standards.domain.lifecycles import CERTIFICATE_LIFECYCLE
from services.standards.domain.numbers import certificate_nonce, new_number, read_number
from services.standards.domain.publicity import is_told
from services.standards.domain.recognition import Asked
from services.standards.domain.room import check_size, check_suspendable
from services.standards.models import Body, Certificate, CertificateRow, Recognition, StandardRow, certificate_id
from shared.commands.registry import command
from shared.core.calendar import day_of, end_of, start_of
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.database.rows import Aggregate, state_of
from shared.evidence import audit
from shared.evidence.undoing import state_before
from shared.files.citing import check_cited
from shared.journal.session import Session
from shared.journal.timers import cancel, schedule, timer
from shared.rules.periods import state_at, with_period

EXPIRE = "standards.certificate.expire"


def issue_certificate(session: Session, **described: Any) -> Certificate:
    """A certificate of a body of the acting tenant; refused, with what is missing, outside the body's scope."""
    row, change = _made(session, described, replaces=None)
    session.publish(row, change)
    _watch(session, row)
    return row


@command("standards.certificate.replace", Certificate)
def replace_certificate(session: Session, key: UUID, **described: Any) -> Certificate:
    """A new certificate of the same holder, and at the same moment the old one counts no more."""
    old = _moved(session, key, action="replace")
    row, change = _made(session, {**described, "public": is_told(old.holder)}, replaces=old.number)
    rules.check_replaces((row.holder["code"], row.valid_from), old.holder["code"], today=day_of(session.clock.now()))
    old.replaced_by = row.number
    session.publish_all([(row, change), (old, CertificateReplaced(by=row.number))])
    cancel(session, EXPIRE, aggregate=key)
    _watch(session, row)
    return row


def _made(
    session: Session, described: Mapping[str, Any], *, replaces: str | None
) -> tuple[Certificate, CertificateIssued]:
    now, tenant = session.clock.now(), session.context.tenant_id
    today = day_of(now)
    valid_from = described["valid_from"] or today
    rules.check_period(valid_from, described["valid_to"], today=today)
    holder, name = described["holder"], FreeText(described["holder"]["name_zh"])
    fields = {
        "body_id": described["body"], "standard_id": described["standard"],
        "holder": plain({"code": holder["code"], "name_digest": name.digest, "organisation": holder["organisation"],
                         "public": described.get("public", False)}),
        "products": described["products"], "methods": described["methods"], "valid_from": valid_from,
        "valid_to": described["valid_to"], "report": described["report"],
        "based_on": _bases(session, described["based_on"]),
    }  # fmt: skip
    check_size(plain(fields))
    standard = _standard(session, described["standard"])
    body = _checked_body(session, fields, standard=standard)
    check_cited(session, described["report"], pointer="/report")
    number = new_number(_code(session), today.year)
    initial = CERTIFICATE_LIFECYCLE.initial
    periods = with_period([], initial, since=rules.counts_since(valid_from, now))
    audit.detail(session, subject=str(certificate_id(tenant, number)), after={"number": number, "replaces": replaces})
    row = session.create(
        Certificate, parties=[tenant], nonce=certificate_nonce(number), state=initial, spells=periods, tenant=tenant,
        number=number, replaces=replaces, replaced_by=None, reason_digest=None, **fields,
    )  # fmt: skip
    _check_recognised(session, row, body=body, standard=standard)
    return row, CertificateIssued(number=number, holder_name=name)


def _code(session: Session) -> str:
    listing = session.directory.listing(session, session.context.tenant_id)
    if listing is None:
        raise LookupError(f"{session.context.tenant_id} is not in the directory")
    return listing.code


def _bases(session: Session, texts: list[str]) -> list[str]:
    """The numbers as they are written; raises `InvalidError` for one that nobody issued."""
    read = [read_number(text) for text in texts]
    homes = [None if number is None else session.directory.named(session, number.code) for number in read]
    keys = [
        None if number is None or home is None else certificate_id(home.id, number.text)
        for number, home in zip(read, homes, strict=True)
    ]
    known = set(session.scalars(select(CertificateRow.id).where(CertificateRow.id.in_(filter(None, keys)))))
    zh, en = "没有这个编号的证书", "there is no certificate with this number"
    faults = [Fault(f"/based_on/{index}", zh, en) for index, key in enumerate(keys) if key not in known]
    if faults:
        raise InvalidError("basis_unknown", f"{zh},请核对编号。", f"Of those named, {en}. Check it.", faults)
    return list(dict.fromkeys(number.text for number in read if number is not None))


def _standard(session: Session, key: UUID) -> StandardRow:
    """The standard, in force; raises `InvalidError` or `ConflictError`."""
    row = session.get(StandardRow, key)
    if row is None:
        zh, en = "平台上没有已发布的这个标准", "no such standard has been released"
        raise InvalidError("standard_unknown", f"{zh},请核对。", f"It is unknown: {en}.", [Fault("/standard", zh, en)])
    if state_at(row.state["spells"], session.clock.now()) != "in_force":
        name = _name(row)
        raise ConflictError(
            "standard_not_in_force",
            f"标准 {name} 目前不在实施中,不能据以颁发证书。请改用现行标准。",
            f"The standard {name} is not in force now, so nothing is issued under it. Use the one in force.",
        )
    return row


def _name(standard: StandardRow) -> str:
    return str(standard.state["numbers"][0] if standard.state["numbers"] else standard.state["title_zh"])


def _checked_body(session: Session, fields: Mapping[str, Any], *, standard: StandardRow) -> Body:
    """The body, accredited for it; raises `InvalidError` or `ConflictError`."""
    # Shared, so that nobody suspends or reduces the body while a certificate of it is on its way.
    body = session.get(Body, (session.context.tenant_id, fields["body_id"]), with_for_update={"read": True})
    if body is None:
        zh, en = "本辖区没有认可这个机构", "your tenant has accredited no such body"
        raise InvalidError("body_unknown", f"{zh},请核对。", f"It is unknown: {en}.", [Fault("/body", zh, en)])
    if body.state != "accredited":
        raise ConflictError(
            "body_not_accredited",
            f"机构“{body.name_zh}”目前没有资格,不能颁发证书。",
            f"The body is not accredited now (state: {body.state}), so it issues nothing.",
        )
    day = day_of(session.clock.now())
    rules.check_accredited(body.grants, fields, day=day, standard=_name(standard))
    return body


def _check_recognised(session: Session, row: Certificate, *, body: Body, standard: StandardRow) -> None:
    """The acting tenant itself would have to accept it, as of its first day; raises `ConflictError`."""
    proof = Proof(standard.id, standard.epoch, standard.version, standard.entry_hash, standard.received_at)
    evidence = Evidence(certificate=_knowledge(row), body=_knowledge(body), standard=Knowledge(standard.state, proof))
    moment = max(session.clock.now(), start_of(row.valid_from))
    question = Question(tenant=session.context.tenant_id, moment=moment, asked=Asked())
    others = partners_of_known(question, evidence)
    sides = or_(Recognition.recogniser.in_(others), Recognition.recognised.in_(others))
    own = Recognition.home_id == Recognition.recogniser
    found = session.scalars(select(Recognition).where(sides, own)) if others else ()
    chain = judge(question, replace(evidence, recognitions=[_knowledge(one) for one in found]))
    rules.check_recognised(chain, standard=_name(standard))


def _knowledge(row: Aggregate) -> Knowledge:
    return Knowledge(state_of(row), Proof(row.id, row.epoch, row.version, row.entry_hash, row.updated_at))


def _watch(session: Session, row: Certificate) -> None:
    """What follows of itself: it is printed now, and expires with its last day."""
    _expire_later(session, row)
    print_later(session, row)


def _expire_later(session: Session, row: Certificate) -> None:
    schedule(session, EXPIRE, aggregate=row.id, due_at=end_of(row.valid_to))


def _moved(session: Session, key: UUID, *, action: str) -> Certificate:
    """The certificate in its next state, which counts from now on."""
    row = session.locked(Certificate, key)
    before = row.state
    CERTIFICATE_LIFECYCLE.move(row, action)
    row.spells = with_period(row.spells, row.state, since=session.clock.now())
    audit.detail(session, subject=str(key), before={"state": before}, after={"state": row.state})
    return row


@command("standards.certificate.suspend", Certificate)
def suspend_certificate(session: Session, key: UUID, *, reason: FreeText) -> Certificate:
    """It does not count for now."""
    check_suspendable(session.locked(Certificate, key).spells)
    row = _moved(session, key, action="suspend")
    row.reason_digest = reason.digest
    session.publish(row, CertificateSuspended(reason=reason))
    return row


@command("standards.certificate.reinstate", Certificate)
def reinstate_certificate(session: Session, key: UUID) -> Certificate:
    """It counts again from now on."""
    row = _moved(session, key, action="reinstate")
    row.reason_digest = None
    session.publish(row, CertificateReinstated())
    return row


@command("standards.certificate.revoke", Certificate)
def revoke_certificate(session: Session, key: UUID, *, reason: FreeText, since: date | None = None) -> Certificate:
    """It counts no more, from the beginning of the day `since` on where that is said."""
    row = session.locked(Certificate, key)
    periods, moment = row.spells, rules.revoked_since(row.valid_from, since, now=session.clock.now())
    _moved(session, key, action="revoke")
    row.spells, row.reason_digest = with_period(periods, row.state, since=moment), reason.digest
    cancel(session, EXPIRE, aggregate=key)
    session.publish(row, CertificateRevoked(since=moment, reason=reason))
    return row


@command("standards.certificate.restore", Certificate)
def restore_certificate(session: Session, key: UUID, *, reason: FreeText) -> Certificate:
    """The suspension or revocation was a mistake: it is, and was, what it would be without.

    What expired while it was suspended by mistake counted until then, and stays expired.
    """
    row = session.locked(Certificate, key)
    CERTIFICATE_LIFECYCLE.target(row.state, "restore")
    check_correctable(row.spells)
    state = row.state
    acts = CertificateSuspended, CertificateRevoked
    before = state_before(session, row, acts=acts, undone_by=CertificateRestored)
    row.spells, row.reason_digest = before["spells"], before["reason_digest"]
    if state == "expired":
        row.spells = with_period(row.spells, state, since=end_of(row.valid_to))
    row.state = row.spells[-1]["state"]
    session.publish(row, CertificateRestored(reason=reason))
    _expire_later(session, row)
    audit.detail(session, subject=str(key), before={"state": state}, after={"state": row.state})
    return row


@timer(EXPIRE)
def expire_certificate(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """Its last day is over."""
    row = session.locked(Certificate, key)
    if "expire" not in CERTIFICATE_LIFECYCLE.actions(row.state):
        return
    CERTIFICATE_LIFECYCLE.move(row, "expire")
    row.spells = with_period(row.spells, row.state, since=end_of(row.valid_to))
    session.publish(row, CertificateExpired())
