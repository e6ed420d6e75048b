"""Choosing a password: the two fields of a form, and the page that changes it."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request

from services.identity.commands import passwords, sessions, throttle
from services.identity.commands.families import end_device_families
from services.identity.domain import acts
from services.identity.domain.passwords import LONGEST, check_password
from services.identity.models import User, WebSession
from services.identity.pages import proving
from services.identity.pages.html import page, render
from services.identity.pages.proving import Claimed, MustWaitError
from services.identity.pages.signed_in import SignedIn, context, entered, require, void_tokens
from services.identity.routes import routes
from shared.core.errors import Fault, InvalidError
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.journal.session import Session

WRONG = Fault("current", "当前密码不正确。请重新输入。", "The current password is wrong. Enter it again.")


def chosen_password(*, login: str, tenant: str) -> str:
    """What the form's fields `password` and `again` say; raises `InvalidError` with faults for them."""
    password = check_password(request.form.get("password", "")[: 4 * LONGEST], login=login, tenant=tenant)
    if request.form.get("again", "")[: 4 * LONGEST] != request.form.get("password", "")[: 4 * LONGEST]:
        zh, en = "两次输入的密码不一致。请重新输入。", "The two passwords differ. Enter them again."
        raise InvalidError("passwords_differ", zh, en, [Fault("again", zh, en)])
    return password


@routes.page("GET POST", "/account/password")
@page
def change_password() -> Any:
    """Ends all other sessions and their tokens."""
    found = require("/account/password")
    if not isinstance(found, SignedIn):
        return found
    if request.method == "GET":
        return _form()
    with database().session(context(found.account_id)) as session:
        login = throttle.full_login(session, session.get_one(User, (found.account_id, found.user_id)))
    try:
        return _changed(found, login)
    except InvalidError as error:
        return _form(422, faults=error.faults)
    except MustWaitError as error:
        return _form(429, faults=[error.fault("current")])


def _form(status: int = 200, *, faults: Any = ()) -> Response:
    return render("password.html", status, faults=faults)


def _changed(found: SignedIn, login: str) -> Response:
    name, _, code = login.partition("@")
    chosen = chosen_password(login=name, tenant=code)
    claimed = _claimed(found, login)
    stored = claimed.user.password_hash if claimed.user else None
    if not passwords.fits(stored, request.form.get("current", "")[: 4 * LONGEST]):
        proving.failed(claimed, acts.PASSWORD_SET, reason="wrong_password")
        raise InvalidError("wrong_password", WRONG.zh, WRONG.en, [WRONG])
    made = passwords.hash_password(chosen)
    with database().session(context(found.account_id, str(found.user_id))) as session:
        proving.proven(session, claimed)
        user = session.get_one(User, (found.account_id, found.user_id), with_for_update=True)
        passwords.set_password(session, user, made=made)
        ended = sessions.end_sessions(session, user.id, keep=found.session_id)
        row = session.get_one(WebSession, (found.account_id, found.session_id))
        secret = sessions.renew_secret(session, row)
        tenants = [found.account_id, *session.directory.hosted(session, user.links)]
        note(session, acts.PASSWORD_SET, subject=str(user.id), after={"sessions_ended": len(ended)})
    void_tokens(ended, actor=str(found.user_id))
    for tenant in tenants:
        with database().session(context(tenant, str(found.user_id))) as session:
            end_device_families(session, found.user_id, by="password")
    return entered(redirect("/account?done=password", 303), secret)  # type: ignore[arg-type]


def _claimed(found: SignedIn, login: str) -> Claimed:
    def find(session: Session) -> User:
        return session.get_one(User, (found.account_id, found.user_id))

    return proving.admitted("password", login, tenant=found.account_id, find=find)
