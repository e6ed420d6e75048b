"""Fields and bodies that several resources of the parks API have."""

from __future__ import annotations

from marshmallow import fields

from shared.http.fields import Schema, Text


class BilingualSchema(Schema):
    """A sentence in both languages."""

    zh = fields.String()
    en = fields.String()


def sha256() -> Text:
    """A required hexadecimal SHA-256."""
    message = "必须是 64 位小写十六进制 / Must be 64 lower-case hexadecimal digits"
    return Text(64, minimum=64, pattern="[0-9a-f]{64}", error_messages={"pattern": message}, required=True)
