"""Projects, consultations and comments as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from events.canonical import Json, plain
from services.standards.domain.differences import RULES, SIDES
from services.standards.domain.lifecycles import COMMENT_LIFECYCLE, CONSULTATION_LIFECYCLE, PROJECT_LIFECYCLE
from services.standards.domain.projects import KINDS, MOST_ANSWERED, MOST_FILES, MOST_ISSUERS, MOST_REPLACED, VERDICTS
from services.standards.domain.sheets import COMPARISONS, MOST_LINES, MOST_MATERIALS
from shared.http.countersigned import CountersignedView, SignByView, ToSignFilter
from shared.http.fields.aggregates import AggregateView, VersionView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.printed import Printed
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, FreeTextField, Schema, Text, WholeInQuery, count, revision_of
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress

LONGEST_COMMENT = 2000
CLAUSE = r"(附录 ?)?([A-Z][0-9]{0,3}|[0-9]{1,3})(\.[0-9]{1,3}){0,5}"
"""A clause's number and no prose: unlike the text it stands in signed entries, where it cannot be erased."""
CLAUSE_MESSAGE = "请填条款号,如 5.1、A.2、附录A / Give a clause number such as 5.1 or A.2"
ORIGINS = ("party", "public")


class RequirementSchema(Schema):
    """One line of a requirement sheet; `limit` is a plain decimal, or a text where the comparison is "text"."""

    clause = Text(40, required=True)
    parameter = Text(100, required=True)
    comparison = Choice(COMPARISONS, required=True)
    limit = Text(200, required=True)
    unit = Text(30, load_default=None, allow_none=True)
    method = Text(100, load_default=None, allow_none=True)
    materials = fields.List(Text(100), load_default=list, validate=count(0, MOST_MATERIALS))


class FileSchema(AttachmentSchema):
    """A file of the text, kept as JSON."""

    @post_load
    def as_plain(self, loaded: Mapping[str, Any], **_: Any) -> Json:
        """As it is hashed."""
        return plain(loaded)


class ProjectDraft(Schema):
    """A standard to be drafted; `issuers` include the caller's tenant, which leads."""

    kind = Choice(KINDS, required=True, attribute="standard_kind")
    title_zh = Printed(200, required=True)
    title_en = Printed(200, load_default=None, allow_none=True)
    subject = Text(100, required=True)
    issuers = fields.List(TenantAddress(), validate=count(1, MOST_ISSUERS), required=True)
    text = fields.List(fields.Nested(FileSchema), validate=count(0, MOST_FILES), load_default=list)
    sheet = fields.List(fields.Nested(RequirementSchema), validate=count(0, MOST_LINES), load_default=list)
    effective_from = Day(required=True)
    replaces = fields.List(Reference("standard"), validate=count(0, MOST_REPLACED), load_default=list)


@revision_of(ProjectDraft, without=("kind",))
class ProjectRevision(Amendment):
    """What changes in a draft; while it is being signed, signatures become void."""


class NumberDraft(Schema):
    """One's own project, and the number under which one will issue the text."""

    number = Identifier("standard_number", required=True)
    project = Identifier("project_number", required=True)


class ConsultationDraft(Schema):
    """Until the end of which day comments are taken."""

    closes_on = Day(required=True)


class CommentDraft(Schema):
    """A comment on a draft, perhaps on one clause of it; what there is to say belongs into the text."""

    text = FreeTextField(LONGEST_COMMENT, required=True)
    clause = Text(20, pattern=CLAUSE, error_messages={"pattern": CLAUSE_MESSAGE}, load_default=None, allow_none=True)


class AnswerDraft(Schema):
    """What the lead makes of a comment, and why."""

    verdict = Choice(VERDICTS, required=True)
    answer = FreeTextField(2000, required=True)


class AnswersDraft(AnswerDraft):
    """One answer to many comments: to those named, or to the public's open ones, the oldest first, so many at once."""

    comments = fields.List(
        Reference("comment"), load_default=None, allow_none=True, validate=count(1, MOST_ANSWERED)
    )  # fmt: skip


def _choices() -> fields.Dict:
    return fields.Dict(
        keys=Text(100), values=Choice(SIDES), load_default=dict, validate=count(0, 2 * MOST_LINES)
    )  # fmt: skip


class MergeDraft(Schema):
    """Two standards on one subject to be merged; `choices` say left or right by parameter."""

    left = Reference("standard", required=True)
    right = Reference("standard", required=True)
    rule = Choice(RULES, required=True)
    choices = _choices()
    title_zh = Printed(200, load_default=None, allow_none=True)
    title_en = Printed(200, load_default=None, allow_none=True)
    effective_from = Day(load_default=None, allow_none=True)


class RefreshDraft(Schema):
    """How to merge again; `sources` are left and right, or null for the same standards as before."""

    rule = Choice(RULES, required=True)
    choices = _choices()
    sources = fields.List(Reference("standard"), load_default=None, allow_none=True, validate=count(2, 2))


class IssuerSchema(Schema):
    """A tenant with its own project and number, null until it has entered them."""

    tenant = Reference("tenant")
    number = fields.String(allow_none=True)
    project = fields.String(allow_none=True)


class SourceSchema(Schema):
    """A standard that a sheet was merged from, as it was then."""

    standard = Reference("standard")
    content_hash = fields.String()


class StaleSchema(Schema):
    """A source on which a merged sheet no longer rests, and why: changed, not_in_force or unknown."""

    standard = Reference("standard")
    numbers = fields.List(fields.String())
    why = fields.String()


class ProjectFilter(ToSignFilter):
    """Which projects to list."""

    state = Choice(PROJECT_LIFECYCLE.states)
    kind = Choice(KINDS)
    subject = Text(100)
    q = Text(100)
    issuer = TenantAddress()


class ProjectLine(SignByView, AggregateView):
    """A project as it stands in a list."""

    id = Reference("project")
    state = Choice(PROJECT_LIFECYCLE.states)
    kind = Choice(KINDS)
    title_zh = fields.String()
    title_en = fields.String(allow_none=True)
    subject = fields.String()
    issuers = fields.List(fields.Nested(IssuerSchema))
    effective_from = Day()
    comments_until = Day(allow_none=True)
    unanswered = fields.Integer()
    stale = fields.Boolean()
    missing_signatures = fields.List(Reference("tenant"))
    standard = Reference("standard", attribute="standard_id", allow_none=True)


class ProjectView(ProjectLine, CountersignedView):
    """A project as home and every issuer see it; `consultation` is its latest one."""

    text = fields.List(fields.Nested(AttachmentSchema))
    sheet = fields.List(fields.Nested(RequirementSchema))
    replaces = fields.List(Reference("standard"))
    merged_from = fields.List(fields.Nested(SourceSchema))
    stale_sources = fields.List(fields.Nested(StaleSchema))
    comment_round = fields.Integer()
    consultation = Reference("consultation", allow_none=True)
    reason = fields.String(allow_none=True)


class CommentFilter(PageFilter):
    """Which comments to list."""

    state = Choice(COMMENT_LIFECYCLE.states)
    round = WholeInQuery(1, 10**6)
    origin = Choice(ORIGINS)


class CommentView(VersionView):
    """A comment and its answer; `author` is null for the public, texts where they have been erased."""

    id = Reference("comment")
    project = Reference("project", attribute="project_id")
    round = fields.Integer(attribute="comment_round")
    author = Reference("tenant", allow_none=True)
    clause = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    state = Choice(COMMENT_LIFECYCLE.states)
    verdict = Choice(VERDICTS, allow_none=True)
    answer = fields.String(allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class ConsultationFilter(PageFilter):
    """Which open drafts to list; `tenant` leads."""

    tenant = TenantAddress()


class ConsultationLine(Schema):
    """An open draft as anybody sees it in a list; `tenant` leads."""

    id = Reference("consultation")
    tenant = Reference("tenant")
    state = Choice(CONSULTATION_LIFECYCLE.states)
    project = Reference("project", attribute="project_id")
    round = fields.Integer(attribute="comment_round")
    kind = Choice(KINDS)
    title_zh = fields.String()
    title_en = fields.String(allow_none=True)
    subject = fields.String()
    issuers = fields.List(fields.Nested(IssuerSchema))
    opened_at = Instant()
    closes_on = Day()


class ConsultationView(ConsultationLine):
    """A draft that is, or was, open for comment, with all that may be commented on."""

    text = fields.List(fields.Nested(AttachmentSchema))
    sheet = fields.List(fields.Nested(RequirementSchema))


class ReceiptView(Schema):
    """What somebody who commented publicly keeps of it."""

    id = Reference("comment")
    consultation = Reference("consultation")
    received_at = Instant()
