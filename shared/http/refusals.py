"""What gunicorn itself refuses, before there is a request to answer, is told like every other refusal."""

from __future__ import annotations

import contextlib
import json
import socket
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from gunicorn.http.errors import (
    ConfigurationProblem,
    ExpectationFailed,
    ForbiddenProxyRequest,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker

from shared.http.bounds import FIELDS, LINE
from shared.log import logger

BY_KIND: dict[type[Exception], tuple[HTTPStatus, str, str, str]] = {
    LimitRequestLine: (
        HTTPStatus.REQUEST_URI_TOO_LONG, "address_too_long", f"请求地址过长(至多 {LINE} 字节)。请缩短查询参数。",
        f"The address is too long (at most {LINE} bytes). Shorten its parameters."),
    LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large",
        f"请求头过长或过多(每个至多 {LINE} 字节,至多 {FIELDS} 个)。请减少,例如清除 Cookie。",
        f"The headers are too long or too many (at most {LINE} bytes each, {FIELDS} in all). Send fewer."),
    UnsupportedTransferCoding: (
        HTTPStatus.NOT_IMPLEMENTED, "transfer_coding", "不支持该 Transfer-Encoding。请用 chunked 或 Content-Length。",
        "This Transfer-Encoding is not known here. Use chunked, or Content-Length."),
    ExpectationFailed: (
        HTTPStatus.EXPECTATION_FAILED, "expectation_failed", "不支持该 Expect。请去掉后重试。",
        "This Expect cannot be met. Send the request without it."),
    ForbiddenProxyRequest: (
        HTTPStatus.FORBIDDEN, "proxy_refused", "该代理不被信任。请联系管理员。",
        "This proxy is not trusted. Ask the operator."),
}  # fmt: skip
MALFORMED = (
    HTTPStatus.BAD_REQUEST, "request_malformed", "请求不符合 HTTP 协议(请求行、请求头或分块编码有误)。请检查客户端。",
    "The request is not well-formed HTTP (its request line, a header or its chunks). Check the client.",
)  # fmt: skip

OURS = (ConfigurationProblem, InvalidResponseHeader, InvalidResponseHeaderName)
UNEXPECTED = (
    HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "系统内部错误。请将关联编号告知管理员。",
    "Something went wrong here. Tell the operator the correlation id.",
)  # fmt: skip


class Worker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's worker with threads."""

    def handle_error(self, *given: Any) -> None:
        """Answer and hang up; gunicorn gives request, connection, address and what went wrong."""
        client: socket.socket = given[1]
        exc: BaseException = given[3]
        correlation = uuid4().hex
        if _is_theirs(exc):
            # Not at warning: whoever sends rubbish must not fill the log.
            logger("http").info("request_refused", correlation=correlation, reason=type(exc).__name__)
        else:
            logger("http").error("unexpected_error", correlation=correlation, exc_info=exc)
        with contextlib.suppress(OSError):
            client.sendall(refusal(exc, correlation=correlation))


def _is_theirs(error: BaseException) -> bool:
    return isinstance(error, ParseException) and not isinstance(error, OURS)


def refusal(error: BaseException, *, correlation: str) -> bytes:
    """The whole answer to a request that could not be read."""
    other = MALFORMED if _is_theirs(error) else UNEXPECTED
    status, code, zh, en = next((said for kind, said in BY_KIND.items() if isinstance(error, kind)), other)
    problem: dict[str, Any] = {
        "type": f"urn:xietong:problem:{code}", "title": code.replace("_", " "), "status": status.value, "detail": zh,
        "code": code, "message": {"zh": zh, "en": en}, "errors": [], "correlation_id": correlation,
    }  # fmt: skip
    body = json.dumps(problem, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        f"X-Correlation-ID: {correlation}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
