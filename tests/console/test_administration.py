"""Administrators at the console: each sees what is theirs, and the pages offer only what the API lets them do."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from services.console.kit.areas import AREAS
from services.identity.domain.roles import BUILT_IN
from shared.core.context import PLATFORM
from shared.evidence.audit_file import verify
from shared.http.fields.references import ID
from tests.builders.cell import Cell
from tests.builders.consoles import Desk, text_of
from tests.builders.identity import make_user
from tests.organisations.builders import registered

FIELDS = re.compile(r'<input id="(/[a-z_/]+)"')
ENTRY = re.compile(r'<a href="(/console/[a-z-]+)"[^>]*>')
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[a-z]+: |[a-z]+:[a-z]+")
MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
BUTTON = re.compile(r'<a class="button[^"]*" href="(/console/[^"?]+)"')


@pytest.mark.parametrize("role", [name for name, role in BUILT_IN.items() if role.duty != "daily"] + ["official"])
def test_every_entry_of_the_menu_and_every_button_opens_a_page(cell: Cell, sichuan: UUID, role: str) -> None:
    desk = Desk(cell, make_user(cell, sichuan, role))
    entries = set(ENTRY.findall(desk.get("/console").text))
    assert entries
    for entry in sorted(entries):
        page = desk.get(entry)
        assert page.status_code == 200, (entry, page.text[-2000:])
        for button in BUTTON.findall(page.text):
            assert desk.get(button).status_code == 200, button


def link_on(text: str) -> str:
    """What a page shows once."""
    found = re.search(r'<code class="secret">([^<]+)</code>', text)
    assert found is not None, text[-3000:]
    return found[1]


def test_a_system_administrator_invites_somebody_and_sees_the_link_once(cell: Cell, sichuan: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "system_administrator"))
    new = "/console/users/new"
    page = desk.get(new)
    assert "业务人员" in page.text
    assert "security_administrator" not in page.text
    assert [name for name in FIELDS.findall(page.text) if "/roles/" not in name] == [
        "/login", "/name", "/email", "/organisation"
    ]  # fmt: skip
    assert re.search("登录名 .可不填", text_of(page)) is None
    fields = {"/login": "linyue", "/name": "林越", "/email": "lin.yue@example.cn", "/roles/clerk": "true"}
    page = desk.send(page, new, **fields, do="check")
    assert "窗口人员" in page.text
    page = desk.send(page, new, do="send")
    assert link_on(page.text).startswith(f"{cell.settings.issuer}/invitation/")
    listed = desk.get("/console/users")
    assert "林越" in listed.text
    assert "/invitation/" not in listed.text
    there = next(one for one in re.findall(r'href="(/console/users/[0-9a-f-]{36})"', listed.text))
    for tab in ("", "?tab=sessions"):
        assert "/invitation/" not in desk.get(f"{there}{tab}").text
    # Locked or revised, nothing is said to be secret.
    page = desk.get(f"{there}/do/deactivate")
    answer = desk.send(page, f"{there}/do/deactivate", do="send")
    assert answer.status_code == 303, answer.text[-2000:]


def test_an_account_of_another_jurisdiction_is_invited_on_a_form_of_its_own(cell: Cell, sichuan: UUID) -> None:
    elsewhere = make_user(cell, cell.tenant("chongqing"), "official")
    desk = Desk(cell, make_user(cell, sichuan, "system_administrator"))
    new = "/console/users/new/account"
    assert new in desk.get("/console/users").text
    page = desk.get(new)
    assert "/login" not in FIELDS.findall(page.text)
    page = desk.send(page, new, **{"/account": elsewhere.login, "/roles/clerk": "true"}, do="check")
    assert "/invitation/" in link_on(desk.send(page, new, do="send").text)


def test_a_security_administrator_grants_and_withdraws_a_role(cell: Cell, sichuan: UUID) -> None:
    clerk = make_user(cell, sichuan, "clerk", name="周敏")
    desk = Desk(cell, make_user(cell, sichuan, "security_administrator"))
    there = f"/console/users/{clerk.id}"
    page = desk.get(f"{there}/do/grant_role")
    answer = desk.send(page, f"{there}/do/grant_role", **{"/role": "reviewer"}, do="send")
    assert answer.status_code == 303, answer.text[-2000:]
    page = desk.get(answer.headers["Location"])
    assert "审核人员" in page.text
    page = desk.get(f"{there}/do/withdraw_role")
    answer = desk.send(page, f"{there}/do/withdraw_role", **{"/name": "reviewer"}, do="send")
    assert answer.status_code == 303, answer.text[-2000:]
    assert "审核人员" not in desk.get(there).text
    matrix = desk.get("/console/who-may-what").text
    row = next(one for one in matrix.split("<tr>") if "roles:manage" in one)
    assert ("定义角色" in row, row.count(">能<")) == (True, 1)


def test_an_auditor_reads_and_exports_the_log_and_sees_nothing_else(cell: Cell, sichuan: UUID) -> None:
    clerk = Desk(cell, make_user(cell, sichuan, "clerk"))
    auditor = Desk(cell, make_user(cell, sichuan, "audit_administrator"))
    cell.tick()
    listed = auditor.get("/console/audit?outcome=done")
    assert listed.status_code == 200
    found = auditor.get("/console/audit/file/export_audit_records")
    first, last = verify(found.json, cell.settings.platform_key)
    assert (first, last >= first) == (1, True)
    seen = {entry.rpartition("/")[2] for entry in ENTRY.findall(auditor.get("/console").text)}
    assert seen & set(AREAS) == {"audit", "roles"}
    for other in ("users", "parks", "tenants"):
        assert auditor.get(f"/console/{other}").status_code == 403
    assert clerk.get("/console/audit").status_code == 403


def test_the_audit_log_says_in_words_what_was_before_and_after(cell: Cell, sichuan: UUID) -> None:
    clerk = make_user(cell, sichuan, "clerk")
    client = cell.client(sichuan, "security_administrator")
    assert client.post(f"/v1/users/{clerk.id}/roles", {"role": "official"}).status_code == 200
    typist = {"name": "typist", "name_zh": "录入", "name_en": "Typist", "scopes": ["parks:read"]}
    assert client.post("/v1/roles", typist).status_code == 201
    registered(cell.client(sichuan))
    cell.tick()
    desk = Desk(cell, make_user(cell, sichuan, "audit_administrator"))
    desk.get("/console")
    cell.tick()
    read = text_of(desk.get("/console/audit?outcome=done"))
    for said in ("角色: 窗口人员、业务人员", "是否公开: 否", "控制台", "授权方式: 授权码", "验证方式: 密码"):
        assert said in read
    assert CODE.findall(read) == []
    assert ID.findall(read) == []
    # Evidence says when, not how long ago.
    assert len(MINUTE.findall(read)) >= 5
    assert "刚刚" not in read


def test_a_manager_chooses_among_the_roles_that_members_may_hold(cell: Cell, sichuan: UUID) -> None:
    own = registered(cell.client(sichuan))
    manager = make_user(cell, sichuan, "organisation_manager", organisation_id=UUID(own["id"]))
    desk, new = Desk(cell, manager), "/console/members/new"
    # What only officials do is not offered, nor to officials what only organisations do.
    assert "/console/organisations/new" not in desk.get("/console/organisations").text
    assert desk.get("/console/organisations/new").status_code == 403
    applying = "/console/applications/new/qualifications", "/console/applications/new/registrations"
    assert [one in desk.get("/console/applications").text for one in applying] == [True, False]
    official = Desk(cell, make_user(cell, sichuan, "official"))
    assert [one in official.get("/console/applications").text for one in applying] == [False, True]
    offered = re.findall(r'name="/roles/([a-z_]+)"', desk.get(new).text)
    assert offered == ["organisation_manager", "organisation_member"]
    fields = {"/login": f"member{uuid4().hex[:6]}", "/name": "林越", "/email": "lin.yue@example.cn"}
    page = desk.send(desk.get(new), new, **fields, **{"/roles/organisation_member": "true"}, do="check")
    assert "组织成员" in page.text
    desk.send(page, new, do="send")
    assert "组织成员" in desk.get("/console/members").text


def test_the_platform_creates_a_jurisdiction_and_invites_its_first_administrator(cell: Cell) -> None:
    desk = Desk(cell, make_user(cell, PLATFORM, "system_administrator"))
    new, code = "/console/tenants/new", f"guizhou-{uuid4().hex[:6]}"
    fields = {
        "/code": code,
        "/name_zh": "贵州省",
        "/name_en": "Guizhou",
        "/kind": "province",
        "/division_codes": "520000",
    }
    page = desk.send(desk.get(new), new, **fields, do="check")
    assert page.status_code == 200, page.text[-2000:]
    answer = desk.send(page, new, do="send")
    assert answer.status_code == 303, answer.text[-2000:]
    there = answer.headers["Location"].partition("?")[0]
    cell.carry()
    assert "invite_administrator" in desk.get(there).text
    invite = f"{there}/do/invite_administrator"
    fields = {"/role": "system_administrator", "/login": "admin1", "/name": "杨帆", "/email": "yang.fan@example.cn"}
    page = desk.send(desk.get(invite), invite, **fields, do="check")
    page = desk.send(page, invite, do="send")
    assert "/invitation/" in link_on(page.text)
    suspend = f"{there}/do/suspend"
    answer = desk.send(desk.get(suspend), suspend, **{"/reason": "网络检修。"}, do="send")
    assert "网络检修。" in desk.get(answer.headers["Location"]).text


def test_a_tenants_contact_is_set_on_a_page_without_a_list(cell: Cell, sichuan: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    assert "还没有填写" in desk.get("/console/contact").text
    change = "/console/contact/do/set_contact"
    fields = {"/name": "省协同办", "/email": "xietong@sc.example.cn", "/phone": "028-86600000"}
    page = desk.send(desk.get(change), change, **fields, do="check")
    answer = desk.send(page, change, do="send")
    assert answer.status_code == 303, answer.text[-2000:]
    assert "028-86600000" in desk.get("/console/contact").text
    assert "028-86600000" in desk.get(change).text


def test_a_button_stands_out_for_what_is_due_and_a_list_says_what_it_is_of(cell: Cell, sichuan: UUID) -> None:
    desk, clerk = Desk(cell, make_user(cell, sichuan, "system_administrator")), make_user(cell, sichuan, "clerk")
    page = desk.get(f"/console/users/{clerk.id}")
    # Whoever is here already is invited no more.
    assert BUTTON.findall(page.text)[0].endswith("/do/revise")
    assert "第二因素 未设置" in text_of(page)
    invited = cell.client(sichuan, "system_administrator").post(
        "/v1/users", {"login": "linyue", "name": "林越", "email": "lin.yue@example.cn", "roles": ["clerk"]}
    )
    assert BUTTON.findall(desk.get(f"/console/users/{invited.json['id']}").text)[0].endswith("/do/invite_again")
    roles = text_of(desk.get("/console/roles"))
    assert re.search(r"角色代码 .* 业务人员 official 业务 否 是 \d+ 项权限", roles)
    empty = desk.get("/console/providers")
    assert "还没有身份源" in text_of(empty)
    assert empty.text.count('href="/console/providers/new"') == 1
    rules = desk.get("/console/sign-in-rules")
    assert "受理忘记密码 不受理" in text_of(rules)
    assert "/console/bookmark" not in rules.text
