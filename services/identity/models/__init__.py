"""Rows of the identity service."""

from services.identity.models.accounts import (
    Device,
    Failure,
    FormerName,
    Grant,
    Membership,
    OwnRole,
    Provider,
    SignInRules,
    User,
    WebSession,
)
from services.identity.models.keys import PublishedKey, RevocationList, Revocations, TokenKey, TokenSecret
from services.identity.models.oauth import (
    Assertion,
    Client,
    Code,
    Consent,
    Credential,
    DeviceCode,
    Family,
    RefreshToken,
)

__all__ = [
    "Assertion",
    "Client",
    "Code",
    "Consent",
    "Credential",
    "Device",
    "DeviceCode",
    "Failure",
    "Family",
    "FormerName",
    "Grant",
    "Membership",
    "OwnRole",
    "Provider",
    "PublishedKey",
    "RefreshToken",
    "RevocationList",
    "Revocations",
    "SignInRules",
    "TokenKey",
    "TokenSecret",
    "User",
    "WebSession",
]
