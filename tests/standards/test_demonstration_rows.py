"""The file data/standards.yaml: nothing in it can be taken for a real standard, and all of it can be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import yaml
from stdnum.cn import uscc

from services.standards.domain import sheets
from services.standards.schemas.projects import ProjectDraft
from services.standards.schemas.recognitions import RecognitionDraft

FOLDER = Path(__file__).parents[2] / "data"
FILE = yaml.safe_load((FOLDER / "standards.yaml").read_text(encoding="utf-8"))
KINDS = ("standards", "drafts", "bodies", "recognitions", "certificates")
ROWS = {row["ref"]: row for kind in KINDS for row in FILE[kind]}
TENANTS = {row["id"] for row in yaml.safe_load((FOLDER / "tenants.yaml").read_text(encoding="utf-8"))["tenants"]}
TEXTS = ("kind", "title_zh", "title_en", "subject", "effective_from", "sheet")


def key(ref: str) -> str:
    return str(uuid5(UUID(int=0), ref))


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_row_says_that_it_is_made_up(row: dict[str, Any]) -> None:
    assert row["made_up"] is True
    assert all("虚构" in row[name] for name in ("title_zh", "name_zh") if name in row)


def test_what_is_real_names_its_source() -> None:
    assert {row["key"] for row in FILE["real"]} >= {row["subject"] for row in (*FILE["standards"], *FILE["drafts"])}
    assert all(row["source"].startswith(("public: ", "seed text ")) for row in FILE["real"])


@pytest.mark.parametrize("row", [*FILE["standards"], *FILE["drafts"]], ids=lambda row: row["ref"])
def test_a_standard_can_be_drafted_under_numbers_that_nobody_has(row: dict[str, Any]) -> None:
    assert {issuer["tenant"] for issuer in row["issuers"]} <= TENANTS
    assert all("虚" in issuer[name] for issuer in row["issuers"] for name in ("number", "project"))
    assert all(line["method"] is None or "虚" in line["method"] for line in row["sheet"])
    issuers = [key(issuer["tenant"]) for issuer in row["issuers"]]
    drafted = ProjectDraft().load({**{name: row[name] for name in TEXTS}, "issuers": issuers})
    assert len(sheets.checked(drafted["sheet"])) == len(row["sheet"])


def test_codes_have_their_check_characters_and_grants_cover_the_certificate() -> None:
    codes = [row["code"] for row in FILE["bodies"]] + [row["holder"]["code"] for row in FILE["certificates"]]
    assert all(uscc.is_valid(code) for code in codes)
    for row in FILE["certificates"]:
        (grant,) = ROWS[row["body"]]["grants"]
        assert row["standard"] in grant["standards"]
        assert all(product["class"].startswith(tuple(grant["product_classes"])) for product in row["products"])


def test_the_recognition_can_be_proposed_and_covers_the_certificate() -> None:
    (row,), (certificate,) = FILE["recognitions"], FILE["certificates"]
    items = [{**item, "standard": key(item["standard"])} for item in row["items"]]
    wanted = {"recognised": key(row["recognised"]), "items": items, **{n: row[n] for n in ("mutual", "title_zh")}}
    loaded = RecognitionDraft().load(wanted)
    assert {item["standard"] for item in row["items"]} == {standard["ref"] for standard in FILE["standards"]}
    item = next(one for one in loaded["items"] if one["standard"] == key(certificate["standard"]))
    assert set(item["extra_tests"]) <= set(certificate["methods"])
