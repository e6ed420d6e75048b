"""Private keys: made in their cell, encrypted at rest, never outside; and the signatures they give."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.signing import SigningKey as Signing
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json, canonical
from shared.core.derived_keys import derived_key, derived_public_key, public_text
from shared.core.encoding import b64encode
from shared.core.errors import UnavailableError
from shared.core.settings import Settings
from shared.database.prepared import Prepared
from shared.database.rows import TenantRow
from shared.database.session import TenantSession
from shared.keys.directory import key_id


class SigningKey(TenantRow):
    """A private key of the tenant, sealed; `active_at` is set once the directory lists its public half."""

    __tablename__ = "signing_keys"
    __table_args__ = {"schema": "shared"}

    key: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    active_at: Mapped[datetime | None]


NEWEST = Prepared(
    lambda: (
        select(SigningKey.key).where(SigningKey.active_at.is_not(None)).order_by(SigningKey.active_at.desc()).limit(1)
    )
)
"""Asked by whatever signs: the name alone, for the key itself is unsealed once per process."""


class Vault(Protocol):
    """Encrypts key material at rest; a key service or a national-cryptography module can take this place."""

    def seal(self, plain: bytes, *, label: bytes) -> bytes: ...
    def unseal(self, sealed: bytes, *, label: bytes) -> bytes: ...


@dataclass(frozen=True)
class EnvironmentVault:
    """AES-256-GCM (NIST SP 800-38D) with the key from the environment; the label is authenticated."""

    key: bytes = field(repr=False)

    def seal(self, plain: bytes, *, label: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self.key).encrypt(nonce, plain, label)

    def unseal(self, sealed: bytes, *, label: bytes) -> bytes:
        return AESGCM(self.key).decrypt(sealed[:12], sealed[12:], label)


@dataclass(frozen=True)
class Signer:
    """One unsealed private key."""

    key: str
    private: Ed25519PrivateKey = field(repr=False)

    def sign(self, document: Mapping[str, Json]) -> str:
        """Base64url Ed25519 signature (RFC 8032) of the RFC 8785 bytes."""
        return self.sign_bytes(canonical(document))

    def sign_bytes(self, value: bytes) -> str:
        """The same for bytes that are canonical already."""
        return b64encode(self._signing.sign(value).signature)

    @cached_property
    def _signing(self) -> Signing:
        """Of libsodium, which gives the same signature as OpenSSL in a third of the time."""
        return Signing(self.private.private_bytes_raw())


def cell_signer(settings: Settings) -> Signer:
    """The key of the cell itself, whose public half stands in the settings of every cell."""
    purpose = f"cell:{settings.cell}"
    name = key_id(derived_public_key(settings.vault_key, purpose))
    return Signer(name, derived_key(settings.vault_key, purpose))


@dataclass
class Keyring:
    """The signers this process has used, by key id."""

    vault: Vault
    _signers: dict[str, Signer] = field(default_factory=dict)

    def make(self, session: TenantSession) -> str:
        """Make a key for the session's tenant and keep it sealed; returns the public half."""
        private = Ed25519PrivateKey.generate()
        return self.keep(session, private, active_at=None)

    def keep(self, session: TenantSession, private: Ed25519PrivateKey, *, active_at: datetime | None) -> str:
        """Seal `private` as a key of the session's tenant; returns the public half."""
        public = public_text(private.public_key())
        name = key_id(public)
        label = _label(session.context.tenant_id, name)
        session.add(
            SigningKey(
                key=name,
                algorithm="Ed25519",
                sealed=self.vault.seal(private.private_bytes_raw(), label=label),
                created_at=session.clock.now(),
                active_at=active_at,
            )
        )
        session.flush()
        self._signers[name] = Signer(name, private)
        return public

    def signer(self, session: TenantSession) -> Signer:
        """The session tenant's newest active key; raises `UnavailableError` when it has none yet."""
        found = session.info.get("signer")
        if found is None:
            # No reason to write what is being changed: that is done once, when it is published.
            newest = NEWEST.rows(session)
            if not newest:
                raise UnavailableError(
                    "no_signing_key",
                    "本辖区的签名密钥尚未登记,请稍后再试。",
                    "This tenant's signing key is not enrolled yet. Try again in a few seconds.",
                )
            name: str = newest[0][0]
            found = session.info["signer"] = self._signers.get(name) or self.signer_named(session, name)
        return found

    def signer_named(self, session: TenantSession, key: str) -> Signer:
        """A particular key of the session's tenant, active or not; raises LookupError."""
        row = session.scalars(select(SigningKey).where(SigningKey.key == key)).one()
        if row.key not in self._signers:
            raw = self.vault.unseal(row.sealed, label=_label(session.context.tenant_id, row.key))
            self._signers[row.key] = Signer(row.key, Ed25519PrivateKey.from_private_bytes(raw))
        return self._signers[row.key]


def _label(tenant: UUID, key: str) -> bytes:
    return f"{tenant}/{key}".encode()
