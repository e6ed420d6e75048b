"""Files that a content cites, as an API takes and shows them."""

from __future__ import annotations

from typing import Any

from shared.http.fields.strict import Schema, Text, Whole
from shared.http.fields.texts import Identifier

LARGEST_FILE = 2**31
FILE_NAME = r"[^/\\\x00-\x1f\x7f]+"
FILE_NAME_MESSAGE = "不能含有路径分隔符或控制字符 / Must hold neither path separators nor control characters"
MEDIA_TYPE = r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*"
MEDIA_TYPE_MESSAGE = "必须是媒体类型,如 application/pdf / Must be a media type such as application/pdf"


def sha256(**kwargs: Any) -> Identifier:
    """A hexadecimal SHA-256."""
    return Identifier("sha256", **kwargs)


class Uploaded(Identifier):
    """The SHA-256 of a file that was uploaded before with `POST /v1/files`; the command line uploads it itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("sha256", **kwargs)


class AttachmentSchema(Schema):
    """A file cited by its hash."""

    sha256 = sha256(required=True)
    name = Text(200, required=True, pattern=FILE_NAME, error_messages={"pattern": FILE_NAME_MESSAGE})
    media_type = Text(100, required=True, pattern=MEDIA_TYPE, error_messages={"pattern": MEDIA_TYPE_MESSAGE})
    size = Whole(0, LARGEST_FILE, required=True)
