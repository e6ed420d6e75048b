"""`up`, `down` and `status` as a person meets them; the platform's own processes are stubs, the servers are real."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.local import cli, platform
from deploy.local.identity import birth
from deploy.local.processes import Part, wait_until
from deploy.local.stack import Stack

STUB = (sys.executable, str(Path(__file__).with_name("stub.py")))
FOREGROUND = f"from deploy.local import cli, platform; platform.COMMAND = {STUB!r}; cli.up()"
pytestmark = pytest.mark.timeout(400)
PARTS = ("postgres", "kafka", "web", "relay", "worker", "supervisor")


@pytest.fixture
def home(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XIETONG_HOME", str(stack.home))
    monkeypatch.setattr(platform, "COMMAND", STUB)
    return stack.home


def test_the_stack_lives_through_a_second_up_a_kill_and_ctrl_c(home: Path) -> None:
    first = CliRunner().invoke(cli.up, ["--demo"])
    assert first.exit_code == 0, first.output
    steps = _steps(home)
    assert (sorted(steps[:2]), steps[2:]) == (["migrate", "topics"], ["seed", "demo"]), "the first two at once"

    second = CliRunner().invoke(cli.up, ["--foreground"])
    assert second.exit_code == 0
    assert "Already running" in second.output

    told = CliRunner().invoke(cli.status, ["--json"])
    assert told.exit_code == 0
    found = json.loads(told.output)
    assert found["web"].startswith("http://127.0.0.1:")
    assert found["postgres"].startswith("postgresql://xietong_owner@127.0.0.1:"), "nobody's password is printed"
    assert found["worker"] is True

    pids = _pids(home)
    for name in ("web", "kafka"):
        os.kill(pids[name], signal.SIGKILL)
    assert wait_until(lambda: birth(pids["web"]) is None, within=5)
    assert wait_until(lambda: CliRunner().invoke(cli.status, ["--json"]).exit_code == 0, within=90, every=0.5), (
        "nobody started them again by hand"
    )
    said = (home / "logs" / "supervisor.log").read_text("utf-8")
    assert "web 已退出" in said
    assert "kafka 已退出" in said

    os.kill(pids["supervisor"], signal.SIGKILL)
    assert wait_until(lambda: birth(pids["supervisor"]) is None, within=5)
    assert CliRunner().invoke(cli.status, ["--json"]).exit_code == 1, "whoever watches is missed too"

    _lives_in_the_foreground_until_ctrl_c(home, pids)


def _lives_in_the_foreground_until_ctrl_c(home: Path, pids: dict[str, int]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FOREGROUND, "--foreground"], stdout=subprocess.PIPE, text=True
    ) as again:
        assert again.stdout is not None
        assert any("Ctrl-C" in line for line in iter(again.stdout.readline, ""))
        pids |= _pids(home)
        assert set(pids) == set(PARTS)
        os.kill(pids["supervisor"], signal.SIGKILL)
        assert any("supervisor has ended" in line for line in iter(again.stdout.readline, ""))
        assert wait_until(lambda: Part(home, "supervisor").pid() is not None, within=10)
        os.kill(pids["worker"], signal.SIGKILL)
        assert any("worker 已退出" in line for line in iter(again.stdout.readline, ""))
        pids |= _pids(home)
        again.send_signal(signal.SIGINT)
        assert "Stopping" in again.stdout.read()
    assert again.returncode == 0
    assert not any(birth(pid) for pid in pids.values())


def test_nothing_to_stop_and_nothing_up_are_said_plainly(home: Path) -> None:
    assert not home.exists()
    assert "Nothing was running" in CliRunner().invoke(cli.down).output
    told = CliRunner().invoke(cli.status, ["--json"])
    assert told.exit_code == 1
    assert json.loads(told.output)["web"] is None


def _steps(home: Path) -> list[str]:
    return (home / "steps").read_text().split()


def _pids(home: Path) -> dict[str, int]:
    return {name: pid for name in PARTS if (pid := Part(home, name).pid())}
