"""The working days of the whole country as they were set, or as they follow from the law alone: a read-only reference.

What is set later, or otherwise in one jurisdiction, the register of calendars has (`shared.reference.calendars`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from shared.rules.working_days import WorkingDays, Year


@cache
def national() -> WorkingDays:
    """The days that come with this release."""
    read = yaml.safe_load(files("shared.reference").joinpath("working_days.yaml").read_text("utf-8"))
    return WorkingDays({
        number: Year(
            {**dict.fromkeys(given["holidays"], False), **dict.fromkeys(given.get("make_up", ()), True)},
            "notice" in given,
            given["holidays"],
            given.get("notice"),
        )
        for number, given in read.items()
    })  # fmt: skip
