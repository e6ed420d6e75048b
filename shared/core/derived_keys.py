"""Keys that name a cell, the platform and the local issuer: derived from the key in the environment (RFC 5869)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.core.encoding import b64encode


def derived_key(secret: bytes, purpose: str) -> Ed25519PrivateKey:
    """The Ed25519 key of `purpose`; the same secret always gives the same key."""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"xietong:{purpose}".encode()).derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_text(key: Ed25519PublicKey) -> str:
    """Base64url of the 32 raw bytes, without padding (as `x` in RFC 8037)."""
    return b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def derived_public_key(secret: bytes, purpose: str) -> str:
    """The public half of `derived_key`, as text."""
    return public_text(derived_key(secret, purpose).public_key())
