"""The files in data/: codes and tenants exist, ratios sum to one, everything has a source or is marked as made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.demo.catalogue import catalogue
from services.requests.domain.items import check_sheet
from services.requests.schemas.items import ItemDraft
from shared.reference import divisions

FOLDER = Path(__file__).parent.parent / "data"


def load(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


TENANTS = load("tenants.yaml")["tenants"]
PARKS = load("parks.yaml")["parks"]
GAOZHU = load("gaozhu.yaml")
SERVICES = load("services.yaml")
SHARES = [*GAOZHU["agreement"]["terms"]["shares"], GAOZHU["scenario"]["refused_share"]]
BY_ID = {tenant["id"]: tenant for tenant in TENANTS}


def codes_in(node: Any) -> Iterator[str]:
    """Every text of six digits, wherever it stands."""
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from codes_in(item)
    elif isinstance(node, str) and len(node) == 6 and node.isdigit():
        yield node


def value_at(path: str) -> Any:
    """What a dotted key of gaozhu.yaml names; a list is searched by indicator or tenant, or in each of its items."""
    node: Any = GAOZHU
    for step in path.split("."):
        if isinstance(node, list):
            named = [item for item in node if step in (item.get("indicator"), item.get("tenant"))]
            node = named[0] if named else [item[step] for item in node]
        else:
            node = node[step]
    return node


@pytest.mark.parametrize("code", sorted(set(codes_in([TENANTS, PARKS, GAOZHU]))))
def test_every_code_is_a_known_division(code: str) -> None:
    assert divisions.check_code(code).code == code


def test_ids_are_used_once() -> None:
    assert len(BY_ID) == len(TENANTS)
    assert len({park["id"] for park in PARKS}) == len(PARKS)


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant["id"])
def test_a_tenant_is_a_place_of_its_kind_or_a_region_of_parts_of_tenants(tenant: dict[str, Any]) -> None:
    levels = [divisions.check_code(code).level for code in tenant["division_codes"]]
    expected = {"region": [], "prefecture": ["prefecture"]}.get(tenant["kind"], ["province"])
    assert levels == expected
    assert bool(tenant.get("members")) == (tenant["kind"] == "region")
    for member in tenant.get("members", []):
        assert lies_in_tenant(member["division"], member["tenant"])


def lies_in_tenant(code: str, tenant: str) -> bool:
    return any(divisions.is_within(code, own) for own in BY_ID[tenant]["division_codes"])


def test_chongqing_is_in_two_regions_and_in_the_border_area_with_four_divisions() -> None:
    parts = {
        region["id"]: [member["division"] for member in region["members"] if member["tenant"] == "chongqing"]
        for region in TENANTS
        if region["kind"] == "region"
    }
    assert parts == {"chengyu": ["500000"], "xiang-e-yu-qian": ["500114", "500243", "500242", "500241"]}


@pytest.mark.parametrize("park", PARKS, ids=lambda park: park["id"])
def test_a_park_has_at_least_two_parties_each_once_with_divisions_of_its_own(park: dict[str, Any]) -> None:
    tenants = [party["tenant"] for party in park["parties"]]
    assert len(tenants) == len(set(tenants)) >= 2
    for party in park["parties"]:
        assert party["role"] in {"host", "origin", "partner", "region"}
        for code in [party["division"], *party.get("divisions", [])]:
            assert lies_in_tenant(code, party["tenant"])


@pytest.mark.parametrize("park", PARKS, ids=lambda park: park["id"])
def test_a_park_has_a_known_kind_a_decimal_area_and_a_full_date_or_none(park: dict[str, Any]) -> None:
    assert park["kind"] in {"joint", "enclave", "cooperation"}
    assert park["region"] in BY_ID
    assert park["area_km2"] is None or Decimal(park["area_km2"]) > 0
    assert (park["start"] is None) == (park["start_basis"] is None)
    if park["start"] is not None:
        assert date.fromisoformat(park["start"]) <= date(2026, 1, 1)


@pytest.mark.parametrize("share", SHARES, ids=lambda share: f"{share['indicator']}-{share['from_year']}")
def test_ratios_sum_to_exactly_one_over_a_forward_range_of_years(share: dict[str, Any]) -> None:
    assert all(isinstance(ratio, str) for ratio in share["ratios"].values())
    assert sum(map(Decimal, share["ratios"].values())) == Decimal(1)
    assert share["from_year"] <= share["to_year"]
    assert set(share["ratios"]) <= {party["tenant"] for party in GAOZHU["park"]["parties"]}


def test_the_scenario_park_repeats_its_row_and_only_adds_the_region() -> None:
    row = next(park for park in PARKS if park["id"] == GAOZHU["park"]["id"])
    scenario = GAOZHU["park"]
    for key in ("name_zh", "name_en", "kind", "locations", "area_km2", "sectors", "start", "source"):
        assert scenario[key] == row[key], key
    assert scenario["parties"] == [*row["parties"], {"tenant": "chengyu", "role": "region", "division": None}]


def test_the_amendment_replaces_an_obligation_that_is_there() -> None:
    amendment = GAOZHU["scenario"]["amendment"]
    owed = [(row["party"], row["due"]) for row in GAOZHU["agreement"]["terms"]["obligations"]]
    assert owed.count((amendment["obligation"]["party"], amendment["replaces_due"])) == 1


@pytest.mark.parametrize(
    "row",
    [*TENANTS, *PARKS, *GAOZHU["real"], *SERVICES["items"]],
    ids=lambda row: row.get("id") or row.get("key") or row["code"],
)
def test_every_row_names_its_source(row: dict[str, Any]) -> None:
    assert row["source"].startswith(("public: ", "seed text "))


@pytest.mark.parametrize("mark", [*GAOZHU["real"], *GAOZHU["made_up"]], ids=lambda mark: mark["key"])
def test_what_is_marked_as_real_or_made_up_is_there(mark: dict[str, Any]) -> None:
    assert mark.get("why") or mark["what"]
    value_at(mark["key"])


def leaves(node: Any, path: str = "") -> Iterator[str]:
    """Dotted keys down to the values, lists without their index; what stands beside an indicator is under its name."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list) and node and isinstance(node[0], dict):
        for item in node:
            yield from leaves(item, ".".join(filter(None, (path, item.get("indicator")))))
    else:
        yield path


def test_every_value_of_the_agreement_is_marked_as_real_or_made_up() -> None:
    marks = [tuple(mark["key"].split(".")) for mark in [*GAOZHU["real"], *GAOZHU["made_up"]]]
    for leaf in leaves(GAOZHU["agreement"], "agreement"):
        steps = leaf.split(".")
        plain = [step for step in steps if step not in {share["indicator"] for share in SHARES}]
        covered = any(tuple(each[: len(mark)]) == mark for mark in marks for each in (steps, plain))
        assert covered or steps[-1] == "indicator", leaf


def test_the_catalogue_holds_what_it_says_and_the_api_takes_every_item_of_it() -> None:
    rows = catalogue()
    for row in rows:
        check_sheet(ItemDraft().load(row["draft"])["sheet"])
    codes = [(row["tenant"], row["draft"]["code"]) for row in rows]
    assert len(set(codes)) == len(codes)
    assert {tenant for tenant, _code in codes} <= set(BY_ID)
    assert sum(row.get("scheme") == "川渝通办" for row in SERVICES["items"]) == 36
    assert sum(row["draft"]["category"] == "centre" for row in rows) == 8
    assert sum("原文未列名称" in row["draft"]["name_zh"] for row in rows) == 9
    assert {"sheet", "code", "mode"} <= set(SERVICES["made_up"])
