"""How long forwarded commands stand still after a part was stopped, killed or cut off: two figures per fault.

Run it on a stack that is up: `XIETONG_HOME=… python -m tests.faults.recovery [fault …]`. A party sends commands every
100 ms with `Prefer: wait=1`, a few at a time. The figures count from the moment the part is back: until any command is
answered, and until one is that was sent after it, behind all that had piled up. The script ends with status 1 when
commands did not flow within what is promised.
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
from deploy.signing_in import kept_accounts, sign_in
from shared.core.settings import state_folder

PROMISED = 3.0
"""Seconds after a part is back within which commands flow again."""
STOPPED = 20.0
EVERY = 0.1
AT_ONCE = 3
LONGEST = 90.0
FIRST = """SELECT extract(epoch FROM min(answered_at)),
    extract(epoch FROM min(answered_at) FILTER (WHERE sent_at > to_timestamp(%(moment)s)))
    FROM shared.commands WHERE answered_at > to_timestamp(%(moment)s)"""
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"


@dataclass
class Commands:
    """A party that has home change a shared thing, again and again."""

    address: str
    token: str
    park: str
    stopping: Event = field(default_factory=Event)

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
        change = {"sectors": [f"行业{uuid4().hex[:6]}"]}
        try:
            client.patch(f"/v1/parks/{self.park}", json=change, headers=headers)
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


def first_after(stack: Stack, moment: float) -> tuple[float, float]:
    """Seconds from `moment` to the first answer, and to the first to a command sent later; infinite if none came."""
    with psycopg.connect(stack.admin_url, autocommit=True) as connection:
        while time.time() - moment < LONGEST:
            found = connection.execute(FIRST, {"moment": moment}).fetchone()
            if found and found[1] is not None:
                return float(found[0]) - moment, float(found[1]) - moment
            time.sleep(0.05)
    return float("inf"), float("inf")


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def flowing(stack: Stack) -> Iterator[None]:
    """Commands that are sent and answered while the block runs."""
    commands = Commands.of(stack)
    thread = Thread(target=commands.run)
    thread.start()
    try:
        if first_after(stack, time.time())[1] == float("inf"):
            raise SystemExit("no command is answered even before the fault")
        time.sleep(1)
        yield
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
    return time.time()


def stop(stack: Stack, name: str) -> float:
    """SIGSTOP for 20 s, the whole process group."""
    group = _pid(stack, name)
    members = [group] if name != "postgres" else _family(group)
    for pid in members:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(STOPPED)
    for pid in members:
        os.kill(pid, signal.SIGCONT)
    return time.time()


def kill(stack: Stack, name: str, sign: signal.Signals = signal.SIGKILL) -> float:
    """End the process and start it again; the figure counts from the start."""
    pid = _pid(stack, name)
    os.killpg(pid, sign)
    while birth(pid) is not None:
        time.sleep(0.02)
    start_process(name, [*COMMAND, name], env=stack.environment())
    return time.time()


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
        with flowing(stack):
            first, fresh = first_after(stack, FAULTS[name](stack))
        slow += first > PROMISED
        print(f"{name:18} {first:6.2f} s {fresh:6.2f} s", flush=True)
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
