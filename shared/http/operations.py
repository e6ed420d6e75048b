"""What operators and balancers ask: `/livez`, `/readyz`, `/metrics`."""

from __future__ import annotations

import os

from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from shared.directory import DirectoryRow
from shared.http.gate import database


def install(app: Flask) -> None:
    """Put the three addresses on the application."""
    app.add_url_rule("/livez", "livez", _live)
    app.add_url_rule("/readyz", "readyz", _ready)
    app.add_url_rule("/metrics", "metrics", _metrics)


def _live() -> Response:
    return jsonify(status="ok")


def _ready() -> Response:
    """Ready when the database answers as this process needs it: migrated, through its own role."""
    try:
        with database().cell_session() as session:
            tenants = session.scalar(select(func.count()).select_from(DirectoryRow))
    except SQLAlchemyError as error:
        response = jsonify(status="unavailable", database=type(error).__name__)
        response.status_code = 503
        return response
    return jsonify(status="ok", tenants=tenants)


def _metrics() -> Response:
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
