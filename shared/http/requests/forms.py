"""A file that comes in a multipart form: its content in pieces, its name, and what it is called."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import NEED_DATA, Data, Field, File, MultipartDecoder, Preamble

from events.printing import is_printable
from shared.core.errors import InvalidError, ProblemError
from shared.files.media_types import UNKNOWN
from shared.files.store import CHUNK
from shared.http.requests.problems import http_error
from shared.http.requests.streams import received

FORM = "multipart/form-data"
ROUND = 64 * 1024
"""Bytes that a form may have besides the file: boundaries, and the heads of its parts."""
LONGEST_NAME = 200


class FormFile:
    """The one file of the request's form; `name` and `label` are known once its pieces have been read."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.label = ""
        self._size, self._is_there = 0, False
        boundary = request.mimetype_params.get("boundary", "")
        if not boundary or len(boundary) > LONGEST_NAME or not boundary.isascii():
            raise _malformed()
        # What is not the file's stays in memory until a part's head or the form ends.
        self._decoder = MultipartDecoder(boundary.encode(), max_form_memory_size=CHUNK + ROUND)

    def pieces(self, most: int) -> Iterator[bytes]:
        """The file's content; raises 413 for one larger than `most`, 400 or 422 for a form of another kind."""
        for chunk in received(most + ROUND):
            for piece in self._fed(chunk):
                self._size += len(piece)
                if self._size > most:
                    raise http_error(413)
                yield piece
        yield from self._fed(None)
        if not self._is_there:
            raise _not_one_file()

    def _fed(self, chunk: bytes | None) -> Iterator[bytes]:
        try:
            self._decoder.receive_data(chunk)
            while (event := self._decoder.next_event()) is not NEED_DATA:
                if isinstance(event, Data):
                    yield event.data
                elif isinstance(event, Field | File):
                    if self._is_there or not isinstance(event, File):
                        raise _not_one_file()
                    self._is_there = True
                    name = PureWindowsPath(PurePosixPath(event.filename).name).name.strip()
                    self.name = (
                        name
                        if name and len(name) <= LONGEST_NAME and is_printable(name) and name.isprintable()
                        else None
                    )
                    said = parse_options_header(event.headers.get("Content-Type", ""))[0].lower()
                    self.label = said or mimetypes.guess_type(self.name or "")[0] or UNKNOWN
                elif not isinstance(event, Preamble):
                    return
        except RequestEntityTooLarge as error:
            raise _malformed() from error
        except ValueError as error:
            raise _malformed() from error


def _malformed() -> ProblemError:
    return http_error(
        400,
        code="form_malformed",
        zh="表单格式不正确或不完整,文件未保存。请重新上传,或以文件内容本身作为请求体。",
        en="The form is malformed or incomplete, and no file was kept. Upload it again, or send the file's content"
        " itself as the body.",
    )


def _not_one_file() -> InvalidError:
    return InvalidError(
        "form_not_one_file",
        "表单须正好含有一个文件,不含其他内容。请每次上传一个文件。",
        "The form must hold exactly one file and nothing else. Upload one file at a time.",
    )
