"""Three tenants that write without a pause, at home and by commands to each other, and note what was acknowledged."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Event, Lock, Thread
from typing import Any
from uuid import UUID

from deploy.signing_in import kept_accounts, sign_in
from shared.core.settings import Settings
from shared.http.client import AnswerError, ApiAnswer, ApiClient

ACCOUNTS = {"sichuan": "official@sichuan", "chongqing": "official@chongqing", "chengyu": "signatory@chengyu"}
TENANTS = tuple(ACCOUNTS)
PAUSE = 0.1
"""Seconds between a writer's changes: two cores carry that with room, so it is recovery that is measured."""
PATIENCE = 10
"""Seconds a writer waits for home's answer before it asks for it by itself."""


@dataclass(frozen=True)
class Acknowledged:
    """A change that the platform said is done: `marker` stands in the state of exactly one version.

    It is `version`, or (where the answer shows what is true by now, not `exact`) one before. One writer's changes come
    one after the other.
    """

    park: UUID
    marker: str
    version: int
    exact: bool
    writer: str


@dataclass
class Note:
    """What all writers were told."""

    changes: list[Acknowledged] = field(default_factory=list)
    unsure: int = 0
    _lock: Lock = field(default_factory=Lock)

    def add(self, change: Acknowledged | None) -> None:
        with self._lock:
            if change is None:
                self.unsure += 1
            else:
                self.changes.append(change)


class Stage:
    """The tenants with their tokens, and one park of each, which the two others are parties of."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        accounts = kept_accounts(settings.home)
        address = f"http://{settings.web}"
        self.tokens = {code: sign_in(address, accounts[login]).access for code, login in ACCOUNTS.items()}
        listed = self.client(TENANTS[0]).all("/v1/tenants")
        self.ids = {tenant["code"]: tenant["id"] for tenant in listed}
        self.parks = {code: self._park(code) for code in TENANTS}
        self._markers = itertools.count(1)
        for code in TENANTS:
            for park in self.parks.values():
                self._wait_for(code, park)

    def client(self, code: str) -> ApiClient:
        return ApiClient(self.settings.web, self.tokens[code])

    def marker(self) -> str:
        return f"change {next(self._markers)}"

    def _park(self, home: str) -> UUID:
        parties = [home, *(code for code in TENANTS if code != home)]
        roles = ["host", "partner", "partner"]
        draft = {
            "name_zh": f"故障试验园区 {home}", "name_en": "change 0", "kind": "joint", "location": None,
            "area_km2": "1", "sectors": [], "starts_on": "2026-01-01", "parties": [
                {"tenant": self.ids[code], "role": role, "division": None}
                for code, role in zip(parties, roles, strict=True)
            ],
        }  # fmt: skip
        return UUID(self.client(home).post("/v1/parks", draft).body["id"])

    def _wait_for(self, code: str, park: UUID) -> None:
        client, deadline = self.client(code), time.monotonic() + 60
        while True:
            try:
                client.get(f"/v1/parks/{park}")
            except AnswerError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                client.close()
                return


def change(stage: Stage, client: ApiClient, park: UUID, *, writer: str, wait: int = 0) -> Acknowledged | None:
    """One change; None when nobody can say whether it was made."""
    marker = stage.marker()
    try:
        answer = client.patch(f"/v1/parks/{park}", {"name_en": marker}, wait=wait)
        while answer.status == 202:
            answer = _settled(client, answer)
    except (OSError, HTTPException, AnswerError, ValueError):
        client.close()
        client._connection = None
        return None
    if "etag" in answer.headers:
        return Acknowledged(park, marker, answer.position[1], exact=not wait, writer=writer)
    return Acknowledged(park, marker, int(answer.body["results"][0]["version"]), exact=True, writer=writer)


def _settled(client: ApiClient, answer: ApiAnswer) -> ApiAnswer:
    found: ApiAnswer = client.get(f"/v1/commands/{answer.body['id']}")
    if found.body["state"] == "refused":
        raise AnswerError(409, found.body["problem"] or {})
    if found.body["state"] == "done":
        return found
    time.sleep(0.2)
    return answer


def write(stage: Stage, note: Note, stopping: Event) -> list[Thread]:
    """Start a writer per tenant at home, and one per tenant to each other's."""

    def run(code: str, park: UUID, wait: int) -> None:
        client = stage.client(code)
        while not stopping.is_set():
            note.add(change(stage, client, park, writer=code, wait=wait))
            stopping.wait(PAUSE)
        client.close()

    work: Sequence[tuple[Any, ...]] = [
        (code, park, 0 if code == home else PATIENCE) for home, park in stage.parks.items() for code in TENANTS
    ]
    threads = [Thread(target=run, args=one, daemon=True) for one in work]
    for thread in threads:
        thread.start()
    return threads


def flows_after(stage: Stage, *, within: float = 120.0) -> tuple[float, Acknowledged]:
    """Seconds until a command sent now, or as soon as somebody takes it, has home's answer."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        made = change(stage, stage.client("chongqing"), stage.parks["sichuan"], writer="after", wait=30)
        if made is not None:
            return time.monotonic() - began, made
        time.sleep(0.05)
    raise AssertionError("forwarded commands do not flow again")
