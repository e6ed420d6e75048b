"""Events are a contract: golden schemas are complete and what was ever published still parses."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from events.catalog import Change, event, parse
from events.schema import EXAMPLES, FOLDER, breaks, example_of, load_all, schema_of
from events.text import FreeText

TYPES = load_all()


class Texts(dict[str, FreeText]):
    """Every digest stands for a text that has not been erased."""

    def get(self, _key: str, _default: Any = None) -> FreeText:
        return FreeText("text", "salt")


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_a_golden_schema_that_it_still_keeps(name: str) -> None:
    golden = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert breaks(golden, schema_of(TYPES[name])) == []


@pytest.mark.parametrize("name", TYPES)
def test_every_document_that_was_ever_published_still_parses(name: str) -> None:
    examples = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    assert example_of(TYPES[name]) in examples
    for example in examples:
        assert isinstance(parse(name, example, texts=Texts()), TYPES[name])


@pytest.mark.parametrize("name", TYPES)
def test_a_field_of_a_later_release_is_passed_over(name: str) -> None:
    assert parse(name, {**example_of(TYPES[name]), "of_a_later_release": 1}, texts=Texts()) is not None


def _park_closed(**declared: Any) -> dict[str, Any]:
    made = type("ParkClosed", (Change,), {"type": "parks.park.closed.v1", "__doc__": "Closed.", **declared})
    return schema_of(_as_event(made))


def _as_event(made: type[Any]) -> type[Change]:
    from dataclasses import dataclass  # noqa: PLC0415 - beside `event`, which would register it

    return dataclass(frozen=True, kw_only=True)(made)


OLD = _park_closed(__annotations__={"by": UUID, "note": str | None}, note=None)


def test_an_optional_new_field_keeps_the_type() -> None:
    new = _park_closed(__annotations__={"by": UUID, "note": str | None, "at": str | None}, note=None, at=None)
    assert breaks(OLD, new) == []


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"__annotations__": {"by": UUID}}, "note is gone"),
        ({"__annotations__": {"by": str, "note": str | None}, "note": None}, "by has another form"),
        ({"__annotations__": {"by": UUID, "note": str | None}}, "note is no longer as required as before"),
        ({"__annotations__": {"by": UUID, "note": str | None, "at": str}, "note": None}, "at is new and required"),
    ],
)
def test_any_other_change_needs_the_next_version(declared: dict[str, Any], said: str) -> None:
    assert breaks(OLD, _park_closed(**declared)) == [said]


def test_a_name_that_is_not_versioned_is_refused() -> None:
    with pytest.raises(ValueError, match=r"service\.subject\.action\.vN"):
        event("parks.park.closed", zh="关闭", en="Closed")
