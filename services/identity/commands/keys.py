"""Keys that sign a tenant's tokens: made in its cell, published to all cells, rotated without a gap."""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select

from events.identity import TokenKeyPublished, TokenKeyRetired
from services.identity.domain.keys import KEY_LIFECYCLE, RETIRED_LIFE
from services.identity.models import PublishedKey, TokenKey, TokenSecret
from shared.db import Session
from shared.directory import key_id
from shared.errors import UnavailableError
from shared.identity import public_text
from shared.keys import Signer
from shared.timers import schedule, timer


def publish_token_key(session: Session) -> TokenKey:
    """Make a key for the session tenant's tokens; it signs as soon as this cell has it in its register."""
    private = Ed25519PrivateKey.generate()
    public = public_text(private.public_key())
    name = key_id(public)
    row = session.create(TokenKey, parties=[session.context.tenant_id], key=name, public=public,
                         state=KEY_LIFECYCLE.initial, until=None)  # fmt: skip
    sealed = session.keyring.vault.seal(private.private_bytes_raw(), label=_label(session.context.tenant_id, name))
    session.add(TokenSecret(key=name, token_key_id=row.id, sealed=sealed, created_at=session.clock.now()))
    session.publish(row, TokenKeyPublished(key=name))
    return row


def rotate_token_key(session: Session) -> TokenKey:
    """A new key signs from now on; those before verify until their last tokens are gone."""
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
        raise UnavailableError(
            "no_token_key",
            "本辖区的令牌签名密钥尚未公布,请几秒后再试。",
            "This tenant's token signing key is not published yet. Try again in a few seconds.",
        )
    return found


def token_signer(session: Session) -> Signer:
    """The key that signs the session tenant's tokens now."""
    row = newest_secret(session)
    raw = session.keyring.vault.unseal(row.sealed, label=_label(session.context.tenant_id, row.key))
    return Signer(row.key, Ed25519PrivateKey.from_private_bytes(raw))


def ensure_token_key(session: Session) -> None:
    """Make the first key, if there is none."""
    if session.scalars(select(TokenKey.id)).first() is None:
        publish_token_key(session)


def _label(tenant: UUID, key: str) -> bytes:
    return f"{tenant}/token/{key}".encode()
