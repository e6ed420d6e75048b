"""The language of a page: Chinese or English, as the address, the cookie or the browser says."""

from __future__ import annotations

import re
from functools import lru_cache
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


def named(zh: str, en: str) -> str:
    """The one of both that the reader understands, exactly as it stands: for names, which are nobody's to change."""
    return zh if language() == "zh" else en


def t(zh: str, en: str) -> str:
    """The same for what the platform itself says, Chinese with the punctuation that belongs to it (GB/T 15834)."""
    return typeset(zh) if language() == "zh" else en


HAN = "\u3400-\u9fff\u3001\u3002\u201c\u201d"
WIDE = str.maketrans({",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "?": "\uff1f", "!": "\uff01"})
BESIDE_HAN = re.compile(f"(?<=[{HAN}])[,:;?!]|[,:;?!](?=[{HAN}])")
BRACKETS = re.compile(rf"(?P<before>[{HAN}]?)\((?P<inside>[^()]*)\)(?P<after>[{HAN}]?)")
SPACED = re.compile("([\uff0c\uff1a\uff1b\uff1f\uff01\uff09]) +")


@lru_cache(maxsize=8192)
def typeset(text: str) -> str:
    """Chinese as it is printed: marks beside Han characters are full width, with no space behind them."""
    text = BESIDE_HAN.sub(lambda mark: mark[0].translate(WIDE), text)
    return SPACED.sub(r"\1", BRACKETS.sub(_bracketed, text))


def _bracketed(found: re.Match[str]) -> str:
    is_chinese = found["before"] or found["after"] or re.search(f"[{HAN}]", found["inside"])
    if not is_chinese:
        return found[0]
    return f"{found['before']}\uff08{found['inside']}\uff09{found['after']}"


def other_language() -> str:
    """The same page in the other language; a form that was sent is shown anew, empty."""
    kept = request.values if "next" in request.form else request.args
    arguments = {name: kept[name] for name in kept if name in {*request.args, "next", "way"} - {"lang"}}
    return "?" + urlencode({**arguments, "lang": "en" if language() == "zh" else "zh"})
