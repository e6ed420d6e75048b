"""Errors as problem documents (RFC 9457) in Chinese and English, in one place."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from events.printing import printable_json
from shared.commands.validation import faults_of
from shared.core.errors import ConflictError, InvalidError, ProblemError, UnavailableError
from shared.core.log import logger
from shared.http.descriptions.titles import called, package_asked
from shared.http.fields.references import ID

PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{code}</title>
<main><h1>{zh}</h1><p lang="en">{en}</p><p>{correlation}</p></main></html>
"""


NAMED = 3
"""Faults that the sentence names; all stand in `errors`."""


class MessageView(Schema):
    """One message in both languages."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class FaultView(Schema):
    """One thing wrong: where (JSON pointer) and what."""

    pointer = fields.String(required=True)
    message = fields.Nested(MessageView, required=True)


class ProblemView(Schema):
    """A problem document."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.Nested(MessageView, required=True)
    errors = fields.List(fields.Nested(FaultView), required=True)
    correlation_id = fields.String(required=True)


def problem_document(error: ProblemError) -> dict[str, Any]:
    """What tells of a refusal; `detail` is in the language asked for, Chinese unless it is English."""
    english = request.accept_languages.best_match(["zh", "en"], "zh") == "en"
    zh, en = _named(error.zh, english=False), _named(error.en, english=True)
    said: dict[str, Any] = printable_json(
        {
            "type": f"urn:xietong:problem:{error.code}",
            "title": error.code.replace("_", " "),
            "status": error.status,
            "detail": en if english else zh,
            "code": error.code,
            "message": {"zh": zh, "en": en},
            "errors": [
                {
                    "pointer": item.pointer,
                    "message": {"zh": _named(item.zh, english=False), "en": _named(item.en, english=True)},
                }
                for item in error.faults
            ],
            "correlation_id": g.get("correlation", ""),
        }
    )
    return said


def _named(text: str, *, english: bool) -> str:
    """The sentence with the names of tenants in place of their ids."""
    directory = current_app.extensions["database"].directory

    def name(found: re.Match[str]) -> str:
        listing = directory.called(UUID(found[0]))
        return found[0] if listing is None else str(listing.name_en if english else listing.name_zh)

    return ID.sub(name, text)


def problem(error: ProblemError) -> Response:
    """The response for a refusal."""
    body = problem_document(error)
    response = Response(json.dumps(body, ensure_ascii=False), error.status, content_type="application/problem+json")
    if error.status == 401:
        challenge = getattr(error, "challenge", "")
        response.headers["WWW-Authenticate"] = 'Bearer realm="xietong"' + (f", {challenge}" if challenge else "")
    if error.status == 429:
        response.headers["Retry-After"] = str(getattr(error, "retry_after", 1))
    if error.status == 503:
        response.headers["Retry-After"] = "2"
    return response


def wants_page() -> bool:
    """Whether a person reads this in a browser, at an address that is not the API's."""
    kinds = ["application/problem+json", "application/json", "text/html"]
    return not request.path.startswith("/v1/") and request.accept_mimetypes.best_match(kinds) == "text/html"


def _told(error: ProblemError) -> Response:
    """A refusal of what reached no page: in a browser it is one all the same."""
    response = problem(error)
    if wants_page():
        shown = PAGE.format(code=error.code, zh=escape(error.zh), en=escape(error.en), correlation=g.get("correlation"))
        response.set_data(shown)
        response.content_type = "text/html; charset=utf-8"
    return response


def install(app: Flask) -> None:
    """Make every error of the application a problem document; details of unexpected ones only go to the log."""
    app.register_error_handler(ProblemError, problem)
    app.register_error_handler(ValidationError, lambda error: problem(invalid(error)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(PoolTimeoutError, _busy)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(IntegrityError, lambda broken: problem(clash(broken)))
    app.register_error_handler(Exception, _unexpected)


def invalid(error: ValidationError) -> InvalidError:
    """What the schema found wrong, as one of the family."""
    faults = faults_of(error)
    first, more = [called(item.pointer, package_asked()) for item in faults[:NAMED]], len(faults) - NAMED
    zh, en = (f" 等,另有 {more} 处", f" and {more} more") if more > 0 else ("", "")
    return InvalidError(
        "invalid",
        f"提交的内容不符合要求,请更正:{'、'.join(item.zh for item in first)}{zh}。",
        f"The input is not valid; correct: {', '.join(item.en for item in first)}{en}.",
        faults,
    )


_HTTP = {
    400: ("bad_request", "请求格式不正确,请检查。", "The request is malformed. Check its syntax."),
    404: ("not_found", "没有这个地址。接口说明见 /docs。", "There is nothing at this address. See /docs."),
    405: ("method_not_allowed", "该地址不支持此方法。", "This address does not take this method. See Allow."),
    413: ("body_too_large", "请求内容过大,请缩短或拆分。", "The body is too large. Shorten or split it."),
    415: ("not_json", "请求内容须为 JSON(Content-Type: application/json)。",
          "The body must be JSON (Content-Type: application/json)."),
}  # fmt: skip


def http_error(status: int, *, zh: str = "", en: str = "", code: str = "") -> ProblemError:
    """A problem for one of HTTP's own refusals."""
    default = _HTTP.get(status, ("http_error", "请求未能处理。", "The request could not be handled."))
    error = ProblemError(code or default[0], zh or default[1], en or default[2])
    error.status = status  # type: ignore[misc]
    return error


def _http(error: HTTPException) -> Response:
    response = _told(http_error(error.code or 500))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def clash(error: Exception) -> ConflictError:
    """The database refused what another change had made impossible."""
    logger("http").warning("integrity_clash", exc_info=error)
    zh, en = "与同时进行的另一操作冲突,请重试。", "This clashed with another change made meanwhile. Retry."
    return ConflictError("clash", zh, en)


def _busy(error: Exception) -> Response:
    logger("http").error("database_unavailable", error=type(error).__name__, exc_info=error)
    zh, en = "系统繁忙,请稍后重试。", "The platform is busy. Nothing was changed; retry in a moment."
    return _told(UnavailableError("busy", zh, en))


def _unexpected(error: Exception) -> Response:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _busy(error)
    logger("http").error("unexpected_error", exc_info=error)
    en = "Something went wrong here; nothing was changed. Tell the operator the correlation id."
    return _told(http_error(500, code="internal", zh="系统内部错误,未作任何更改。请将关联编号告知管理员。", en=en))
