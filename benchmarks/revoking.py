"""From the commit of a revocation until the check refuses the certificate, at its home and at the party."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from benchmarks.path import CHANGES
from benchmarks.stage import Stage
from events.text import FreeText
from services.standards.commands.certificates import revoke_certificate
from services.standards.models import certificate_id
from services.standards.queries.checking import Inquiry, answers
from shared.core.clock import Clock
from tests.builders.cell import Cell
from tests.standards.given import given_body, given_certificate, given_recognition, given_standard

LONGEST = 30.0


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """Milliseconds, p50 and p99, from the commit to refused: at the certificate's home, and where it is recognised."""
    with stage.running():
        home, party = stage.tenants("home", "party")
        return [Revoking(stage, home, party).measure()]


@dataclass
class Revoking:
    """Certificates of one tenant, recognised by another."""

    stage: Stage
    home: UUID
    party: UUID

    def measure(self) -> dict[str, Any]:
        """Issue, wait until all count at the party, then revoke one after the other."""
        numbers = self._issued()
        for number in numbers:
            self._until_counts(number)
        times = [self._revoke(number) for number in numbers]
        found = {}
        for place, name in enumerate(("home", "party")):
            ordered = sorted(one[place] for one in times)
            found[name] = {"p50": statistics.median(ordered), "p99": ordered[int(CHANGES * 0.99) - 1]}
        return found

    # As much of a cell as the builders need: relay, Kafka and worker are real here.
    def session(self, tenant: UUID) -> Any:
        return self.stage.app.session(self.stage.context(tenant))

    @property
    def clock(self) -> Clock:
        return self.stage.app.clock

    def carry(self) -> None:
        """Messages go by themselves."""

    def _issued(self) -> list[str]:
        home, cell = self.home, cast("Cell", self)
        standard = given_standard(cell, home)
        body = given_body(cell, home, standard)
        given_recognition(cell, self.party, home, standard=standard)
        return [given_certificate(cell, home, body, standard=standard) for _ in range(CHANGES)]

    def _revoke(self, number: str) -> tuple[float, float]:
        with self.session(self.home) as session:
            key = certificate_id(self.home, number)
            revoke_certificate(session, key, reason=FreeText("性能测量"), since=None)
        committed = time.perf_counter()
        seen: dict[UUID, float] = {}
        while len(seen) < 2:
            for tenant in (self.party, self.home):
                if tenant not in seen and not self._counts(tenant, number):
                    seen[tenant] = (time.perf_counter() - committed) * 1000
            if time.perf_counter() - committed > LONGEST:
                raise TimeoutError(f"{number} still counts after {LONGEST:.0f} s")
            time.sleep(0.0005)
        return seen[self.home], seen[self.party]

    def _counts(self, tenant: UUID, number: str) -> bool:
        with self.session(tenant) as session:
            return bool(answers(session, [Inquiry(number=number, tenant=tenant)])[0].counts)

    def _until_counts(self, number: str) -> None:
        deadline = time.monotonic() + LONGEST
        while not self._counts(self.party, number):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{number} did not arrive in {LONGEST:.0f} s")
            time.sleep(0.05)
