"""Commands on clients and their credentials; secrets are shown once and kept as hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from services.identity.commands.revocations import revoke
from services.identity.domain.clients import MOST_LIVING, Terms, living, public_jwk
from services.identity.domain.roles import duty_of
from services.identity.domain.users import CLIENT_LIFECYCLE
from services.identity.models import Client, Credential
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, Fault, InvalidError, NotFoundError, RefusedError
from shared.core.secrets import handed_out, hashed
from shared.evidence.audit import detail
from shared.journal.session import Session

MOST_CLIENTS = 1000
FIXED = ("scopes", "redirect_uris", "logout_uris")
"""What never changes about a built-in client: nobody consents to it, and nobody of any tenant signs in without it."""


@dataclass(frozen=True)
class Issued:
    """A new credential; `secret` is told this once, and None for a key."""

    row: Credential
    secret: str | None


def client_id(session: Session, name: str) -> str:
    """The public id of a client of the session's tenant."""
    listing = session.directory.listing(session, session.context.tenant_id)
    if listing is None:
        raise NotFoundError.of("辖区 / tenant", session.context.tenant_id)
    return f"{listing.code}.{name}"


def register_client(session: Session, name: str, *, terms: Terms, built_in: bool = False) -> Client:
    """A new client of the session's tenant; its name is taken for good. `built_in` is for `ensure_platform` alone."""
    terms.check(of_platform=session.context.tenant_id == PLATFORM, built_in=built_in)
    _check_to_come(terms.expires_at, now=session.clock.now())
    if session.get(Client, (session.context.tenant_id, name)) is not None:
        raise ConflictError(
            "client_exists",
            f"客户端 {name} 已存在(或曾经存在),请换一个名称。",
            f"There is, or was, a client {name} already. Choose another name.",
        )
    living = select(func.count()).select_from(Client).where(Client.state == CLIENT_LIFECYCLE.initial)
    if (session.scalar(living) or 0) >= MOST_CLIENTS:
        raise ConflictError(
            "clients_full",
            f"至多 {MOST_CLIENTS} 个客户端。请先关闭不再使用的。",
            f"At most {MOST_CLIENTS} clients. Close those no longer used.",
        )
    now = session.clock.now()
    values = {item: _listed(value) for item, value in asdict(terms).items()}
    row = Client(
        name=name, state=CLIENT_LIFECYCLE.initial, created_at=now, updated_at=now, used_at=None, version=1, **values
    )
    session.add(row)
    session.flush()
    detail(session, subject=name, after=_noted(row))
    return row


def revise_client(session: Session, name: str, **changes: Any) -> Client:
    """Change what was given; what a client may ask for is narrowed for its living tokens too."""
    row = locked_client(session, name)
    CLIENT_LIFECYCLE.target(row.state, "close")
    before = _noted(row)
    held = Terms(**{item.name: getattr(row, item.name) for item in fields(Terms)})
    revised = replace(held, **changes)
    built_in = row.is_built_in
    changed = any(_listed(getattr(held, item)) != _listed(getattr(revised, item)) for item in FIXED)
    if built_in and (changed or changes.get("networks") or changes.get("expires_at")):
        raise _built_in()
    revised.check(of_platform=session.context.tenant_id == PLATFORM, built_in=built_in)
    _check_to_come(changes.get("expires_at"), now=session.clock.now())
    for item, value in asdict(revised).items():
        setattr(row, item, _listed(value))
    _changed(session, row)
    until, held_until = revised.expires_at, held.expires_at
    is_shorter = until is not None and (held_until is None or until < held_until)
    if is_shorter or set(held.scopes) - set(revised.scopes) or list(held.networks) != list(revised.networks):
        revoke(session, [f"client:{client_id(session, name)}"])
    detail(session, subject=name, before=before, after=_noted(row))
    return row


def _built_in() -> ConflictError:
    return ConflictError(
        "client_built_in",
        "所有辖区都经内置客户端登录,不能关闭,也不能修改其权限范围、跳转地址、网段和有效期。请另行登记一个客户端。",
        "Everybody of all tenants signs in with a built-in client: it is not closed, and its scopes, addresses,"
        " networks and end do not change. Register another client.",
    )


def check_duties_of(session: Session, kind: str, *, scopes: Sequence[str]) -> None:
    """Raises `RefusedError` when a client that acts for itself would hold a duty that whoever registers it does not.

    Otherwise a system administrator could do through a client what only security or audit administrators may.
    """
    own = {duty_of(scope) for scope in session.context.scopes} | {"daily"}
    if kind == "machine" and {duty_of(scope) for scope in scopes} - own:
        raise RefusedError(
            "duty_of_others",
            "机器客户端不能拥有登记人自己没有的管理职责(安全、审计)。",
            "A machine client cannot hold a duty (security, audit) that whoever registers it does not hold.",
        )


def close_client(session: Session, name: str) -> Client:
    """Close it for good: no new tokens, and those alive are void."""
    row = locked_client(session, name)
    if row.is_built_in:
        raise _built_in()
    CLIENT_LIFECYCLE.move(row, "close")
    _changed(session, row)
    revoke(session, [f"client:{client_id(session, name)}"])
    detail(session, subject=name, before={"state": CLIENT_LIFECYCLE.initial}, after={"state": row.state})
    return row


def add_secret(session: Session, name: str, *, expires_at: datetime | None) -> Issued:
    """A new secret of 256 random bits, told once."""
    secret = handed_out(session.context.tenant_id)
    row = _credential(session, name, expires_at=expires_at, secret_hash=hashed(secret), jwk=None)
    return Issued(row, secret)


def add_key(session: Session, name: str, *, jwk: Mapping[str, Any], expires_at: datetime | None) -> Issued:
    """Register the public half of a key the client keeps."""
    kept = public_jwk(jwk)
    return Issued(_credential(session, name, expires_at=expires_at, secret_hash=None, jwk=kept), None)


def end_credential(session: Session, name: str, *, credential: UUID) -> Credential:
    """End a secret or key at once; tokens got with it may not be told apart from others, so all are void."""
    locked_client(session, name)
    row = session.get(Credential, (session.context.tenant_id, credential), with_for_update=True)
    if row is None or row.client != name:
        raise NotFoundError.of("凭据 / credential", credential)
    if row.ended_at is not None:
        raise ConflictError("credential_ended", "该凭据已停用。", "This credential has ended already.")
    row.ended_at = session.clock.now()
    revoke(session, [f"client:{client_id(session, name)}"])
    detail(session, subject=name, before={"credential": str(credential)}, after={"ended": True})
    return row


def _credential(session: Session, name: str, **given: Any) -> Credential:
    client, now = locked_client(session, name), session.clock.now()
    CLIENT_LIFECYCLE.target(client.state, "close")
    if client.client_kind == "public":
        zh, en = "公共客户端没有凭据。", "A public client has no credentials."
        raise ConflictError("client_public", zh, en)
    _check_to_come(given["expires_at"], now=now)
    held = session.scalars(select(Credential).where(Credential.client == client.name, Credential.ended_at.is_(None)))
    if len(living(held.all(), now=now)) >= MOST_LIVING:
        raise ConflictError(
            "credentials_full",
            f"至多同时有 {MOST_LIVING} 个有效凭据。请先停用旧的。",
            f"At most {MOST_LIVING} credentials live at once. End the old one first.",
        )
    kind = "secret" if given["jwk"] is None else "key"
    row = Credential(
        id=uuid4(), client=name, credential_kind=kind, used_at=None, ended_at=None, created_at=now, **given
    )
    session.add(row)
    session.flush()
    detail(session, subject=name, after={"credential": str(row.id), "kind": kind})
    return row


def _check_to_come(expires_at: datetime | None, *, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        zh, en = "有效期须在将来", "Must be in the future"
        raise InvalidError("client_invalid", zh, en, [Fault("/expires_at", zh, en)])


def locked_client(session: Session, name: str) -> Client:
    """The client, locked; raises `NotFoundError`."""
    row = session.get(Client, (session.context.tenant_id, name), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError.of("客户端 / client", name)
    return row


def _changed(session: Session, row: Client) -> None:
    row.version += 1
    row.updated_at = session.clock.now()
    session.flush()


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _noted(row: Client) -> dict[str, Any]:
    # Addresses and networks are the tenant's own configuration, not personal data.
    return {
        "state": row.state,
        "kind": row.client_kind,
        "scopes": list(row.scopes),
        "networks": list(row.networks),
        "redirect_uris": list(row.redirect_uris),
        "logout_uris": list(row.logout_uris),
        "expires_at": row.expires_at,
    }
