"""Every chain of migrations is linear, and no table is made without its lock beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from services.registry import MIGRATED
from shared.database.migrating import chain_config

CHAINS = ("shared", *MIGRATED)
MADE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+\.[a-z_]+)")
LOCKED = re.compile(r"(?:protect|publish_register)\(\s*\"([a-z_]+\.[a-z_]+)\"")
NOBODYS = {"shared.rejects": "messages nobody could read: no tenant's, seen by the worker alone"}


def _revisions(chain: str) -> list[Path]:
    scripts = ScriptDirectory.from_config(chain_config(chain))
    return [Path(script.path) for script in reversed(list(scripts.walk_revisions()))]


@pytest.mark.parametrize("chain", CHAINS)
def test_a_chain_is_linear_and_numbered(chain: str) -> None:
    scripts = ScriptDirectory.from_config(chain_config(chain))
    found = list(reversed(list(scripts.walk_revisions())))
    assert len(scripts.get_heads()) == 1
    assert [script.revision for script in found] == [f"{chain}_{number:04}" for number in range(1, len(found) + 1)]
    assert [Path(script.path).name[:5] for script in found] == [f"{number:04}_" for number in range(1, len(found) + 1)]


@pytest.mark.parametrize("chain", CHAINS)
def test_every_table_is_protected_or_a_register_in_the_migration_that_makes_it(chain: str) -> None:
    for path in _revisions(chain):
        source = path.read_text("utf-8")
        assert sorted(set(MADE.findall(source)) - set(LOCKED.findall(source)) - set(NOBODYS)) == []


@pytest.mark.parametrize("chain", MIGRATED)
def test_a_chain_touches_its_own_schema_alone(chain: str) -> None:
    for path in _revisions(chain):
        assert {name.split(".")[0] for name in MADE.findall(path.read_text("utf-8"))} <= {chain}
