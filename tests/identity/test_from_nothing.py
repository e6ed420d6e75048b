"""From an empty installation to a working tenant by the API alone: every address is read from `/openapi.json`."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin
from uuid import UUID, uuid4

import httpx
import pyotp
import pytest
from click.testing import CliRunner

from deploy.command_line import operating
from deploy.signing_in import Form, Login, sign_in
from services.identity.domain.roles import BUILT_IN
from shared.core.context import PLATFORM
from tests.builders.cell import Cell
from tests.builders.served import served
from tests.organisations.builders import credit_code

PASSWORD = "correct horse 电池 staple"


class Script:
    """Knows the platform's address and what its document says, and nothing else."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.paths = httpx.get(f"{address}/openapi.json").json()["paths"]
        self.tokens: dict[str, str] = {}

    def call(self, who: str, name: str, *, body: Any = None, **path: Any) -> Any:
        """One operation by its name in the document, with the headers that it asks for."""
        method, place, operation = next(
            (method, place, operation)
            for place, methods in self.paths.items()
            for method, operation in methods.items()
            if operation["operationId"] == name
        )
        asked = {item["name"] for item in operation["parameters"] if item["in"] == "header"}
        known = {"Idempotency-Key": uuid4().hex, "If-Match": "*"}
        headers = {header: value for header, value in known.items() if header in asked}
        answer = httpx.request(
            method, self.address + place.format(**path), json=body,
            headers={"Authorization": f"Bearer {self.tokens[who]}", **headers},
        )  # fmt: skip
        assert answer.status_code < 300, (name, answer.status_code, answer.text)
        return answer.json()

    def enter(self, who: str, link: str, login: str) -> None:
        """Accept the invitation by its forms, set up the second factor where one is asked for, and sign in."""
        secret = None
        with httpx.Client(base_url=self.address) as browser:
            page = self._send(browser, browser.get(link), {"password": PASSWORD, "again": PASSWORD})
            if found := re.search(r'class="key">([^<]+)<', page.text):
                secret = found[1].replace(" ", "")
                # The code of the half minute before counts too, and leaves this one's to sign in with.
                page = self._send(browser, page, {"code": pyotp.TOTP(secret).at(int(time.time()) - 30)})
            assert page.status_code == 200, page.text
        self.tokens[who] = sign_in(self.address, Login(login, PASSWORD, secret)).access

    def _send(self, browser: httpx.Client, page: Any, values: dict[str, str]) -> Any:
        form = Form.first_of(page.text)
        sent = form.hidden | {name: value for name, value in values.items() if name in form.fields}
        return browser.post(urljoin(str(page.url), form.action), data=sent, follow_redirects=True)


def invited_by_the_operator(cell: Cell, url: str, login: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The one command at the server, which belongs to setting it up: the link of the platform's first administrator."""
    monkeypatch.setattr(operating.Settings, "load", lambda: replace(cell.settings, issuer=url))
    words = ["--tenant", "platform", "--login", login, "--role", "system_administrator", "--name", "王敏"]
    told = CliRunner().invoke(operating.invite, [*words, "--email", "wang.min@example.cn"])
    assert told.exit_code == 0, told.output
    return str(told.output.split()[-1])


def person(login: str, **more: Any) -> dict[str, Any]:
    return {"login": login, "name": "李娜", "email": f"{login}@example.cn", **more}


@pytest.mark.timeout(300)
def test_a_script_that_reads_only_the_document_brings_a_tenant_to_work(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, duties = uuid4().hex[:6], [role.name for role in BUILT_IN.values() if role.duty != "daily"]
    with served(cell) as url:
        first, script = f"root-{mark}", Script(url)
        script.enter("platform", invited_by_the_operator(cell, url, first, monkeypatch), f"{first}@platform")
        code = f"guizhou-{mark}"
        tenant = script.call("platform", "create_tenant", body={
            "code": code, "name_zh": "贵州", "name_en": "Guizhou", "kind": "province", "division_codes": ["520000"],
        })  # fmt: skip
        cell.carry()  # The tenant's cell makes its key, and the platform lists it.
        links = {}
        for role in duties:
            draft = person(f"{BUILT_IN[role].duty}-{mark}", role=role)
            links[role] = script.call("platform", "invite_administrator", key=tenant["id"], body=draft)
        for role, made in links.items():
            script.enter(role, made["invitation_url"], made["login"])
        official = script.call("system_administrator", "invite_user", body=person(f"zhao-{mark}", roles=["official"]))
        script.enter("official", official["invitation_url"], f"zhao-{mark}@{code}")
        signatory = person(f"qian-{mark}", roles=["signatory"])
        script.call("system_administrator", "invite_user", body=signatory)
        own = script.call("official", "register_organisation", body={
            "name_zh": "贵州示范科技有限公司", "kind": "enterprise", "division": "520100", "code": credit_code(),
        })  # fmt: skip
        assert script.call("official", "show_organisation", key=own["id"])["allowed_actions"]
        cell.sweep(UUID(tenant["id"]), PLATFORM)
        acts = {item["act"] for item in script.call("audit_administrator", "list_audit_records")["items"]}
        assert {"identity.user.invited", "identity.user.activated", "identity.factor.set"} <= acts
