"""No answer shows an id of a tenant, an account or a thing and leaves its reader to look up who or what that is."""

from __future__ import annotations

import pytest
from marshmallow import Schema, fields

from shared.database.rows import AGGREGATES
from shared.http.fields.references import ANY, TENANT, Reference, Referring
from shared.http.lists.history import DeliveryView, TimelineView
from shared.http.names import KINDS
from tests.builders.naming import OF_NO_THING, ROUTES, plain_ids, views_of

VIEWS = {view.__name__: view for route in ROUTES.values() for view in views_of(route)}
CALLED = {"tenant", "home", "party", "actor", "account", "user", "organisation", "recogniser", "recognised", "holder"}
"""Names of fields that hold an id wherever they hold a text."""
CODES = {
    "MemberView.tenant": "the tenant's code",
}


def _texts(view: Schema) -> list[tuple[str, object]]:
    return [(f"{type(view).__name__}.{name}", field) for name, field in view.dump_fields.items()
            if name in CALLED and isinstance(field, fields.String) and not isinstance(field, Referring)]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_every_id_in_an_answer_says_of_what_it_is(view: type[Schema]) -> None:
    assert [path for path, _field in plain_ids(view()) if path not in OF_NO_THING] == []


def test_what_is_excepted_is_there() -> None:
    assert {path for view in VIEWS.values() for path, _field in plain_ids(view())} == set(OF_NO_THING)


def _nested(view: type[Schema]) -> list[Schema]:
    inner = [getattr(field, "inner", field) for field in view().dump_fields.values()]
    schemas = [type(field.schema) for field in inner if isinstance(field, fields.Nested)]
    return [view(), *(one for schema in schemas for one in _nested(schema))]


def test_no_field_that_is_called_like_an_id_is_a_mere_text() -> None:
    views = [one for view in VIEWS.values() for one in _nested(view)]
    found = {path for view in views for path, field in _texts(view) if not isinstance(field, fields.UUID)}
    assert found - set(CODES) == set()


def _references(view: type[Schema]) -> list[Reference]:
    found = [getattr(field, "inner", field) for one in _nested(view) for field in one.dump_fields.values()]
    return [field for field in found if isinstance(field, Reference)]


def test_every_kind_that_is_referred_to_is_one_that_a_service_can_name() -> None:
    kinds = {field.kind for view in (*VIEWS.values(), TimelineView, DeliveryView) for field in _references(view)}
    assert kinds - {ANY, TENANT} - set(KINDS) == set()


OF_THE_MACHINE = {"tenant", "card", "token_key", "revocation_list"}
"""A tenant is named by the directory; nobody reads of the others by id."""


def test_whatever_several_tenants_share_has_a_name() -> None:
    assert {kind.partition(".")[2] for kind in AGGREGATES} - OF_THE_MACHINE - set(KINDS) == set()


ASKED = [schema for route in ROUTES.values() for schema in (route.draft, route.query) if schema is not None]


def _asked(schema: type[Schema]) -> list[str]:
    """Fields that take a tenant by its id alone."""
    inner = [(name, getattr(field, "inner", field)) for one in _nested(schema)
             for name, field in one.load_fields.items()]  # fmt: skip
    return [f"{schema.__name__}.{name}" for name, field in inner if name in TENANTS and isinstance(field, fields.UUID)]


TENANTS = {"tenant", "home", "party", "parties", "with", "other", "issuer", "issuers", "recognised", "recogniser", "in"}


def test_a_tenant_is_taken_by_id_or_code_wherever_it_is_asked_for() -> None:
    assert [field for schema in ASKED for field in _asked(schema)] == []
