"""What the parks API takes and shows: one draft and one view per resource."""

from services.parks.schemas.agreements import (
    AgreementAmendment,
    AgreementDraft,
    AgreementFilter,
    AgreementView,
    AllAgreementsFilter,
    ShareSchema,
    TermsSchema,
)
from services.parks.schemas.parks import (
    DissolutionDraft,
    EntryRulesDraft,
    OwnParkFilter,
    OwnParkView,
    ParkDraft,
    ParkFilter,
    ParkRevision,
    ParkView,
)

__all__ = [
    "AgreementAmendment",
    "AgreementDraft",
    "AgreementFilter",
    "AgreementView",
    "AllAgreementsFilter",
    "DissolutionDraft",
    "EntryRulesDraft",
    "OwnParkFilter",
    "OwnParkView",
    "ParkDraft",
    "ParkFilter",
    "ParkRevision",
    "ParkView",
    "ShareSchema",
    "TermsSchema",
]
