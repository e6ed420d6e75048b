"""Passwords and the key-encryption key of one state folder: made once, kept, never printed."""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from deploy.local.files import read_object, write_private

if TYPE_CHECKING:
    from pathlib import Path

ROLES = ("xietong_app", "xietong_relay", "xietong_worker")
OWNER = "xietong_owner"
ADMIN = "xietong_admin"
KEY_ENCRYPTION_KEY = "key_encryption_key"


def kept_keys(home: Path) -> dict[str, str]:
    """Role name → password, and the key-encryption key (base64url of 32 bytes)."""
    path = home / "keys.json"
    known = read_object(path)
    fresh = {name: secrets.token_urlsafe(24) for name in (ADMIN, OWNER, *ROLES)}
    fresh[KEY_ENCRYPTION_KEY] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    complete = fresh | known
    if complete != known:
        write_private(path, json.dumps(complete))
    return complete


def issuer_jwks(key_encryption_key: str) -> str:
    """The JWKS (RFC 7517) of this folder's token issuer, whose key `shared.identity` derives in the same way."""
    secret = base64.urlsafe_b64decode(key_encryption_key)
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"xietong:issuer").derive(secret)
    raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    public = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": public, "kid": public[:16], "use": "sig"}]})
