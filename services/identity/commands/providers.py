"""Commands on a tenant's own OpenID Connect providers; their client secrets are sealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from services.identity.domain.federation import check_issuer
from services.identity.models import Provider, User
from shared.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from shared.evidence.audit import detail
from shared.journal.session import Session

MOST_PROVIDERS = 20
LOGIN = "login"


def add_provider(session: Session, *, issuer: str, client_secret: str, **given: Any) -> Provider:
    """A provider that this tenant's users may sign in with."""
    check_issuer(issuer, local=session.settings.outbound_local)
    _check_claims(given["claims"])
    if (session.scalar(select(func.count()).select_from(Provider)) or 0) >= MOST_PROVIDERS:
        zh, en = f"至多 {MOST_PROVIDERS} 个外部身份源。", f"At most {MOST_PROVIDERS} providers."
        raise ConflictError("providers_full", zh, en)
    now, key = session.clock.now(), uuid4()
    sealed = _sealed(session, key, secret=client_secret)
    row = Provider(id=key, issuer=issuer, sealed=sealed, created_at=now, updated_at=now, version=1, **given)
    session.add(row)
    session.flush()
    detail(session, subject=str(key), after=_noted(row))
    return row


def revise_provider(session: Session, key: UUID, **changes: Any) -> Provider:
    """Change what was given."""
    row = locked_provider(session, key)
    before = _noted(row)
    secret = changes.pop("client_secret", None)
    if secret is not None:
        row.sealed = _sealed(session, key, secret=secret)
    _check_claims(changes.get("claims", row.claims))
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = session.clock.now()
    session.flush()
    detail(session, subject=str(key), before=before, after={**_noted(row), "secret_changed": secret is not None})
    return row


def remove_provider(session: Session, key: UUID) -> Provider:
    """Nobody signs in with it any more; who was linked to it stays a user, and needs a password."""
    row = locked_provider(session, key)
    linked = update(User).where(User.provider_id == key).values(provider_id=None, provider_subject=None)
    count = len(session.execute(linked.returning(User.id)).all())
    session.delete(row)
    session.flush()
    detail(session, subject=str(key), before={**_noted(row), "linked": count})
    return row


def client_secret(session: Session, row: Provider) -> str:
    """The secret this platform has at the provider."""
    return session.keyring.vault.unseal(row.sealed, label=_label(session, row.id)).decode()


def locked_provider(session: Session, key: UUID) -> Provider:
    """The provider, locked; raises `NotFoundError`."""
    row = session.get(Provider, (session.context.tenant_id, key), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError.of("外部身份源 / provider", key)
    return row


def _check_claims(claims: dict[str, str]) -> None:
    if LOGIN not in claims:
        zh, en = "必须说明哪一项是登录名", "Say which claim holds the login"
        raise InvalidError("invalid", zh, en, [Fault("/claims", zh, en)])


def _sealed(session: Session, key: UUID, *, secret: str) -> bytes:
    return session.keyring.vault.seal(secret.encode(), label=_label(session, key))


def _label(session: Session, key: UUID) -> bytes:
    return f"{session.context.tenant_id}/provider/{key}".encode()


def _noted(row: Provider) -> dict[str, Any]:
    return {
        "issuer": row.issuer,
        "client_id": row.client_id,
        "scopes": list(row.scopes),
        "claims": dict(row.claims),
        "domain": row.domain,
    }
