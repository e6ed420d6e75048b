"""A cell's application at a real address, for browsers and for clients that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from services.identity.commands.bootstrap import ensure_platform
from services.registry import issuer
from shared.core.context import PLATFORM, Context
from shared.http.app import create_app
from shared.journal.session import Database
from shared.server.front import STOPPING
from tests.builders.cell import Cell


class _Quiet(WSGIRequestHandler):
    def log(self, kind: str, message: str, *arguments: Any) -> None:
        """The application writes its own lines."""

    def make_environ(self) -> Any:
        return {**super().make_environ(), STOPPING: self.server.stopping}  # type: ignore[attr-defined]


@contextmanager
def served(cell: Cell, **changes: Any) -> Iterator[str]:
    """The address, which is also the issuer; `changes` are other settings. Database and clock are the cell's."""
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True, request_handler=_Quiet)
    # What goes on for long ends with it, and is waited for.
    server.stopping, server.daemon_threads = Event(), False  # type: ignore[attr-defined]
    url = f"http://127.0.0.1:{server.server_port}"
    settings = replace(cell.settings, issuer=url, **changes)
    database = Database(settings, "app", clock=cell.clock)
    server.app = create_app(settings, cell.routes, issuer=issuer, database=database)
    # People sign in at the console where the platform is now.
    with database.session(Context(tenant_id=PLATFORM, actor_id="tester")) as session:
        ensure_platform(session)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.stopping.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join(10)
        server.server_close()
        with cell.session(PLATFORM) as session:
            ensure_platform(session)
        database.close()
