"""Two stacks started at once with the same wishes: each gets servers of its own and takes no other's for its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local import brokers
from deploy.local.errors import StackError
from deploy.local.ports import LOOPBACK, USUAL, any_free
from deploy.local.stack import Stack

pytestmark = pytest.mark.timeout(400)
# Each looks at what both wish for, and binds only after the other has looked: the moment that luck alone avoids.
START = """
import json, sys, time
from pathlib import Path
from deploy.local import ports
from deploy.local.stack import Stack
home, other = map(Path, sys.argv[1:])
look, wished = ports.is_free, set(json.loads((home / "ports.json").read_text()).values())
def look_together(port):
    found = look(port)
    if port in wished:
        wished.discard(port)
        (home / f"looked at {port}").touch()
        last = time.monotonic() + 10
        while not (other / f"looked at {port}").exists() and time.monotonic() < last:
            time.sleep(0.01)
    return found
ports.is_free = look_together
stack = Stack(home, durable=False, holds_web=True)
stack.start()
print(stack.web_socket.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[list[Stack]]:
    """Two stacks that remember the same ports, which are free."""
    wishes = {name: any_free() for name in USUAL}
    made = [Stack(tmp_path / name, durable=False) for name in ("one", "two")]
    for stack in made:
        stack.home.mkdir()
        (stack.home / "ports.json").write_text(json.dumps(wishes))
    yield made
    for stack in made:
        stack.remove()


def test_two_stacks_that_wish_for_the_same_ports_get_servers_of_their_own(pair: list[Stack]) -> None:
    homes = [str(stack.home) for stack in pair]
    argv = [[sys.executable, "-c", START, *each] for each in (homes, reversed(homes))]
    starts = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for words in argv]
    for stack, start in zip(pair, starts, strict=True):
        assert start.stdout is not None
        web = start.stdout.readline().strip()
        environment = stack.environment()
        assert environment["XIETONG_WEB"] == f"{LOOPBACK}:{web}", "it listens where it says"
        with psycopg.connect(stack.admin_url) as connection:
            told = connection.execute("SHOW data_directory").fetchone()
        assert told == (str((stack.home / "postgres" / "main").resolve()),)
        properties = (stack.home / "kafka" / "records" / "meta.properties").read_text()
        assert f"cluster.id={brokers.cluster_of(environment['XIETONG_KAFKA'])}\n" in properties
    for name in ("XIETONG_DATABASE_URL", "XIETONG_KAFKA", "XIETONG_WEB"):
        assert len({stack.environment()[name].rpartition("@")[2] for stack in pair}) == 2
    for start in starts:
        start.communicate(timeout=20)


def test_a_given_web_address_that_is_taken_is_refused_with_its_name(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        address = f"{LOOPBACK}:{taken.getsockname()[1]}"
        monkeypatch.setenv("XIETONG_WEB", address)
        stack.holds_web = True
        with pytest.raises(StackError, match=address):
            stack._web_address()
