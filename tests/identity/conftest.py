"""Passwords cost little here, except where their cost is the matter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders.identity import quick_hashing


@pytest.fixture(autouse=True)
def _quick_hashing() -> Iterator[None]:
    with quick_hashing():
        yield
