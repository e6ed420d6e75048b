"""Signing in and out at the console, and acting for another jurisdiction."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.exceptions import InvalidTag
from flask import Response, redirect, request

from services.console.calling.tokens import BACK, Asked, redeemed, seal, unseal
from services.console.calling.visits import begin, end, entered
from services.console.routes import routes
from shared.core.errors import RefusedError
from shared.pages.cookies import cookie, drop_cookie, set_cookie
from shared.pages.forms import local
from shared.pages.purposes import PURPOSE
from shared.pages.visiting import page

ASKED, LABEL = "console_asked", "console sign-in"
PATIENCE = 1800
"""Seconds in which somebody signs in."""
HOME = "/console"


@routes.page("GET", "/console/signin")
@page
def sign_in() -> Any:
    """On to the sign-in pages, and back to `next`; `factor` asks for a second factor once more."""
    asked = Asked.new(local(request.args.get("next"), HOME))
    address = asked.address(factor="factor" in request.args, purpose=request.args.get(PURPOSE, ""))
    response: Response = redirect(address, 303)  # type: ignore[assignment]
    sealed = seal({"state": asked.state, "verifier": asked.verifier, "next": asked.next_url}, label=LABEL)
    set_cookie(response, ASKED, value=urlsafe_b64encode(sealed).decode(), seconds=PATIENCE)
    return response


@routes.page("GET", BACK)
@page
def signed_in() -> Any:
    """The browser comes back with a code, or with the reason why there is none."""
    try:
        kept = unseal(urlsafe_b64decode(cookie(ASKED)), label=LABEL)
    except (ValueError, InvalidTag):
        kept = {}
    asked = Asked(str(kept.get("state", "")), str(kept.get("verifier", "")), local(kept.get("next"), HOME))
    if not asked.state or not hmac.compare_digest(request.args.get("state", "").encode(), asked.state.encode()):
        # Opened from another window, by Back or too late: signing in again costs nothing.
        return redirect(HOME, 303)
    if "code" not in request.args:
        raise RefusedError(
            "sign_in_again",
            "登录没有完成。请回到首页重新登录。",
            "Signing in was not completed. Go to the first page and sign in again.",
        )
    secret = begin(redeemed(asked, request.args["code"]))
    response: Response = redirect(asked.next_url, 303)  # type: ignore[assignment]
    drop_cookie(response, ASKED)
    return entered(end(response), secret)


@routes.page("POST", "/console/signout")
@page
def sign_out() -> Any:
    """Ends the visit here and the session of the browser: the form goes on to the page that ends that."""
    return end(redirect("/signout", 307))  # type: ignore[arg-type]


@routes.page("GET", "/console/switched")
@page
def switched() -> Any:
    """Another jurisdiction was chosen: the tokens of the one before are of no use any more."""
    return end(redirect(f"/console/signin?next={HOME}", 303))  # type: ignore[arg-type]
