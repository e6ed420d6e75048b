"""How accounts and clients are called, to their own tenant alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.identity.domain.clients import BUILT_IN, OF_PLATFORM
from services.identity.models import Client, Credential, FormerName, Membership, Provider, TokenKey, User, WebSession
from services.identity.queries.people import opened, unsealed
from shared.http.fields.references import ID
from shared.http.names import Name, actors_named
from shared.journal.session import Session

ERASED = Name("已注销账号", "erased account")


def account_names(session: Session, ids: Collection[UUID]) -> dict[UUID, Name | UUID]:
    """By the name of whoever uses it, until that is erased; of one that another tenant keeps, that tenant.

    Memberships tell which of them the session sees: whoever acts for one organisation sees its people.
    """
    columns = Membership.user_id, Membership.account_id, User
    query = select(*columns).outerjoin(User, User.id == Membership.user_id).where(Membership.user_id.in_(ids))
    found: dict[UUID, Name | UUID] = {}
    for key, keeper, user in session.execute(query):
        if user is None:
            found[key] = keeper
        elif user.sealed is None:
            found[key] = ERASED
        else:
            name = opened(session, user)["name"]
            found[key] = Name(name, name, user.login)
    return found


def actor_names(session: Session, acted: Sequence[tuple[str, datetime]]) -> list[dict[str, str]]:
    """What each of them was called at that moment, in both languages; whoever was erased since has no name."""
    now, earlier = actors_named(session, {actor for actor, _at in acted}), defaultdict(list)
    ids = {UUID(actor) for actor, _at in acted if ID.fullmatch(actor)}
    for row in session.scalars(select(FormerName).where(FormerName.user_id.in_(ids)).order_by(FormerName.until)):
        earlier[str(row.user_id)].append(row)
    found = []
    for actor, at in acted:
        then = next((row for row in earlier.get(actor, ()) if row.until > at), None)
        name = None if then is None else unsealed(session, then.user_id, sealed=then.sealed)["name"]
        found.append({"zh": name or now[actor]["zh"], "en": name or now[actor]["en"]})
    return found


def client_names(session: Session, ids: Collection[str]) -> dict[str, Name]:
    """By label; the platform's own by what everybody calls them."""
    listing = session.directory.listing(session, session.context.tenant_id)
    before = "" if listing is None else f"{listing.code}."
    own = [key.removeprefix(before) for key in ids if before and key.startswith(before)]
    found = session.execute(select(Client.name, Client.label).where(Client.name.in_(own)))
    ours = {f"{OF_PLATFORM}{name}": Name(said.zh, said.en) for name, said in BUILT_IN.items()}
    named = {f"{before}{name}": Name(label, label, f"{before}{name}") for name, label in found}
    return {key: name for key, name in {**named, **ours}.items() if key in ids}


def provider_names(session: Session, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By label."""
    found = session.execute(select(Provider.id, Provider.label).where(Provider.id.in_(ids)))
    return {key: Name(label, label) for key, label in found}


def credential_names(session: Session, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the client that they are of."""
    query = select(Credential.id, Client.label).join(Client, Client.name == Credential.client)
    found = session.execute(query.where(Credential.id.in_(ids)))
    return {key: Name(f"{label}的凭据", f"credential of {label}") for key, label in found}


def session_names(session: Session, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the browser, as it called itself."""
    found = session.execute(select(WebSession.id, WebSession.agent).where(WebSession.id.in_(ids)))
    return {key: Name(f"浏览器会话({agent})", f"session of a browser ({agent})") for key, agent in found}


def token_key_names(session: Session, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the key's own short name."""
    found = session.execute(select(TokenKey.id, TokenKey.key).where(TokenKey.id.in_(ids)))
    return {key: Name(f"令牌签名密钥 {name}", f"token signing key {name}", name) for key, name in found}
