"""One's own account: what it may do, where it is signed in, its data; and signing out."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select

from services.identity.commands import personal, sessions
from services.identity.commands.throttle import full_login
from services.identity.domain import acts
from services.identity.models import WebSession
from services.identity.pages.applications import living_families
from services.identity.pages.choosing import held_memberships, tenant_names
from services.identity.pages.rendering import render
from services.identity.pages.signed_in import context, end_session, require, sign_out, signed_in, void_tokens
from services.identity.queries.members import known_roles
from services.identity.routes import routes
from shared.core.errors import NotFoundError
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.pages.visiting import go, page

MOST_SESSIONS = 50
BROWSERS = {
    "Edg/": "Edge",
    "MicroMessenger": "微信",
    "Firefox/": "Firefox",
    "OPR/": "Opera",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""What tells them apart in a User-Agent, the first that is there."""
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "HarmonyOS": "HarmonyOS",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def browser(agent: str) -> str:
    """A browser as its owner would call it."""
    found = [next((name for mark, name in known.items() if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or agent[:60]


@routes.page("GET", "/account")
@page
def show_account() -> Any:
    """The overview, with every setting."""
    found = require("/account")
    held = held_memberships(found)
    with found.session() as session:
        user = found.user(session)
        recent = select(WebSession).where(WebSession.user_id == user.id, WebSession.ended_at.is_(None))
        rows = session.scalars(recent.order_by(WebSession.seen_at.desc()).limit(MOST_SESSIONS)).all()
        living = [row for row in rows if sessions.is_living(session, row)]
        names = tenant_names(session, [listing.id for listing, _member in held])
        values: dict[str, Any] = {
            "login": full_login(session, user),
            "personal": personal.unseal(session, user),
            "user": user,
            "browser": browser,
            "done": request.args.get("done"),
        }
    members = []
    for listing, member in held:
        with database().session(context(listing.id)) as session:
            members.append((names[listing.id], listing.id, known_roles(session, member.roles)))
    return render(
        "account.html",
        found=found,
        members=members,
        sessions=living,
        names=names,
        applications=living_families(found),
        **values,
    )


@routes.page("POST", "/account/sessions/<uuid:key>/end")
@page
def end_own_session(key: UUID) -> Any:
    """One's own only."""
    found = require("/account")
    if key == found.session_id:
        return sign_out(go("/signin?signed_out=1"))
    if not end_session(found, key):
        raise NotFoundError.of("会话 / session", key)
    return go("/account?done=session")


@routes.page("POST", "/account/sessions/end-others")
@page
def end_other_sessions() -> Any:
    """All but this one."""
    found = require("/account")
    with found.session() as session:
        ended = sessions.end_sessions(session, found.user_id, keep=found.session_id)
        note(
            session,
            acts.SIGNED_OUT,
            subject=str(found.user_id),
            before={"sessions": [str(item.session_id) for item in ended]},
        )
    void_tokens(ended, actor=str(found.user_id))
    return go("/account?done=session")


@routes.page("POST", "/account/export")
@page
def export_own() -> Any:
    """All that is held on the person, as JSON (PIPL, article 45)."""
    found = require("/account")
    with found.session() as session:
        held = personal.export(session, found.user_id)
        note(session, acts.USER_EXPORTED, subject=str(found.user_id))
    response = Response(json.dumps(held, ensure_ascii=False, indent=2), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    return response


@routes.page("GET POST", "/signout")
@page
def leave() -> Any:
    """Asks first: a link on some page must not sign anybody out."""
    if request.method == "POST":
        return sign_out(go("/signin?signed_out=1"))
    return render("sign_out.html") if signed_in() else go("/signin")
