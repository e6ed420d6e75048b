"""A database of its own, migrated, in which these tests may put rows that make no sense and drop what protects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.core.settings import Settings
from tests.builders.databases import Clone, databases


@pytest.fixture(scope="module")
def new_database(migrated: Settings) -> Iterator[Clone]:
    """Makes databases with the tables of every service and no rows."""
    with databases(migrated) as make:
        yield make
