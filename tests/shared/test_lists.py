"""A list is a table of filters: each that is given narrows it, and there is no other."""

from __future__ import annotations

import pytest

from services.tenants.models import Tenant
from shared.database.lists import Filters, conditions

FILTERS: Filters = {"state": Tenant.state, "begins": Tenant.code.startswith}


def test_each_filter_that_is_given_is_a_condition_and_one_that_is_not_is_none() -> None:
    state, begins = conditions(FILTERS, {"state": "active", "begins": "si"})
    assert str(state) == "tenants.tenants.state = :state_1"
    assert "LIKE" in str(begins)
    assert conditions(FILTERS, {"state": None}) == []


def test_what_is_no_filter_of_the_list_is_not_ignored() -> None:
    with pytest.raises(KeyError):
        conditions(FILTERS, {"state": "active", "kind": None})
