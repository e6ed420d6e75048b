"""JSON log lines with tenant, actor and correlation id."""

from __future__ import annotations

import logging
import sys
from collections.abc import Hashable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from structlog.typing import Processor


def configure(level: str = "info") -> None:
    """Set up logging once per process: one JSON object a line on standard error."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries say what matters at warning; their chatter would drown the lines that carry a correlation id.
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=sys.stderr, format="%(name)s %(message)s")


def logger(part: str) -> Any:
    """The logger of one part of the platform."""
    return structlog.get_logger(part=part)


SELDOM = 10.0
"""Seconds between two lines about the same thing."""
MOST_THINGS = 1_000


@dataclass
class Seldom:
    """Says the same thing once and then at most every 10 s, with how often it happened `meanwhile`."""

    log: Any
    _said: dict[Hashable, tuple[float, int]] = field(default_factory=dict)

    def warning(self, event: str, thing: Hashable, **fields: Any) -> None:
        """Say `event` of `thing` now, or count it."""
        said_at, meanwhile = self._said.get(thing, (float("-inf"), 0))
        if monotonic() - said_at < SELDOM:
            self._said[thing] = said_at, meanwhile + 1
            return
        if len(self._said) >= MOST_THINGS:
            self._said.clear()
        self._said[thing] = monotonic(), 0
        self.log.warning(event, **fields, **({"meanwhile": meanwhile} if meanwhile else {}))
