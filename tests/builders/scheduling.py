"""Which process of a run gets which tests when: each file whole, the longest first, so that all end together."""

from __future__ import annotations

import gc
import json
from collections import Counter
from pathlib import Path

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

MEASURED = Path(__file__).with_name("seconds.json")
"""Seconds that each longer file took, as `make measure` writes them. Nothing but the order depends on it."""
SHORT = 1.0
"""Seconds below which a file is not worth a line, and what one without a line counts."""
WITH_KAFKA = (
    "tests/journeys/test_independent_clients.py", "tests/shared/test_relay.py", "tests/shared/test_running.py",
)  # fmt: skip
"""Files that talk to Kafka: it runs for these, in one process, one after another."""
APART = ("tests/journeys/test_schemathesis.py",)
"""Files whose tests are long and share nothing: each goes by itself."""


def uses_kafka(nodeid: str) -> bool:
    return nodeid.partition("::")[0] in WITH_KAFKA


def part_of(nodeid: str) -> str:
    """What runs in one process, in order."""
    file = nodeid.partition("::")[0]
    if uses_kafka(nodeid):
        return "with kafka"
    return nodeid if file in APART else file


class LongestFirst(LoadScopeScheduling):
    """As `--dist loadfile`, by parts."""

    def _split_scope(self, nodeid: str) -> str:
        return part_of(nodeid)


def pytest_xdist_make_scheduler(config, log) -> LongestFirst:
    return LongestFirst(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest part first."""
    seconds = json.loads(MEASURED.read_text("utf-8"))
    found = Counter[str]()
    for name in {item.nodeid if part_of(item.nodeid) == item.nodeid else item.location[0] for item in items}:
        found[part_of(name)] += seconds.get(name, SHORT)
    items.sort(key=lambda item: -found[part_of(item.nodeid)])


def pytest_collection_finish() -> None:
    """What is loaded by now stays: nobody needs to look through it for garbage again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--measure", action="store_true", help=f"write {MEASURED.name} anew")


class Measuring:
    """Adds up what the tests of each file took, setting up included."""

    def __init__(self) -> None:
        self.seconds = Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid if part_of(report.nodeid) == report.nodeid else report.location[0]
        self.seconds[name] += report.duration

    def pytest_sessionfinish(self) -> None:
        longer = {name: round(took, 1) for name, took in sorted(self.seconds.items()) if took > SHORT}
        MEASURED.write_text(json.dumps(longer, indent=1) + "\n", "utf-8")
