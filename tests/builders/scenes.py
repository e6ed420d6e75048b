"""Something of everything between two jurisdictions, and people who sit down before windows there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from tests.builders.cell import Cell
from tests.builders.identity import Person, make_user, quick_hashing
from tests.builders.officials import active
from tests.builders.served import served
from tests.builders.windows import Carrying, Window, window
from tests.organisations.builders import registered
from tests.standards.certification import accredited, issued
from tests.standards.drafting import Drafting, today
from tests.standards.given import given_standard


@dataclass
class World:
    """Two jurisdictions; what there is of each kind, by the names and numbers that people type."""

    cell: Cell
    url: str
    one: UUID
    other: UUID
    standards: tuple[str, str]
    """The number of a standard of each."""
    organisation: dict[str, Any]
    certificate: dict[str, Any]
    consultation: str
    park: str


@contextmanager
def world_of(cell: Cell) -> Iterator[World]:
    """Made through the API, and served."""
    one = cell.tenant("sichuan", name_zh="四川省", name_en="Sichuan", division_codes=["510000"])
    other = cell.tenant("chongqing", name_zh="重庆市", name_en="Chongqing", division_codes=["500000"])
    standards = [given_standard(cell, tenant) for tenant in (one, other)]
    numbers = [cell.client(one).get(f"/v1/standards/{key}").json["numbers"][0] for key in standards]
    organisation = registered(cell.client(one))
    cell.carry()
    holder = {"code": organisation["code"], "name_zh": organisation["name_zh"]}
    body = accredited(cell, one, standards[0])
    certificate = issued(cell, one, body, standard=standards[0], holder=holder)
    drafting = Drafting(cell, one, other)
    drafting.open()
    assert drafting.post(one, "/consult", {"closes_on": today(cell, 30)})["status"] == 200
    consultation = cell.app.test_client().get("/v1/public/consultations").json["items"][0]["id"]
    park = cell.client(one).get(active(cell, one, other)).json["name_zh"]
    with quick_hashing(), served(cell) as url, Carrying(cell):
        yield World(cell, url, one, other, (numbers[0], numbers[1]), organisation, certificate, consultation, park)


@dataclass
class Scene:
    """The windows of one journey, in one way of going through pages."""

    world: World
    browser: Any
    way: str
    windows: list[Window] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)

    def somebody(self, *roles: str, tenant: UUID | None = None, **draft: Any) -> Window:
        """A window of a new person with these roles."""
        return self.sits(make_user(self.world.cell, tenant or self.world.one, *roles, **draft))

    def sits(self, person: Person | None) -> Window:
        """A window of this person, or of a visitor."""
        made = self._open.enter_context(window(self.browser, self.world.url, person, way=self.way))
        self.windows.append(made)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def troubles(self) -> list[str]:
        """What browsers complained of, and what they asked of other hosts."""
        ours = (self.world.url, "data:")
        elsewhere = [url for one in self.windows for url in one.asked if not url.startswith(ours)]
        # Of a form that is refused the browser says so, too.
        said = [line for one in self.windows for line in one.said if "status of 422" not in line]
        return [*said, *elsewhere]
