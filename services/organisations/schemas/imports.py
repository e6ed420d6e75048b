"""Imports as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.organisations.domain.columns import COLUMNS
from services.organisations.domain.imports import IMPORT_LIFECYCLE
from shared.http.fields.attachments import Uploaded
from shared.http.fields.references import Reference
from shared.http.fields.strict import BilingualSchema, Choice, Flag, Schema
from shared.http.fields.times import Instant
from shared.http.lists.pages import PageFilter


class ImportDraft(Schema):
    """A file uploaded before with `POST /v1/files`; a dry run reports what would happen and changes nothing."""

    file = Uploaded(required=True)
    dry_run = Flag(load_default=False)


class ImportFilter(PageFilter):
    """Which imports to list."""

    mine = fields.Boolean(load_default=False, metadata={"description": "只看本人提出的 / Only those you began"})


class ImportView(Schema):
    """How far an import is; `seen` of `rows` were looked at. `notes` say what of the file was not read."""

    id = Reference("import")
    file = fields.String()
    form = Choice(("csv", "xlsx"))
    sheet = fields.String(allow_none=True)
    notes = fields.List(fields.Nested(BilingualSchema))
    dry_run = fields.Boolean()
    state = Choice(IMPORT_LIFECYCLE.states)
    rows = fields.Integer()
    seen = fields.Integer()
    registered = fields.Integer()
    revised = fields.Integer()
    unchanged = fields.Integer()
    refused = fields.Integer()
    seconds_left = fields.Integer(allow_none=True)
    created_at = Instant()
    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    allowed_actions = fields.List(fields.String())


class ImportErrorView(Schema):
    """What is wrong with one cell, such as `C5`; `column` is null where the cell is under no heading."""

    column = Choice(COLUMNS, allow_none=True)
    cell = fields.String(allow_none=True)
    heading = fields.String()
    code = fields.String()
    message = fields.Nested(BilingualSchema)


class ImportRowView(Schema):
    """A row that was not taken, numbered as a spreadsheet numbers it."""

    row = fields.Integer()
    errors = fields.List(fields.Nested(ImportErrorView))
