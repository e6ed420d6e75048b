"""One of everything in a tenant, made by its own people, and the addresses at which it is found."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update

from services.identity.commands.sessions import Start, start_session
from shared.journal.progress import PARKED, ProgressRow
from tests.builders.administration import invited_user, registered_client, security, system
from tests.builders.cell import Cell, Client
from tests.builders.officials import drafted, proposed
from tests.facilities.builders import asked
from tests.facilities.builders import drafted as facility_drafted
from tests.facilities.builders import opened as facility_opened
from tests.isolation.standards import standards_things
from tests.organisations.builders import registered
from tests.requests.given import SHEET, answered_by, opened, said
from tests.requests.given import filed as filed_case

PROVIDER = {"label": "统一认证", "issuer": "https://sso.example.cn", "client_id": "x", "client_secret": "s"}
CONTACT = {"name": "李伟", "email": "li.wei@example.cn", "phone": "+86 10 0000 0000"}


@dataclass(frozen=True)
class Things:
    """What a tenant has; `ids` are by resource and parameter, as they stand in addresses."""

    tenant: UUID
    organisation: UUID
    ids: dict[tuple[str, str], str]

    def address(self, path: str) -> str:
        """A path of the OpenAPI document with this tenant's ids in it."""
        parts = path.split("/")
        within = parts[2] == "organisations" and "".join(parts[3:4]) in ("imports", "applications")
        resource = parts[3] if within else parts[2]
        filled = [self.ids[resource, part[1:-1]] if part.startswith("{") else part for part in parts]
        return "/".join(filled)


def one_of_everything(cell: Cell, tenant: UUID, *, neighbour: UUID) -> Things:
    """Made through the API; `neighbour` is a third tenant that shares the park and is asked something."""
    official, ids = cell.client(tenant), {("tenants", "key"): str(tenant)}
    ids["parks", "key"] = proposed(cell, tenant, neighbour).rpartition("/")[2]
    ids["parks", "revision"] = "1"
    ids["journals", "key"] = ids["parks", "key"]
    asked = official.patch(drafted(cell, neighbour, tenant), {"area_km2": "263"})
    assert asked.status_code == 202, asked.json
    ids["commands", "key"] = asked.json["id"]
    notice = {"title_zh": "公告", "text": "全文", "addressees": [str(neighbour)]}
    ids["notices", "key"] = official.post("/v1/notices", notice).json["id"]
    ids["calendars", "key"] = _calendar(cell, tenant)
    ids["service-items", "key"] = opened(cell, tenant)
    ids["park-duties", "key"] = _duty_table(official, ids["parks", "key"], tenant=tenant)
    ids["park-duties", "revision"] = "1"
    ids["common-sheets", "key"] = _common_sheet(official, neighbour=neighbour)
    ids["common-sheets", "revision"] = "1"
    ids["duty-rules", "key"] = official.post("/v1/duty-rules", {"unit": "市场监管处"}).json["id"]
    ids["requests", "key"] = filed_case(cell, tenant, ids["service-items", "key"]).rpartition("/")[2]
    period = {"since": "2026-01-01", "until": "2026-01-31"}
    ids["bulletins", "key"] = official.post("/v1/bulletins", period).json["id"]
    ids["messages", "key"] = said(official, ids["requests", "key"])
    ids["facilities", "key"] = facility_drafted(cell, tenant)
    ids["bookings", "key"] = _booking(cell, tenant, neighbour=neighbour)
    ids["files", "name"] = _uploaded(official, uuid4().hex.encode())
    assert official.put("/v1/contact", CONTACT).status_code == 200
    organisation = _organisation(official, ids)
    _identity(cell, tenant, ids=ids, organisation=organisation)
    ids |= standards_things(cell, tenant, neighbour=neighbour, holder=ids["organisations", "code"])
    cell.carry()
    ids["waiting", "key"] = _parked(cell, tenant, home=neighbour)
    ids["exports", "key"] = _exported(cell, tenant)
    cell.sweep(tenant)
    return Things(tenant, UUID(organisation), ids)


def _duty_table(official: Client, park: str, *, tenant: UUID) -> str:
    """Of a park, with a revision that its other party has yet to sign."""
    made = official.post("/v1/park-duties", {"park": park})
    assert made.status_code == 201, made.json
    body = {"matters": answered_by(tenant), "effective_from": "2026-01-01"}
    assert official.post(f"/v1/park-duties/{made.json['id']}/revisions", body).status_code == 201
    return str(made.json["id"])


def _common_sheet(official: Client, *, neighbour: UUID) -> str:
    """With a neighbour that has yet to sign its revision."""
    body = {"name_zh": "检验检测机构能力核验", "category": "testing", "parties": [str(neighbour)]}
    made = official.post("/v1/common-sheets", body)
    assert made.status_code == 201, made.json
    proposed = {"sheet": SHEET, "effective_from": "2026-01-01"}
    assert official.post(f"/v1/common-sheets/{made.json['id']}/revisions", proposed).status_code == 201
    return str(made.json["id"])


def _calendar(cell: Cell, tenant: UUID) -> str:
    days = [{"day": "2027-01-03", "is_working": True, "name_zh": "元旦调休"}]
    made = system(cell, tenant).post("/v1/calendars", {"year": 2027, "days": days, "notice": "试"})
    assert made.status_code == 201, made.json
    return str(made.json["id"])


def _booking(cell: Cell, tenant: UUID, *, neighbour: UUID) -> str:
    """Of something that the neighbour lends, before it has answered."""
    body = asked(cell, facility_opened(cell, neighbour))
    made = cell.client(tenant).post("/v1/bookings", body)
    assert made.status_code == 201, made.json
    return str(made.json["id"])


def _parked(cell: Cell, tenant: UUID, *, home: UUID) -> str:
    """A park of which nothing more is applied here, though nothing of it is missing."""
    key = drafted(cell, home, tenant).rpartition("/")[2]
    with cell.worker_database.session(cell.context(tenant)) as session:
        same = ProgressRow.tenant_id == tenant, ProgressRow.aggregate_id == UUID(key)
        session.execute(update(ProgressRow).where(*same).values(status=PARKED, reason="ValueError('x')"))
    return key


def _exported(cell: Cell, tenant: UUID) -> str:
    """A list that was exported, by whoever asks for it in the tests of all routes."""
    administrator = cell.client(tenant, "system_administrator", subject="holds-system_administrator")
    made = administrator.post("/v1/exports", {"list": "/v1/commands", "form": "csv"})
    assert made.status_code == 201, made.json
    return str(made.json["id"])


def _uploaded(official: Client, content: bytes) -> str:
    headers = {"Authorization": f"Bearer {official.mint()}", "Content-Type": "text/csv"}
    answer = official.flask.post("/v1/files", data=io.BytesIO(content), headers=headers)
    assert answer.status_code == 201, answer.json
    name: str = answer.json["sha256"]
    return name


def _organisation(official: Client, ids: dict[tuple[str, str], str]) -> str:
    made = registered(official)
    ids["organisations", "key"], ids["organisations", "code"] = made["id"], made["code"]
    contact = official.post(f"/v1/organisations/{made['id']}/contacts", {"name": "王芳", "phone": "+86 10 0000 0001"})
    assert contact.status_code == 201, contact.json
    ids["organisations", "contact"] = contact.json["id"]
    content = f"code,name_zh,kind,division\n{uuid4().hex},坏,enterprise,511600\n".encode()
    wanted = {"file": _uploaded(official, content), "dry_run": True}
    started = official.post("/v1/organisations/imports", wanted)
    assert started.status_code == 201, started.json
    ids["imports", "key"] = started.json["id"]
    opened = official.post("/v1/organisations/applications/registrations", {"name_zh": "虚构登记"})
    ids["applications", "key"] = opened.json["id"]
    key: str = made["id"]
    return key


def _identity(cell: Cell, tenant: UUID, *, ids: dict[tuple[str, str], str], organisation: str) -> None:
    user = invited_user(cell, tenant)["id"]
    ids["users", "key"] = user
    # In the address of a grant stands the role, which is the same everywhere.
    ids["users", "name"] = "clerk"
    ids["members", "key"] = invited_user(cell, tenant, roles=["organisation_member"], organisation=organisation)["id"]
    with cell.session(tenant) as session:
        row, _cookie = start_session(session, Start(user_id=UUID(user), methods=("pwd",)))
        ids["sessions", "key"] = str(row.id)
    role = {"name": f"r_{uuid4().hex[:8]}", "name_zh": "角色", "name_en": "Role", "scopes": ["parks:read"]}
    assert security(cell, tenant).post("/v1/roles", role).status_code == 201
    ids["roles", "name"] = role["name"]  # type: ignore[assignment]
    client = registered_client(cell, tenant)["name"]
    ids["clients", "name"] = client
    added = system(cell, tenant).post(f"/v1/clients/{client}/credentials", {"kind": "secret"})
    ids["clients", "credential"] = added.json["id"]
    ids["providers", "key"] = system(cell, tenant).post("/v1/providers", PROVIDER).json["id"]


def bodies(things: Things) -> dict[str, dict[str, Any]]:
    """A body for every route that cannot do with an empty one, by the route's name; nothing comes of it."""
    reason, named, party = {"reason": "试"}, {"label": "x"}, {"tenant": str(things.tenant)}
    qualification = {"name": "专精特新", "level": "province", "number": "1", "issued_on": "2025-01-01",
                     "valid_from": "2025-01-01", "valid_to": "2027-01-01"}  # fmt: skip
    return {
        "hand_over_case": {"to": str(uuid4())}, "rate_case": {"score": 5, **reason}, "reply_case": {"reply": "试"},
        "send_message": {"text": "试"}, "add_note": {"text": "试"},
        "revise_duty_rule": {"unit": "x"}, "amend_duty_revision": {"effective_from": "2021-01-02"},
        "propose_duty_revision": {"matters": answered_by(things.tenant), "effective_from": "2026-01-01"},
        "sign_duty_revision": {"content_hash": "0" * 64}, "refuse_duty_revision": reason,
        "withdraw_duty_revision": reason, "withdraw_common_revision": reason, "refuse_common_revision": reason,
        "amend_common_revision": {"effective_from": "2021-01-02"}, "sign_common_revision": {"content_hash": "0" * 64},
        "propose_common_revision": {"sheet": SHEET, "effective_from": "2026-01-01"},
        "follow_common": {"common": things.ids["common-sheets", "key"]},
        "revise_calendar": {"notice": "x"}, "revise_item": {"sheet": SHEET}, "close_item": reason,
        "revise_case": {"answers": []}, "supplement_case": {"answers": []}, "reopen_case": reason,
        "return_case": {"missing": ["scope"], **reason}, "forward_case": {"to": str(things.tenant), **reason},
        "assign_case": {"to": str(things.tenant), **reason}, "pause_case": {"ground": "hearing", **reason},
        "split_case": {"parts": [{"to": str(things.tenant), "task": "试"}] * 2},
        "finish_part": {"part": 1, "result": "试"}, "hand_back_part": {"part": 1, **reason},
        "readdress_part": {"part": 1, "to": str(things.tenant), **reason},
        "propose_date": {"on": "2099-01-01", **reason}, "agree_date": {"on": "2099-01-01"},
        "extend_case": {"days": 1, **reason}, "decide_case": {"outcome": "approved", **reason},
        "revise_tenant": {"name_en": "x"}, "suspend_tenant": reason, "announce_leaving": reason,
        "rotate_key": reason, "set_quotas": {"users": 9},
        "revise_client": named, "add_credential": {"kind": "secret"}, "revise_user": {"name": "x"},
        "revise_provider": named, "revise_role": {"name_en": "x"}, "grant_role": {"role": "observer"},
        "revise_organisation": {"name_en": "x"}, "qualify_organisation": qualification,
        "disqualify_organisation": {"name": "专精特新"},
        "join_alliance": {"kind": "alliance", "name": "联盟", "since": "2025-01-01"},
        "leave_alliance": {"kind": "alliance", "name": "联盟", "until": "2025-01-01"},
        "suspend_organisation": reason, "close_organisation": reason, "merge_organisation": {"into": str(uuid4())},
        "introduce_organisation": party, "withdraw_organisation": party,
        "revise_application": {"evidence": []}, "return_application": reason, "refuse_application": reason,
        "add_contact": {"name": "x"}, "revise_contact": {"name": "x"},
        "revise_facility": {"name_en": "x"}, "close_facility": reason, "cancel_booking": reason,
        "refuse_booking": reason,
        "withdraw_bulletin": reason,
        "revise_notice": {"title_en": "x"}, "withdraw_notice": reason,
        "revise_park": {"area_km2": "2"}, "set_entry_rules": {"entry_rules": []}, "suspend_park": reason,
        "withdraw_park": reason, "withdraw_agreement": reason,
        "dissolve_park": {"dissolves_on": "2100-01-01", **reason},
        "amend_agreement": {"effective_from": "2021-01-02"},
        "sign_agreement": {"content_hash": "0" * 64}, "refuse_agreement": reason,
    }  # fmt: skip
