"""For random histories and random weather, `check` says of every day and every `known_at` what a naive model says."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.standards.domain.recognition import Asked
from services.standards.models import Recognition
from services.standards.queries.checking import CheckAnswer, Inquiry, answers
from shared.commands import handlers
from shared.journal import reactions
from tests.builders.cell import Cell
from tests.builders.sizes import seeds, soak
from tests.standards.given import code_of
from tests.standards.histories import CLASSES, History, begin
from tests.standards.weather import Weather, happen, live_through

HISTORIES = 25
"""For each seed, going on side by side: thus messages come in larger batches, and sooner."""
STEPS = 3
QUESTIONS = 16
STEPS_OF_CHAIN = ("certificate", "body", "accreditation", "standard")


@pytest.fixture(autouse=True)
def nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What services make of these events has its own tests, and takes longer than all the rest."""
    for module, name in ((reactions, "HANDLERS"), (handlers, "EVERYWHERE")):
        others = {key: value for key, value in getattr(module, name).items() if not key.startswith("standards.")}
        monkeypatch.setattr(module, name, others)


@pytest.fixture(autouse=True)
def homes_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked is how any documents are judged, also such as no home could make."""
    monkeypatch.setattr(Recognition, "guarded", False)


@pytest.fixture(autouse=True)
def clock_stands_still(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """It moves when it is told to: what is received has exactly the moment that is asked about."""
    began = cell.clock.now()
    monkeypatch.setattr(cell.clock, "now", lambda: began + cell.clock.offset)


@soak
@pytest.mark.parametrize("seed", seeds(1, 12))
def test_check_agrees_with_the_model_for_every_day_and_every_known_at(cell: Cell, seed: int) -> None:
    rng, seen = random.Random(seed), Counter[bool]()
    tenants = [cell.tenant(name) for name in ("sichuan", "chongqing", "guizhou")]
    codes = {tenant: code_of(cell, tenant) for tenant in tenants}
    histories = [History(cell, rng, tenants, codes) for _history in range(HISTORIES)]
    happen(histories, begin)
    live_through(histories, Weather(cell, rng), steps=STEPS)
    for history in histories:
        for tenant in tenants:
            seen.update(compared(history, tenant))
    assert min(seen[True], seen[False]) > 20, seen


def compared(history: History, tenant: UUID) -> Counter[bool]:
    """Asks at random and holds the answers against the model's; gives how often which was said."""
    asked = [question(history, tenant) for _number in range(QUESTIONS)]
    with history.cell.session(tenant) as session:
        found = answers(session, asked)
    for answer in found:
        if answer.counts is not None:
            assert steps_of(answer) == expected(history, tenant, answer), described(history, answer)
    return Counter(answer.counts for answer in found if answer.counts is not None)


def question(history: History, tenant: UUID) -> Inquiry:
    rng = history.rng
    product, sector = rng.choice([None, None, None, None, *CLASSES]), rng.choice([None, "家具"])
    return Inquiry(
        number=rng.choice(history.of("certificate")).name,
        tenant=tenant if rng.random() < 0.9 else rng.choice(history.tenants),
        asked=Asked(product_class=product, sector=sector),
        as_of=moment(history),
        known_at=known_at(history),
    )


def moment(history: History) -> datetime | None:
    """Now, an edge of something, just before it, the last instant of its day, or anywhere."""
    rng, edge = history.rng, history.rng.choice(history.edges)
    midnight = edge.replace(hour=16, minute=0, second=0, microsecond=0)
    anywhere = history.now - timedelta(hours=rng.randrange(-100, 200))
    just_before = timedelta(microseconds=1)
    return rng.choice([None, None, edge, edge - just_before, midnight, midnight - just_before, anywhere, anywhere])


def known_at(history: History) -> datetime | None:
    """Now, the very moment at which something was received, or just before it."""
    when = history.rng.choice([None, *history.moments, *history.moments])
    return when and when - history.rng.choice([0, 0, 1]) * timedelta(microseconds=1)


def steps_of(answer: CheckAnswer) -> Any:
    if [reason.code for reason in answer.chain] == ["certificate_unknown"]:
        return None
    holds = {reason.step: reason.holds for reason in answer.chain}
    recognised = holds.get("recognition", False) and holds.get("conditions", True)
    made = [*(holds.get(step, False) for step in STEPS_OF_CHAIN), recognised]
    assert answer.counts == all(made)
    return made


def expected(history: History, who: UUID, answer: CheckAnswer) -> Any:
    asked = answer.inquiry
    return history.model.steps(
        who, asked.number, tenant=asked.tenant, moment=answer.as_of, when=answer.known_at,
        product=asked.asked.product_class, sector=asked.asked.sector,
    )  # fmt: skip


def described(history: History, answer: CheckAnswer) -> str:
    things = [f"{thing.kind} {thing.key}: {thing.said}" for thing in history.things]
    return "\n".join([str(answer), *things])
