"""What a tenant has of the standards service, for the matrix of routes: ids as they stand in addresses, and bodies."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.builders.cell import Cell
from tests.standards.certification import accredited, acted, certificate_draft, issued
from tests.standards.dependants import qualified
from tests.standards.drafting import Drafting, project_draft, released, today
from tests.standards.recognition import recognised


def drafting_things(cell: Cell, tenant: UUID, *, neighbour: UUID) -> dict[tuple[str, str], str]:
    """A released standard, and a project with its neighbour that is open for comment and has one."""
    drafting = Drafting(cell, tenant, neighbour)
    project = drafting.open(effective_from=today(cell, 30))["id"]
    assert drafting.post(tenant, "/consult", {"closes_on": today(cell, 3)})["status"] == 200
    comment = drafting.post(tenant, "/comments", {"text": "同意"})["id"]
    standard = released(cell, tenant)["id"]
    return {("projects", "key"): project, ("projects", "comment"): comment, ("standards", "key"): standard}


def standards_things(cell: Cell, tenant: UUID, *, neighbour: UUID, holder: str) -> dict[tuple[str, str], str]:
    """All of it: beside drafting a body, a certificate that something rested on, and what the neighbour recognises."""
    ids = drafting_things(cell, tenant, neighbour=neighbour)
    standard = ids["standards", "key"]
    body = accredited(cell, tenant, standard)
    certificate, revoked = (issued(cell, tenant, body, standard=standard) for _ in range(2))
    own = issued(cell, tenant, body, standard=standard, holder={"code": holder, "name_zh": "虚构持证单位"})
    qualified(cell, tenant, revoked["number"])
    acted(cell, tenant, f"/v1/certificates/{revoked['id']}/revoke", body={"reason": "试"})
    while cell.run_timers():
        cell.carry()
    recognition = recognised(cell, neighbour, tenant, standard=UUID(standard))
    [consequence] = cell.client(tenant).get("/v1/consequences", query_string={"cause": revoked["id"]}).json["items"]
    return {
        **ids,
        ("bodies", "key"): body["id"],
        ("certificates", "key"): certificate["id"],
        ("certificates", "number"): certificate["number"],
        ("own", "key"): own["id"],
        ("recognitions", "key"): recognition["id"],
        ("consequences", "key"): consequence["id"],
        ("consequences", "cause"): revoked["id"],
    }


def standards_queries(ids: dict[tuple[str, str], str]) -> dict[str, dict[str, str]]:
    """What routes that cannot be asked without a question are asked."""
    standard = ids["standards", "key"]
    return {
        "check_certificate": {"certificate": ids["certificates", "number"]},
        "compare_standards": {"left": standard, "right": standard},
        "show_duty": {"item": ids["service-items", "key"]},
        "show_last_day": {"days": "5"},
        "show_scoreboard": {"since": "2020-01-01", "until": "2030-01-01"},
        "show_working_days": {"year": "2026"},
    }


def standards_bodies(cell: Cell, tenant: UUID) -> dict[str, dict[str, Any]]:
    """A body for every route of the service that cannot do with an empty one; nothing comes of it."""
    reason, anything = {"reason": "试"}, str(uuid4())
    items = [{"standard": anything, "accepts": "certificates"}]
    return {
        **drafting_bodies(cell, tenant),
        "extend_body": {"standards": [anything], "valid_to": today(cell, 9)},
        "reduce_body": {"grant": 1, "valid_to": today(cell)},
        "replace_certificate": certificate_draft(cell, anything, standard=anything),
        "propose_edition": {"items": items},
        "agree_to_recognition": {"content_hash": "0" * 64},
        "answer_objection": {"objection": 1, "answer": "试"},
        "close_consequence": {"outcome": "removed"},
        **dict.fromkeys(
            (
                "suspend_body", "withdraw_body", "restore_body", "suspend_certificate", "revoke_certificate",
                "restore_certificate", "suspend_recognition", "end_recognition", "restore_recognition",
                "object_to_recognition",
            ),
            reason,
        ),
    }  # fmt: skip


def drafting_bodies(cell: Cell, tenant: UUID) -> dict[str, dict[str, Any]]:
    """A body for every route of drafting that cannot do with an empty one; nothing comes of it."""
    reason, merge = {"reason": "试"}, {"rule": "strictest", "choices": {}}
    return {
        "open_project": project_draft(cell, tenant),
        "merge_standards": {**merge, "left": str(uuid4()), "right": str(uuid4())},
        "revise_project": {"title_zh": "新名"},
        "number_project": {"number": "DB51/T 虚-1", "project": "P-1"},
        "consult_project": {"closes_on": today(cell, 3)},
        "refresh_project": merge,
        "sign_project": {"content_hash": "0" * 64},
        "refuse_project": reason,
        "abandon_project": reason,
        "comment_project": {"text": "同意"},
        "answer_comment": {"verdict": "accepted", "answer": "采纳"},
        "answer_comments": {"verdict": "accepted", "answer": "采纳"},
        "withdraw_standard": {"effective_on": today(cell), **reason},
        "restore_standard": reason,
    }
