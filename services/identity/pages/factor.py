"""The second factor: given after the password, renewed when it is older than an act allows, set up, replaced."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.identity.commands import factors
from services.identity.domain import acts
from services.identity.pages import proving
from services.identity.pages.forms import FormPage, form_page
from services.identity.pages.proving import wrong
from services.identity.pages.rendering import render
from services.identity.pages.signed_in import entered, present, stepped_up
from shared.core.errors import Fault
from shared.evidence.audit import note
from shared.pages.forms import StepMissingError, next_url
from shared.pages.purposes import purpose_at
from shared.pages.visiting import go

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


@form_page("/signin/factor")
class FactorPage(FormPage):
    """With `way=recovery` a recovery code is asked for instead of a one-time password."""

    template = "factor.html"
    waits_at = "code"

    def __init__(self) -> None:
        self.found = present(next_url())
        if not self.found.has_factor:
            raise StepMissingError("/signin/factor/set-up", next_url())
        self.is_recovery = request.values.get("way") == "recovery"
        self.code = factors.plain_code(request.form.get("code", ""))

    def values(self) -> dict[str, Any]:
        return {"recovery": self.is_recovery, "purpose": purpose_at(next_url())}

    def check(self) -> None:
        if not self.code:
            raise wrong(Fault("code", "请输入验证码。", "Enter the code."))

    def judge(self) -> None:
        self.claimed = proving.admitted_owner("factor", self.found)
        with self.found.session() as session:
            user = self.found.user(session)
            # How many recovery codes are left, or None when the code did not count.
            if self.is_recovery:
                left = factors.give_recovery(session, user, code=self.code)
            else:
                left = len(user.recovery) if factors.give_code(session, user, code=self.code) else None
            if left is not None:
                proving.proven(session, self.claimed)
                note(
                    session,
                    acts.FACTOR_GIVEN,
                    subject=str(user.id),
                    after={"recovery": self.is_recovery, "recovery_codes_left": left},
                )
        if left is None:
            fault = WRONG_RECOVERY if self.is_recovery else WRONG
            raise proving.not_proven(self.claimed, acts.FACTOR_GIVEN, reason="wrong_code", fault=fault)
        self.left = left

    def answer(self) -> Response:
        found, onward = self.found, next_url()
        secret = stepped_up(found)
        response = render("recovery_used.html", left=self.left, next=onward) if self.is_recovery else go(onward)
        proving.remembered(response, login=self.claimed.login, tenant=found.account_id, user_id=found.user_id)
        return entered(response, secret)
