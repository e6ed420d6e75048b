"""What the API names has words in both languages, words are of something that exists, and examples are true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from services.registry import SERVICES, load
from shared.core.words import words_of
from shared.http.openapi.document import described

ROUTES = load()
DOCUMENT, MISSING = described(ROUTES)
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [item for path in DOCUMENT["paths"].values() for item in path.values()]
PACKAGES = ("shared", *(f"services.{name}" for name in SERVICES))
HAN = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(r"`[^`]*`")
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {"GB", "HTTP", "JSON", "SHA", "base", "url", "PDF", "CSV", "XLSX"}
"""What is called so in Chinese, too."""


def _pairs(value: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Every text in two languages in the document: where it stands, Chinese, English."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("x-title", "x-description", "x-summary"):
                yield f"{place} {key}", item["zh"], item["en"]
            elif key in ("x-enum-labels", "x-scopes"):
                yield from ((f"{place} {name}", label["zh"], label["en"]) for name, label in item.items())
            elif key != "examples":
                yield from _pairs(item, f"{place}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _pairs(item, f"{place}/{index}")


PAIRS = list(_pairs(DOCUMENT, ""))


def test_every_property_parameter_operation_and_scope_has_words_and_an_example() -> None:
    assert MISSING == [], "add them to words.yaml of the service, or of shared"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_words_are_of_what_no_longer_exists(package: str) -> None:
    assert list(words_of(package).unasked()) == []


def test_every_action_with_a_label_is_one_that_a_route_opens() -> None:
    for routes in ROUTES:
        known = {name for route in routes.declared if route.shown for name in route.shown.actions}
        package = "shared" if routes.service == "machine" else f"services.{routes.service}"
        assert set(words_of(package).labels("actions")) - known == set(), routes.service


def test_chinese_is_chinese_and_english_is_english() -> None:
    assert len(PAIRS) > 2000
    wrong = [
        place for place, zh, en in PAIRS
        if not HAN.search(zh) or set(WORD.findall(CODE.sub("", zh))) - NAMES or HAN.search(CODE.sub("", en))
    ]  # fmt: skip
    assert wrong == []


def test_titles_are_short_and_hints_are_sentences() -> None:
    titles = [(place, zh, en) for place, zh, en in PAIRS if place.endswith("x-title")]
    hints = [(place, zh, en) for place, zh, en in PAIRS if place.endswith("x-description")]
    assert [place for place, zh, en in titles if len(zh) > 14 or len(en) > 40] == []
    assert [place for place, zh, en in hints if not zh.endswith("。") or not en.endswith(".")] == []


def _shapes() -> Iterator[tuple[str, Any]]:
    for name, shape in SCHEMAS.items():
        yield name, shape
        yield from ((f"{name}.{key}", item) for key, item in shape.get("properties", {}).items())
    for item in OPERATIONS:
        yield from ((f"{item['operationId']}?{one['name']}", one["schema"]) for one in item["parameters"])


def test_every_example_is_accepted_by_its_own_schema() -> None:
    # One schema that asks for each example in its place, so that the components are read once.
    shapes = [(name, shape) for name, shape in _shapes() if shape.get("examples")]
    whole = {
        "type": "array", "prefixItems": [{"type": "array", "items": shape} for _name, shape in shapes],
        "components": {"schemas": SCHEMAS},
    }  # fmt: skip
    judge = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    examples = [shape["examples"] for _name, shape in shapes]
    assert len(examples) > 1000
    assert [(shapes[error.instance_path[0]][0], error.message) for error in judge.iter_errors(examples)] == []


def test_the_example_of_every_component_names_all_its_properties_or_says_which_not() -> None:
    assert [name for name, shape in SCHEMAS.items() if "enum" not in shape and not shape.get("examples")] == []


DRAFTS = {
    route.name: (route.draft, item["requestBody"]["content"]["application/json"]["schema"])
    for routes in ROUTES for route in routes.declared for item in OPERATIONS
    if route.draft is not None and item["operationId"] == route.name
}  # fmt: skip


@pytest.mark.parametrize("name", DRAFTS)
def test_the_example_of_a_body_is_taken_as_it_stands(name: str) -> None:
    draft, shape = DRAFTS[name]
    example = SCHEMAS[shape["$ref"].rpartition("/")[2]]["examples"][0]
    for item in example["items"] if name.endswith("_in_bulk") else [example]:
        draft().load(item)
