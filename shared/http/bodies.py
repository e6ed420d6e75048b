"""What a request brings: its JSON body and its query, strictly as declared."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from shared.http.problems import http_error
from shared.http.schemas import schema


def body(draft: type[Schema]) -> dict[str, Any]:
    """The JSON body as keyword arguments; raises 415, 400, or ValidationError (422)."""
    if request.mimetype != "application/json":
        raise http_error(415)
    given: Any = request.get_json(silent=True)
    if given is None and request.get_data().strip() != b"null":
        raise http_error(400, code="json_malformed", zh="JSON 格式错误。", en="The body is not well-formed JSON.")
    loaded: dict[str, Any] = schema(draft).load(given)
    return loaded


def query(filters: type[Schema]) -> dict[str, Any]:
    """The query string as arguments; an unknown or repeated name is refused like an unknown field."""
    repeated = {name: ["不能重复 / given more than once"] for name, v in request.args.lists() if len(v) > 1}
    if repeated:
        raise ValidationError(repeated)
    loaded: dict[str, Any] = schema(filters).load(dict(request.args))
    return loaded
