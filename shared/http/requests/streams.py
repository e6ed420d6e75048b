"""Bodies that are not JSON: files are read and sent a piece at a time, however large they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected, RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from shared.core.errors import ProblemError
from shared.files.store import CHUNK
from shared.http.requests.problems import http_error

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def check_length(most: int) -> None:
    """Refuse a body that says itself that it is too large, before a byte of it is read; raises 413."""
    # One byte more than may come, so that a body of exactly as much as may come ends before the reader's own limit.
    request.max_content_length = most + 1
    if (request.content_length or 0) > most:
        raise http_error(413)


def received(most: int) -> Iterator[bytes]:
    """The body in pieces; raises 413 once it is larger than `most`, 400 where it ends before it should.

    Without Content-Length the body is chunked, and the server says where it ends.
    """
    size = 0
    try:
        while chunk := request.stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise http_error(413)
            yield chunk
    except ClientDisconnected as error:
        raise _incomplete() from error
    if request.content_length is not None and size != request.content_length:
        # A server that marks the end of bodies itself ends one that was cut off like any other.
        raise _incomplete()


def _incomplete() -> ProblemError:
    return http_error(
        400,
        code="body_incomplete",
        zh="上传中断,内容不完整,未保存。请重新上传。",
        en="The upload broke off and was not kept. Upload it again.",
    )


class BodyStream:
    """The server's input stream: whatever it raises at a body that is none, a bad chunk for one, is an OSError here.

    Werkzeug makes 400 of that, wherever a body is read.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, or all there are."""
        try:
            read: bytes = self.stream.read() if size < 0 else self.stream.read(size)
        except Exception as error:
            raise OSError(f"the body cannot be read: {error!r}") from error
        return read


def with_body(application: Any) -> Any:
    """WSGI middleware that puts a `BodyStream` before the server's stream."""

    def handle(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.input"] = BodyStream(environ["wsgi.input"])
        return application(environ, start_response)

    return handle


def sent(opened: BinaryIO, *, name: str, media_type: str, sha256: str, size: int) -> Response:
    """A content as an attachment, in pieces, or the range of it that is asked for; never shown inline, never run."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": f'"{sha256}"',
        "Content-Length": str(size),
    }
    response = Response(FileWrapper(opened, CHUNK), 200, headers, mimetype=media_type, direct_passthrough=True)
    response.call_on_close(opened.close)
    # Whoever sends If-Match with everything reads all the same: werkzeug takes `*` for an ETag that does not fit.
    asked = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"}
    try:
        response.make_conditional(asked, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        opened.close()
        raise
    return response
