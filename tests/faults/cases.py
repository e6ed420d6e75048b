"""Kills while cases are in flight: `python -m tests.faults.cases [2000]`.

Each case is filed in Sichuan and decided in Chongqing, by people who try again until it is done; every third one stays
undecided, so that its last day is there to be looked at. Meanwhile worker, relay, Kafka and PostgreSQL are killed in
turn, again and again. Afterwards every case has come to its end on both sides, no step was taken twice, the numbers
have no gap, and each last day and its timer are what the clocks say.
"""

from __future__ import annotations

import itertools
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread, local
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from deploy.local.processes import wait_until
from deploy.local.stack import Stack
from deploy.signing_in import SignInError, kept_accounts, sign_in
from services import registry
from services.requests.domain.clocks import reckoned
from shared.core.calendar import end_of
from shared.core.context import Context
from shared.core.settings import Settings
from shared.http.client import AnswerError, ApiClient
from shared.journal.session import Database
from shared.reference.calendars import by_tenant
from tests.faults.__main__ import foreground
from tests.faults.blows import Blow
from tests.faults.checking import ON_THE_WAY
from tests.requests.given import ANSWERS, REASON, item_draft

HOME, HANDLER = "sichuan", "chongqing"
ACCOUNTS = {HOME: "official@sichuan", HANDLER: "official@chongqing"}
BLOWS = [Blow("kill", target) for target in ("worker", "relay", "kafka", "postgres")]
THREADS, WAIT, PATIENCE, LONGEST = 16, 20, 90.0, 3600.0
RENEWED_EVERY = 120.0
APART = 10.0
"""Seconds between one part's return and the next kill."""
Step = tuple[str, str, dict[str, Any]]
STEPS: Mapping[str, Step] = {
    "draft": (HOME, "file", {}),
    "filed": (HANDLER, "accept", {}),
    "accepted": (HANDLER, "decide", {"outcome": "approved", **REASON}),
    "decided": (HANDLER, "deliver", {}),
    "delivered": (HOME, "close", {}),
}
"""What the case needs next, by its state: who does it, and with what."""
TOLD = {"drafted", "filed", "accepted", "decided", "delivered", "closed"}
ENTRIES = """SELECT tenant_id, aggregate_id, version, type, entry FROM shared.journal
WHERE aggregate_id = ANY(%s) ORDER BY tenant_id, aggregate_id, version"""
ROWS = "SELECT tenant_id, id, state, number, due_on, clocks, entry_hash FROM requests.cases WHERE id = ANY(%s)"
TIMERS = """SELECT aggregate_id, due_at FROM shared.timers
WHERE name = 'requests.case.due' AND done_at IS NULL AND aggregate_id = ANY(%s)"""


@dataclass
class Drivers:
    """Whoever works on the cases: each thread has a connection of its own to both sides."""

    settings: Settings
    tokens: dict[str, str] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    _own: Any = field(default_factory=local)

    def client(self, code: str) -> ApiClient:
        """Of this thread."""
        made: dict[str, ApiClient] = self._own.__dict__
        found = made.setdefault(code, ApiClient(self.settings.web, "", PATIENCE))
        found.token = self.tokens[code]
        return found

    def sign_in(self) -> None:
        """As an official of each side."""
        accounts, address = kept_accounts(self.settings.home), f"http://{self.settings.web}"
        for code, login in ACCOUNTS.items():
            self.tokens[code] = sign_in(address, accounts[login]).access

    def stay_signed_in(self, stopping: Event) -> None:
        """A token lasts ten minutes, and the machine may be slow."""
        while not stopping.wait(RENEWED_EVERY):
            with suppress(SignInError, httpx.HTTPError):
                self.sign_in()

    def lead(self, item: str, *, organisation: str, until: str) -> str:
        """A case from its draft to this state, whatever happens meanwhile; its key."""
        draft = {"item": item, "organisation": organisation, "applicant": "虚构", "answers": ANSWERS}
        key, deadline = uuid4().hex, time.monotonic() + LONGEST
        made = ""
        while time.monotonic() < deadline:
            try:
                # Under the same key it is the same draft, however often it is sent.
                made = made or self.client(HOME).post("/v1/requests", draft, key=key).body["id"]
                state = self.client(HOME).get(f"/v1/requests/{made}").body["state"]
                if state == until:
                    return made
                code, action, body = STEPS[state]
                self.client(code).post(f"/v1/requests/{made}/{action}", body, wait=WAIT)
            except AnswerError as error:
                self.refusals[error.code] += 1
                time.sleep(0.5)
            except (OSError, HTTPException, ValueError):
                for one in self._own.__dict__.values():
                    one.close()
                self._own.__dict__.clear()
                time.sleep(0.5)
        raise AssertionError(f"case {made} has not come to its end")


def main(many: int) -> int:
    """Run it; 1 where anything was lost, doubled, or is otherwise on the other side."""
    with tempfile.TemporaryDirectory(prefix="xietong-faults-") as folder, foreground(Path(folder) / "home") as stack:
        settings = Settings.load(stack.environment())
        drivers, item, organisation = _begun(settings)
        stopping, struck = Event(), list[tuple[str, float]]()
        striker = Thread(target=_strike, args=(stack, stopping, struck), daemon=True)
        striker.start()
        Thread(target=drivers.stay_signed_in, args=(stopping,), daemon=True).start()
        began = time.monotonic()
        ends = itertools.cycle(("closed", "closed", "accepted"))
        with ThreadPoolExecutor(THREADS) as pool:
            led = [
                pool.submit(drivers.lead, item, organisation=organisation, until=until)
                for until in itertools.islice(ends, many)
            ]
            keys = [one.result() for one in led]
        stopping.set()
        striker.join(200)
        took = time.monotonic() - began
        wait_until(lambda: _is_quiet(stack), within=120, every=0.5)
        wrong = list(_wrong(stack, settings, keys))
    print(
        f"{many} cases in {took:.0f} s; blows and seconds until back: {[(one, round(back, 1)) for one, back in struck]}"
    )
    print(f"refused meanwhile, and tried again: {dict(drivers.refusals)}")
    print("\n".join(wrong[:20]) or "every case at its end on both sides, no step twice, no gap, every last day right")
    return 1 if wrong or len(struck) < len(BLOWS) else 0


def _begun(settings: Settings) -> tuple[Drivers, str, str]:
    drivers = Drivers(settings)
    drivers.sign_in()
    item = drivers.client(HANDLER).post("/v1/service-items", item_draft()).body["id"]
    drivers.client(HANDLER).post(f"/v1/service-items/{item}/open")
    (firm,) = drivers.client(HOME).get("/v1/organisations", limit=1).body["items"]
    return drivers, item, firm["id"]


def _strike(stack: Stack, stopping: Event, struck: list[tuple[str, float]]) -> None:
    for blow in itertools.cycle(BLOWS):
        if stopping.wait(APART):
            return
        struck.append((str(blow), blow.strike(stack)))


def _is_quiet(stack: Stack) -> bool:
    with psycopg.connect(stack.admin_url) as connection:
        return connection.execute(ON_THE_WAY).fetchone() == (0,)


def _wrong(stack: Stack, settings: Settings, keys: Sequence[str]) -> Iterator[str]:
    """What is not as it should be, one line each."""
    with psycopg.connect(stack.admin_url) as connection:
        entries = connection.execute(ENTRIES, [keys]).fetchall()
        rows = connection.execute(ROWS, [keys]).fetchall()
        timers = dict(connection.execute(TIMERS, [keys]).fetchall())
    journals: dict[UUID, dict[UUID, list[Any]]] = {}
    for tenant, key, *entry in entries:
        journals.setdefault(key, {}).setdefault(tenant, []).append(entry)
    for key, sides in journals.items():
        first, *others = sides.values()
        steps = Counter(entry[1].split(".")[2] for entry in first)
        if len(sides) != 2 or any(one[-len(first) :] != first[-len(one) :] for one in others):
            yield f"{key}: the journals of the two sides differ"
        if [entry[0] for entry in max(sides.values(), key=len)] != list(range(1, 1 + max(map(len, sides.values())))):
            yield f"{key}: versions are missing or out of order"
        if any(number > 1 for number in steps.values()) or not steps.keys() <= TOLD:
            yield f"{key}: {dict(steps)}"
    yield from _wrong_rows(settings, rows, timers=timers, many=len(keys))


def _wrong_rows(settings: Settings, rows: Sequence[Any], *, timers: Mapping[UUID, Any], many: int) -> Iterator[str]:
    copies = Counter(
        (key, state, number, entry_hash) for _tenant, key, state, number, _due, _clocks, entry_hash in rows
    )
    if len(copies) != many or set(copies.values()) != {2}:
        yield f"{len(copies)} cases in {sum(copies.values())} rows, where there should be {many} in two each"
    sequence = sorted(int(number.split("-")[-2]) for _key, _state, number, _hash in copies)
    if sequence != list(range(sequence[0], sequence[0] + many)):
        yield "the numbers have a gap, or one was given twice"
    database = Database(settings, "app")
    for tenant, key, _state, _number, due_on, clocks, _hash in rows:
        with database.session(Context(tenant_id=tenant, actor_id="faults")) as session:
            due = reckoned(clocks[-1], calendars=by_tenant(session), today=session.clock.now().date()).due
        if (due and due.day) != due_on:
            yield f"{key}: the last day is {due_on}, where the clocks say {due}"
        if due_on is not None and timers.get(key) != end_of(due_on):
            yield f"{key}: its timer is due at {timers.get(key)}"
    database.close()


if __name__ == "__main__":
    registry.load()
    # The stack must not outlive whoever started it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
