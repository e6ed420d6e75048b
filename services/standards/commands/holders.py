"""Writes about holders: what the public is told of one's name, and by which codes organisations are holders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from events.catalog import Change
from events.standards import CertificateHolderConcealed, CertificateHolderPublished
from services.standards.domain.publicity import is_told, telling
from services.standards.models import Certificate, Holder
from shared.commands.registry import command
from shared.core.errors import ConflictError
from shared.database.rows import table_of
from shared.evidence import audit
from shared.journal.session import Session


@command("standards.certificate.publish_holder", Certificate)
def publish_holder(session: Session, key: UUID) -> Certificate:
    """Whoever asks by the number is told the whole name."""
    return _told(session, key, public=True, change=CertificateHolderPublished())


@command("standards.certificate.conceal_holder", Certificate)
def conceal_holder(session: Session, key: UUID) -> Certificate:
    """The name is told in part again."""
    return _told(session, key, public=False, change=CertificateHolderConcealed())


@command("standards.certificate.publish_own_holder", Certificate)
def publish_own_holder(session: Session, key: UUID) -> Certificate:
    """The same by the holder's own people, who see no other certificate."""
    return _told(session, key, public=True, change=CertificateHolderPublished())


@command("standards.certificate.conceal_own_holder", Certificate)
def conceal_own_holder(session: Session, key: UUID) -> Certificate:
    """The same."""
    return _told(session, key, public=False, change=CertificateHolderConcealed())


def _told(session: Session, key: UUID, *, public: bool, change: Change) -> Certificate:
    row = session.locked(Certificate, key)
    before = is_told(row.holder)
    if telling(row.state, row.holder) != ("publish_holder" if public else "conceal_holder"):
        zh = "已经公开,或证书已失效,不再公开" if public else "没有公开"
        en = "is public already, or the certificate has ended and is made public no more" if public else "is not public"
        raise ConflictError("holder_as_it_is", f"持证单位名称{zh}。", f"The holder's name {en}.")
    row.holder = {**row.holder, "public": public}
    session.publish(row, change)
    audit.detail(session, subject=str(key), before={"public": before}, after={"public": public})
    return row


def keep_codes(session: Session, states: Iterable[tuple[UUID, Mapping[str, Any]]]) -> None:
    """The codes by which certificates are these organisations', as their states say: their own and predecessors'."""
    held = {
        (key, code) for key, one in states for code in (one["code"], *(past["code"] for past in one["predecessors"]))
    }
    kept, here = insert(table_of(Holder)).on_conflict_do_nothing(), session.context.tenant_id
    session.write(kept, [{"tenant_id": here, "organisation_id": key, "code": code} for key, code in sorted(held)])
