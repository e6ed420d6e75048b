"""The OpenAPI document against the application, with every check: what is not documented does not happen."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from schemathesis import openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.case import Case
from schemathesis.generation.meta import CoverageScenario, coverage_scenario

from services.registry import load
from tests.builders.cell import Cell
from tests.builders.officials import active
from tests.builders.sizes import FULL, SEED, size, soak

# Ratios that must sum to 1 or parties that must exist cannot be said in JSON Schema: such bodies are answered 422,
# what the state does not allow 409 or 412, and what is held already (If-None-Match) 304. A missing If-Match is 428
# (RFC 6585).
CONFIGURATION = """
seed = {seed}
[headers]
Authorization = "Bearer {token}"
[generation]
mode = "all"
max-examples = {examples}
[phases.stateful]
enabled = {stateful}
[parameters]
"path.key" = "{park}"
"path.revision" = 1
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "409", "412", "422"]
[checks.missing_required_header]
expected-statuses = ["400", "401", "403", "415", "422", "428"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "413", "415", "422", "428"]
"""
EVERYTHING = "official+signatory+system_administrator+security_administrator+audit_administrator+organisation_manager"
"""More than anybody may hold, so that every route is reached."""
FEWEST = 30
"""Cases for each operation on the average, below which something is no longer tried."""


def wrong_types_of_each() -> Callable[[Any, Case], bool]:
    """Lets through one wrong type for each place and every wrong type once for each operation.

    All of them for each place are half of all cases: `make soak` has them.
    """
    places, kinds = Counter[tuple[str, str]](), set[tuple[str, int]]()

    def filter_case(_context: Any, case: Case) -> bool:
        if coverage_scenario(case) is not CoverageScenario.INCORRECT_TYPE:
            return True
        found = case.meta.phase.data
        place = (case.operation.label, f"{found.parameter_location} {found.parameter} {found.location}")
        places[place] += 1
        kind = (case.operation.label, places[place])
        wanted = places[place] == 1 or kind not in kinds
        kinds.add(kind)
        return wanted

    return filter_case


@pytest.fixture
def _without_collector() -> Iterator[None]:
    """What a run records stays to its end: to look through it again and again is in vain."""
    gc.disable()
    yield
    gc.enable()


def failures(recorder: ScenarioRecorder) -> list[str]:
    """What the checks say against answers, each with a request that repeats it."""
    found = [check.failure_info for checks in recorder.checks.values() for check in checks if check.failure_info]
    return [f"{recorder.label}: {item.failure.title}\n{item.failure.message}\n{item.code_sample}" for item in found]


@soak
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("_without_collector")
@pytest.mark.parametrize("service", [routes.service for routes in load()])
def test_every_answer_is_a_documented_one(cell: Cell, service: str) -> None:
    sichuan, chongqing = cell.tenant("sichuan"), cell.tenant("chongqing")
    park = active(cell, sichuan, chongqing).split("/")[-1]
    token = cell.token(sichuan, EVERYTHING, subject="schemathesis")
    text = CONFIGURATION.format(seed=SEED, token=token, examples=size(1, 10), stateful=str(FULL).lower(), park=park)
    schema = openapi.from_wsgi("/openapi.json", cell.app, config=SchemathesisConfig.from_str(text)).include(tag=service)
    if not FULL:
        schema.hook(wrong_types_of_each())
    cases, found, stopped = 0, list[str](), StopReason.INTERRUPTED
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished(recorder=recorder):
                cases += len(recorder.cases)
                found += failures(recorder)
            case events.NonFatalError(label=label, value=error):
                found.append(f"{label}: {error!r}")
            case events.EngineFinished(stop_reason=reason, failures=late):
                found += [f"{item.title}\n{item.message}" for item in late]
                stopped = reason
    assert found == [], "\n\n".join(found)[:12_000]
    assert stopped is StopReason.COMPLETED
    assert cases >= FEWEST * schema.statistic.operations.selected
    # Ids that were made up are of nothing, and a timeline tells them as they were given.
    cell.unnamed.clear()
