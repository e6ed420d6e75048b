"""Signing in with the tenant's own OpenID Connect provider: there and back."""

from __future__ import annotations

import hmac
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from flask import Response, current_app, redirect, request
from sqlalchemy import select

from events.foreign import MALFORMED
from services.identity.commands.federating import Federation, KnownProvider, ProviderRequest
from services.identity.commands.linking import vouched_account
from services.identity.commands.providers import client_secret
from services.identity.domain import acts
from services.identity.domain.federation import not_believed, vouched
from services.identity.models import Provider
from services.identity.pages.rendering import render
from services.identity.pages.signed_in import begin, context, works_here
from services.identity.queries.members import Account
from services.identity.routes import routes
from shared.core.context import PLATFORM
from shared.core.encoding import b64decode, b64encode
from shared.core.errors import NotFoundError, ProblemError
from shared.evidence import audit
from shared.http.outbound import Outbound
from shared.http.requests.gate import database, limits
from shared.journal.session import Session
from shared.pages.cookies import cookie, drop_cookie, set_cookie
from shared.pages.forms import local
from shared.pages.rendering import problem_page
from shared.pages.visiting import page

AWAY = "away"
AWAY_LIFE = timedelta(minutes=10)
LONGEST_COOKIE = 4000
LABEL = b"federation"
CALLBACK = "/signin/federated/callback"


@routes.page("GET", "/signin/with/<tenantcode:code>")
@page
def sign_in_elsewhere(code: str) -> Any:
    """To the tenant's only provider, or to the one chosen of several."""
    with database().session(context(PLATFORM)) as session:
        listing = session.directory.named(session, code)
    if listing is None:
        raise _no_provider()
    with database().session(context(listing.id)) as session:
        found = (
            list(session.scalars(select(Provider).order_by(Provider.label))) if works_here(session, listing.id) else []
        )
        wanted = [row for row in found if str(row.id) == request.args.get("provider", "")]
        chosen = found[0] if len(found) == 1 else next(iter(wanted), None)
        known = None if chosen is None else _known(session, chosen)
    if not found:
        raise _no_provider()
    if chosen is None or known is None:
        return render("sign_in_with.html", providers=found, tenant=listing, next=local(request.args.get("next")))
    asked = ProviderRequest()
    address = federation().authorization_url(known, asked)
    until = database().clock.now() + AWAY_LIFE
    kept = {**asdict(asked), "tenant": str(listing.id), "provider": str(chosen.id), "until": until.timestamp()}
    onward = _sealed({**kept, "next": local(request.args.get("next"))})
    response: Response = redirect(address, 303)  # type: ignore[assignment]
    # Browsers drop a cookie that is longer, and with it the sign-in; without its end it goes to the account.
    value = onward if len(onward) <= LONGEST_COOKIE else _sealed({**kept, "next": local(None)})
    set_cookie(response, AWAY, value=value, seconds=int(AWAY_LIFE.total_seconds()))
    return response


def _no_provider() -> NotFoundError:
    return NotFoundError(
        "no_provider",
        "这个辖区没有统一认证。请用登录名和密码登录。",
        "This tenant has no sign-in of its own. Sign in with login and password.",
    )


def _known(session: Session, row: Provider) -> KnownProvider:
    return KnownProvider(
        issuer=row.issuer, client_id=row.client_id, client_secret=client_secret(session, row), scopes=tuple(row.scopes)
    )


def _sealed(kept: Mapping[str, Any]) -> str:
    return b64encode(database().keyring.vault.seal(zlib.compress(json.dumps(kept).encode()), label=LABEL))


@routes.page("GET", CALLBACK)
@page
def sign_in_returned() -> Any:
    """Back from the provider: who it was is looked up here, and signs in."""
    try:
        kept = _kept()
        response = _entered(kept)
    except ProblemError as error:
        response = problem_page(error)
    drop_cookie(response, AWAY)
    return response


def _kept() -> Mapping[str, Any]:
    """What this browser was sent away with; raises `RefusedError` when it comes back with something else."""
    try:
        opened = database().keyring.vault.unseal(b64decode(cookie(AWAY)), label=LABEL)
        kept: Mapping[str, Any] = json.loads(zlib.decompress(opened))
    except (InvalidTag, zlib.error, *MALFORMED) as error:
        raise not_believed("no sign-in was begun in this browser") from error
    given = request.args.get("state", "")
    if not hmac.compare_digest(given.encode(), str(kept["state"]).encode()):
        raise not_believed("state")
    if float(kept["until"]) < database().clock.now().timestamp():
        raise not_believed("took too long")
    return kept


def _entered(kept: Mapping[str, Any]) -> Response:
    tenant = UUID(kept["tenant"])
    try:
        account = _recognised(tenant, kept)
        return begin(account, methods=("fed",), next_url=kept["next"])
    except ProblemError as error:
        if limits().is_worth_writing(request.remote_addr or ""):
            audit.refused(database(), context(tenant), what=acts.SIGNED_IN, error=error, subject=kept["provider"])
        raise


def _recognised(tenant: UUID, kept: Mapping[str, Any]) -> Account:
    key = UUID(kept["provider"])
    with database().session(context(tenant)) as session:
        row = session.get(Provider, (tenant, key))
        if row is None:
            raise _no_provider()
        known, names, domain = _known(session, row), row.claims, row.domain
        listing = session.directory.listing(session, tenant)
    # No transaction is open while the provider is asked.
    asked = ProviderRequest(state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
    given = {name: values[0] for name, values in request.args.lists() if len(values) == 1}
    federation().check_answer(known.issuer, given)
    now = database().clock.now().timestamp()
    claims = federation().claims(known, asked, code=given["code"], now=now)
    whom = vouched(claims, names=names, domain=domain, code=listing.code if listing else "")
    with database().session(context(tenant)) as session:
        return Account(tenant, vouched_account(session, key, whom=whom))


def federation() -> Federation:
    """The process's own, made at first use."""
    known: Federation | None = current_app.extensions.get("federation")
    if known is None:
        settings = database().settings
        known = Federation(Outbound(settings.outbound_local), f"{settings.issuer}{CALLBACK}")
        current_app.extensions["federation"] = known
    return known
