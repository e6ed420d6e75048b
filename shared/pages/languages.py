"""The language of a page: Chinese or English, as the address, the cookie or the browser says."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import g, request

from shared.pages.cookies import LANGUAGE, cookie


def language() -> str:
    """`zh` or `en`: as the address, the cookie or the browser says; set `g.language` to decide otherwise."""
    if "language" not in g:
        asked = request.args.get("lang") or cookie(LANGUAGE)
        best = request.accept_languages.best_match(["zh", "en"], "zh")
        g.language = asked if asked in ("zh", "en") else best
    chosen: str = g.language
    return chosen


def t(zh: str, en: str) -> str:
    """The one of both that the reader understands."""
    return zh if language() == "zh" else en


def other_language() -> str:
    """The same page in the other language; a form that was sent is shown anew, empty."""
    kept = request.values if "next" in request.form else request.args
    arguments = {name: kept[name] for name in kept if name in {*request.args, "next", "way"} - {"lang"}}
    return "?" + urlencode({**arguments, "lang": "en" if language() == "zh" else "zh"})
