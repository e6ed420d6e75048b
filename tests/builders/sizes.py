"""How large tests of chance are: races, random histories, guesses. Small in `make test`, full in `make soak`."""

from __future__ import annotations

import os

import hypothesis
import pytest

FULL = "SOAK" in os.environ
SEED = int(os.environ.get("SOAK", "0"))
"""From which all chance follows; `make soak` takes another each time and prints it, `make soak seed=…` repeats one."""

soak = pytest.mark.soak
"""Tests that `make soak` runs."""


def size(small: int, full: int) -> int:
    return full if FULL else small


def seeds(small: int, full: int) -> list[int]:
    """So many, the first of them `SEED`."""
    return list(range(SEED, SEED + size(small, full)))


# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    max_examples=size(30, 2_000),
    derandomize=not FULL,
)
hypothesis.settings.load_profile("any machine")
