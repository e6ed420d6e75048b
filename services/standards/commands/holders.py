"""Writes of what the public is told of a certificate's holder: its name in part, or whole where it allows that."""

from __future__ import annotations

from uuid import UUID

from events.catalog import Change
from events.standards import CertificateHolderConcealed, CertificateHolderPublished
from services.standards.domain.publicity import is_told, telling
from services.standards.models import Certificate
from shared import audit
from shared.commands import command
from shared.db import Session
from shared.errors import ConflictError


@command("standards.certificate.publish_holder", Certificate)
def publish_holder(session: Session, key: UUID) -> Certificate:
    """Whoever asks by the number is told the whole name."""
    return _told(session, key, public=True, change=CertificateHolderPublished())


@command("standards.certificate.conceal_holder", Certificate)
def conceal_holder(session: Session, key: UUID) -> Certificate:
    """The name is told in part again."""
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
