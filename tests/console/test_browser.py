"""Chromium reads pages of every sort, light and dark, small and large: axe-core and the policy find nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.builders.browser import chromium, judge, judged
from tests.builders.cell import Cell
from tests.builders.identity import Person, make_user, quick_hashing
from tests.builders.officials import drafted, proposed
from tests.builders.served import served
from tests.builders.sizes import FULL, soak
from tests.builders.windows import Window

pytestmark = [soak, pytest.mark.skipif(not FULL, reason="minutes: `make soak` runs it")]

NAME = "嘉陵协同示范园"
Way = Callable[["Sat"], None]


@dataclass
class World:
    """Parks of two jurisdictions, and an official of the first."""

    cell: Cell
    url: str
    one: UUID
    other: UUID
    park: str
    """Where an agreement may be proposed."""
    waiting: str
    """Where an agreement waits for signatures."""
    person: Person


@dataclass
class Sat:
    """A window in this world."""

    window: Window
    world: World

    @property
    def page(self) -> Any:
        return self.window.page


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    return judge(Path(request.config.cache.mkdir("axe")))


@pytest.fixture(scope="module")
def world(the_cell: Cell) -> Iterator[World]:
    one = the_cell.tenant("sichuan", name_zh="四川省", name_en="Sichuan", division_codes=["510000"])
    other = the_cell.tenant("chongqing", name_zh="重庆市", name_en="Chongqing", division_codes=["500000"])
    park, waiting = (way(the_cell, one, other).rpartition("/")[2] for way in (drafted, proposed))
    with quick_hashing(), served(the_cell, log_level="debug") as url:
        yield World(the_cell, url, one, other, park, waiting, make_user(the_cell, one, "official", "signatory"))


@contextmanager
def sat(browser: Any, world: World, **options: Any) -> Iterator[Sat]:
    """A window of the official, signed in."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN", **options})
    try:
        yield Sat(Window(context.new_page(), world.url, world.person).sign_in(), world)
    finally:
        context.close()


def at(path: str) -> Way:
    """The page at an address."""

    def opened(one: Sat) -> None:
        world = one.world
        place = path.format(park=world.park, waiting=world.waiting)
        assert one.window.open(place).status == 200, place

    return opened


def filled(one: Sat, *, name: str = NAME) -> None:
    """The form of a new park with what it must have."""
    one.window.open("/console/parks/new")
    given = {"/name_zh": name, "/kind": "joint", "/parties/0/tenant": str(one.world.one), "/parties/0/role": "host"}
    for field, value in given.items():
        one.window.put(field, value)
    one.window.press("button[value='add:/parties']")
    for field, value in {"/parties/1/tenant": str(one.world.other), "/parties/1/role": "partner"}.items():
        one.window.put(field, value)
    one.window.put("/sectors", "汽车零部件")


def faults(one: Sat) -> None:
    """A form that lacks what it must have."""
    one.window.open("/console/parks/new")
    # The draft that was kept has a name.
    one.window.put("/name_zh", "")
    one.window.press("main button[value='check']:not(.sr)")
    one.page.wait_for_selector(".faults")


def check_page(one: Sat) -> None:
    """What is looked at before it is sent."""
    filled(one)
    one.window.press("main button[value='check']:not(.sr)")
    one.page.wait_for_selector("dl.check")


def conflict(one: Sat) -> None:
    """Somebody else was faster."""
    one.window.open(f"/console/parks/{one.world.park}/do/revise")
    cell = one.world.cell
    english = f"Park {cell.clock.now():%H%M%S%f}"
    answer = cell.client(one.world.one).patch(f"/v1/parks/{one.world.park}", {"name_en": english})
    assert answer.status_code == 200, answer.json
    one.window.put("/name_en", "Jialing Park")
    one.window.press("main button.large[value='check']")
    one.window.press("main button.large[value='send']")
    one.page.wait_for_selector("ins")


PAGES: dict[str, Way] = {
    "workbench": at("/console"),
    "list": at("/console/parks"),
    "empty list": at("/console/certificates"),
    "thing": at("/console/parks/{waiting}"),
    "agreement": at("/console/agreements/{waiting}/1"),
    "signing": at("/console/agreements/{waiting}/1/do/sign"),
    "form": at("/console/parks/new"),
    "faults": faults,
    "check page": check_page,
    "conflict": conflict,
    "agreement editor": at("/console/parks/{park}/do/propose"),
    "recognition check": at("/console/recognition"),
    "matrix of roles": at("/console/who-may-what"),
    "import": at("/console/imports/new"),
    "calendar": at("/console/calendar"),
    "last day": at("/console/last-day?days=20&begins_on=2026-12-20"),
    "working days": at("/console/last-day?year=2026"),
    "notifications": at("/console/notifications"),
    "digest": at("/console/notifications?view=digest"),
    "search": at("/console/search?q=联合"),
    "kit": at("/console/kit"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sort_of_page_is_accessible_and_keeps_the_policy(
    browser: Any, world: World, axe: str, language: str
) -> None:
    found = []
    with sat(browser, world) as one:
        one.window.open(f"/console?lang={language}")
        for name, way in PAGES.items():
            way(one)
            found += judged(one.page, f"{language} {name}", axe=axe, language=language)
        said, asked = one.window.said, one.window.asked
    assert found == []
    assert [line for line in said if "status of 4" not in line] == []
    assert [one for one in asked if not one.startswith((world.url, "data:"))] == []
