"""Revisions of the agreement as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, post_load
from marshmallow.types import ErrorMessages

from events.canonical import Json
from services.parks.domain.terms import (
    AGREEMENT_LIFECYCLE,
    BASE_RULES,
    FORUMS,
    INDICATORS,
    LONGEST_NOTICE,
    NOT_WHOLE,
    decimal_text,
    normal_terms,
)
from shared.core.calendar import FIRST_YEAR, LAST_YEAR
from shared.core.words import Pair
from shared.http.countersigned import CountersignedView, SignByDraft, ToSignFilter
from shared.http.fields.aggregates import VersionView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, Flag, FreeTextField, Schema, Whole, count, revision_of
from shared.http.fields.texts import Lines
from shared.http.fields.times import Day, Instant
from shared.http.requests.tenants import TenantAddress

YEARS = (FIRST_YEAR, LAST_YEAR)
DECIMAL_MESSAGES: ErrorMessages = {
    "decimal": '必须是十进制数,如 "0.5" / Must be a decimal number such as "0.5"',
}

REFUSAL = Pair.read(str(DECIMAL_MESSAGES["decimal"]))


class AnyDecimal(fields.Raw):
    """A number written any way (0.5, "0.50", "5e-1"), read into the shortest plain string that is hashed and signed.

    Its range is for `check_terms` to judge, so that all faults of the terms come in one answer.
    """

    default_error_messages = DECIMAL_MESSAGES

    def __init__(self, *, unit: str = "", **kwargs: Any) -> None:
        told = {"x-unit": unit} if unit else {}
        form = {"type": ["string", "number"], "format": "decimal", "x-refusal": REFUSAL.by_language()}
        super().__init__(metadata={**form, "examples": ["0.5"], **told}, **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        text = decimal_text(value)
        if text is None:
            raise self.make_error("decimal")
        return text


class Ratios(fields.Dict):
    """Ratio by tenant; the same tenant written in two ways (upper and lower case) is refused, not silently dropped."""

    def __init__(self) -> None:
        super().__init__(
            keys=TenantAddress(),
            values=AnyDecimal(unit="ratio"),
            required=True,
            validate=count(0, 40),
            # For `check_terms` to judge; forms say it while there is only the form.
            metadata={"x-sum": NOT_WHOLE.by_language()},
        )

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        ratios: dict[UUID, str] = super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]
        if len(ratios) != len(value):
            raise ValidationError("同一参与方出现两次 / Names one party twice")
        return ratios


class ShareSchema(Schema):
    """How one indicator is shared in a range of years."""

    indicator = Choice(INDICATORS, required=True)
    from_year = Whole(*YEARS, required=True)
    to_year = Whole(*YEARS, required=True)
    ratios = Ratios()
    cap = AnyDecimal(load_default=None)
    floor = AnyDecimal(load_default=None)


class ObligationSchema(Schema):
    """What one party undertakes."""

    party = TenantAddress(required=True)
    text_zh = Lines(2000, required=True)
    text_en = Lines(4000, minimum=0, load_default="")
    due = Day(endless=True, load_default=None)


class ExitSchema(Schema):
    """How a party leaves."""

    notice_days = Whole(0, LONGEST_NOTICE, required=True)
    text_zh = Lines(2000, required=True)
    text_en = Lines(4000, minimum=0, load_default="")


class ForumSchema(Schema):
    """Who settles disputes."""

    kind = Choice(FORUMS, required=True)
    text_zh = Lines(2000, required=True)
    text_en = Lines(4000, minimum=0, load_default="")


class TermsSchema(Schema):
    """The terms, loaded into the plain normal form that is stored, hashed and signed."""

    base_year = Whole(*YEARS, required=True)
    base_rule = Choice(BASE_RULES, required=True)
    shares = fields.List(fields.Nested(ShareSchema), required=True, validate=count(0, 100))
    obligations = fields.List(fields.Nested(ObligationSchema), load_default=list, validate=count(0, 100))
    exit = fields.Nested(ExitSchema, required=True)
    dispute_forum = fields.Nested(ForumSchema, required=True)

    @post_load
    def as_normal(self, loaded: Mapping[str, Any], **_: Any) -> dict[str, Json]:
        """Terms are kept as JSON."""
        return normal_terms(loaded)


class AgreementDraft(SignByDraft):
    """A proposed agreement."""

    terms = fields.Nested(TermsSchema, required=True)
    attachments = fields.List(fields.Nested(AttachmentSchema), load_default=list, validate=count(0, 20))
    effective_from = Day(required=True)
    confirm_duplicate = Flag(load_default=False)


@revision_of(AgreementDraft, without=("sign_by", "confirm_duplicate"))
class AgreementAmendment(Amendment):
    """What changes in a proposed agreement; signatures become void."""


class AgreementFilter(ToSignFilter):
    """Which revisions to list."""

    state = Choice(AGREEMENT_LIFECYCLE.states)


class AllAgreementsFilter(AgreementFilter):
    """The same of one park, or of all."""

    park = Reference("park")


class AgreementView(CountersignedView, VersionView):
    """A revision of the agreement and who has signed it."""

    id = Reference("agreement")
    park = Reference("park", attribute="park_id")
    revision = fields.Integer()
    state = Choice(AGREEMENT_LIFECYCLE.states)
    terms = fields.Nested(TermsSchema)
    attachments = fields.List(fields.Nested(AttachmentSchema))
    effective_from = Day()
    reason = FreeTextField(2000, allow_none=True)
    created_at = Instant()
    updated_at = Instant()
