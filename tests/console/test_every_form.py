"""Every form that a page offers is sent once, as its example has it: done, or refused in words at its field."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from flask import g

from services.console.calling.description import Operation, description
from services.console.calling.shapes import Shape
from services.console.kit.areas import AREAS, Area
from services.console.kit.choices import with_choices
from services.console.kit.forms import flat
from services.console.kit.things import HARMFUL
from shared.core.context import PLATFORM
from shared.core.words import Pair
from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user, quick_hashing
from tests.builders.sizes import FULL, soak
from tests.isolation.things import Things, one_of_everything
from tests.standards.drafting import today

pytestmark = [soak, pytest.mark.skipif(not FULL, reason="two minutes: `make soak` runs it")]

FAULT = re.compile(r'<li>(?:<a href="#([^"]*)">)?(.*?)</(?:a|li)>')
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|Error\b|None\b|^/|^[\x20-\x7e]+$")
"""What is no sentence in Chinese."""
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
KINDS = {"park": "parks", "organisation": "organisations", "standard": "standards", "project": "projects",
         "certificate": "certificates", "body": "bodies", "account": "users", "user": "users"}  # fmt: skip
ROLES = {
    "official": ["certificates issue_certificate", "organisations register_organisation", "parks dissolve"],
    "signatory": [],
    "system_administrator": ["users invite_user", "users lock", "clients close"],
    "security_administrator": ["roles revise"],
    "organisation_manager": ["members invite_member"],
    "platform": ["tenants create_tenant", "tenants rotate_key"],
}
"""Who goes through the console, and some of what they find."""


@dataclass
class Walker:
    """Goes to things and does to them what their pages offer."""

    cell: Cell
    things: Things
    neighbour: UUID
    desk: Desk
    tried: set[str] = field(default_factory=set)
    bad: list[str] = field(default_factory=list)

    def value(self, shape: Shape, example: Any) -> Any:
        """The example with what there is: things that exist, days to come, a file that was uploaded."""
        if shape.type == "object" and isinstance(example, dict):
            return {one.name: self.value(one, example[one.name]) for one in shape.fields if one.name in example}
        if shape.type == "file":
            return {"sha256": self.things.ids["files", "name"], "name": "a.csv", "media_type": "text/csv", "size": "32"}
        if shape.type == "list" and shape.items is not None and isinstance(example, list):
            return [self.value(shape.items, one) for one in example]
        if shape.type == "map" and shape.items is not None and shape.items.unit == "ratio":
            return dict(zip((str(self.things.tenant), str(self.neighbour)), example.values(), strict=False))
        if shape.type == "reference":
            known = self.things.ids.get((KINDS.get(shape.reference, ""), "key"))
            return known or (str(self.neighbour) if shape.reference == "tenant" else None)
        return today(self.cell, 60) if shape.type == "date" else example

    def typed(self, area: Area, operation: Operation) -> dict[str, str]:
        """The example of what the operation takes, as its form holds it."""
        with self.cell.app.test_request_context():
            roles = {name: Pair(name, name) for name in ("official", "organisation_member")}
            g.choices = {"/v1/roles": roles, "scopes": description().scopes}
            assert operation.draft is not None
            said = description().document["paths"][operation.path][operation.method.lower()]["requestBody"]
            schema = said["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            example = description().document["components"]["schemas"][schema]["examples"][0]
            whole = with_choices(area, operation.draft)
            # What the form of the area leaves out nobody types there.
            shown = tuple(one for one in whole.fields if one.required or one.name not in area.hides)
            draft = replace(whole, fields=shown)
            return flat(draft, self.value(draft, example))

    def send(self, area: Area, url: str, operation: Operation) -> None:
        """The form at this address, checked where it is."""
        page = self.desk.get(url)
        if page.status_code != 200:
            self.bad.append(f"{url} is offered, and {page.status_code}")
            return
        fields = {**self.typed(area, operation), **filled_in(page.text)}
        if 'value="check"' in page.text:
            page = self.desk.send(page, url, **fields, do="check")
            fields = {}
        if 'value="send"' in page.text:
            page = self.desk.send(page, url, **fields, do="send")
        self.cell.carry()
        while self.cell.run_timers():
            self.cell.carry()
        if page.status_code not in (200, 303):
            self.judge(url, page)

    def judge(self, url: str, page: Any) -> None:
        """What a refusal says, and where."""
        ids = set(re.findall(r'id="([^"]+)"', page.text))
        faults = FAULT.findall(page.text.partition('id="faults"')[2].partition("</ul>")[0])
        if page.status_code not in (409, 422) or not faults:
            self.bad.append(f"{url}: {page.status_code}")
        for at, said in faults:
            text = html.unescape(re.sub("<[^>]+>", "", said))
            if (at and at not in ids) or CODE.search(text):
                self.bad.append(f"{url}: {at}: {text}")

    def make(self, area: Area) -> None:
        """Whatever new thing the list offers to make."""
        page = self.desk.get(f"/console/{area.name}")
        with self.cell.app.app_context():
            ways = {f"/console/{area.name}/new/{way}": one for way, one in area.ways.items()}
            made = {f"/console/{area.name}/new": area.creating, **ways}
        for url, operation in made.items():
            if operation is not None and f'href="{url}"' in page.text:
                self.tried.add(f"{area.name} {operation.id}")
                self.send(area, url, operation)

    def act(self, area: Area, key: str) -> None:
        """Whatever a thing's page offers, what takes something away last."""
        here, done = "/".join(filter(None, ("/console", area.name, key))), set[str]()
        with self.cell.app.app_context():
            acting = area.acting
        while offered := set(re.findall(rf'href="{re.escape(here)}/do/([a-z_]+)"', self.desk.get(here).text)) - done:
            action = min(offered, key=lambda one: (one in HARMFUL, one))
            done.add(action)
            self.tried.add(f"{area.name} {action}")
            self.send(area, f"{here}/do/{action}", acting[action])


def filled_in(page: str) -> dict[str, str]:
    """What the page itself has put into its fields."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", max(FORM.findall(page), key=len)):
        given = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        is_set = " checked" in tag if given.get("type") in ("checkbox", "radio") else given.get("value")
        if given.get("name", "").startswith("/") and is_set:
            found[given["name"]] = given["value"]
    return found


@pytest.fixture(scope="module")
def made(the_cell: Cell) -> tuple[Things, UUID]:
    own, neighbour = (the_cell.tenant(name) for name in ("own", "neighbour"))
    return one_of_everything(the_cell, own, neighbour=neighbour), neighbour


@pytest.mark.parametrize("role", ROLES)
def test_every_form_that_is_offered_is_done_or_refused_in_words_at_its_field(
    cell: Cell, made: tuple[Things, UUID], role: str
) -> None:
    things, neighbour = made
    organisation = {"organisation_id": things.organisation} if role == "organisation_manager" else {}
    with quick_hashing():
        roles = ["system_administrator", "platform_operator"] if role == "platform" else [role]
        person = make_user(cell, PLATFORM if role == "platform" else things.tenant, *roles, **organisation)
        walker = Walker(cell, things, neighbour, Desk(cell, person))
    for area in AREAS.values():
        if "{" not in area.path:
            walker.make(area)
        with cell.app.app_context():
            single, parts = area.is_single, area.one.split("/")
        given = [things.ids.get((parts[2], part[1:-1]), "") for part in parts if part.startswith("{")]
        if single or (given and all(given)):
            walker.act(area, "/".join(given))
    assert walker.bad == []
    assert set(ROLES[role]) - walker.tried == set()
