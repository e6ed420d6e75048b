"""What is called by a number, code or login passes through the one table of identifiers, in bodies and in addresses."""

from __future__ import annotations

from collections.abc import Iterator

import marshmallow
from marshmallow import fields

from services.registry import load
from shared.http.fields.path_types import PATH_PARAMETER
from shared.http.fields.strict import Choice
from shared.http.fields.texts import Identifier

LIKE_NUMBERS = {
    "account", "certificate", "code", "digests", "division", "division_codes", "holder", "location", "login", "number",
    "product_class", "product_classes", "project", "role", "sector", "sha256",
}  # fmt: skip
"""Names of fields that hold what somebody reads from paper or types from memory."""
OTHERWISE = {
    "ParkFilter.sector": "words of the park's own, compared as they are seen",
    "PublicParkFilter.sector": "words of the park's own, compared as they are seen",
    "ItemDraft.code": "as its jurisdiction numbers it: there is no common form",
    "PartySchema.role": "one of a closed list",
}
UNTYPED = {
    "token": "a link's own secret, of which every character counts",
    "version": "compared with our own alone",
}


def schemas() -> Iterator[type[marshmallow.Schema]]:
    """Every schema that a request is read with, those inside others too."""
    waiting = [one for routes in load() for route in routes.declared for one in (route.draft, route.query) if one]
    seen: set[type[marshmallow.Schema]] = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one
        for field in one._declared_fields.values():
            inner = getattr(field, "inner", field)
            if isinstance(inner, fields.Nested):
                waiting.append(type(inner.schema))


def test_every_field_that_is_called_like_an_identifier_is_one() -> None:
    wrong = [
        f"{schema.__name__}.{name}"
        for schema in schemas()
        for name, field in schema._declared_fields.items()
        for inner in (getattr(field, "inner", field),)
        if name in LIKE_NUMBERS and not isinstance(inner, Identifier | Choice | fields.Nested | fields.UUID)
    ]
    assert sorted(set(wrong) - set(OTHERWISE)) == []


def test_every_part_of_an_address_has_a_type_that_reads_it() -> None:
    rules = {item.rule for routes in load() for item in (*routes.declared, *routes.pages)}
    found = {
        (rule, match["name"]) for rule in rules for match in PATH_PARAMETER.finditer(rule) if match["type"] is None
    }
    assert sorted(rule for rule, name in found if name not in UNTYPED) == []
