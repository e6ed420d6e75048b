"""Passwords and the key-encryption key of one state folder: made once, kept, never printed."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from deploy.local.files import read_object, write_private

ROLES = ("xietong_app", "xietong_relay", "xietong_worker")
OWNER = "xietong_owner"
ADMIN = "xietong_admin"
KEY_ENCRYPTION_KEY = "key_encryption_key"
WALL = "wall"


def kept_keys(home: Path) -> dict[str, str]:
    """Role name → password, the key-encryption key (base64url of 32 bytes) and the token in the wall's address."""
    path = home / "keys.json"
    known = read_object(path)
    fresh = {name: secrets.token_urlsafe(24) for name in (ADMIN, OWNER, *ROLES, WALL)}
    fresh[KEY_ENCRYPTION_KEY] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    complete = fresh | known
    if complete != known:
        write_private(path, json.dumps(complete))
    return complete
