"""What people read for what the API says: every state has a look, and what they may not see has no link."""

from __future__ import annotations

import json
from uuid import uuid4

from services.console.calling.shapes import Shape
from services.console.kit.states import LOOKS
from services.console.kit.values import Values
from shared.core.words import Pair
from tests.architecture.tree import ROOT
from tests.builders.cell import Cell

STATE = ("State", "DeliveryStatus")


def test_every_state_that_the_api_knows_has_one_look() -> None:
    document = json.loads((ROOT / "docs/generated/openapi.json").read_text("utf-8"))
    named = {name: shape for name, shape in document["components"]["schemas"].items() if name.endswith(STATE)}
    states = {state for shape in named.values() for state in shape.get("enum", ())}
    assert len(states) > 30
    assert sorted(states - LOOKS.keys()) == []


def test_a_thing_that_is_called_by_its_kind_alone_has_no_link(cell: Cell) -> None:
    seen, unseen = str(uuid4()), str(uuid4())
    kind = {"kind": "project", "code": None, "en": "standard in the making"}
    values = Values({seen: {**kind, "zh": "车载显示模组可靠性要求"}, unseen: {**kind, "zh": "标准项目"}})
    shape = Shape(name="project", type="reference", title=Pair("", ""), hint=Pair("", ""), reference="project")
    with cell.app.test_request_context("/console"):
        assert f"/console/projects/{seen}" in values.shown(shape, seen)
        assert "<a " not in values.shown(shape, unseen)
