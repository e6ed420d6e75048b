"""Icons: one file of symbols that every page shares; beside a word an icon says nothing to a screen reader."""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from shared.pages.statics import static, static_url


@cache
def icon_names() -> frozenset[str]:
    """Those that the file of symbols has."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', static("icons.svg").decode()))


@cache
def icon(name: str) -> Markup:
    """The icon as a picture of the size of text; raises KeyError for one that is not there."""
    if name not in icon_names():
        raise KeyError(name)
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(
        static_url("icons.svg"), name
    )
