"""Files that pages load: style sheets, scripts, signs. Addresses change with the content, so that browsers keep it."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from importlib.resources import files

from flask import Response, request

from shared.http.machine_routes import routes

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
FOLDER = files("shared.pages").joinpath("static")
NAMES = sorted(one.name for one in FOLDER.iterdir())


@cache
def static(name: str) -> bytes:
    """What the file holds; raises OSError where there is none."""
    return (FOLDER / name).read_bytes()


@cache
def packed(name: str) -> bytes:
    """The same compressed. Only files are: a page that holds what somebody gave beside what is secret must not be.

    Else its length tells the secret, letter by letter (BREACH, 2013).
    """
    return gzip.compress(static(name), 9, mtime=0)


@cache
def statics_version() -> str:
    """Changes with any of the files: a script finds those that it imports beside itself, so all have one."""
    return sha256(b"".join(sha256(name.encode() + b"\0" + static(name)).digest() for name in NAMES)).hexdigest()[:12]


@cache
def static_url(name: str) -> str:
    """Where browsers find it; raises OSError where there is none."""
    static(name)
    return f"/static/{statics_version()}/{name}"


@routes.page("GET", f"/static/<string(length=12):version>/<any({','.join(map(repr, NAMES))}):name>")
def static_file(version: str, name: str) -> Response:
    """Kept for a year: whatever changes has another address.

    While one release follows another, a page of the other may ask here: it gets what is here, and keeps it not.
    """
    suffix = name[name.rindex(".") :]
    is_packed = request.accept_encodings.quality("gzip") > 0
    response = Response(packed(name) if is_packed else static(name), content_type=f"{TYPES[suffix]}; charset=utf-8")
    kept = version == statics_version()
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-store"
    response.headers["Vary"] = "Accept-Encoding"
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response
