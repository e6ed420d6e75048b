"""A request on its way in: how long and how much it may be, and refusals that are problem documents."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from time import time
from typing import Any
from uuid import uuid4

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask
from waitress.utilities import Error, RequestEntityTooLarge, RequestHeaderFieldsTooLarge

from shared.server.bounds import FIELDS, LINE
from shared.server.chunks import Chunks

HEADER_SECONDS = 10.0
"""Until the head of a request is complete; also how long a connection may be silent between two requests."""
SLOWEST = 1_000
"""Bytes per second, on average and after the first seconds, below which a body is refused."""
LONGEST = 900.0
"""Seconds no body and no answer may exceed."""
MOST_CONNECTIONS = 1_000
MOST_SPOOLED = 1_000_000_000
"""Bytes on their way at once: beyond, the body that grows is refused, and who reads least is cut off."""
IN_MEMORY = 131_072
"""Bytes of one body or answer that lie in memory; more goes to a temporary file."""
REFUSALS = {
    400: ("bad_request", "请求格式不正确,请检查。", "The request is malformed. Check its syntax."),
    408: ("too_slow", "请求未能及时发送完整,请重新发送。", "The request did not arrive in time. Send it again."),
    413: ("body_too_large", "请求内容过大,请缩短或拆分。", "The body is too large. Shorten or split it."),
    431: ("head_too_large", "请求头过大,请缩短地址或请求头。", "The head is too large. Shorten address or headers."),
    501: ("not_implemented", "不支持这种传输编码,请使用 chunked 或 Content-Length。",
          "This transfer coding is not known here. Use chunked, or Content-Length."),
    503: ("busy", "系统繁忙,请稍后重试。", "The platform is busy. Nothing was changed; retry in a moment."),
}  # fmt: skip
INTERNAL = (
    "internal",
    "系统内部错误,未作任何更改。请将关联编号告知管理员。",
    "Something went wrong here; nothing was changed. Tell the operator the correlation id.",
)


UNSEEN = re.compile("[\x00-\x20\x7f]")


class TooSlow(Error):  # type: ignore[misc]  # noqa: N818 - named as waitress names its refusals
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


class Busy(Error):  # type: ignore[misc]  # noqa: N818 - as above
    """Too much is on its way at once."""

    code = 503
    reason = "Service Unavailable"


@dataclass(frozen=True)
class Bounds:
    """How long and how much may be on its way."""

    threads: int = 8
    body: int = 50_000_000
    header_seconds: float = HEADER_SECONDS
    body_seconds: float = HEADER_SECONDS
    slowest: int = SLOWEST
    connections: int = MOST_CONNECTIONS
    spooled: int = MOST_SPOOLED
    unread: int = MOST_SPOOLED

    def adjustments(self) -> Adjustments:
        """The same in waitress's words."""
        return Adjustments(
            threads=self.threads,
            # waitress would stop accepting, and whoever came first would shut out others: `Server` makes room instead.
            connection_limit=10 * self.connections,
            cleanup_interval=1,
            recv_bytes=65_536,
            max_request_header_size=65_536,
            max_request_body_size=self.body + 1,
            # A thread never waits for a reader: what it wrote lies in a file until it is read.
            inbuf_overflow=IN_MEMORY,
            outbuf_overflow=IN_MEMORY,
            outbuf_high_watermark=MOST_SPOOLED,
            asyncore_use_poll=True,
            # The application itself knows how many proxies it may trust.
            clear_untrusted_proxy_headers=False,
            ident="xietong",
            log_socket_errors=False,
        )


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way; one whose body is too large goes to the application without it, which says so and why."""

    body_rcv: Any

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.error: Error | None = None
        self.began = time()
        self.body_began: float | None = None

    def received(self, data: bytes) -> int:
        """Take bytes; returns how many belonged to this request."""
        taken = int(super().received(data))
        if self.completed:
            # Whoever has sent everything is not told to go on; waitress would wait for what never comes.
            self.expect_continue = False
        if self.headers_finished and self.body_began is None:
            self.body_began = time()
        if isinstance(self.error, RequestEntityTooLarge):
            self.error, self.expect_continue = None, False
            self.headers |= {"CONTENT_LENGTH": str(max(self.content_length, self.body_bytes_received))}
            self.headers["CONNECTION"] = "close"
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; what a proxy before this server might read otherwise is refused (RFC 9112, 11.2)."""
        lines = header_plus.split(b"\r\n")
        if max(map(len, lines)) > LINE or sum(map(bool, lines)) > 1 + FIELDS:
            self.error = RequestHeaderFieldsTooLarge("too long, or too many")
            self.connection_close = True
            return
        if any(line[:1] in (b" ", b"\t") for line in lines):
            raise ParsingError("a header in several lines")
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("no number, or no address") from error
        fields = [line.partition(b":") for line in lines[1:]]
        codings = [value.strip(b" \t").lower() for name, _, value in fields if name.lower() == b"transfer-encoding"]
        if codings and (codings != [b"chunked"] or self.version != "1.1" or "CONTENT_LENGTH" in self.headers):
            raise ParsingError("a body of two lengths")
        if self.version not in ("1.0", "1.1"):
            raise ParsingError("another HTTP")
        if self.proxy_netloc and self.proxy_netloc.lower() != self.headers.get("HOST", self.proxy_netloc).lower():
            raise ParsingError("two hosts")
        if UNSEEN.search(self.request_uri):
            raise ParsingError("an address with control characters")
        if self.chunked:
            self.body_rcv = Chunks(self.body_rcv.getbuf())

    def postpone(self, now: float) -> None:
        """Nothing of it is read while the request before it is in hand."""
        self.began = now
        self.body_began = self.body_began and now

    def late(self, bounds: Bounds, *, now: float) -> bool:
        """Whether it takes longer than it may."""
        if self.body_began is None:
            return now - self.began > bounds.header_seconds
        spent = now - self.body_began
        return bool(spent > min(LONGEST, bounds.body_seconds + self.body_bytes_received / bounds.slowest))


class Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress refuses by itself, as a problem document."""

    def execute(self) -> None:
        """Answer and close."""
        error = self.request.error
        code, zh, en = REFUSALS.get(error.code, INTERNAL)
        correlation = uuid4().hex
        document = {
            "type": f"urn:xietong:problem:{code}",
            "title": code.replace("_", " "),
            "status": error.code,
            "detail": zh,
            "code": code,
            "message": {"zh": zh, "en": en},
            "errors": [],
            "correlation_id": correlation,
        }
        body = json.dumps(document, ensure_ascii=False).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "application/problem+json"),
            ("X-Correlation-ID", correlation),
            ("Cache-Control", "no-store"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
