"""Stacks of their own for these tests, in folders whose names have spaces and Chinese characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Stack

GIVEN = ("XIETONG_DATABASE_URL", "XIETONG_KAFKA", "XIETONG_WEB", "XIETONG_HOME")


@pytest.fixture(autouse=True, scope="session")
def _no_servers_given() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name in GIVEN:
            environment.delenv(name, raising=False)
        yield


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path / "state of 协同", durable=False)
    yield made
    made.remove()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all tests of a module, which each leaves running."""
    made = Stack(tmp_path_factory.mktemp("running") / "state of 协同", durable=False)
    made.start()
    yield made
    made.remove()
