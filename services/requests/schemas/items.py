"""Service items: what may be asked for, and the sheet that says how."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.items import AUDIENCES, CATEGORIES, DEEMED, FIELD_KINDS, ITEM_LIFECYCLE, MODES, NATURES
from shared.http.fields.aggregates import VersionView
from shared.http.fields.attachments import Uploaded
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, Flag, Schema, Text, Whole, count, revision_of
from shared.http.fields.texts import Lines
from shared.http.fields.times import Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress
from shared.rules.working_days import UNITS

KEY = r"[a-z][a-z0-9_]*"
KEY_MESSAGE = "只能用小写字母、数字和下划线,以字母开头 / Small letters, digits and _ alone, a letter first"
MOST_FIELDS, MOST_MATERIALS, MOST_CONDITIONS, MOST_CHOICES = 40, 40, 40, 40


def key() -> Text:
    """A name of a field or a paper within its sheet."""
    return Text(40, required=True, pattern=KEY, error_messages={"pattern": KEY_MESSAGE})


class MaterialSchema(Schema):
    """A paper that is to be handed over."""

    key = key()
    name_zh = Text(200, required=True)
    required = Flag(load_default=True)
    note = Text(500, load_default=None, allow_none=True)


class FieldSchema(Schema):
    """A field of the form that an applicant fills in."""

    name = key()
    label_zh = Text(100, required=True)
    label_en = Text(200, load_default=None, allow_none=True)
    kind = Choice(FIELD_KINDS, required=True)
    required = Flag(load_default=True)
    choices = fields.List(Text(100), load_default=list, validate=count(0, MOST_CHOICES))


class TermSchema(Schema):
    """So many days, of those on which offices work or of all."""

    days = Whole(1, 365, required=True)
    unit = Choice(UNITS, load_default="working")


class AcceptanceSchema(TermSchema):
    """The term for acceptance, and what follows from silence."""

    silence = Choice(("accepted", "none"), load_default="accepted")


class AnswerTermSchema(TermSchema):
    """The term for the answer, how many days it may be extended by, and what follows from silence."""

    extension = Whole(0, 365, load_default=0)
    silence = Choice(DEEMED, load_default="none")


class SheetSchema(Schema):
    """How an item is handled: its legal basis, conditions, papers, form, terms and fee."""

    basis = Lines(2000, required=True)
    conditions = fields.List(Text(500), load_default=list, validate=count(0, MOST_CONDITIONS))
    materials = fields.List(fields.Nested(MaterialSchema), load_default=list, validate=count(0, MOST_MATERIALS))
    form = fields.List(fields.Nested(FieldSchema), load_default=list, validate=count(0, MOST_FIELDS))
    acceptance = fields.Nested(AcceptanceSchema, required=True)
    supplement = fields.Nested(TermSchema, required=True)
    answer = fields.Nested(AnswerTermSchema, required=True)
    delivery = fields.Nested(TermSchema, required=True)
    fee = Text(200, load_default=None, allow_none=True)


class ItemDraft(Schema):
    """A new service item."""

    code = Text(40, required=True, pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*")
    national_code = Text(60, load_default=None, allow_none=True)
    name_zh = Text(200, required=True)
    name_en = Text(200, load_default=None, allow_none=True)
    category = Choice(CATEGORIES, required=True)
    nature = Choice(NATURES, required=True)
    mode = Choice(MODES, required=True)
    audience = Choice(AUDIENCES, load_default="anyone")
    provider = Text(200, required=True)
    coordinator = TenantAddress(load_default=None, allow_none=True)
    sheet = fields.Nested(SheetSchema, required=True)


@revision_of(ItemDraft, without=("code",))
class ItemRevision(Amendment):
    """What changes; the sheet as a whole."""


class OpenItemFilter(PageFilter):
    """Which of the items that can be asked for to list, `q` part of a code or name."""

    tenant = TenantAddress()
    category = Choice(CATEGORIES)
    mode = Choice(MODES)
    audience = Choice(AUDIENCES)
    q = Text(100)


class ItemFilter(OpenItemFilter):
    """Which items of the whole platform to list."""

    state = Choice(ITEM_LIFECYCLE.states)


class PublicItemView(Schema):
    """An item that can be asked for, as anybody reads of it."""

    id = Reference("item")
    home = Reference("tenant", attribute="tenant")
    code = fields.String()
    national_code = fields.String(allow_none=True)
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    category = Choice(CATEGORIES)
    nature = Choice(NATURES)
    mode = Choice(MODES)
    audience = Choice(AUDIENCES)
    provider = fields.String()
    edition = fields.Integer()
    sheet = fields.Nested(SheetSchema)


class ClosingDraft(Schema):
    """Why it cannot be asked for any more; about a service, not a person, so it is signed as it stands."""

    reason = Lines(500, required=True)


class FollowsView(Schema):
    """The common sheet that an item follows, and in which revision."""

    common = Reference("common_sheet")
    revision = fields.Integer()


class ItemView(VersionView):
    """A service item as the catalogue tells of it."""

    id = Reference("item")
    home = Reference("tenant", attribute="tenant")
    state = Choice(ITEM_LIFECYCLE.states)
    code = fields.String()
    national_code = fields.String(allow_none=True)
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    category = Choice(CATEGORIES)
    nature = Choice(NATURES)
    mode = Choice(MODES)
    audience = Choice(AUDIENCES)
    provider = fields.String()
    coordinator = Reference("tenant", allow_none=True)
    edition = fields.Integer()
    sheet = fields.Nested(SheetSchema)
    follows = fields.Nested(FollowsView, allow_none=True)
    updated_at = Instant()


class ItemImport(Schema):
    """A yearly list, CSV or XLSX, that was uploaded before with `POST /v1/files`; a dry run changes nothing."""

    file = Uploaded(required=True)
    dry_run = Flag(load_default=False)


class AbsentItemView(Schema):
    """An open item that the list does not name."""

    item = Reference("item")
    code = fields.String()
    name_zh = fields.String()


class ItemImportView(Schema):
    """What came of a list, or would come of it: items drafted, revised or as they were, and those that it lacks."""

    file = fields.String()
    dry_run = fields.Boolean()
    rows = fields.Integer()
    drafted = fields.Integer()
    revised = fields.Integer()
    unchanged = fields.Integer()
    absent = fields.List(fields.Nested(AbsentItemView))
