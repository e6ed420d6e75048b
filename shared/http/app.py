"""The web application: routes of all services behind one gate, with one set of conventions."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, request, send_from_directory
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.core.log import Seldom, configure, logger
from shared.core.metrics import REQUESTS
from shared.core.settings import Settings
from shared.http.fields.path_types import CONVERTERS
from shared.http.openapi.document import document
from shared.http.requests import limits, problems
from shared.http.requests.addresses import without_port
from shared.http.requests.gate import CORRELATION, correlate
from shared.http.requests.limits import Limits, TooManyRequestsError
from shared.http.requests.problems import http_error
from shared.http.requests.streams import with_body
from shared.http.requests.tokens import Issuer, Verifier
from shared.http.requests.waiting import Wakeups
from shared.http.routes import Routes
from shared.journal.session import Database
from shared.server import operations
from shared.server.bounds import FIELDS
from shared.text.identifiers.credit_codes import masked

LOG = logger("http")
REFUSED = Seldom(LOG)
LINK_RULE = "<token>"
"""What marks a route whose path is a secret."""
LINK = re.compile("(/invitation/).*", re.IGNORECASE | re.DOTALL)
"""Such a path when no route matches: another method, a slash too many."""
HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?")
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
STATIC = Path(__file__).parent / "static"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(
    settings: Settings,
    services: Sequence[Routes],
    *,
    issuer: Callable[[Database], Issuer],
    database: Database | None = None,
) -> Flask:
    """The application; it opens no connection before the first request, so that gunicorn may fork it."""
    configure(settings.log_level)
    app = Flask("xietong", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    app.config["MAX_FORM_PARTS"] = FIELDS
    app.url_map.converters |= CONVERTERS
    found = database or Database(settings, "app", pool=settings.web_threads + 2)
    issuing = issuer(found)
    verifier = Verifier(settings.issuer, settings.audience, issuing.keys, found.clock)
    app.extensions |= {"database": found, "verifier": verifier, "issuer": issuing, "wakeups": Wakeups(found)}
    app.extensions["limits"] = Limits(found)
    problems.install(app)
    operations.install(app, partial(operations.readiness, found))
    for routes in services:
        routes.install(app)
    _install_docs(app, services)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(_with_address(app.wsgi_app), x_for=count, x_proto=count)  # type: ignore[method-assign]
    app.wsgi_app = with_body(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_begin)
    app.after_request(_end)
    return app


def _with_address(application: Any) -> Any:
    """WSGI middleware after the proxies' headers: who is counted, written down and compared is an address alone."""

    def handle(environ: dict[str, Any], start_response: Any) -> Any:
        environ["REMOTE_ADDR"] = without_port(environ.get("REMOTE_ADDR", ""))
        return application(environ, start_response)

    return handle


def _begin() -> None:
    correlate()
    g.started = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation=g.correlation)
    # HTTP/1.0 knows no Host; since then a request without one is malformed (RFC 9112, 3.2).
    given = request.environ.get("HTTP_HOST")
    if given is None and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return
    if not HOST.fullmatch(given or ""):
        raise http_error(
            400,
            code="host_malformed",
            zh="请求须带一个 Host 请求头,内容为主机名和可选的端口。请检查客户端。",
            en="A request needs one Host header: a host name, perhaps with a port. Check the client.",
        )


def _end(response: Response) -> Response:
    response.headers[CORRELATION] = g.get("correlation", "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    response.headers.update(limits.headers())
    took = time.monotonic() - g.get("started", time.monotonic())
    route = str(request.url_rule) if request.url_rule else "none"
    # Anybody may make up methods, and each would be kept as a figure of its own for ever.
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(route, method, response.status_code).observe(took)
    if response.status_code == TooManyRequestsError.status:
        # A flood would wait for each of its lines, and so would everybody else.
        REFUSED.warning("requests_refused", g.get("refused"), caller=g.get("refused"), route=route, method=method)
    elif route not in ("/livez", "/readyz"):
        # Without secrets and citizens' numbers: whoever reads the log is not to enter by somebody's link.
        path = route if LINK_RULE in route else masked(LINK.sub(r"\1…", request.path))
        LOG.info("request", method=method, path=path, status=response.status_code, ms=round(took * 1000, 1))
    return response


def _install_docs(app: Flask, services: Sequence[Routes]) -> None:
    @cache
    def told() -> str:
        # Made when first asked for: most processes never are.
        return json.dumps(document(services), ensure_ascii=False)

    @app.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(told(), content_type="application/json")

    @app.get("/docs")
    def docs() -> Response:
        return send_from_directory(STATIC, "docs.html")

    @app.get("/docs/static/<path:name>")
    def docs_static(name: str) -> Response:
        return send_from_directory(STATIC, name)
