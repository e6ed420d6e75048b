"""Certificates as the API takes and shows them, to officials and to anybody."""

from __future__ import annotations

from marshmallow import fields

from services.standards.domain.certificates import MOST_BASES, MOST_METHODS, MOST_PRODUCTS, MOST_REPORTS
from services.standards.domain.lifecycles import CERTIFICATE_LIFECYCLE
from services.standards.domain.publicity import STATES
from services.standards.schemas.bodies import SpellView
from services.standards.schemas.checking import KNOWN_UNTIL, UP_TO_DATE
from shared.http.fields.aggregates import VersionView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.printed import Printed
from shared.http.fields.references import Reference
from shared.http.fields.strict import BilingualSchema, Choice, FreeTextField, Schema, Text, count
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter


class HolderSchema(Schema):
    """Whom it is issued to; `organisation` is its id where it is registered with a tenant."""

    code = Identifier("credit_code", required=True)
    name_zh = Printed(200, required=True)
    organisation = Reference("organisation", load_default=None, allow_none=True)


class HolderView(Schema):
    """The holder; its name is known in the certificate's own tenant alone."""

    code = fields.String()
    name_zh = fields.String(allow_none=True)
    organisation = Reference("organisation", allow_none=True)


class CertificateSpellView(SpellView):
    """The same of a certificate."""

    state = Choice(CERTIFICATE_LIFECYCLE.states)


class RecognisedView(Schema):
    """The recognition in force here by which a certificate of another tenant may be read, and its scope."""

    id = Reference("recognition")
    product_classes = fields.List(fields.String())
    sectors = fields.List(fields.String())
    parks = fields.List(Reference("park"))
    extra_tests = fields.List(fields.String())
    validity_cap_months = fields.Integer(allow_none=True)


class ProductSchema(Schema):
    """A product with its class."""

    # `class` is a word of Python's own.
    product_class = Identifier("product_class", required=True, data_key="class", attribute="class")
    name = Printed(200, required=True)


class CertificateDraft(Schema):
    """A new certificate; `valid_from` is today if it is left out."""

    body = Reference("body", required=True)
    standard = Reference("standard", required=True)
    holder = fields.Nested(HolderSchema, required=True)
    products = fields.List(fields.Nested(ProductSchema), required=True, validate=count(1, MOST_PRODUCTS))
    methods = fields.List(Printed(100), load_default=list, validate=count(0, MOST_METHODS))
    valid_from = Day(load_default=None, allow_none=True)
    valid_to = Day(required=True)
    report = fields.List(fields.Nested(AttachmentSchema), load_default=list, validate=count(0, MOST_REPORTS))
    based_on = fields.List(Identifier("certificate_number"), load_default=list, validate=count(0, MOST_BASES))


class RevocationDraft(Schema):
    """Why, and since the beginning of which day; now if that is left out."""

    reason = FreeTextField(2000, required=True)
    since = Day(load_default=None, allow_none=True)


class CertificateFilter(PageFilter):
    """Which of the tenant's certificates to list; `number` alone finds anybody's.

    `q` is the beginning of a number, with or without the tenant's code and the year before it.
    """

    state = Choice(CERTIFICATE_LIFECYCLE.states)
    standard = Reference("standard")
    body = Reference("body")
    holder = Identifier("credit_code")
    q = Text(80)
    number = Identifier("certificate_number")


class OwnCertificateFilter(PageFilter):
    """Which of one's own organisation's certificates to list."""

    state = Choice(CERTIFICATE_LIFECYCLE.states)
    standard = Reference("standard")


class CertificateView(VersionView):
    """A certificate; the reason and the holder's name are known in its own tenant alone.

    `holder_public` says whether the holder allows that anybody who has the number is told its whole name.

    Of another tenant's that no recognition in force here covers, only what the public is told is shown: `holder` is
    null then, and spells, methods, report and `based_on` are empty.
    """

    id = Reference("certificate")
    home = Reference("tenant", attribute="tenant")
    number = fields.String()
    state = Choice(CERTIFICATE_LIFECYCLE.states)
    spells = fields.List(fields.Nested(CertificateSpellView))
    body = Reference("body", attribute="body_id")
    standard = Reference("standard", attribute="standard_id")
    holder = fields.Nested(HolderView, allow_none=True)
    holder_public = fields.Boolean()
    products = fields.List(fields.Nested(ProductSchema))
    methods = fields.List(fields.String())
    valid_from = Day()
    valid_to = Day()
    report = fields.List(fields.Nested(AttachmentSchema))
    based_on = fields.List(fields.String())
    replaces = fields.String(allow_none=True)
    replaced_by = fields.String(allow_none=True)
    recognition = fields.Nested(RecognisedView, allow_none=True)
    reason = FreeTextField(2000, allow_none=True)
    updated_at = Instant()


class PrintingView(Schema):
    """The PDF is being made: ask again after `Retry-After`."""

    code = Choice(("pdf_being_made",), required=True)
    message = fields.Nested(BilingualSchema, required=True)


class PublicHolderView(Schema):
    """Whose it is: the name in part (`masked`), or whole with the code where the holder allows it; null once erased."""

    name_zh = fields.String(required=True, allow_none=True, attribute="name")
    code = fields.String(required=True, allow_none=True)
    masked = fields.Boolean(required=True)


class PublicTitleSchema(Schema):
    """What something is called, in both languages where it has an English name."""

    zh = fields.String(required=True)
    en = fields.String(required=True, allow_none=True)


class PublicFactsView(Schema):
    """What a paper with this number has to say."""

    products = fields.List(fields.Nested(ProductSchema), required=True)
    standard_numbers = fields.List(fields.String(), required=True, attribute="numbers")
    standard = fields.Nested(PublicTitleSchema, required=True)
    body = fields.Nested(PublicTitleSchema, required=True)
    valid_from = Day(required=True)
    valid_to = Day(required=True)


class PublicStateView(Schema):
    """What anybody may know of a certificate: whether it counts now, if not, in one word why, and what it is about.

    `holder` is null where the home of the certificate lives in another cell, `about` where not all of it is known here.
    """

    number = fields.String(required=True)
    valid = fields.Boolean(required=True)
    state = Choice(STATES, required=True)
    message = fields.Nested(BilingualSchema, required=True)
    checked_at = Instant(required=True)
    up_to_date = fields.Boolean(required=True, metadata=UP_TO_DATE)
    known_until = Instant(required=True, allow_none=True, metadata=KNOWN_UNTIL)
    holder = fields.Nested(PublicHolderView, required=True, allow_none=True)
    about = fields.Nested(PublicFactsView, required=True, allow_none=True)
