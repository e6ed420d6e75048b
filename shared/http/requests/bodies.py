"""What a request brings: its JSON body and its query, strictly as declared."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from events.foreign import LARGEST, ForeignJsonError, read
from events.printing import is_printable
from shared.core.errors import Fault, InvalidError
from shared.http.fields.schemas import schema
from shared.http.requests.problems import http_error

DEEPEST = 32
"""A body goes into a command, and that into an entry, which may be nested deeper (`events.envelope`)."""
UNSTORABLE = "含有 NUL 或不成对的代理字符,请删除 / Holds a NUL or a lone surrogate character: remove it"


def body(draft: type[Schema]) -> dict[str, Any]:
    """The JSON body as keyword arguments; raises 415, 400, or ValidationError (422)."""
    if request.mimetype != "application/json":
        raise http_error(415)
    check_charset()
    try:
        given = read(request.get_data(), largest=request.max_content_length or LARGEST, deepest=DEEPEST)
    except ForeignJsonError as error:
        if error.pointer:
            faults = [Fault(error.pointer, error.zh, error.en)]
            zh = f"提交的内容不符合要求,请更正:{error.pointer}({error.zh})。"
            en = f"The input is not valid; correct: {error.pointer} ({error.en})."
            raise InvalidError("invalid", zh, en, faults) from error
        raise http_error(
            400,
            code="json_malformed",
            zh=f"JSON 格式错误({error.zh})。请更正后重新提交。",
            en=f"The body is not JSON that can be taken ({error.en}). Correct it and send it again.",
        ) from error
    loaded: dict[str, Any] = schema(draft).load(given)
    return loaded


def check_charset() -> None:
    """Raises 415 for a body said to be in anything but UTF-8: read as what it is not, it would say something else."""
    named = request.mimetype_params.get("charset", "utf-8")
    if named.strip().lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii"):
        raise http_error(
            415,
            code="charset_not_utf8",
            zh=f"请求内容须为 UTF-8 编码,而 Content-Type 写明的是 {named[:40]}。请改用 UTF-8。",
            en=f"The body must be UTF-8, but its Content-Type says {named[:40]}. Send it as UTF-8.",
        )


def query(filters: type[Schema]) -> dict[str, Any]:
    """The query string as arguments; an unknown or repeated name is refused like an unknown field."""
    return read_query(filters, request.args)


def read_query(filters: type[Schema], given: MultiDict[str, str]) -> dict[str, Any]:
    """The same of a query string that came otherwise; raises ValidationError."""
    odd = {name: [UNSTORABLE] for name, value in given.items(multi=True) if not is_printable(name + value)}
    repeated = {name: ["不能重复 / given more than once"] for name, v in given.lists() if len(v) > 1}
    if repeated or odd:
        raise ValidationError({**odd, **repeated})
    loaded: dict[str, Any] = schema(filters).load(dict(given))
    return loaded
