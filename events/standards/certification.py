"""What happens to conformity bodies and their certificates."""

from __future__ import annotations

from datetime import date, datetime

from events.catalog import Change, event
from events.text import FreeText


@event("standards.body.accredited.v1", zh="认可合格评定机构", en="Conformity body accredited")
class BodyAccredited(Change):
    """An organisation may test and certify within its grants."""

    code: str


@event("standards.body.extended.v1", zh="扩大认可范围", en="Scope extended")
class BodyExtended(Change):
    """A grant was added."""

    grant: int


@event("standards.body.reduced.v1", zh="缩小认可范围", en="Scope reduced")
class BodyReduced(Change):
    """A grant ends with `valid_to`."""

    grant: int
    valid_to: date


@event("standards.body.suspended.v1", zh="暂停机构资格", en="Body suspended")
class BodySuspended(Change):
    """Neither it nor its certificates count for now."""

    reason: FreeText | None


@event("standards.body.reinstated.v1", zh="恢复机构资格", en="Body reinstated")
class BodyReinstated(Change):
    """It counts again from now on."""


@event("standards.body.withdrawn.v1", zh="撤销机构资格", en="Accreditation withdrawn")
class BodyWithdrawn(Change):
    """It counts no more."""

    reason: FreeText | None


@event("standards.body.expired.v1", zh="机构资格到期", en="Accreditation expired")
class BodyExpired(Change):
    """The last of its grants is over."""


@event("standards.body.restored.v1", zh="更正:机构资格恢复", en="Correction: body restored")
class BodyRestored(Change):
    """Its suspension or withdrawal was a mistake: it counts as if that had not been."""

    reason: FreeText | None


@event("standards.certificate.issued.v1", zh="颁发证书", en="Certificate issued")
class CertificateIssued(Change):
    """An accredited body certifies an organisation's products under a standard.

    The holder may be a person who trades under the own name, so the name is known at home alone.
    """

    number: str
    holder_name: FreeText | None = None


@event("standards.certificate.suspended.v1", zh="暂停证书", en="Certificate suspended")
class CertificateSuspended(Change):
    """It does not count for now."""

    reason: FreeText | None


@event("standards.certificate.reinstated.v1", zh="恢复证书", en="Certificate reinstated")
class CertificateReinstated(Change):
    """It counts again from now on."""


@event("standards.certificate.revoked.v1", zh="撤销证书", en="Certificate revoked")
class CertificateRevoked(Change):
    """It does not count from `since` on, which may be earlier than the act."""

    since: datetime
    reason: FreeText | None


@event("standards.certificate.expired.v1", zh="证书到期", en="Certificate expired")
class CertificateExpired(Change):
    """Its last day is over."""


@event("standards.certificate.replaced.v1", zh="证书被新证书代替", en="Certificate replaced")
class CertificateReplaced(Change):
    """A new certificate takes its place."""

    by: str


@event("standards.certificate.restored.v1", zh="更正:证书恢复有效", en="Correction: certificate restored")
class CertificateRestored(Change):
    """Its suspension or revocation was a mistake: it counts as if that had not been."""

    reason: FreeText | None


@event("standards.certificate.holder_published.v1", zh="公开持证单位名称", en="Holder's name made public")
class CertificateHolderPublished(Change):
    """Whoever asks for the certificate by its number is told whose it is."""


@event("standards.certificate.holder_concealed.v1", zh="不再公开持证单位名称", en="Holder's name no longer public")
class CertificateHolderConcealed(Change):
    """Whoever asks is told the holder's name in part alone."""
