"""Files that pages load: style sheets, scripts, signs. Addresses change with the content, so that browsers keep it."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

from flask import Response

from shared.http.machine_routes import routes

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES = ",".join(f"'{one.name}'" for one in sorted(files("shared.pages").joinpath("static").iterdir(), key=str))


@cache
def static(name: str) -> bytes:
    """What the file holds; raises KeyError or OSError where there is none."""
    return (files("shared.pages") / "static" / name).read_bytes()


@cache
def static_url(name: str) -> str:
    """Where browsers find it."""
    return f"/static/{name}?v={sha256(static(name)).hexdigest()[:12]}"


@routes.page("GET", f"/static/<any({NAMES}):name>")
def static_file(name: str) -> Response:
    """Kept for a year: whatever changes has another address."""
    suffix = name[name.rindex(".") :]
    response = Response(static(name), content_type=f"{TYPES[suffix]}; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
