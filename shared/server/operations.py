"""What operators and balancers ask: `/livez` and `/readyz` of every role, and `/metrics` on a port of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import Any

from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from waitress import wasyncore

from shared.core.log import logger
from shared.journal.session import Database
from shared.keys.directory import DirectoryRow
from shared.server.arriving import Bounds
from shared.server.front import Server
from shared.server.pulse import Pulse

Ready = Callable[[], Mapping[str, Any]]
"""What a role says of itself; ready unless `status` is other than ok."""


def install(app: Flask, ready: Ready) -> None:
    """Put the two addresses that balancers ask on an application."""
    app.add_url_rule("/livez", "livez", lambda: jsonify(status="ok"))

    def readyz() -> Response:
        said = ready()
        response = jsonify(said)
        response.status_code = 200 if said["status"] == "ok" else 503
        return response

    app.add_url_rule("/readyz", "readyz", readyz)


def readiness(database: Database, pulse: Pulse | None = None) -> Mapping[str, Any]:
    """Ready when the database answers as this process needs it, through its own role, and no loop of it hangs."""
    hanging = pulse.hanging() if pulse else []
    if hanging:
        return {"status": "hanging", "parts": hanging}
    try:
        with database.cell_session() as session:
            tenants = session.scalar(select(func.count()).select_from(DirectoryRow))
    except SQLAlchemyError as error:
        return {"status": "unavailable", "database": type(error).__name__}
    return {"status": "ok", "tenants": tenants}


def application(ready: Ready) -> Flask:
    """Everything an operator asks of one process."""
    app = Flask("xietong-operations", static_folder=None)
    install(app, ready)

    def metrics() -> Response:
        registry = CollectorRegistry()
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            multiprocess.MultiProcessCollector(registry)
            return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "metrics", metrics)
    return app


def listening(address: str | None) -> socket.socket | None:
    """The operators' port (`host:port`) of this process, bound; None when there is none, or somebody else has it."""
    if not address:
        return None
    host, _, port = address.rpartition(":")
    try:
        return socket.create_server((host, int(port)))
    except OSError as error:
        # What operators see is not worth ending what users need.
        logger("operations").error("operations_unavailable", address=address, error=repr(error))
        return None


def serve(ready: Ready, sock: socket.socket | None, *, stopping: Event) -> None:
    """Answer operators from a thread of its own until `stopping`."""
    if sock is None:
        return
    channels: dict[int, Any] = {}
    Server(application(ready), sock, bounds=Bounds(threads=2, body=10_000, connections=50), channels=channels)

    def run() -> None:
        while not stopping.is_set():
            wasyncore.poll2(1.0, channels)

    Thread(target=run, name="operations", daemon=True).start()
