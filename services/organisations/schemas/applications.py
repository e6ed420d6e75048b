"""Applications of organisations as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.organisations.domain.applications import APPLICATION_LIFECYCLE, MOST_EVIDENCE, PURPOSES
from services.organisations.domain.organisation import KINDS
from services.organisations.schemas.organisations import QualificationDraft
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, FreeTextField, Schema, Text, count
from shared.http.fields.texts import Identifier
from shared.http.lists.pages import PageFilter


def _evidence(**kwargs: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(AttachmentSchema), validate=count(0, MOST_EVIDENCE), **kwargs)


class RegistrationSchema(Schema):
    """What an organisation is to be registered as; what is missing is filled in before it is submitted."""

    code = Identifier("credit_code", allow_none=True)
    name_zh = Text(200)
    name_en = Text(200, allow_none=True)
    kind = Choice(KINDS, allow_none=True)
    sectors = fields.List(Identifier("sector"), validate=count(0, 30))
    division = Identifier("division_code", allow_none=True)


class RegistrationDraft(RegistrationSchema):
    """The registration of an organisation is opened: its name is enough."""

    name_zh = Text(200, required=True)
    evidence = _evidence(load_default=list)


class QualificationApplicationDraft(QualificationDraft):
    """A qualification that one's own organisation applies for, with files that prove it."""

    evidence = _evidence(load_default=list)


class ApplicationRevision(Amendment):
    """What changes: of a registration its fields, a qualification as a whole; `evidence` is all there shall be."""

    registration = fields.Nested(RegistrationSchema)
    qualification = fields.Nested(QualificationDraft)
    evidence = _evidence()


class ApplicationFilter(PageFilter):
    """Which applications to list."""

    state = Choice(APPLICATION_LIFECYCLE.states)
    purpose = Choice(PURPOSES)
    organisation = Reference("organisation")


class RegistrationView(Schema):
    """What an organisation asks to be registered as."""

    code = fields.String(allow_none=True)
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    kind = Choice(KINDS, allow_none=True)
    sectors = fields.List(fields.String())
    division = fields.String(allow_none=True)


class ApplicationView(AggregateView):
    """An application: `organisation` is whose, also before it is registered; the other purpose's part is null."""

    id = Reference("application")
    organisation = Reference("organisation", attribute="organisation_id")
    purpose = Choice(PURPOSES)
    state = Choice(APPLICATION_LIFECYCLE.states)
    registration = fields.Nested(RegistrationView, allow_none=True)
    qualification = fields.Nested(QualificationDraft, allow_none=True)
    evidence = fields.List(fields.Nested(AttachmentSchema))
    reason = FreeTextField(2000, allow_none=True)
