"""Pages: rendered on the server in Chinese or English, needing no script, with a strict content security policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Response, g, request
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from shared.core.calendar import BEIJING
from shared.core.errors import ProblemError
from shared.pages.cookies import LANGUAGE, VISIT, YEAR, set_cookie
from shared.pages.forms import csrf_field
from shared.pages.icons import icon
from shared.pages.languages import language, named, other_language, t
from shared.pages.statics import static_url


def beijing(moment: datetime, form: str) -> str:
    """A moment as officials read it."""
    return moment.astimezone(BEIJING).strftime(form)


def content_policy(*, has_script: bool, redirects_to: Sequence[str] = ()) -> str:
    """What a page may load and where its forms may lead: this site alone, and `redirects_to` by redirects."""
    targets = " ".join(("'self'", *redirects_to))
    return ("script-src 'self'; connect-src 'self'; " if has_script else "") + (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none';"
        f" form-action {targets}"
    )


@dataclass(frozen=True)
class Templates:
    """The pages of one package: its own templates, and those of all, which they extend."""

    package: str
    sets_cookies: bool = True
    """What anybody may read sets none: the language stands in its address."""

    @cached_property
    def environment(self) -> Environment:
        """With what every template may call."""
        made = Environment(
            loader=ChoiceLoader([PackageLoader(self.package), PackageLoader("shared.pages")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.globals |= {
            "csrf_field": csrf_field,
            "static": static_url,
            "icon": icon,
            "t": t,
            "named": named,
            "other_language": other_language,
            "beijing": beijing,
        }
        return made

    def render(
        self,
        template: str,
        status: int = 200,
        *,
        redirects_to: Sequence[str] = (),
        has_script: bool = False,
        **values: Any,
    ) -> Response:
        """A page; `redirects_to` are origins that sending one of its forms may lead to by redirects."""
        shown = {"lang": language(), "faults": (), "path": request.path, **values}
        content = self.environment.get_template(template).render(shown)
        response = Response(content, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = content_policy(has_script=has_script, redirects_to=redirects_to)
        response.headers["Content-Language"] = "zh-CN" if language() == "zh" else "en"
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept-Language, Cookie"
        if "new_visit" in g:
            set_cookie(response, VISIT, value=g.new_visit)
        if self.sets_cookies and request.args.get("lang") in ("zh", "en"):
            set_cookie(response, LANGUAGE, value=language(), seconds=YEAR)
        return response


EVERYWHERE = Templates("shared.pages")


def problem_page(error: ProblemError) -> Response:
    """What is wrong and what to do now."""
    response = EVERYWHERE.render(
        "error.html", error.status, zh=error.zh, en=error.en, code=error.code, correlation=g.get("correlation", "")
    )
    if error.status in (429, 503):
        response.headers["Retry-After"] = "2"
    return response
