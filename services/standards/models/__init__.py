"""Rows of the standards service."""

from services.standards.models.certification import (
    Body,
    BodyRow,
    Certificate,
    CertificateRow,
    Holder,
    Printing,
    certificate_id,
)
from services.standards.models.drafting import (
    Comment,
    Consultation,
    ConsultationRow,
    Project,
    Standard,
    StandardRow,
    consultation_id,
    consultation_nonce,
)
from services.standards.models.recognition import Check, Citation, Consequence, Recognition

__all__ = [
    "Body",
    "BodyRow",
    "Certificate",
    "CertificateRow",
    "Check",
    "Citation",
    "Comment",
    "Consequence",
    "Consultation",
    "ConsultationRow",
    "Holder",
    "Printing",
    "Project",
    "Recognition",
    "Standard",
    "StandardRow",
    "certificate_id",
    "consultation_id",
    "consultation_nonce",
]
