"""The sign-in page: login name and password."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request
from sqlalchemy import select

from events.printing import is_printable, printable
from services.identity.commands import passwords
from services.identity.domain import acts
from services.identity.domain.users import login_parts
from services.identity.models import User
from services.identity.pages import proving
from services.identity.pages.html import local, page, problem_page, render
from services.identity.pages.proving import Claimed, MustWaitError
from services.identity.pages.signed_in import begin, context, signed_in
from services.identity.queries.members import Account
from services.identity.routes import routes
from shared.core.context import PLATFORM
from shared.core.errors import Fault, ProblemError
from shared.http.requests.gate import database
from shared.journal.session import Session
from shared.keys.directory import Listing
from shared.text.identifiers import form

LONGEST_FIELD = 256
WRONG = Fault(
    "login",
    "登录名或密码不正确。请核对后重试;登录名形如 zhang.wei@sichuan。",
    "Login or password is wrong. Check both and try again; a login looks like zhang.wei@sichuan.",
)


@routes.page("GET POST", "/signin")
@page
def sign_in() -> Any:
    """Who is signed in already goes on, unless `again` asks for the password anew."""
    if request.method == "POST":
        return _judged()
    if signed_in() is not None and not request.args.get("again"):
        return redirect(local(request.args.get("next")), 303)
    return _form(login=request.args.get("login", "")[:LONGEST_FIELD])


def _form(status: int = 200, *, login: str, faults: tuple[Fault, ...] = ()) -> Response:
    values = request.values
    tenant = known_tenant(login_tenant(login) or values.get("tenant", "")[:LONGEST_FIELD])
    return render("sign_in.html", status, faults=faults, login=printable(login), next=local(values.get("next")),
                  tenant=tenant, signed_out=request.args.get("signed_out"))  # fmt: skip


def login_tenant(login: str) -> str:
    """The tenant's code in a typed login, or ''."""
    parts = login_parts(login)
    return parts[1] if parts else ""


def known_tenant(code: str) -> Listing | None:
    """The tenant of this code, however it was typed."""
    if not code:
        return None
    with database().session(context(PLATFORM)) as session:
        return session.directory.named(session, form("tenant_code", code))


def _judged() -> Response:
    typed, password = (request.form.get(name, "")[:LONGEST_FIELD] for name in ("login", "password"))
    missing = _missing(typed, password)
    if missing:
        return _form(422, login=typed, faults=missing)
    try:
        claimed = _claimed(typed)
    except MustWaitError as error:
        response = _form(429, login=typed, faults=(error.fault("login"),))
        response.headers["Retry-After"] = str(error.seconds)
        return response
    stored = claimed.user.password_hash if claimed.user else None
    if not passwords.fits(stored, password) or claimed.user is None:
        proving.failed(claimed, acts.SIGNED_IN, reason="wrong_password")
        return _form(422, login=typed, faults=(WRONG,))
    return _entered(claimed, claimed.user, password=password)


def unreadable(login: str) -> tuple[Fault, ...]:
    """What is wrong with the form of a typed login."""
    if login_parts(login) is not None:
        return ()
    en = "Enter your full login, which looks like zhang.wei@sichuan."
    return (Fault("login", "请输入完整的登录名,形如 zhang.wei@sichuan。", en),)


def _missing(login: str, password: str) -> tuple[Fault, ...]:
    # What nobody can have typed is no oversight: it counts like a wrong login.
    found = [*unreadable(login)] if is_printable(login) else []
    if not password:
        found.append(Fault("password", "请输入密码。", "Enter your password."))
    return tuple(found)


def _claimed(typed: str) -> Claimed:
    name, code = login_parts(typed) or (printable(typed), "")
    listing = known_tenant(code)

    def find(session: Session) -> User | None:
        # Asked for an unknown tenant too, so that it takes as long.
        user = named_user(session, typed)
        return user if listing is not None else None

    tenant = listing.id if listing else None
    return proving.admitted("password", f"{name}@{code}", tenant=tenant, find=find)


def named_user(session: Session, typed: str) -> User | None:
    """The account of the session's tenant that was typed; nobody has a name that cannot be asked for."""
    parts = login_parts(typed)
    if parts is None or not is_printable(typed):
        return None
    return session.scalars(select(User).where(User.login == parts[0])).one_or_none()


def _entered(claimed: Claimed, user: User, *, password: str) -> Response:
    renewed = passwords.hash_password(password) if passwords.is_outdated(user.password_hash or "") else None
    with database().session(context(claimed.place, str(user.id))) as session:
        proving.proven(session, claimed)
        if renewed is not None:
            passwords.renew_hash(session, user, made=renewed)
    try:
        response = begin(Account(claimed.place, user.id), methods=("pwd",), next_url=local(request.form.get("next")))
    except ProblemError as error:
        proving.failed(claimed, acts.SIGNED_IN, reason=error.code)
        return problem_page(error)
    if user.otp_at is None:
        # With a second factor set up, only it makes a browser known.
        proving.remembered(response, login=claimed.login, tenant=claimed.place, user_id=user.id)
    return response
