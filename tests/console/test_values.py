"""What people read for what the API says: every state has a look, and what they may not see has no link."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

from services.console.calling.shapes import Shape
from services.console.kit.states import LOOKS
from services.console.kit.values import Values
from services.organisations.domain.codes import DIVISIONS as SECTIONS
from shared.core.words import Pair
from shared.reference import trades
from tests.architecture.tree import ROOT
from tests.builders.cell import Cell


def run(first: int, last: int) -> range:
    return range(first, last + 1)


STATE = ("State", "DeliveryStatus")


def test_every_state_that_the_api_knows_has_one_look() -> None:
    document = json.loads((ROOT / "docs/generated/openapi.json").read_text("utf-8"))
    named = {name: shape for name, shape in document["components"]["schemas"].items() if name.endswith(STATE)}
    states = {state for shape in named.values() for state in shape.get("enum", ())}
    assert len(states) > 30
    assert sorted(states - LOOKS.keys()) == []


def test_a_trade_is_said_in_words_beside_its_code(cell: Cell) -> None:
    assert set(trades.names()) == {*SECTIONS, *(f"{one}{at:02}" for one, ends in SECTIONS.items() for at in run(*ends))}
    items = Shape(name="", type="text", title=Pair("", ""), hint=Pair("", ""))
    shape = replace(items, name="sectors", type="list", items=items)
    with cell.app.test_request_context("/console"):
        said = Values().shown(shape, ["C39", "C2110", "B99", "新能源汽车配套"])
    assert said == "C39 计算机、通信和其他电子设备制造业、C2110\uff08家具制造业\uff09、B99、新能源汽车配套"


def test_a_thing_that_is_called_by_its_kind_alone_has_no_link(cell: Cell) -> None:
    seen, unseen = str(uuid4()), str(uuid4())
    kind = {"kind": "project", "code": None, "en": "standard in the making"}
    values = Values({seen: {**kind, "zh": "车载显示模组可靠性要求"}, unseen: {**kind, "zh": "标准项目"}})
    shape = Shape(name="project", type="reference", title=Pair("", ""), hint=Pair("", ""), reference="project")
    with cell.app.test_request_context("/console"):
        assert f"/console/projects/{seen}" in values.shown(shape, seen)
        assert "<a " not in values.shown(shape, unseen)
