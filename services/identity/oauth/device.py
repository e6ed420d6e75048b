"""The page where a person lets a device in that has no browser (RFC 8628, 3.3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from services.identity.commands.devices import decide_device, normal_user_code, waiting_device
from services.identity.commands.throttle import SignInAttempt, admit, succeed
from services.identity.domain import acts
from services.identity.oauth.authorize import approval_of
from services.identity.oauth.clients import find_client
from services.identity.pages.forms import FormPage, form_page, typed
from services.identity.pages.proving import wrong
from services.identity.pages.rendering import render
from services.identity.pages.signed_in import context, require
from shared.core.context import PLATFORM
from shared.core.errors import Fault
from shared.evidence.audit import note
from shared.http.requests.gate import database

UNKNOWN = Fault(
    "user_code",
    "没有等待中的设备使用这个代码。请核对设备上显示的代码;代码 10 分钟后失效。",
    "No device waits under this code. Check what the device shows; a code lasts 10 minutes.",
)
TOO_MANY = Fault(
    "user_code",
    "尝试次数过多,请稍后再试。",
    "Too many tries. Wait a while and try again.",
)


@form_page("/device")
class DevicePage(FormPage):
    """Asks for the code, shows who asks, and lets it in or not; never without a click."""

    template = "device.html"

    def __init__(self) -> None:
        self.typed = typed("user_code", 40)
        here = f"/device?{urlencode({'user_code': self.typed})}" if self.typed else "/device"
        self.who = require(here)

    @property
    def is_sent(self) -> bool:
        """Also by the address, which devices show with the code in it."""
        return bool(self.typed)

    def values(self) -> dict[str, Any]:
        return {"step": "enter", "code": self.typed}

    def check(self) -> None:
        code = normal_user_code(self.typed)
        if code is None:
            raise wrong(UNKNOWN)
        self.code = code

    def judge(self) -> None:
        """Finds what waits under this code, for the platform's clients or the tenant's own; guesses count."""
        who = self.who
        attempt = SignInAttempt(purpose="device", login=str(who.user_id), address=request.remote_addr or "")
        with who.session() as session:
            wait = admit(session, attempt)
        if wait:
            raise wrong(TOO_MANY)
        for tenant in dict.fromkeys((PLATFORM, who.tenant)):
            with database().session(context(tenant)) as session:
                waiting = waiting_device(session, self.code)
            client = None if waiting is None else find_client(waiting.client_id)
            if waiting is not None and client is not None:
                with who.session() as session:
                    succeed(session, attempt)
                self.client, self.waiting = client, waiting
                return
        raise wrong(UNKNOWN)

    def answer(self) -> Response:
        decision = request.form.get("decision")
        if decision not in ("allow", "refuse"):
            return render(
                "device.html",
                step="confirm",
                code=self.code,
                client=self.client,
                count=len(self.waiting.scope.split()),
                address=self.waiting.address,
            )
        allowed, client, scope = decision == "allow", self.client, self.waiting.scope
        approval = approval_of(self.who, scope=scope, session=False) if allowed else None
        actor = str(self.who.user_id)
        with database().session(context(client.tenant, actor)) as session:
            if not decide_device(session, self.code, approval=approval):
                raise wrong(UNKNOWN)
        with database().session(context(self.who.tenant, actor)) as session:
            note(
                session,
                acts.DEVICE_APPROVED,
                outcome="done" if allowed else "refused",
                subject=client.client_id,
                after={"scope": scope},
            )
        return render("device.html", step="allowed" if allowed else "refused", client=client)
