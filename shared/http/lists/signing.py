"""What several tenants sign, as an API takes and shows it: hashes, signatures and the files of a content."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from shared.http.fields.references import ActorReference, Reference
from shared.http.fields.strict import Schema, Text, Whole
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter

LARGEST_FILE = 2**31
FILE_NAME = r"[^/\\\x00-\x1f\x7f]+"
FILE_NAME_MESSAGE = "不能含有路径分隔符或控制字符 / Must hold neither path separators nor control characters"
MEDIA_TYPE = r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*"
MEDIA_TYPE_MESSAGE = "必须是媒体类型,如 application/pdf / Must be a media type such as application/pdf"


def sha256(**kwargs: Any) -> Identifier:
    """A hexadecimal SHA-256."""
    return Identifier("sha256", **kwargs)


class AttachmentSchema(Schema):
    """A file cited by its hash."""

    sha256 = sha256(required=True)
    name = Text(200, required=True, pattern=FILE_NAME, error_messages={"pattern": FILE_NAME_MESSAGE})
    media_type = Text(100, required=True, pattern=MEDIA_TYPE, error_messages={"pattern": MEDIA_TYPE_MESSAGE})
    size = Whole(0, LARGEST_FILE, required=True)


class SignatureDraft(Schema):
    """The hash of the content one has read and agrees to."""

    content_hash = sha256(required=True)


class SignByDraft(Schema):
    """By which day all are to sign; none if left out. It is no part of what is signed."""

    sign_by = Day(load_default=None, metadata={"description": "签署期限(可不填) / Day to sign by, if any"})


class SignByView(Schema):
    """By which day all are to sign, and when they were last reminded."""

    sign_by = Day(allow_none=True)
    reminded_at = Instant(allow_none=True)


class ToSignFilter(PageFilter):
    """Whether it is to be signed by the caller's tenant."""

    to_sign = fields.Boolean(metadata={"description": "待本辖区签署 / To be signed by your tenant"})


class SignatureSchema(Schema):
    """A signature as it was given."""

    tenant = Reference("tenant")
    content_hash = fields.String()
    signed_at = Instant()
    actor = ActorReference(of="tenant")
