"""Fields and bodies that several resources of the parks API have."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from shared.http.fields import FreeTextField, Schema, Text
from shared.http.pages import PAGE_FIELDS


class PageFilter(Schema):
    """Which page of a list."""

    cursor = PAGE_FIELDS["cursor"]
    limit = PAGE_FIELDS["limit"]


class BilingualSchema(Schema):
    """A sentence in both languages."""

    zh = fields.String()
    en = fields.String()


def division_code(**kwargs: Any) -> Text:
    """Six digits; whether the division exists is for the command to ask."""
    message = "必须是六位行政区划代码 / Must be a six-digit code of GB/T 2260, such as 511600"
    return Text(6, minimum=6, pattern="[1-9][0-9]{5}", error_messages={"pattern": message}, **kwargs)


def sha256() -> Text:
    """A required hexadecimal SHA-256."""
    message = "必须是 64 位小写十六进制 / Must be 64 lower-case hexadecimal digits"
    return Text(64, minimum=64, pattern="[0-9a-f]{64}", error_messages={"pattern": message}, required=True)


class EmptyDraft(Schema):
    """A body without fields."""


class ReasonDraft(Schema):
    """Why something is suspended or refused."""

    reason = FreeTextField(2000, required=True)
