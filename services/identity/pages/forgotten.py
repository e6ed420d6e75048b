"""A forgotten password: the page that asks for help."""

from __future__ import annotations

from typing import Any

from flask import Response

from events.printing import printable
from services.identity.commands import forgotten, throttle
from services.identity.domain import acts
from services.identity.domain.users import login_parts
from services.identity.models import User
from services.identity.pages import proving
from services.identity.pages.forms import FormPage, form_page, typed
from services.identity.pages.proving import wrong
from services.identity.pages.rendering import render
from services.identity.pages.sign_in import UNREADABLE
from services.identity.pages.signed_in import context
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.pages.forms import next_url


@form_page("/signin/forgotten")
class ForgottenPage(FormPage):
    """Whatever the account, and whether there is one: the answer is the same."""

    template = "forgotten.html"
    waits_at = "login"

    def __init__(self) -> None:
        self.login = typed("login")

    def values(self) -> dict[str, Any]:
        return {"login": printable(self.login)}

    def check(self) -> None:
        if login_parts(self.login) is None:
            raise wrong(UNREADABLE)

    def judge(self) -> None:
        self.claimed = proving.admitted_login("forgotten", self.login)

    def answer(self) -> Response:
        claimed = self.claimed
        with database().session(context(claimed.place)) as session:
            user = None if claimed.user is None else session.get(User, (claimed.place, claimed.user.id))
            refusal = forgotten.ask_for_reset(session, user)
            outcome = "done" if refusal is None else "refused"
            note(session, acts.RESET_ASKED, outcome=outcome, reason=refusal, subject=claimed.subject)
            offered = claimed.tenant is not None and forgotten.sign_in_rules(session).forgotten_passwords
            throttle.forget_old_failures(session)
        return render("forgotten_asked.html", offered=offered, next=next_url())
