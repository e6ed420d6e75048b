"""Administrators at the console: each sees what is theirs, and the pages offer only what the API lets them do."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from services.identity.domain.roles import BUILT_IN
from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user

ENTRY = re.compile(r'<a href="(/console/[a-z-]+)"[^>]*>')
BUTTON = re.compile(r'<a class="button[^"]*" href="(/console/[^"?]+)"')


@pytest.mark.parametrize("role", [one for one, role in BUILT_IN.items() if not role.platform and "org" not in one])
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
