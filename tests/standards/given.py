"""Standards, bodies, certificates and recognitions put there without their commands, for tests of what comes after."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from events import standards as events
from events.canonical import instant
from services.standards.domain import projects as rules
from services.standards.domain.numbers import certificate_nonce, new_number
from services.standards.domain.standards import SIGN_COMMAND
from services.standards.models import Body, Certificate, Recognition, Standard
from shared.core.calendar import day_of
from shared.keys.documents import signed
from tests.builders.cell import Cell

YEAR = timedelta(days=365)


def period(state: str, since: datetime) -> dict[str, str]:
    return {"state": state, "from": instant(since)}


def given_standard(cell: Cell, tenant: UUID, *issuers: UUID, **changes: Any) -> UUID:
    """A standard in force for a year, issued by this tenant (and others)."""
    everybody, fields = [tenant, *issuers], given_fields(cell, tenant, *issuers)
    with cell.session(tenant) as session:
        row = session.create(Standard, parties=everybody, **all_signed(cell, tenant, {**fields, **changes}))
        change = events.StandardReleased(content_hash=row.content_hash, effective_from=row.effective_from)
        session.publish(row, change)
        key = row.id
    cell.carry()
    return key


def given_fields(cell: Cell, tenant: UUID, *issuers: UUID) -> dict[str, Any]:
    """What a standard of these issuers says, unsigned."""
    now = cell.clock.now()
    everybody = [tenant, *issuers]
    names = [{"tenant": str(one), "number": f"DB/T {uuid4().hex[:8]}", "project": "P-1"} for one in everybody]
    return {
        "state": "in_force", "spells": [period("in_force", now - YEAR)], "standard_kind": "local",
        "title_zh": "家具中甲醛释放量", "title_en": None, "subject": f"furniture-{uuid4().hex[:6]}", "tenant": tenant,
        "issuers": names, "numbers": [name["number"] for name in names], "text": [], "sheet": [],
        "signatures": [], "content_hash": "0" * 64, "project_id": uuid4(), "replaces": [], "released_at": now - YEAR,
        "effective_from": day_of(now - YEAR), "ends": None, "reason_digest": None,
    }  # fmt: skip


def all_signed(cell: Cell, home: UUID, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a standard, signed by each issuer but the home as by its `sign` command."""
    others = [UUID(item["tenant"]) for item in fields["issuers"] if item["tenant"] != str(home)]
    content_hash = rules.content_hash({**fields, "kind": fields["standard_kind"]}) if others else fields["content_hash"]
    asked = (SIGN_COMMAND, fields["project_id"])
    signatures = [signature(cell, tenant, home, asked=asked, content_hash=content_hash) for tenant in others]
    return {**fields, "content_hash": content_hash, "signatures": signatures}


def signature(cell: Cell, tenant: UUID, home: UUID, *, asked: tuple[str, UUID], content_hash: str) -> dict[str, Any]:
    """A signature with the command by which it was given; at home there is none."""
    kept = {"tenant": str(tenant), "content_hash": content_hash, "signed_at": instant(cell.clock.now())}
    if tenant == home:
        return {**kept, "actor": "tester", "command": None}
    command = {
        "to": str(home), "id": str(uuid4()), "name": asked[0], "aggregate": str(asked[1]), "actor": "tester",
        "expected": None, "params": {"content_hash": content_hash}, "expires_at": instant(cell.clock.now()),
    }  # fmt: skip
    with cell.session(tenant) as session:
        made = signed(session, "command", content=command, by=session.signer)
    return {**kept, "actor": "tester", "command": {"document": dict(made.document), "signature": made.signature}}


def grant(standard: UUID, day: date, **changes: Any) -> dict[str, Any]:
    """A grant for one standard that limits nothing else, a year back and ten ahead."""
    limits = {"valid_from": str(day - YEAR), "valid_to": str(day + 10 * YEAR)}
    return {"grant": 1, "standards": [str(standard)], "product_classes": [], "methods": [], **limits, **changes}


def given_body(cell: Cell, tenant: UUID, standard: UUID, **changes: Any) -> UUID:
    """A body accredited for a year for certificates under this standard."""
    now = cell.clock.now()
    fields = {
        "state": "accredited", "spells": [period("accredited", now - YEAR)], "tenant": tenant, "organisation": None,
        "code": "91510000MA0000000X", "name_zh": "虚构检测认证中心", "name_en": None,
        "grants": [grant(standard, day_of(now))], "reason_digest": None,
    }  # fmt: skip
    with cell.session(tenant) as session:
        row = session.create(Body, parties=[tenant], **{**fields, **changes})
        session.publish(row, events.BodyAccredited(code=row.code))
        key = row.id
    cell.carry()
    return key


def given_certificate(cell: Cell, tenant: UUID, body: UUID, *, standard: UUID, **changes: Any) -> str:
    """The number of a certificate that has been valid for a day."""
    now = cell.clock.now()
    since = now - timedelta(days=1)
    number = new_number(code_of(cell, tenant), since.year)
    fields = {
        "state": "valid", "spells": [period("valid", since)], "tenant": tenant, "number": number, "body_id": body,
        "standard_id": standard, "holder": {"code": "91510000MA0000001Y", "name_digest": None, "organisation": None},
        "products": [{"class": "C2110", "name": "木质家具"}], "methods": ["GB/T 35607"],
        "valid_from": day_of(since), "valid_to": day_of(now + 3 * YEAR), "report": [], "based_on": [],
        "replaces": None, "replaced_by": None, "reason_digest": None,
    }  # fmt: skip
    with cell.session(tenant) as session:
        row = session.create(Certificate, parties=[tenant], nonce=certificate_nonce(number), **{**fields, **changes})
        session.publish(row, events.CertificateIssued(number=number))
    cell.carry()
    return number


def code_of(cell: Cell, tenant: UUID) -> str:
    with cell.session(tenant) as session:
        listing = session.directory.listing(session, tenant)
    assert listing is not None
    return listing.code


def item(standard: UUID, since: datetime, **changes: Any) -> dict[str, Any]:
    """One recognised document, without limits or conditions."""
    limits = {"product_classes": [], "sectors": [], "parks": [], "extra_tests": [], "validity_cap_months": None}
    begun = {"from": instant(since), "until": None}
    return {"standard": str(standard), "accepts": "certificates", **limits, **begun, **changes}


def given_recognition(cell: Cell, recogniser: UUID, recognised: UUID, *, standard: UUID, **changes: Any) -> UUID:
    """A one-sided recognition that has been in force for a year; `home` can be somebody who has no right to it."""
    home = changes.pop("home", recogniser)
    since = cell.clock.now() - YEAR
    fields = {
        "state": "in_force", "spells": [period("in_force", since)], "title_zh": "互认清单", "title_en": None,
        "recogniser": recogniser, "recognised": recognised, "mutual": False, "edition": 1,
        "items": [item(standard, since)], "pending": None, "consent": None, "ends_on": None,
        "ends": [], "suspended_by": None, "objections": [], "reason_digest": None,
    }  # fmt: skip
    with cell.session(home) as session:
        row = session.create(Recognition, parties=[recogniser, recognised], **{**fields, **changes})
        session.publish(row, events.RecognitionInForce(edition=1, since=since))
        key = row.id
    cell.carry()
    return key
