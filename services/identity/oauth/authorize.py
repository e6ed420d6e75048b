"""The authorization endpoint: who asks, who is signed in, what was allowed, and a code for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError
from flask import Response, redirect, request

from services.identity.commands.consents import allow, is_allowed
from services.identity.domain import acts
from services.identity.domain.clients import BUILT_IN
from services.identity.domain.grants import Approval
from services.identity.oauth.clients import find_client
from services.identity.oauth.grants import asked_scope
from services.identity.oauth.requests import LONGEST, check_bounds, given, parameters
from services.identity.oauth.server import Issuing, refused, server
from services.identity.oauth.visits import Visit, error_to, visitor
from services.identity.pages.rendering import render
from services.identity.pages.signed_in import SignedIn, context
from services.identity.queries.clients import KnownClient
from services.identity.queries.scope_words import described
from services.identity.routes import routes
from shared.core.context import PLATFORM, Context
from shared.core.errors import InvalidError, ProblemError
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.pages.cookies import LANGUAGE, YEAR, set_cookie
from shared.pages.forms import StepMissingError, with_next
from shared.pages.rendering import problem_page
from shared.pages.visiting import page
from shared.server.bounds import ADDRESS

NOT_SUPPORTED = ("request", "request_uri", "registration")


@routes.page("GET POST", "/oauth/authorize")
def authorize() -> Any:
    """A POST becomes a GET, so that the browser sends its cookies along (SameSite=Lax)."""
    if request.method == "POST":
        try:
            return redirect(_checked_address(), 303)
        except OAuth2Error as error:
            return _refusal(error)
    return _answered(lambda grant: _decided(grant, visitor(grant)))


def _answered(decide: Any) -> Any:
    try:
        return decide(_checked())
    except OAuth2Error as error:
        return _refusal(error)
    except ProblemError as error:
        return problem_page(error)
    except StepMissingError as missing:
        response: Response = redirect(missing.url, 303)  # type: ignore[assignment]
        # `ui_locales` decides the language of the pages that follow.
        tags = [tag[:2] for tag in (given("ui_locales") or "").lower().split()]
        chosen = next((tag for tag in tags if tag in ("zh", "en")), None)
        if chosen is not None:
            set_cookie(response, LANGUAGE, value=chosen, seconds=YEAR)
        return response


def _checked_address() -> str:
    """The same request as a GET; raises for what would not fit into the address of a page that carries it along."""
    check_bounds()
    query = urlencode(list(parameters(request).items()))
    here = f"/oauth/authorize?{query}"
    # The deepest it gets: each page carries the one before in its `next`, encoded once more.
    deepest = with_next("/signin/factor", with_next("/signin/factor/set-up", here))
    if len(query) > LONGEST or len(deepest) > ADDRESS:
        raise InvalidRequestError("The request is too large.")
    return here


def _checked() -> Any:
    """The grant that is asked for; raises an `OAuth2Error`, which names an address only once that is known good."""
    _checked_address()
    grant = server.get_consent_grant(server.create_oauth2_request(None))
    back = {"redirect_uri": grant.redirect_uri, "state": grant.request.payload.state}
    for name in NOT_SUPPORTED:
        if given(name) is not None:
            raise OAuth2Error(f"The parameter {name} is not supported.", error=f"{name}_not_supported", **back)
    if given("response_mode") not in (None, "query"):
        raise InvalidRequestError("Only response_mode=query is supported.", **back)
    return grant


def _decided(grant: Any, visit: Visit) -> Any:
    """The consent page, or the code."""
    client: KnownClient = grant.request.client
    scope = asked_scope(grant.request)
    # Other clients of the platform serve every tenant too, but nobody has agreed to what they ask for.
    built_in = client.tenant == PLATFORM and client.name in BUILT_IN
    if built_in or (_has_consent(client, visit.who, scope=scope) and not visit.asks("consent")):
        return _code(grant, visit.who, scope=scope)
    if visit.asks("none"):
        raise error_to(grant, "consent_required", said="The person has to consent first.")
    parts = urlsplit(grant.redirect_uri)
    return render(
        "consent.html",
        redirects_to=(f"{parts.scheme}://{parts.netloc}",),
        client=client,
        scopes=[{"name": name, "text": (described(name).zh, described(name).en)} for name in scope.split()],
        sent=[(name, value) for name, value in parameters(request).items() if name not in ("csrf", "decision", "lang")],
        site=parts.netloc,
    )


def _acting(who: SignedIn) -> Context:
    # Where the tokens will count: a consent to a client of the platform is kept there too.
    return context(who.tenant, str(who.user_id))


def _has_consent(client: KnownClient, who: SignedIn, *, scope: str) -> bool:
    with database().session(_acting(who)) as session:
        return is_allowed(session, who.user_id, client_id=client.client_id, scope=scope)


@routes.page("POST", "/oauth/authorize/decision")
@page
def decide() -> Any:
    """What the person chose on the consent page."""

    def chosen(grant: Any) -> Any:
        visit = visitor(grant)
        client: KnownClient = grant.request.client
        scope = asked_scope(grant.request)
        if given("decision") != "allow":
            raise error_to(grant, AccessDeniedError.error, said="The person did not consent.")
        with database().session(_acting(visit.who)) as session:
            allow(session, visit.who.user_id, client_id=client.client_id, scope=scope)
            note(session, acts.CONSENT_GIVEN, subject=client.client_id, after={"scope": scope})
        return _code(grant, visit.who, scope=scope)

    return _answered(chosen)


def _code(grant: Any, who: SignedIn, *, scope: str) -> Any:
    approval = approval_of(who, scope=scope, session=True)
    return server.create_authorization_response(grant.request, grant_user=approval, grant=grant)


def approval_of(who: SignedIn, *, scope: str, session: bool) -> Approval:
    """What a signed-in person allows; `session` when the tokens end with the browser session."""
    return Approval(
        tenant=who.tenant,
        account=who.account_id,
        user=who.user_id,
        session=who.session_id if session else None,
        methods=who.methods,
        authenticated_at=who.authenticated_at,
        factor_at=who.factor_at,
        scope=scope,
    )


def _refusal(error: OAuth2Error) -> Any:
    refused(acts.CLIENT_AUTHORISED, error, asking=find_client(given("client_id")))
    if not error.redirect_uri:
        # Nobody is sent to an address that is not registered.
        said = error.get_error_description() or error.error
        problem = InvalidError(
            "authorization_refused",
            f"应用程序的登录请求不正确,无法继续。请回到该应用重试,或将以下说明告知其管理员:{said}",
            f"The application's request cannot be followed. Go back to it and retry, or tell its administrator: {said}",
        )
        problem.status = 400  # type: ignore[misc]
        return problem_page(problem)
    response = server.handle_error_response(server.create_oauth2_request(None), error)
    Issuing().add_issuer_parameter(server, response)
    return response
