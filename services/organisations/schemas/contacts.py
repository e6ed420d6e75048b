"""Contacts as the API takes and shows them: personal data, for those with `organisations:persons` alone."""

from __future__ import annotations

from marshmallow import fields

from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Schema, Text, revision_of
from shared.http.fields.texts import Lines, Mail
from shared.http.fields.times import Instant


class ContactDraft(Schema):
    """A person at the organisation."""

    name = Text(100, required=True)
    title = Text(100, load_default=None, allow_none=True)
    phone = Text(40, load_default=None, allow_none=True)
    email = Mail(load_default=None, allow_none=True)
    note = Lines(1000, load_default=None, allow_none=True)


@revision_of(ContactDraft)
class ContactChange(Amendment):
    """What is given replaces what was."""


class PersonView(Schema):
    """All that is kept of a person."""

    name = fields.String()
    title = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class ContactView(PersonView):
    """A person at the organisation."""

    id = Reference("contact")
    organisation = Reference("organisation")
    created_at = Instant()
    updated_at = Instant()


class ContactExport(Schema):
    """What a person may ask for: all that is held on them, where, and since when."""

    id = Reference("contact")
    organisation = Reference("organisation")
    law = fields.String()
    person = fields.Nested(PersonView)
    created_at = Instant()
    updated_at = Instant()
    exported_at = Instant()


class ErasedView(Schema):
    """A contact that is no more, and which fields of it were kept until now."""

    id = Reference("contact")
    organisation = Reference("organisation")
    erased = fields.List(fields.String())
