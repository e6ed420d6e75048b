"""The page on which people change their password."""

from __future__ import annotations

from flask import Response

from services.identity.commands import passwords, sessions
from services.identity.commands.families import end_device_families
from services.identity.domain import acts
from services.identity.domain.passwords import LONGEST, check_password
from services.identity.models import WebSession
from services.identity.pages import proving
from services.identity.pages.forms import FormPage, form_page, typed
from services.identity.pages.proving import wrong
from services.identity.pages.signed_in import context, entered, require, void_tokens
from shared.core.errors import Fault
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.pages.visiting import go

WRONG = Fault("current", "当前密码不正确。请重新输入。", "The current password is wrong. Enter it again.")
DIFFERENT = Fault("again", "两次输入的密码不一致。请重新输入。", "The two passwords differ. Enter them again.")


def chosen_password(login: str) -> str:
    """What the form's fields `password` and `again` say; raises `InvalidError` with faults for them."""
    name, _, code = login.partition("@")
    given = typed("password", 4 * LONGEST)
    password = check_password(given, login=name, tenant=code)
    if typed("again", 4 * LONGEST) != given:
        raise wrong(DIFFERENT)
    return password


@form_page("/account/password")
class PasswordPage(FormPage):
    """Ends all other sessions and their tokens."""

    template = "password.html"
    waits_at = "current"

    def __init__(self) -> None:
        self.found = require("/account/password")

    def check(self) -> None:
        self.chosen = chosen_password(self.found.login())

    def judge(self) -> None:
        self.claimed = proving.admitted_owner("password", self.found)
        stored = self.claimed.user.password_hash if self.claimed.user else None
        if not passwords.fits(stored, typed("current", 4 * LONGEST)):
            raise proving.not_proven(self.claimed, acts.PASSWORD_SET, reason="wrong_password", fault=WRONG)

    def answer(self) -> Response:
        found, made = self.found, passwords.hash_password(self.chosen)
        with found.session() as session:
            proving.proven(session, self.claimed)
            user = found.user(session, locked=True)
            passwords.set_password(session, user, made=made)
            ended = sessions.end_sessions(session, user.id, keep=found.session_id)
            secret = sessions.renew_secret(session, session.get_one(WebSession, (found.account_id, found.session_id)))
            tenants = [found.account_id, *session.directory.hosted(session, user.links)]
            note(session, acts.PASSWORD_SET, subject=str(user.id), after={"sessions_ended": len(ended)})
        void_tokens(ended, actor=str(found.user_id))
        for tenant in tenants:
            with database().session(context(tenant, str(found.user_id))) as session:
                end_device_families(session, found.user_id, by="password")
        return entered(go("/account?done=password"), secret)
