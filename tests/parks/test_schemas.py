"""What the parks API takes and shows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import ValidationError

from events.text import FreeText
from services.parks.domain.terms import check_terms, content_hash
from services.parks.schemas import agreements, parks
from shared.http.countersigned import SignatureDraft
from shared.http.fields.strict import Nothing, ReasonDraft, Schema

SICHUAN, CHONGQING = UUID(int=0xA1), UUID(int=0xB2)
PARTIES = [
    {"tenant": str(SICHUAN), "role": "host", "division": "511600"},
    {"tenant": str(CHONGQING), "role": "partner", "division": None},
]
TEXT = {"text_zh": "文"}
FILE = {"sha256": "ab" * 32, "name": "附件.pdf", "media_type": "application/pdf", "size": 5}


def park(**changes):
    return {"name_zh": "川渝高竹新区", "kind": "joint", "location": "511623", "parties": PARTIES, **changes}


def terms(**changes):
    ratios = {str(SICHUAN): "0.50", str(CHONGQING): 0.5}
    share = {"indicator": "tax_revenue", "from_year": 2021, "to_year": 2030, "ratios": ratios, "cap": "1e3"}
    forum = {"kind": "council", **TEXT}
    whole = {"base_year": 2020, "base_rule": "stock_stays", "shares": [share], "dispute_forum": forum}
    return {**whole, "exit": {"notice_days": 180, **TEXT}, "obligations": [{"party": str(SICHUAN), **TEXT}], **changes}


def test_a_draft_park_loads_with_defaults_and_plain_parties():
    loaded = parks.ParkDraft().load(park(area_km2="262.00", starts_on="2021-12-27"))
    assert loaded["parties"] == PARTIES
    assert (loaded["area_km2"], loaded["starts_on"], loaded["ends_on"]) == (Decimal(262), date(2021, 12, 27), None)
    assert (loaded["sectors"], loaded["name_en"]) == ([], None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_zh": ""}, "name_zh"),
        ({"name_zh": "字" * 201}, "name_zh"),
        ({"name_zh": "a\0"}, "name_zh"),
        ({"kind": "club"}, "kind"),
        ({"location": "5116"}, "location"),
        ({"location": "51162x"}, "location"),
        ({"area_km2": 262}, "area_km2"),
        ({"sectors": ["x"] * 31}, "sectors"),
        ({"sectors": ["\ud800"]}, "sectors"),
        ({"parties": [{"role": "host"}]}, "parties"),
        ({"parties": [{**PARTIES[0], "name": "x"}]}, "parties"),
        ({"starts_on": "2021-12-27", "ends_on": "2021-12-27"}, "ends_on"),
        ({"state": "active"}, "state"),
    ],
)
def test_a_faulty_draft_park_is_refused_at_its_field(changes, field):
    with pytest.raises(ValidationError) as refusal:
        parks.ParkDraft().load(park(**changes))
    assert list(refusal.value.messages) == [field]


def test_a_revision_takes_any_field_alone_but_not_none_at_all():
    for field, value in park(name_en=None, sectors=[], starts_on=None).items():
        assert list(parks.ParkRevision().load({field: value})) == [field]
    for body in ({}, {"name_zh": None}, {"parties": [{"role": "host"}]}):
        with pytest.raises(ValidationError):
            parks.ParkRevision().load(body)


def test_terms_load_into_the_normal_form_that_is_hashed():
    loaded = agreements.TermsSchema().load(terms())
    assert loaded["shares"][0]["ratios"] == {str(SICHUAN): "0.5", str(CHONGQING): "0.5"}
    assert (loaded["shares"][0]["cap"], loaded["shares"][0]["floor"]) == ("1000", None)
    assert loaded["obligations"] == [{"party": str(SICHUAN), "text_zh": "文", "text_en": "", "due": None}]
    check_terms(loaded, PARTIES)
    assert agreements.TermsSchema().load(agreements.TermsSchema().dump(loaded)) == loaded


def test_a_tenant_named_in_capitals_is_the_same_tenant():
    shares = terms()["shares"]
    shouted = [{**shares[0], "ratios": {tenant.upper(): ratio for tenant, ratio in shares[0]["ratios"].items()}}]
    load = agreements.TermsSchema().load
    assert content_hash(load(terms(shares=shouted)), [], effective_from=None) == content_hash(
        load(terms()), [], effective_from=None
    )


def test_a_tenant_named_twice_is_refused_and_not_dropped():
    twice = {str(SICHUAN): "1", str(SICHUAN).upper(): "0.5"}
    with pytest.raises(ValidationError, match="Names one party twice"):
        agreements.TermsSchema().load(terms(shares=[{**terms()["shares"][0], "ratios": twice}]))


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"base_year": "2020"},
        {"base_rule": "none"},
        {"exit": {"notice_days": 3651, **TEXT}},
        {"exit": None},
        {"dispute_forum": {"kind": "duel", **TEXT}},
        {"obligations": [{"party": "四 川", **TEXT}]},
        {"obligations": [{"party": str(SICHUAN), "text_zh": "a\0"}]},
        {"shares": [{**terms()["shares"][0], "ratios": {str(SICHUAN): True}}]},
        {"shares": [{**terms()["shares"][0], "cap": "much"}]},
        {"shares": [{**terms()["shares"][0], "note": "x"}]},
        {"shares": {}},
    ],
)
def test_terms_of_another_shape_are_refused(changes):
    with pytest.raises(ValidationError):
        agreements.TermsSchema().load(terms(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "AG" * 32},
        {"name": "../x"},
        {"name": "a\\b"},
        {"media_type": "pdf"},
        {"size": -1},
        {"size": 2**31 + 1},
    ],
)
def test_a_malformed_attachment_is_refused(changes):
    draft = {"terms": terms(), "effective_from": "2026-01-01"}
    assert agreements.AgreementDraft().load({**draft, "attachments": [FILE]})["attachments"] == [FILE]
    with pytest.raises(ValidationError):
        agreements.AgreementDraft().load({**draft, "attachments": [{**FILE, **changes}]})


def test_an_amendment_changes_at_least_one_part_and_its_terms_are_whole():
    assert agreements.AgreementAmendment().load({"attachments": []}) == {"attachments": []}
    partial = terms()
    del partial["exit"]
    for body in ({}, {"terms": partial}):
        with pytest.raises(ValidationError):
            agreements.AgreementAmendment().load(body)


def test_small_bodies_are_strict():
    assert Nothing().load({}) == {}
    assert ReasonDraft().load({"reason": "x"})["reason"].text == "x"
    assert SignatureDraft().load({"content_hash": "0" * 64}) == {"content_hash": "0" * 64}
    for schema, body in (
        (Nothing, {"a": 1}),
        (ReasonDraft, {"reason": "x" * 2001}),
        (SignatureDraft, {"content_hash": "0" * 63}),
        (parks.ParkFilter, {"q": "x" * 101}),
        (parks.ParkFilter, {"state": "gone"}),
    ):
        with pytest.raises(ValidationError):
            schema().load(body)


def machine(**columns):
    at = datetime(2026, 7, 1, tzinfo=UTC)
    return {"id": SICHUAN, "version": 3, "epoch": 1, "etag": "1.3", "created_at": at, "updated_at": at, **columns}


def test_a_park_is_shown_with_every_field():
    row = SimpleNamespace(
        **machine(home_id=SICHUAN, name_zh="园", name_en=None, kind="joint", state="suspended", location="511623"),
        area_km2=Decimal("262.0000"),
        sectors=["汽车"],
        parties=PARTIES,
        starts_on=date(2021, 12, 27),
        ends_on=None,
        consents={"resume": [str(SICHUAN)], "dissolve": [], "call_off": []},
        current_agreement=1,
        upcoming_agreements=[{"revision": 2, "effective_from": date(2027, 1, 1)}],
        dissolution=None,
        dissolves_on=None,
        reason=FreeText("洪水"),
        entry_rules=[],
        allowed_actions=("dissolve", "propose"),
    )
    shown = parks.ParkView().dump(row)
    assert set(shown) == set(parks.ParkView().fields)
    assert (shown["home"], shown["area_km2"], shown["reason"]) == (str(SICHUAN), "262", "洪水")
    assert (shown["parties"], shown["allowed_actions"]) == (PARTIES, ["dissolve", "propose"])


def test_an_agreement_is_shown_with_every_field():
    stored = agreements.TermsSchema().load(terms(obligations=[{"party": str(SICHUAN), **TEXT, "due": "2027-12-31"}]))
    signed = {
        "tenant": str(SICHUAN),
        "content_hash": "0" * 64,
        "signed_at": "2026-07-01T00:00:00.000000Z",
        "actor": "a",
    }
    row = SimpleNamespace(
        **machine(park_id=CHONGQING, revision=1, state="proposed", terms=stored, attachments=[FILE]),
        effective_from=date(2026, 1, 1),
        content_hash="0" * 64,
        proposer=SICHUAN,
        signatures=[signed],
        missing_signatures=[str(CHONGQING)],
        refused_by=None,
        reason=None,
        sign_by=None,
        reminded_at=None,
        allowed_actions=("sign",),
    )
    shown = agreements.AgreementView().dump(row)
    assert set(shown) == set(agreements.AgreementView().fields)
    assert (shown["park"], shown["terms"], shown["signatures"]) == (str(CHONGQING), stored, [signed])


def test_every_schema_documents_itself_and_refuses_unknown_fields():
    spec = APISpec("t", "1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()])
    named = [*vars(parks).values(), *vars(agreements).values()]
    classes = {item for item in named if isinstance(item, type) and issubclass(item, Schema)}
    for schema in classes:
        wanted = schema.__name__.endswith(("Draft", "Amendment", "Revision", "Filter", "View"))
        # One that another holds is registered with that one.
        if wanted and schema.__name__ not in spec.components.schemas:
            spec.components.schema(schema.__name__, schema=schema)
    documents = spec.to_dict()["components"]["schemas"]
    assert all(document["additionalProperties"] is False for document in documents.values())
    assert documents["Share"]["properties"]["cap"]["type"] == ["string", "number", "null"]
