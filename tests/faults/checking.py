"""Afterwards: what was acknowledged is there exactly once and in order, and all copies are equal."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from deploy.local.processes import wait_until
from deploy.local.stack import Stack
from tests.faults.writing import Acknowledged

JOURNAL = """
    SELECT tenant_id, version, state->>'name_en', entry, signature FROM shared.journal
    WHERE aggregate_id = %s ORDER BY tenant_id, version"""
ROWS = "SELECT tenant_id, version, entry_hash, name_en FROM parks.parks WHERE id = %s"
ON_THE_WAY = """
    SELECT (SELECT count(*) FROM shared.outbox)
         + (SELECT count(*) FROM shared.commands WHERE state = 'pending')
         + (SELECT count(*) FROM shared.held) + (SELECT count(*) FROM shared.progress WHERE status <> 'in_step')"""


@dataclass
class Verdict:
    """What is wrong; all zero is right."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    unequal: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.reordered or self.unequal)


def settle(stack: Stack, parks: list[UUID], *, within: float = 90.0) -> bool:
    """Wait until nothing is on its way and every copy has every version."""

    def quiet() -> bool:
        with psycopg.connect(stack.admin_url) as connection:
            (number,) = connection.execute(ON_THE_WAY).fetchone() or (1,)
            versions = [{row[1] for row in connection.execute(ROWS, [park])} for park in parks]
        return number == 0 and all(len(found) == 1 for found in versions)

    return wait_until(quiet, within=within, every=0.5)


def judge(stack: Stack, parks: list[UUID], changes: list[Acknowledged]) -> Verdict:
    """Read every journal and every copy, as the superuser, and compare with what was acknowledged."""
    verdict = Verdict(acknowledged=len(changes))
    with psycopg.connect(stack.admin_url) as connection:
        for park in parks:
            copies: dict[UUID, list[tuple[object, ...]]] = defaultdict(list)
            for tenant, *entry in connection.execute(JOURNAL, [park]):
                copies[tenant].append(tuple(entry))
            rows = {row[1:] for row in connection.execute(ROWS, [park])}
            _judge_one(verdict, copies, mine=[change for change in changes if change.park == park])
            verdict.unequal += (len(rows) != 1) + (len(copies) != 3)
    return verdict


def _judge_one(verdict: Verdict, copies: dict[UUID, list[tuple[object, ...]]], *, mine: list[Acknowledged]) -> None:
    first = next(iter(copies.values()), [])
    verdict.unequal += sum(entries != first for entries in copies.values())
    versions = [entry[0] for entry in first]
    verdict.reordered += versions != list(range(1, len(versions) + 1))
    markers = Counter(entry[1] for entry in first)
    verdict.doubled += sum(number > 1 for number in markers.values())
    at = {entry[1]: int(str(entry[0])) for entry in reversed(first)}
    reached: dict[str, int] = {}
    for change in mine:
        found, before, told = at.get(change.marker), reached.get(change.writer, 0), change.version
        if found is None:
            verdict.lost += 1
            verdict.examples.append(f"{change} is nowhere")
            continue
        if found > told or (change.exact and found < told) or found <= before:
            verdict.reordered += 1
            verdict.examples.append(f"{change} is version {found}, its writer's one before {before}")
        reached[change.writer] = found
