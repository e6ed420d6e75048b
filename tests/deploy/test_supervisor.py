"""What ends is started again, bounded and said aloud; what only hangs, or belongs to a stranger, is left alone."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.identity import birth
from deploy.local.processes import Part, wait_until
from deploy.local.supervisor import MOST, WINDOW, Supervisor, Way

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
FAIL = (sys.executable, "-c", "raise SystemExit('the port is taken')")


class Watching:
    """A supervisor over one process that runs `argv`, looked after at moments the test names."""

    def __init__(self, home: Path, argv: tuple[str, ...] = SLEEP) -> None:
        self.part, self.argv = Part(home, "worker"), argv
        self.said: list[str] = []
        self.given_up: list[str] = []
        self.launch()
        self.supervisor = Supervisor([Way(self.part, self.launch)], self.said.append, self.given_up.append)

    def launch(self) -> None:
        self.part.start(self.argv, env={**os.environ, "XIETONG_HOME": str(self.part.home)}, cwd=Path("/"))

    def kill(self) -> None:
        pid = self.part.pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: self.part.pid() is None, within=10)

    def look(self, now: float) -> int | None:
        self.supervisor.look(now)
        return self.part.pid()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "state of 协同"
    yield made
    Part(made, "worker").stop()


def test_a_killed_process_is_started_again_and_it_is_said_in_both_languages(home: Path) -> None:
    watching = Watching(home)
    before = watching.part.pid()
    watching.kill()
    after = watching.look(0)
    assert after is not None
    assert after != before
    (line,) = watching.said
    assert "已退出" in line
    assert "starts again now" in line


def test_a_process_that_keeps_ending_is_started_ever_later_and_then_left_alone(home: Path) -> None:
    watching, now, starts = Watching(home, FAIL), 0.0, []
    while not watching.given_up:
        assert wait_until(lambda: watching.part.pid() is None, within=10)
        birthless = watching.part.record.read_text()
        watching.look(now)
        if watching.part.record.read_text() != birthless:
            starts.append(now)
        now += 0.5
        assert now < WINDOW
    assert len(starts) == MOST
    pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 4
    assert watching.given_up == ["worker"]
    assert "the port is taken" in watching.said[-1], "its last words are passed on"
    said = len(watching.said)
    watching.look(now + 10 * WINDOW)
    assert len(watching.said) == said, "once"


def test_what_held_for_a_while_starts_with_a_clean_record(home: Path) -> None:
    watching = Watching(home)
    for number in range(2 * MOST):
        watching.kill()
        assert watching.look(number * (WINDOW + 1)) is not None, "at once, each time"
    assert not watching.given_up


def test_a_process_that_hangs_has_not_ended(home: Path) -> None:
    watching = Watching(home)
    pid = watching.part.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert watching.look(0) == pid
    os.kill(pid, signal.SIGCONT)
    assert watching.said == []


@pytest.mark.parametrize("ours", [True, False])
def test_a_group_whose_number_is_a_strangers_by_now_is_not_killed(home: Path, ours: bool) -> None:
    environment = {**os.environ, "XIETONG_HOME": str(home if ours else home.parent)}
    with subprocess.Popen(
        ["/bin/sh", "-c", "sleep 600 & echo $!"], stdout=subprocess.PIPE, text=True, start_new_session=True,
        env=environment, cwd="/",
    ) as leader:  # fmt: skip
        assert leader.stdout is not None
        member = int(leader.stdout.readline())
    try:
        part = Part(home, "worker")
        part.record.parent.mkdir(parents=True)
        part.record.write_text(json.dumps({"pid": leader.pid, "birth": "of another boot:1"}))
        part.stop()
        assert (birth(member) is None) == ours
    finally:
        if not ours:
            os.kill(member, signal.SIGKILL)


def test_a_pid_that_was_given_to_a_stranger_is_not_stopped(home: Path) -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        part = Part(home, "worker")
        part.record.parent.mkdir(parents=True)
        part.record.write_text(json.dumps({"pid": stranger.pid, "birth": "of another boot:1"}))
        assert part.pid() is None
        assert part.stop() is False
        assert stranger.poll() is None
        stranger.kill()
