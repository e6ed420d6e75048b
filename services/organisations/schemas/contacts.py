"""Contacts as the API takes and shows them: personal data, for those with `organisations:persons` alone."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate
from marshmallow.types import ErrorMessages

from shared.http.fields import Amendment, Schema, Text
from shared.http.times import Instant

EMAIL = validate.Length(3, 200, error="应为 {min} 至 {max} 个字符 / Must have {min} to {max} characters")
EMAIL_MESSAGE: ErrorMessages = {"invalid": "必须是电子邮件地址 / Must be an e-mail address"}


def _email(**kwargs: Any) -> fields.Email:
    return fields.Email(allow_none=True, validate=EMAIL, error_messages=EMAIL_MESSAGE, **kwargs)


class ContactDraft(Schema):
    """A person at the organisation."""

    name = Text(100, required=True)
    title = Text(100, load_default=None, allow_none=True)
    phone = Text(40, load_default=None, allow_none=True)
    email = _email(load_default=None)
    note = Text(1000, load_default=None, allow_none=True)


class ContactChange(Amendment):
    """What is given replaces what was."""

    name = Text(100)
    title = Text(100, allow_none=True)
    phone = Text(40, allow_none=True)
    email = _email()
    note = Text(1000, allow_none=True)


class PersonView(Schema):
    """All that is kept of a person."""

    name = fields.String()
    title = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class ContactView(PersonView):
    """A person at the organisation."""

    id = fields.UUID()
    organisation = fields.UUID()
    created_at = Instant()
    updated_at = Instant()


class ContactExport(Schema):
    """What a person may ask for: all that is held on them, where, and since when."""

    id = fields.UUID()
    organisation = fields.UUID()
    law = fields.String()
    person = fields.Nested(PersonView)
    created_at = Instant()
    updated_at = Instant()
    exported_at = Instant()


class ErasedView(Schema):
    """A contact that is no more, and which fields of it were kept until now."""

    id = fields.UUID()
    organisation = fields.UUID()
    erased = fields.List(fields.String())
