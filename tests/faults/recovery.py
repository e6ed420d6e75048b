"""How long forwarded commands stand still after a part was stopped, killed or cut off: one figure per fault.

Run it on a stack that is up: `XIETONG_HOME=… python -m tests.faults.recovery [fault …]`. A party sends a command every
100 ms with `Prefer: wait=1`; the figure is the time from the moment the part is back to the first command answered in
full. It ends with status 1 when one took longer than promised.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore, Event, Thread
from uuid import uuid4

import httpx
import psycopg

from deploy.local.platform import COMMAND, web_url
from deploy.local.processes import Part, birth, start_process
from deploy.local.stack import Stack
from services.signing_in import kept_accounts, sign_in
from shared.settings import state_folder

PROMISED = 3.0
"""Seconds after a part is back within which commands flow again."""
STOPPED = 20.0
EVERY = 0.1
AT_ONCE = 6
LONGEST = 90.0
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"


@dataclass
class Commands:
    """A party that has home change a shared thing, again and again; `answered` holds when answers came."""

    address: str
    token: str
    park: str
    stopping: Event = field(default_factory=Event)
    answered: list[tuple[float, float]] = field(default_factory=list)
    """(sent, answered) of each command that was answered in full."""

    @classmethod
    def of(cls, stack: Stack) -> Commands:
        """Chongqing's, on a park of Sichuan."""
        address, accounts = web_url(stack.environment()), kept_accounts(stack.home)
        token = sign_in(address, accounts["official@chongqing"]).access
        found = httpx.get(f"{address}/v1/parks", params={"q": "高滩"}, headers=_bearer(token)).json()["items"]
        return cls(address, token, found[0]["id"])

    def send(self, client: httpx.Client, places: BoundedSemaphore) -> None:
        """One command; what goes wrong on the way is what this measures."""
        headers = {**_bearer(self.token), "If-Match": "*", "Prefer": "wait=1"}
        change, sent = {"sectors": [f"行业{uuid4().hex[:6]}"]}, time.monotonic()
        try:
            answer = client.patch(f"/v1/parks/{self.park}", json=change, headers=headers)
            if answer.headers.get("Preference-Applied") == "wait":
                self.answered.append((sent, time.monotonic()))
        except httpx.HTTPError:
            pass
        finally:
            places.release()

    def run(self) -> None:
        """Send until stopped, a few at a time."""
        places = BoundedSemaphore(AT_ONCE)
        with httpx.Client(base_url=self.address, timeout=5) as client, ThreadPoolExecutor(AT_ONCE) as pool:
            while not self.stopping.wait(EVERY):
                if places.acquire(blocking=False):
                    pool.submit(self.send, client, places)

    def first_after(self, moment: float) -> float:
        """Seconds from `moment` to the first answer to a command sent later; infinite after the longest wait."""
        while time.monotonic() - moment < LONGEST:
            if found := [answered for sent, answered in list(self.answered) if sent > moment]:
                return found[0] - moment
            time.sleep(0.02)
        return float("inf")


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def flowing(stack: Stack) -> Iterator[Commands]:
    """Commands that are sent and answered while the block runs."""
    commands = Commands.of(stack)
    thread = Thread(target=commands.run)
    thread.start()
    try:
        if commands.first_after(time.monotonic()) == float("inf"):
            raise SystemExit("no command is answered even before the fault")
        time.sleep(1)
        yield commands
    finally:
        commands.stopping.set()
        thread.join()


def cut(stack: Stack, role: str, times: int = 1) -> float:
    """End every connection of a database role, maybe again and again; the figure counts from the last time.

    What a process learned from earlier cuts must not slow it down at a later one.
    """
    with psycopg.connect(stack.admin_url, autocommit=True) as connection:
        for time_left in reversed(range(times)):
            ended = connection.execute(CUT, [f"xietong-{role}"]).fetchall()
            if not ended:
                raise SystemExit(f"no connection of {role} is there to be cut")
            time.sleep(1.5 if time_left else 0)
    return time.monotonic()


def stop(stack: Stack, name: str) -> float:
    """SIGSTOP for 20 s, the whole process group."""
    group = _pid(stack, name)
    members = [group] if name != "postgres" else _family(group)
    for pid in members:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(STOPPED)
    for pid in members:
        os.kill(pid, signal.SIGCONT)
    return time.monotonic()


def kill(stack: Stack, name: str, sign: signal.Signals = signal.SIGKILL) -> float:
    """End the process and start it again; the figure counts from the start."""
    pid = _pid(stack, name)
    os.killpg(pid, sign)
    while birth(pid) is not None:
        time.sleep(0.02)
    start_process(name, [*COMMAND, name], env=stack.environment())
    return time.monotonic()


def _pid(stack: Stack, name: str) -> int:
    return int(json.loads(Part(stack.home, name).record.read_text())["pid"])


def _family(parent: int) -> list[int]:
    """PostgreSQL gives each of its processes a session of its own."""
    with Path(f"/proc/{parent}/task/{parent}/children").open(encoding="ascii") as children:
        return [parent, *map(int, children.read().split())]


FAULTS: Mapping[str, Callable[[Stack], float]] = {
    "cut app": partial(cut, role="app"),
    "cut worker": partial(cut, role="worker"),
    "cut relay": partial(cut, role="relay"),
    "cut relay 8 times": partial(cut, role="relay", times=8),
    "cut wakeups": partial(cut, role="wakeups"),
    "stop worker": partial(stop, name="worker"),
    "stop kafka": partial(stop, name="kafka"),
    "stop postgres": partial(stop, name="postgres"),
    "stop web": partial(stop, name="web"),
    "kill worker": partial(kill, name="worker"),
    "end worker": partial(kill, name="worker", sign=signal.SIGTERM),
}


def main(names: list[str]) -> int:
    """Do each fault and print its figure."""
    stack, slow = Stack(state_folder()), 0
    for name in names or list(FAULTS):
        with flowing(stack) as commands:
            seconds = commands.first_after(FAULTS[name](stack))
        slow += seconds > PROMISED
        print(f"{name:22} {seconds:6.2f} s", flush=True)  # noqa: T201 - the script's answer
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
