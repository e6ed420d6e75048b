"""The sign-in page: login name and password."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request

from events.printing import is_printable, printable
from services.identity.commands import passwords
from services.identity.domain import acts
from services.identity.domain.users import login_parts
from services.identity.pages import proving
from services.identity.pages.forms import FormPage, form_page, typed
from services.identity.pages.proving import known_tenant, wrong
from services.identity.pages.signed_in import begin, context, signed_in
from services.identity.queries.members import Account
from shared.core.errors import Fault, ProblemError
from shared.http.requests.gate import database
from shared.pages.forms import next_url

WRONG = Fault(
    "login",
    "登录名或密码不正确。请核对后重试;登录名形如 zhang.wei@sichuan。",
    "Login or password is wrong. Check both and try again; a login looks like zhang.wei@sichuan.",
)
UNREADABLE = Fault(
    "login",
    "请输入完整的登录名,形如 zhang.wei@sichuan。",
    "Enter your full login, which looks like zhang.wei@sichuan.",
)
NO_PASSWORD = Fault("password", "请输入密码。", "Enter your password.")


@form_page("/signin")
class SignInPage(FormPage):
    """Who is signed in already goes on, unless `again` asks for the password anew."""

    template = "sign_in.html"
    waits_at = "login"

    def __init__(self) -> None:
        self.login, self.password = typed("login"), typed("password")

    def respond(self) -> Response:
        if request.method == "GET" and signed_in() is not None and not request.args.get("again"):
            return redirect(next_url(), 303)  # type: ignore[return-value]
        return super().respond()

    def values(self) -> dict[str, Any]:
        code = (login_parts(self.login) or ("", ""))[1] or request.values.get("tenant", "")[:256]
        signed_out = request.args.get("signed_out")
        return {"login": printable(self.login), "tenant": known_tenant(code), "signed_out": signed_out}

    def check(self) -> None:
        # What nobody can have typed is no oversight: it counts like a wrong login.
        unreadable = is_printable(self.login) and login_parts(self.login) is None
        faults = [UNREADABLE] * unreadable + [NO_PASSWORD] * (not self.password)
        if faults:
            raise wrong(*faults)

    def judge(self) -> None:
        self.claimed = claimed = proving.admitted_login("password", self.login)
        stored = claimed.user.password_hash if claimed.user else None
        if not passwords.fits(stored, self.password) or claimed.user is None:
            raise proving.not_proven(claimed, acts.SIGNED_IN, reason="wrong_password", fault=WRONG)
        self.user = claimed.user

    def answer(self) -> Response:
        place, user = self.claimed.place, self.user
        renewed = passwords.hash_password(self.password) if passwords.is_outdated(user.password_hash or "") else None
        with database().session(context(place, str(user.id))) as session:
            proving.proven(session, self.claimed)
            if renewed is not None:
                passwords.renew_hash(session, user, made=renewed)
        try:
            response = begin(Account(place, user.id), methods=("pwd",), next_url=next_url())
        except ProblemError as error:
            proving.failed(self.claimed, acts.SIGNED_IN, reason=error.code)
            raise
        if user.otp_at is None:
            # With a second factor set up, only it makes a browser known.
            proving.remembered(response, login=self.claimed.login, tenant=place, user_id=user.id)
        return response
