"""The page where a person lets a device in that has no browser (RFC 8628, 3.3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from services.identity.commands.devices import PendingDevice, decide_device, normal_user_code, waiting_device
from services.identity.commands.throttle import SignInAttempt, admit, succeed
from services.identity.domain import acts
from services.identity.oauth.authorize import approval_of
from services.identity.oauth.clients import find_client
from services.identity.pages.html import page, render
from services.identity.pages.signed_in import SignedIn, context, require
from services.identity.queries.clients import KnownClient
from services.identity.routes import routes
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


@routes.page("GET POST", "/device")
@page
def device() -> Any:
    """Ask for the code, show who asks, and let it in or not; never without a click."""
    typed = request.values.get("user_code", "")[:40]
    entered = require("/device?" + urlencode({"user_code": typed}) if typed else "/device")
    if isinstance(entered, Response):
        return entered
    code = normal_user_code(typed)
    if not typed:
        return _form()
    found = UNKNOWN if code is None else _found(code, entered)
    if isinstance(found, Fault) or code is None:
        return _form(422, code=typed, faults=(found,) if isinstance(found, Fault) else ())
    client, waiting = found
    if request.method == "POST" and request.form.get("decision") in ("allow", "refuse"):
        return _decided(client, waiting, who=entered, code=code)
    return render("device.html", step="confirm", code=code, client=client, count=len(waiting.scope.split()),
                  address=waiting.address)  # fmt: skip


def _form(status: int = 200, *, code: str = "", faults: tuple[Fault, ...] = ()) -> Response:
    return render("device.html", status, step="enter", code=code, faults=faults)


def _found(code: str, who: SignedIn) -> tuple[KnownClient, PendingDevice] | Fault:
    """What waits under this code for the platform's clients, or for those of the tenant acted for; guesses count."""
    attempt = SignInAttempt(purpose="device", login=str(who.user_id), address=request.remote_addr or "")
    with database().session(context(who.account_id, str(who.user_id))) as session:
        if admit(session, attempt):
            return TOO_MANY
    for tenant in dict.fromkeys((PLATFORM, who.for_tenant_id)):
        waiting = None if tenant is None else _waiting(tenant, code)
        client = None if waiting is None else find_client(waiting.client_id)
        if waiting is not None and client is not None:
            with database().session(context(who.account_id, str(who.user_id))) as session:
                succeed(session, attempt)
            return client, waiting
    return UNKNOWN


def _waiting(tenant: UUID, code: str) -> PendingDevice | None:
    with database().session(context(tenant)) as session:
        return waiting_device(session, code)


def _decided(client: KnownClient, waiting: PendingDevice, *, who: SignedIn, code: str) -> Response:
    allowed = request.form["decision"] == "allow"
    approval = approval_of(who, scope=waiting.scope, session=False) if allowed else None
    with database().session(context(client.tenant, str(who.user_id))) as session:
        if not decide_device(session, code, approval=approval):
            return _form(422, code=code, faults=(UNKNOWN,))
    with database().session(context(who.for_tenant_id or who.account_id, str(who.user_id))) as session:
        note(session, acts.DEVICE_APPROVED, outcome="done" if allowed else "refused", subject=client.client_id,
             after={"scope": waiting.scope})  # fmt: skip
    return render("device.html", step="allowed" if allowed else "refused", client=client)
