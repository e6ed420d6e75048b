"""What refusals say: states, actions, rights and properties by their names, in one language each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from deploy.documents import lifecycles
from shared.core.errors import ConflictError
from shared.http.descriptions.titles import called
from shared.rules.lifecycle import Lifecycle
from tests.builders.cell import Cell
from tests.builders.officials import drafted, proposed, terms
from tests.organisations.builders import registered

LATIN, HAN = re.compile("[A-Za-z]"), re.compile("[\u3400-\u9fff]")
TABLES = [(f"{service}.{table.name}", table) for service, tables in lifecycles().items() for table in tables]


def in_one_language_each(zh: str, en: str) -> bool:
    return not LATIN.search(zh) and not HAN.search(en)


@pytest.mark.parametrize("table", [table for _, table in TABLES], ids=[name for name, _ in TABLES])
def test_every_refusal_of_a_lifecycle_names_states_and_actions(table: Lifecycle) -> None:
    for state, action in _impossible(table):
        with pytest.raises(ConflictError) as refusal:
            table.target(state, action)
        said = refusal.value
        assert in_one_language_each(said.zh, said.en), (state, action, said.zh, said.en)


def _impossible(table: Lifecycle) -> Iterator[tuple[str, str]]:
    for state in table.states:
        yield from ((state, step.action) for step in table.steps if step.action not in table.actions(state))


@pytest.mark.parametrize(
    ("pointer", "zh", "en"),
    [
        ("/name_zh", "园区名称", "Name of the park"),
        ("/parties/1/role", "参与方的第 2 项的参与角色", "Parties: item 2: Role"),
        ("/no_such", "“no_such”", "'no_such'"),
        ("", "请求内容", "the body"),
    ],
)
def test_a_pointer_is_said_by_titles(pointer: str, zh: str, en: str) -> None:
    found = called(pointer, "services.parks")
    assert (found.zh, found.en) == (zh, en)


def refusals(cell: Cell, sichuan: UUID, chongqing: UUID) -> Iterator[Any]:
    """Everyday refusals, as people meet them."""
    official, observer = cell.client(sichuan), cell.client(sichuan, "observer")
    park = drafted(cell, sichuan, chongqing)
    made = registered(official)
    yield official.post("/v1/parks", {"name_zh": "", "kind": "joint"})
    yield official.post(f"{park}/suspend", {"reason": "试"})
    yield official.post(f"{park}/suspend", {})
    yield observer.post("/v1/parks", {})
    yield official.get(f"/v1/parks/{made['id']}")
    yield official.post(f"/v1/organisations/{made['id']}/reactivate")
    yield official.post("/v1/parks", {}, headers={"Idempotency-Key": ""})


def test_everyday_refusals_are_in_one_language_each(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    for answer in refusals(cell, sichuan, chongqing):
        assert answer.status_code >= 400
        said = answer.json["message"]
        zh = re.sub(r"[0-9a-f-]{36}|Idempotency-Key|UUID|ASCII", "", said["zh"])
        assert in_one_language_each(zh, said["en"]), said


def test_a_refusal_names_tenants_and_numbers_of_a_query_in_one_language(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url, stranger = proposed(cell, sichuan, chongqing), cell.tenant("guizhou")
    ratios = {"indicator": "tax_revenue", "from_year": 2021, "to_year": 2030, "ratios": {str(stranger): "1"}}
    cell.client(sichuan).get(f"/v1/tenants/{stranger}")
    refused = cell.client(sichuan).patch(f"{url}/agreements/1", {"terms": terms(sichuan, chongqing, shares=[ratios])})
    told = [refused.json["message"], *(item["message"] for item in refused.json["errors"])]
    assert any("guizhou" in item["en"] for item in told)
    assert [item for item in told if str(stranger) in item["zh"] + item["en"]] == []
    assert "propose" not in cell.client(sichuan).get(url).json["allowed_actions"]
    (limit,) = cell.client(sichuan).get("/v1/parks?limit=101").json["errors"]
    assert limit["message"] == {"zh": "必须是 1 至 100 的整数", "en": "Must be a whole number from 1 to 100"}
