"""Setting up or replacing the second factor, and the recovery codes that come with it."""

from __future__ import annotations

from typing import Any

import segno
from cryptography.exceptions import InvalidTag
from flask import Response, request

from services.identity.commands import factors, sessions
from services.identity.domain import acts
from services.identity.pages.forms import FormPage, form_page
from services.identity.pages.proving import wrong
from services.identity.pages.rendering import render
from services.identity.pages.signed_in import (
    SignedIn,
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
from shared.pages.forms import StepMissingError, next_url, with_next
from shared.pages.visiting import page

WRONG = Fault(
    "code",
    "验证码不正确。请确认手机时间准确,再输入应用此刻显示的验证码。",
    "The code is wrong. Check that your phone's clock is right, then enter the code that the app shows now.",
)


@form_page("/signin/factor/set-up")
class FactorSetUpPage(FormPage):
    """The first time right after the password; to replace one, the one before must have been given just now."""

    template = "factor_set_up.html"

    def __init__(self) -> None:
        self.found = present(next_url())
        here = request.full_path.rstrip("?") if request.method == "GET" else with_next(request.path, next_url())
        if self.found.has_factor and not is_fresh(self.found):
            require(here, fresh=True)
        if not self.found.has_factor and not is_recent(self.found):
            raise StepMissingError("/signin", here, again="1")
        if request.method != "POST":
            self.secret = factors.new_secret()
            return
        try:
            sealed = b64decode(request.form.get("offer", ""))
            self.secret = database().keyring.vault.unseal(sealed, label=self._label).decode()
        except (ValueError, InvalidTag) as error:
            raise RefusedError(
                "form_expired",
                "这个表单已失效。请回到上一页重新开始。",
                "This form has expired. Go back and start again.",
            ) from error

    @property
    def _label(self) -> bytes:
        # Offered to this session alone; nothing is stored until a code proves that the app has it.
        return f"{self.found.account_id}/otp-offer/{self.found.session_id}".encode()

    def values(self) -> dict[str, Any]:
        secret, login = self.secret, self.found.login()
        sealed = b64encode(database().keyring.vault.seal(secret.encode(), label=self._label))
        code = segno.make(factors.provisioning_uri(secret, login=login), error="m", micro=False)
        image = code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
        spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return {"image": image, "offer": sealed, "secret": spaced, "login": login, "replaces": self.found.has_factor}

    def answer(self) -> Response:
        code = factors.plain_code(request.form.get("code", ""))
        with self.found.session() as session:
            step = factors.matching_step(session, self.secret, code=code)
            if step is None:
                raise wrong(WRONG)
            user = self.found.user(session, locked=True)
            if (user.otp_at is not None) != self.found.has_factor:
                raise RefusedError(
                    "factor_set_meanwhile",
                    "第二因素刚刚已被设置。请重新登录。",
                    "A second factor was set up meanwhile. Sign in again.",
                )
            codes = factors.set_up(session, user, secret=self.secret, step=step)
            note(
                session,
                acts.FACTOR_SET,
                subject=str(user.id),
                before={"second_factor": self.found.has_factor},
                after={"second_factor": True},
            )
            ended = sessions.end_sessions(session, self.found.user_id, keep=self.found.session_id)
        void_tokens(ended, actor=str(self.found.user_id))
        return entered(_codes_page(self.found, codes, onward=next_url()), stepped_up(self.found))


@routes.page("POST", "/account/recovery")
@page
def renew_recovery_codes() -> Response:
    """Ten new ones, shown once; those before are void."""
    found = require("/account", fresh=True)
    with found.session() as session:
        user = found.user(session, locked=True)
        codes = factors.renew_recovery(session, user)
        note(session, acts.RECOVERY_RENEWED, subject=str(user.id))
    return _codes_page(found, codes, onward="/account")


def _codes_page(found: SignedIn, codes: list[str], *, onward: str) -> Response:
    return render("recovery_codes.html", codes=codes, next=onward, login=found.login(), has_script=True)
