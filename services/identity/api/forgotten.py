"""A forgotten password: the page that asks for help, and the tenant's setting that lets it."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from events.printing import printable
from services.identity.api import proving
from services.identity.api.html import local, page, render
from services.identity.api.proving import MustWaitError
from services.identity.api.routes import routes
from services.identity.api.sign_in import LONGEST_FIELD, known_tenant, login_tenant, named_user, unreadable
from services.identity.api.signed_in import context
from services.identity.commands import forgotten, throttle
from services.identity.domain import acts
from services.identity.models import SignInRules, User
from services.identity.schemas.users import SignInRulesSchema
from shared.core.errors import Fault
from shared.evidence.audit import detail, note
from shared.http.requests.gate import database
from shared.http.resources import ResourceView
from shared.journal.session import Session

RULES = ResourceView(kind=SignInRules, view=SignInRulesSchema)


@routes.get("/v1/sign-in-rules", RULES, scope="users:read", summary="登录规则 / Rules of signing in")
def show_sign_in_rules(session: Session) -> SignInRules:
    """What this tenant's sign-in page offers."""
    return forgotten.sign_in_rules(session)


@routes.own(
    "PUT",
    "/v1/sign-in-rules",
    shown=RULES,
    scope="users:manage",
    summary="设定登录规则 / Set the rules of signing in",
    draft=SignInRulesSchema,
    audited=acts.SIGN_IN_RULES_SET,
)
def set_sign_in_rules(session: Session, *, forgotten_passwords: bool) -> SignInRules:
    """Whether the sign-in page takes requests for a new password."""
    before = forgotten.sign_in_rules(session).forgotten_passwords
    detail(session, before={"forgotten_passwords": before}, after={"forgotten_passwords": forgotten_passwords})
    return forgotten.set_sign_in_rules(session, forgotten_passwords=forgotten_passwords)


@routes.page("GET POST", "/signin/forgotten")
@page
def ask_for_help() -> Any:
    """Whatever the account, and whether there is one: the answer is the same."""
    if request.method == "GET":
        return _form(login=request.args.get("login", "")[:LONGEST_FIELD])
    typed = request.form.get("login", "")[:LONGEST_FIELD]
    if missing := unreadable(typed):
        return _form(422, login=typed, faults=missing)
    try:
        return _asked(typed)
    except MustWaitError as error:
        response = _form(429, login=typed, faults=(error.fault("login"),))
        response.headers["Retry-After"] = str(error.seconds)
        return response


def _form(status: int = 200, *, login: str, faults: tuple[Fault, ...] = ()) -> Response:
    next_url = local(request.values.get("next"))
    return render("forgotten.html", status, faults=faults, login=printable(login), next=next_url)


def _asked(typed: str) -> Response:
    listing = known_tenant(login_tenant(typed))

    def find(session: Session) -> User | None:
        found = named_user(session, typed)
        return found if listing is not None else None

    claimed = proving.admitted("forgotten", typed, tenant=listing.id if listing else None, find=find)
    with database().session(context(claimed.place)) as session:
        user = None if claimed.user is None else session.get(User, (claimed.place, claimed.user.id))
        refusal = forgotten.ask_for_reset(session, user)
        outcome = "done" if refusal is None else "refused"
        note(session, acts.RESET_ASKED, outcome=outcome, reason=refusal, subject=claimed.subject)
        offered = listing is not None and forgotten.sign_in_rules(session).forgotten_passwords
        throttle.forget_old_failures(session)
    return render("forgotten_asked.html", offered=offered, next=local(request.form.get("next")))
