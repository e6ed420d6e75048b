"""Whose turn it is with a thing: what it and its parts wait for, and which actions stand out on its page.

What is due to the reader's tenant is the button that stands out, for a part too (the agreement on the park's page),
with its refusal beside it. While the thing waits for somebody nothing else stands out: to change what others are
signing voids their signatures. What takes something away is found in the menu, unless it is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.things import Act, May, Thing
from services.console.kit.work import Wait, waits_of
from shared.pages.asking import Answer, Api

MOST_PARTS = 10
"""Of so many parts that wait a page tells."""
MOST_BUTTONS = 3
"""More actions than these stand in the menu."""
REFUSALS = ("refuse", "object")
"""What answers no, where something is due: it stands beside that."""
FIRST, QUIET, HARM = "", "quiet", "danger"
"""How a button looks: it stands out, it does not, it takes something away."""


class Button(NamedTuple):
    """An action, and how its button looks."""

    act: Act
    look: str


@dataclass(frozen=True)
class Turn:
    """What is waited for, one's own turn first; the buttons of the page's head; what stands in its menu."""

    waits: Sequence[Wait]
    buttons: Sequence[Button]
    menu: Sequence[Act]


def turn_of(who: Visitor, found: Thing) -> Turn:
    """That of one thing with its parts."""
    things = [found, *waiting_parts(who.api, found, may=who.may)]
    waits = {one.key: waits_of(who, str(one.document.get("id", ""))) for one in things}
    buttons, menu = standing(things, waits, may=who.may)
    told = [one for found in waits.values() for one in found]
    return Turn(sorted(told, key=lambda one: not one.is_mine), buttons, menu)


def waiting_parts(api: Api, found: Thing, *, may: May) -> Iterator[Thing]:
    """Parts of the thing that wait for somebody, as the area says in which state they do."""
    for name, state in found.area.waiting.items():
        part = AREAS[name]
        if may(part.listing.scope):
            body = api.get(found.area.api(found.key, path=part.path), state=state, limit=MOST_PARTS).body
            for row in body["items"]:
                yield Thing(part, part.key(row), Answer(200, {**row, "names": body.get("names", {})}, {}))


def standing(things: Sequence[Thing], waits: dict[str, list[Wait]], *, may: May) -> tuple[list[Button], list[Act]]:
    """The buttons of the first of the things, with what is due of the others; and what stands in its menu."""
    due: list[Button] = []
    refusals: list[Button] = []
    others: list[Act] = []
    for place, one in enumerate(things):
        asked = {wait.row["action"] for wait in waits[one.key] if wait.is_mine}
        for act in one.acts(may):
            if act.name in asked:
                due.append(Button(act, HARM if act.is_harmful else QUIET if due else FIRST))
            elif asked and act.name in REFUSALS:
                refusals.append(Button(act, HARM))
            elif place == 0 and act.name not in one.area.inline:
                others.append(act)
    is_free = not any(waits.values())
    calm = [act for act in others if not act.is_harmful]
    rest = [Button(act, FIRST if is_free and act is calm[0] else QUIET) for act in calm]
    shown = [*due, *refusals, *rest]
    menu = [one.act for one in shown[MOST_BUTTONS:]] + [act for act in others if act.is_harmful]
    return shown[:MOST_BUTTONS], menu
