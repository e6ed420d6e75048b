"""What is generated is fresh, and what a newcomer reads first is there."""

from __future__ import annotations

import re

import pytest

from deploy.documents import generated, lifecycles, stale_files
from services.registry import SERVICES
from shared.core.settings import KNOWN
from tests.architecture.tree import CODE, ROOT, modules, name_of


def test_the_generated_files_are_fresh() -> None:
    assert [name_of(path) for path in stale_files(generated())] == [], "run: make docs"


def test_every_service_with_a_lifecycle_shows_it() -> None:
    assert {service for service, tables in lifecycles().items() if tables} == set(SERVICES)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_says_the_two_commands(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "make run" in text
    assert "make test" in text


def test_every_recipe_is_there() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), flags=re.MULTILINE)
    assert [
        name for name in ("field", "action", "event", "service") if not any(name in title for title in headings)
    ] == []


def test_every_setting_the_code_names_is_documented() -> None:
    named = {
        name for path in modules(*CODE) for name in re.findall(r"\"(XIETONG_[A-Z_]+[A-Z])\"", path.read_text("utf-8"))
    }
    assert sorted(named - set(KNOWN)) == []
