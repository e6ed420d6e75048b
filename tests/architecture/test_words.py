"""What the API names has words in both languages, words are of something that exists, and examples are true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import jsonschema_rs
import pytest

from events.catalog import EVENTS
from services.registry import SERVICES, load
from shared.core.words import words_of
from shared.database.rows import AGGREGATES, state_columns
from shared.http.openapi.document import described
from tests.architecture.tree import modules, name_of, tree_of

ROUTES = load()
DOCUMENT, MISSING = described(ROUTES)
SCHEMAS = DOCUMENT["components"]["schemas"]
FIELDS = DOCUMENT["components"]["x-fields"]
OPERATIONS = [item for path in DOCUMENT["paths"].values() for item in path.values()]
PACKAGES = ("shared", *(f"services.{name}" for name in SERVICES))
HAN = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(r"`[^`]*`")
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {"GB", "HTTP", "JSON", "SHA", "base", "url", "PDF", "CSV", "XLSX", "GeoReport"}
"""What is called so in Chinese, too."""


def _pairs(value: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Every text in two languages in the document: where it stands, Chinese, English."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("x-title", "x-description", "x-summary"):
                yield f"{place} {key}", item["zh"], item["en"]
            elif key in ("x-enum-labels", "x-scopes", "x-fields"):
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


def _told() -> Iterator[tuple[str, str]]:
    """Each name of a field that a timeline or the audit log may show, and where it comes from."""
    for name, event in EVENTS.items():
        yield from ((field.name, name) for field in fields(event))
    for kind, cls in AGGREGATES.items():
        yield from ((name, kind) for name in state_columns(cls))
    for path in modules():
        for call in (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)):
            told = [one.value for one in call.keywords if one.arg in ("before", "after")]
            keys = [key for value in told if isinstance(value, ast.Dict) for key in value.keys]
            yield from ((key.value, name_of(path)) for key in keys if isinstance(key, ast.Constant))


def test_every_field_that_an_event_or_the_audit_log_names_has_words() -> None:
    known = {
        name for shape in SCHEMAS.values() for name, one in shape.get("properties", {}).items() if "x-title" in one
    }
    told = set(_told())
    assert len(told) > 400
    assert sorted(one for one in told if one[0] not in known | FIELDS.keys()) == [], "add it to fields in words.yaml"
    assert sorted(FIELDS.keys() - {name for name, _place in told}) == [], "nothing names it any more"


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
