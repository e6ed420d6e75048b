"""A forgotten password: the page that asks for help."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from events.printing import printable
from services.identity.commands import forgotten, throttle
from services.identity.domain import acts
from services.identity.models import User
from services.identity.pages import proving
from services.identity.pages.html import local, page, render
from services.identity.pages.proving import MustWaitError
from services.identity.pages.sign_in import LONGEST_FIELD, known_tenant, login_tenant, named_user, unreadable
from services.identity.pages.signed_in import context
from services.identity.routes import routes
from shared.core.errors import Fault
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.journal.session import Session


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
