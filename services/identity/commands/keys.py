"""Keys that sign a tenant's tokens: made in its cell, published to all cells, rotated without a gap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, KeyParameters, RSAKey
from sqlalchemy import delete, select

from events.identity import TokenKeyPublished, TokenKeyRetired
from services.identity.domain.keys import KEY_LIFECYCLE, RETIRED_LIFE
from services.identity.models import PublishedKey, TokenKey, TokenSecret
from shared.core.derived_keys import public_text
from shared.core.encoding import b64decode, b64encode
from shared.core.errors import UnavailableError
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.keys.directory import key_id
from shared.keys.keyring import Signer


def publish_token_key(session: Session) -> TokenKey:
    """Make the keys for the session tenant's tokens; they sign as soon as this cell has them in its register."""
    private = Ed25519PrivateKey.generate()
    public = public_text(private.public_key())
    name = key_id(public)
    for_ids: dict[str, RSAKey | ECKey] = {"RS256": RSAKey.generate_key(2048), "ES256": ECKey.generate_key("P-256")}
    listed = {
        algorithm: {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": algorithm}
        for algorithm, key in for_ids.items()
    }
    row = session.create(
        TokenKey,
        parties=[session.context.tenant_id],
        key=name,
        public=public,
        id_keys=listed,
        state=KEY_LIFECYCLE.initial,
        until=None,
    )
    vault, label = session.keyring.vault, _label(session.context.tenant_id, name)
    secrets = json.dumps({algorithm: b64encode(key.as_der(private=True)) for algorithm, key in for_ids.items()})
    sealed, id_sealed = (vault.seal(raw, label=label) for raw in (private.private_bytes_raw(), secrets.encode()))
    now = session.clock.now()
    session.add(TokenSecret(key=name, token_key_id=row.id, sealed=sealed, id_sealed=id_sealed, created_at=now))
    session.publish(row, TokenKeyPublished(key=name))
    return row


def rotate_token_key(session: Session) -> TokenKey:
    """New keys sign from now on; those before verify until their last tokens are gone."""
    earlier = session.scalars(select(TokenKey.id).where(TokenKey.state == KEY_LIFECYCLE.initial)).all()
    made = publish_token_key(session)
    for key in earlier:
        schedule(session, "identity.token_key.retire", aggregate=key, due_at=session.clock.now())
    return made


@timer("identity.token_key.retire")
def retire_token_key(session: Session, key: UUID, _params: object) -> None:
    """Retire a key once a newer one is in the register, so that there is no moment without one."""
    row = session.locked(TokenKey, key)
    if row.state != KEY_LIFECYCLE.initial:
        return
    if newest_secret(session).token_key_id == key:
        raise UnavailableError("key_on_its_way", "新密钥尚未公布。", "The new key is not in the register yet.")
    KEY_LIFECYCLE.move(row, "retire")
    row.until = session.clock.now() + RETIRED_LIFE
    session.execute(delete(TokenSecret).where(TokenSecret.token_key_id == key))
    session.publish(row, TokenKeyRetired(key=row.key, until=row.until))


def newest_secret(session: Session) -> TokenSecret:
    """The newest key of the session's tenant that this cell's register lists; raises `UnavailableError`."""
    listed = select(PublishedKey.id).where(PublishedKey.id == TokenSecret.token_key_id).exists()
    found = session.scalars(select(TokenSecret).where(listed).order_by(TokenSecret.created_at.desc()).limit(1)).first()
    if found is None:
        raise _no_key_yet()
    return found


def _no_key_yet() -> UnavailableError:
    return UnavailableError(
        "no_token_key",
        "本辖区的令牌签名密钥尚未公布,请几秒后再试。",
        "This tenant's token signing key is not published yet. Try again in a few seconds.",
    )


def token_signer(session: Session) -> Signer:
    """The key that signs the session tenant's tokens now."""
    row = newest_secret(session)
    raw = session.keyring.vault.unseal(row.sealed, label=_label(session.context.tenant_id, row.key))
    return Signer(row.key, Ed25519PrivateKey.from_private_bytes(raw))


def id_token_key(session: Session, algorithm: str) -> RSAKey | ECKey:
    """The key, with its `kid`, that signs the tenant's ID tokens in `algorithm` now; raises `UnavailableError`."""
    row = newest_secret(session)
    listed: Mapping[str, Any] = session.get_one(TokenKey, (session.context.tenant_id, row.token_key_id)).id_keys
    if row.id_sealed is None or algorithm not in listed:
        raise _no_key_yet()
    secrets = json.loads(session.keyring.vault.unseal(row.id_sealed, label=_label(session.context.tenant_id, row.key)))
    # Sealed by ourselves: to prove the primes again would take 60 ms of every sign-in.
    private = load_der_private_key(b64decode(secrets[algorithm]), None, unsafe_skip_rsa_key_validation=True)
    parameters: KeyParameters = {"kid": str(listed[algorithm]["kid"])}
    if isinstance(private, RSAPrivateKey):
        return RSAKey.import_key(private, parameters)
    if isinstance(private, EllipticCurvePrivateKey):
        return ECKey.import_key(private, parameters)
    raise TypeError(f"{algorithm} is signed by neither RSA nor P-256")


def ensure_token_key(session: Session) -> None:
    """Make the first key, if there is none."""
    if session.scalars(select(TokenKey.id)).first() is None:
        publish_token_key(session)


def _label(tenant: UUID, key: str) -> bytes:
    return f"{tenant}/token/{key}".encode()
