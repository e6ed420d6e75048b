"""Who visits the authorization endpoint: signed in as recently and as surely as the client wants, for its tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import request

from services.identity.oauth.requests import given, parameters
from services.identity.pages.signed_in import SignedIn, context, require, signed_in, works_here
from services.identity.queries.clients import KnownClient
from services.identity.queries.members import member
from shared.http.requests.gate import database
from shared.http.requests.tokens import SECOND_FACTOR
from shared.pages.forms import StepMissingError

PROMPTS = {"none", "login", "consent", "select_account"}


@dataclass(frozen=True)
class Visit:
    """Somebody who may go on, and what the client asked to be shown."""

    who: SignedIn
    prompts: frozenset[str]

    def asks(self, prompt: str) -> bool:
        return prompt in self.prompts


def error_to(grant: Any, code: str, *, said: str) -> OAuth2Error:
    """An error that the client is told of at its address."""
    return OAuth2Error(said, error=code, redirect_uri=grant.redirect_uri, state=grant.request.payload.state)


def visitor(grant: Any) -> Visit:
    """Who may go on; raises `StepMissingError`, or an error for the client when nothing may be shown."""
    prompts = frozenset((given("prompt") or "").split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise error_to(
            grant, "invalid_request", said="The prompt is not one of these: none, login, consent, select_account."
        )
    try:
        return Visit(_ready(grant, prompts), prompts)
    except InvalidRequestError as error:
        error.redirect_uri, error.state = grant.redirect_uri, grant.request.payload.state
        raise
    except StepMissingError as missing:
        if "none" not in prompts:
            raise
        code = "login_required" if signed_in() is None else "interaction_required"
        raise error_to(grant, code, said="The person has to sign in, or to choose.") from missing


def _ready(grant: Any, prompts: frozenset[str]) -> SignedIn:
    client: KnownClient = grant.request.client
    if signed_in() is None:
        hinted = {"login": given("login_hint") or ""}
        if not client.is_first_party:
            hinted["tenant"] = client.client_id.partition(".")[0]
        hints = {name: value[:200] for name, value in hinted.items() if value}
        raise StepMissingError("/signin", _here(), **hints)
    if "login" in prompts:
        raise StepMissingError("/signin", _here(), again="1")
    if "select_account" in prompts:
        raise StepMissingError("/signin/tenant", _here())
    wants_factor = SECOND_FACTOR in (given("acr_values") or "").split()
    found = require(_here(), factor=wants_factor)
    if _is_too_old(found):
        path, more = ("/signin/factor", {}) if wants_factor else ("/signin", {"again": "1"})
        raise StepMissingError(path, _here(), **more)
    # The platform's own clients serve all tenants.
    tenant = found.tenant if client.is_first_party else client.tenant
    if not _is_member(tenant, found):
        raise error_to(grant, "access_denied", said="The person may not act for this tenant.")
    if tenant != found.tenant:
        # A session acts for one tenant; its owner decides to go on for another.
        raise StepMissingError("/signin/tenant", _here())
    return found


def _here() -> str:
    """The same request again, once what it asked to happen has happened."""
    kept = [(name, value) for name, value in parameters(request).items() if name not in _DONE]
    if "consent" in (given("prompt") or "").split():
        kept.append(("prompt", "consent"))
    return f"/oauth/authorize?{urlencode(kept)}"


_DONE = ("prompt", "max_age", "login_hint", "csrf", "decision")


def _is_too_old(found: SignedIn) -> bool:
    asked = given("max_age")
    if asked is None:
        return False
    if not asked.isdigit() or len(asked) > 9:
        raise InvalidRequestError("max_age is a number of seconds.")
    since = database().clock.now() - (found.factor_at or found.authenticated_at)
    return since > timedelta(seconds=int(asked))


def _is_member(tenant: UUID, found: SignedIn) -> bool:
    with database().session(context(tenant, str(found.user_id))) as session:
        held = member(session, found.user_id)
        return held is not None and held.account_id == found.account_id and works_here(session, tenant)
