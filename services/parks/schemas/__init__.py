"""What the parks API takes and shows: one draft and one view per resource."""

from services.parks.schemas.agreements import (
    AgreementAmendment,
    AgreementDraft,
    AgreementFilter,
    AgreementView,
    ShareSchema,
    SignatureDraft,
    TermsSchema,
)
from services.parks.schemas.history import DeliveryView, TimelineView
from services.parks.schemas.parks import ParkDraft, ParkFilter, ParkRevision, ParkView

__all__ = [
    "AgreementAmendment",
    "AgreementDraft",
    "AgreementFilter",
    "AgreementView",
    "DeliveryView",
    "ParkDraft",
    "ParkFilter",
    "ParkRevision",
    "ParkView",
    "ShareSchema",
    "SignatureDraft",
    "TermsSchema",
    "TimelineView",
]
