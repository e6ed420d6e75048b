"""Setting up or replacing the second factor, and the recovery codes that come with it."""

from __future__ import annotations

from typing import Any

import segno
from cryptography.exceptions import InvalidTag
from flask import Response, redirect, request

from services.identity.commands import factors, sessions, throttle
from services.identity.domain import acts
from services.identity.models import User
from services.identity.pages.html import local, page, render, with_next
from services.identity.pages.signed_in import (
    SignedIn,
    context,
    entered,
    is_fresh,
    is_recent,
    present,
    require,
    stepped_up,
    void_tokens,
)
from services.identity.routes import routes
from shared.core.encoding import b64decode, b64encode
from shared.core.errors import Fault, RefusedError
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.journal.session import Session

WRONG = Fault(
    "code",
    "验证码不正确。请确认手机时间准确,再输入应用此刻显示的验证码。",
    "The code is wrong. Check that your phone's clock is right, then enter the code that the app shows now.",
)


@routes.page("GET POST", "/signin/factor/set-up")
@page
def set_up_factor() -> Any:
    """The first time right after the password; to replace one, the one before must have been given just now."""
    found = present(_next())
    if not isinstance(found, SignedIn):
        return found
    here = request.full_path.rstrip("?") if request.method == "GET" else with_next(request.path, _next())
    if found.has_factor and not is_fresh(found):
        return require(here, fresh=True)
    if not found.has_factor and not is_recent(found):
        return redirect(with_next("/signin", here, again="1"), 303)
    return _confirmed(found) if request.method == "POST" else _offer(found, factors.new_secret())


def _next() -> str:
    return local(request.values.get("next"))


def _offer(found: SignedIn, secret: str, *, status: int = 200, faults: tuple[Fault, ...] = ()) -> Response:
    with database().session(context(found.account_id)) as session:
        login = throttle.full_login(session, session.get_one(User, (found.account_id, found.user_id)))
        sealed = b64encode(session.keyring.vault.seal(secret.encode(), label=_label(found)))
    code = segno.make(factors.provisioning_uri(secret, login=login), error="m", micro=False)
    image = code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    return render("factor_set_up.html", status, faults=faults, next=_next(), image=image, offer=sealed,
                  secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), login=login,
                  replaces=found.has_factor)  # fmt: skip


def _label(found: SignedIn) -> bytes:
    # Offered to this session alone; nothing is stored until a code proves that the app has it.
    return f"{found.account_id}/otp-offer/{found.session_id}".encode()


def _offered(found: SignedIn) -> str:
    try:
        sealed = b64decode(request.form.get("offer", ""))
        return database().keyring.vault.unseal(sealed, label=_label(found)).decode()
    except (ValueError, InvalidTag) as error:
        raise RefusedError(
            "form_expired", "这个表单已失效。请回到上一页重新开始。", "This form has expired. Go back and start again."
        ) from error


def _confirmed(found: SignedIn) -> Response:
    secret, code = _offered(found), factors.plain_code(request.form.get("code", ""))
    with database().session(context(found.account_id, str(found.user_id))) as session:
        step = factors.matching_step(session, secret, code=code)
        made = None if step is None else _set_up(session, found, secret=secret, step=step)
    if made is None:
        return _offer(found, secret, status=422, faults=(WRONG,))
    codes, ended = made
    void_tokens(ended, actor=str(found.user_id))
    response = _codes_page(found, codes, next_url=_next())
    return entered(response, stepped_up(found))


def _codes_page(found: SignedIn, codes: list[str], *, next_url: str) -> Response:
    with database().session(context(found.account_id)) as session:
        login = throttle.full_login(session, session.get_one(User, (found.account_id, found.user_id)))
    return render("recovery_codes.html", codes=codes, next=next_url, login=login, has_script=True)


def _set_up(session: Session, found: SignedIn, *, secret: str, step: int) -> tuple[list[str], list[sessions.Ended]]:
    user = session.get_one(User, (found.account_id, found.user_id), with_for_update=True)
    if (user.otp_at is not None) != found.has_factor:
        raise RefusedError(
            "factor_set_meanwhile",
            "第二因素刚刚已被设置。请重新登录。",
            "A second factor was set up meanwhile. Sign in again.",
        )
    codes = factors.set_up(session, user, secret=secret, step=step)
    note(session, acts.FACTOR_SET, subject=str(user.id), before={"second_factor": found.has_factor},
         after={"second_factor": True})  # fmt: skip
    return codes, sessions.end_sessions(session, user.id, keep=found.session_id)


@routes.page("POST", "/account/recovery")
@page
def renew_recovery_codes() -> Any:
    """Ten new ones, shown once; those before are void."""
    found = require("/account", fresh=True)
    if not isinstance(found, SignedIn):
        return found
    with database().session(context(found.account_id, str(found.user_id))) as session:
        user = session.get_one(User, (found.account_id, found.user_id), with_for_update=True)
        codes = factors.renew_recovery(session, user)
        note(session, acts.RECOVERY_RENEWED, subject=str(user.id))
    return _codes_page(found, codes, next_url="/account")
