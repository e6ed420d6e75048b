"""The second factor: given after the password, renewed when it is older than an act allows, set up, replaced."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request

from services.identity.commands import factors, throttle
from services.identity.domain import acts
from services.identity.models import User
from services.identity.pages import proving
from services.identity.pages.html import go, local, page, render, with_next
from services.identity.pages.proving import Claimed, MustWaitError
from services.identity.pages.signed_in import SignedIn, context, entered, present, stepped_up
from services.identity.routes import routes
from shared.core.errors import Fault
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.journal.session import Session

WRONG = Fault(
    "code",
    "验证码不正确、已用过或已过期。请等待应用显示下一个验证码后重试。",
    "The code is wrong, was used already or has expired. Wait for your app's next code and try again.",
)
WRONG_RECOVERY = Fault(
    "code",
    "恢复码不正确或已用过。请核对后重试,或换用另一个恢复码。",
    "The recovery code is wrong or was used already. Check it, or use another one.",
)


@routes.page("GET POST", "/signin/factor")
@page
def give_factor() -> Any:
    """With `way=recovery` a recovery code is asked for instead of a one-time password."""
    found = present(_next())
    if not isinstance(found, SignedIn):
        return found
    if not found.has_factor:
        return redirect(with_next("/signin/factor/set-up", _next()), 303)
    return _judged(found) if request.method == "POST" else _form()


def _next() -> str:
    return local(request.values.get("next"))


def _is_recovery() -> bool:
    return request.values.get("way") == "recovery"


def _form(status: int = 200, *, faults: tuple[Fault, ...] = ()) -> Response:
    return render("factor.html", status, faults=faults, next=_next(), recovery=_is_recovery())


def _judged(found: SignedIn) -> Response:
    code = factors.plain_code(request.form.get("code", ""))
    if not code:
        return _form(422, faults=(Fault("code", "请输入验证码。", "Enter the code."),))
    try:
        claimed = _claimed(found)
    except MustWaitError as error:
        response = _form(429, faults=(error.fault("code"),))
        response.headers["Retry-After"] = str(error.seconds)
        return response
    left = _given(found, claimed, code=code)
    if left is None:
        proving.failed(claimed, acts.FACTOR_GIVEN, reason="wrong_code")
        return _form(422, faults=(WRONG_RECOVERY if _is_recovery() else WRONG,))
    return _entered(found, claimed, left=left)


def _claimed(found: SignedIn) -> Claimed:
    with database().session(context(found.account_id)) as session:
        login = throttle.full_login(session, session.get_one(User, (found.account_id, found.user_id)))

    def find(session: Session) -> User:
        return session.get_one(User, (found.account_id, found.user_id))

    return proving.admitted("factor", login, tenant=found.account_id, find=find)


def _given(found: SignedIn, claimed: Claimed, *, code: str) -> int | None:
    """How many recovery codes are left, or None when the code did not count; in one transaction with what follows."""
    with database().session(context(found.account_id, str(found.user_id))) as session:
        user = session.get_one(User, (found.account_id, found.user_id))
        counted = factors.give_code(session, user, code=code) if not _is_recovery() else False
        left = factors.give_recovery(session, user, code=code) if _is_recovery() else len(user.recovery)
        if left is None or not (counted or _is_recovery()):
            return None
        proving.proven(session, claimed)
        note(session, acts.FACTOR_GIVEN, subject=str(user.id),
             after={"recovery": _is_recovery(), "recovery_codes_left": left})  # fmt: skip
        return left


def _entered(found: SignedIn, claimed: Claimed, *, left: int) -> Response:
    secret = stepped_up(found)
    warns = _is_recovery()
    response = render("recovery_used.html", left=left, next=_next()) if warns else go(_next())
    proving.remembered(response, login=claimed.login, tenant=found.account_id, user_id=found.user_id)
    return entered(response, secret)
