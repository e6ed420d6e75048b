"""A stream of server-sent events: it says that something has changed, and is quiet otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from threading import Event
from time import monotonic

from flask import Response, request, stream_with_context

from shared.core.context import PLATFORM
from shared.core.errors import UnavailableError
from shared.http.requests.places import Places
from shared.server.front import LEND, STOPPING

EVERY = 1.0
"""Seconds between looks."""
SILENT = 10.0
"""Seconds after which a comment tells every proxy that the line is in use; who has gone is noticed by it."""
LASTS = 60.0
"""Seconds until it ends, and the browser opens the next."""
RETRY = 2000
"""Milliseconds after which the browser does."""
MOST = 16
"""At once in one process: each sleeps in a thread of its own, in place of which another one serves."""
PLACES = Places(most=2 * MOST)
"""Of which one tenant may take half; these are all the platform's."""


def stream_of(look: Callable[[], str], *, seen: str) -> Response:
    """Events `changed` with the version that `look` gives, once for each that is not the one `seen` before.

    Where the first look gives that one, the event is `unchanged`, so that the page knows that it is right.
    No database connection is held between looks. Raises `UnavailableError` where there are `MOST`, and what the first
    look raises; at what a later one raises the stream ends.
    """
    look()
    with ExitStack() as stack:
        lend = request.environ.get(LEND, nullcontext)
        if not stack.enter_context(PLACES.taken(PLATFORM, lend)):
            raise UnavailableError(
                "streams_busy",
                "同时打开的大屏过多,请稍后重试。",
                "Too many walls are open at once. Try again in a moment.",
            )
        events = _events(look, seen=seen, stopping=request.environ.get(STOPPING) or Event())
        response = Response(stream_with_context(events), content_type="text/event-stream; charset=utf-8")
        # A proxy in front must not keep what is said until there is more.
        response.headers["X-Accel-Buffering"] = "no"
        response.call_on_close(stack.pop_all().close)
    return response


def _events(look: Callable[[], str], *, seen: str, stopping: Event) -> Iterator[str]:
    said = began = monotonic()
    yield f"retry: {RETRY}\n\n"
    if look() == seen:
        yield f"id: {seen}\nevent: unchanged\ndata: {seen}\n\n"
    while True:
        version = look()
        if version != seen:
            seen, said = version, monotonic()
            yield f"id: {version}\nevent: changed\ndata: {version}\n\n"
        elif monotonic() - said >= SILENT:
            said = monotonic()
            yield ":\n\n"
        if stopping.wait(EVERY) or monotonic() - began >= LASTS:
            return
