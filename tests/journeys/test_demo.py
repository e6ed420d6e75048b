"""A newcomer's journey: everything up, the scenario played, everything killed, up again, the scenario played again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.platform import Platform
from deploy.local.processes import PROJECT, wait_until
from deploy.local.stack import SUPERVISOR, Stack


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name in [name for name in os.environ if name.startswith("XIETONG_")]:
        monkeypatch.delenv(name)
    stack = Stack(tmp_path / "demo 协同", durable=False)
    yield Platform(stack, Console(quiet=True))
    stack.remove()


@pytest.mark.timeout(300)
def test_the_scenario_holds_twice_with_a_kill_of_everything_between(platform: Platform) -> None:
    platform.start()
    first = play(platform)
    assert "四川起草川渝高竹新区 / Sichuan drafts Gaozhu New Area" in first
    assert "重庆修改协议:已有签署失效" in first
    assert "Both verify offline: 3 aggregates, 16 entries, equal heads" in first
    assert "四川确认办结 / Sichuan confirms that it is done" in first
    assert "5 次修改的提交至可见" in first

    kill_everything(platform.stack)
    assert not any(platform.stack.status().values())
    platform.start()

    assert "川渝高竹新区 (演示 2)" in play(platform)
    seeded = (platform.stack.home / "logs" / "seed.log").read_text("utf-8")
    assert "13 tenants (0 new), 0 parks new" in seeded
    assert "0 demonstration accounts new" in seeded
    assert len(list((platform.stack.home / "demo").glob("*.json"))) == 4


def play(platform: Platform) -> str:
    """What `xietong demo` prints; it must exit with 0."""
    played = subprocess.run(
        [sys.executable, "-m", "deploy", "demo", "--changes", "5"],
        env={**os.environ, **platform.stack.environment(), "COLUMNS": "200"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    return played.stdout


def kill_everything(stack: Stack) -> None:
    """SIGKILL to each part with all of its process group, none of them warned."""
    # The supervisor first: it would start the others again.
    for part in sorted(stack.started(), key=lambda part: part.name != SUPERVISOR):
        pid = part.pid()
        assert pid is not None
        os.killpg(os.getpgid(pid), signal.SIGKILL)
        assert wait_until(lambda part=part: part.pid() is None, within=10)  # type: ignore[misc]


def test_the_demo_says_what_to_do_when_nothing_runs(platform: Platform, tmp_path: Path) -> None:
    environment = {**os.environ, "XIETONG_HOME": str(tmp_path / "nothing")}
    command = [sys.executable, "-m", "deploy", "demo"]
    played = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert played.returncode == 1
    assert "make run" in played.stderr
