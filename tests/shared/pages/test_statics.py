"""What browsers load: each file has one address that changes with it, and what pages name is there."""

from __future__ import annotations

import gzip
import re
from xml.etree import ElementTree as ET

import pytest

from shared.pages.icons import icon, icon_names
from shared.pages.statics import NAMES, TYPES, static, static_url, statics_version
from tests.architecture.tree import ROOT
from tests.builders.cell import Cell


def test_every_file_is_kept_for_a_year_at_an_address_of_its_own(cell: Cell) -> None:
    client = cell.app.test_client()
    for name in NAMES:
        answer = client.get(static_url(name))
        assert (answer.status_code, answer.mimetype) == (200, TYPES[name[name.rindex(".") :]])
        assert (answer.data, answer.headers["Cache-Control"]) == (static(name), "public, max-age=31536000, immutable")


def test_a_page_of_another_release_gets_what_is_here_and_does_not_keep_it(cell: Cell) -> None:
    answer = cell.app.test_client().get(static_url("ground.css").replace(statics_version(), "000000000000"))
    assert (answer.status_code, answer.data) == (200, static("ground.css"))
    assert answer.headers["Cache-Control"] == "no-store"
    with pytest.raises(OSError, match="nothing"):
        static_url("nothing.css")


def test_who_takes_a_compressed_file_gets_one(cell: Cell) -> None:
    answer = cell.app.test_client().get(static_url("console.css"), headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == static("console.css")
    assert len(answer.data) * 3 < len(static("console.css"))


def test_every_icon_that_pages_name_is_drawn() -> None:
    symbols = ET.fromstring(static("icons.svg"))  # noqa: S314 - our own file
    drawn = [symbol.get("id") for symbol in symbols]
    assert len(set(drawn)) == len(drawn)
    assert set(drawn) == icon_names()
    assert all(len(symbol) and symbol.get("viewBox") == "0 0 24 24" for symbol in symbols)
    named = {
        name
        for kind in ("*.html", "*.py")
        for folder in ("services", "shared")
        for path in (ROOT / folder).rglob(kind)
        for name in re.findall(r"""\bicon\(\s*["']([a-z0-9-]+)["']""", path.read_text("utf-8"))
    }
    assert named <= icon_names()


def test_an_icon_says_nothing_to_a_screen_reader_and_one_that_is_not_there_is_refused() -> None:
    assert icon("bell") == (
        f'<svg class="icon" aria-hidden="true" focusable="false"><use href="{static_url("icons.svg")}#bell"/></svg>'
    )
    with pytest.raises(KeyError):
        icon("no-such-icon")


def test_what_a_page_of_the_console_loads_stays_small() -> None:
    for kind, others, most in (
        (".css", {"pages.css", "portal.css", "wall.css"}, 25_000),
        (".js", {"codes.js"}, 30_000),
    ):
        loaded = [static(name) for name in NAMES if name.endswith(kind) and name not in others]
        assert 1_000 < sum(len(gzip.compress(content)) for content in loaded) <= most
