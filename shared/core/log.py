"""JSON log lines with tenant, actor and correlation id."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from events.printing import printable_json

_LOCK = Lock()


def configure(level: str = "info") -> None:
    """Set up logging once per process: one JSON object a line on standard error."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _spelled_out,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_Lines,
    )
    # Libraries say what matters at warning; their chatter would drown the lines that carry a correlation id.
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=sys.stderr, format="%(name)s %(message)s")


class _Lines:
    """Standard error, a line at a time; what nobody can be told, a full disk or a closed pipe, stops nobody."""

    def msg(self, line: str) -> None:
        """Write it."""
        with _LOCK, contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


def _spelled_out(*given: Any) -> EventDict:
    # structlog calls it with logger, method and line.
    spelled: EventDict = printable_json(given[-1])
    return spelled


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
