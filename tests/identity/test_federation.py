"""A tenant's own provider: its users sign in there, are linked once, and keep their roles here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from flask import Flask
from sqlalchemy import delete, update

from services.identity.commands import accounts
from services.identity.commands.providers import add_provider, revise_provider
from services.identity.models import Grant, User
from services.registry import issuer
from shared.core.context import Context
from shared.http.app import create_app
from shared.journal.session import Database
from tests.builders.administration import AUDIT, invited_user, records, system, with_factor
from tests.builders.cell import Cell
from tests.builders.identity import Person, make_user, sign_in
from tests.builders.oauth import App, consent, make_client
from tests.builders.served import served

HOME = "https://home.example"


@dataclass
class Federated:
    """Sichuan, in one application, signs in with Chongqing, which another one serves with an issuer of its own."""

    cell: Cell
    app: Flask
    database: Database
    provider: str
    tenant: UUID
    code: str
    row: UUID
    there: App
    person: Person

    def browser(self) -> Any:
        return self.app.test_client()

    def away(self, browser: Any, next_url: str = "/account") -> str:
        """Where the browser is sent."""
        answer = browser.get(f"/signin/with/{self.code}?next={next_url}", base_url=HOME)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def signed_in_there(self, address: str) -> str:
        """Sign in with the provider by its forms; where it leads back to."""
        with httpx.Client(base_url=self.provider) as browser:
            sign_in(browser, self.person)
            page = browser.get(address)
            answer = consent(browser, page) if page.status_code == 200 else page
            return str(answer.headers["Location"])

    def back(self, browser: Any, address: str) -> Any:
        assert address.startswith(f"{HOME}/signin/federated/callback?"), address
        return browser.get(address.removeprefix(HOME), base_url=HOME)


@pytest.fixture
def federated(cell: Cell, sichuan: UUID, chongqing: UUID) -> Iterator[Federated]:
    settings = replace(cell.settings, issuer=HOME, outbound_local=True)
    database = Database(settings, "app", clock=cell.clock)
    with served(cell) as provider:
        there = make_client(cell, chongqing, redirect_uris=(f"{HOME}/signin/federated/callback",))
        with database.session(Context(tenant_id=sichuan, actor_id="tester")) as session:
            row = add_provider(
                session, issuer=provider, client_secret=there.secret or "", client_id=there.client_id, label="统一认证",
                scopes=["openid", "profile", "email"], claims={"login": "preferred_username"},
                domain=session.directory.listing(session, chongqing).code,
            )  # fmt: skip
            code = session.directory.listing(session, sichuan).code
        app = create_app(settings, cell.routes, issuer=issuer, database=database)
        person = make_user(cell, chongqing, "official")
        yield Federated(cell, app, database, provider, sichuan, code, row.id, there, person)
    database.close()


def login_of(person: Person) -> str:
    return person.login.partition("@")[0]


def test_an_invited_user_signs_in_there_is_linked_and_keeps_the_roles_here(federated: Federated) -> None:
    invited = invited_user(federated.cell, federated.tenant, login=login_of(federated.person), roles=["reviewer"])
    browser = federated.browser()
    address = federated.away(browser)
    asked = parse_qs(urlsplit(address).query)
    assert (asked["code_challenge_method"], len(asked["state"][0]), len(asked["nonce"][0])) == (["S256"], 43, 43)
    answer = federated.back(browser, federated.signed_in_there(address))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account"), answer.text
    page = browser.get("/account", base_url=HOME)
    assert page.status_code == 200
    assert "审核人员" in page.text
    shown = system(federated.cell, federated.tenant).get(f"/v1/users/{invited['id']}").json
    assert (shown["state"], shown["membership"], shown["roles"]) == ("active", "active", ["reviewer"])
    sessions = system(federated.cell, federated.tenant).get(f"/v1/users/{invited['id']}/sessions").json["items"]
    assert [item["methods"] for item in sessions] == [["fed"]]
    log = [item["act"] for item in records(federated.cell, federated.tenant, subject=invited["id"])]
    assert log.count("identity.provider.linked") == 1
    again = federated.browser()
    assert federated.back(again, federated.signed_in_there(federated.away(again))).status_code == 303
    log = [item["act"] for item in records(federated.cell, federated.tenant, subject=invited["id"])]
    assert log.count("identity.provider.linked") == 1


def test_whoever_was_not_invited_gets_no_account(federated: Federated) -> None:
    browser = federated.browser()
    answer = federated.back(browser, federated.signed_in_there(federated.away(browser)))
    assert answer.status_code == 403
    assert "account_unknown" in answer.text
    refused = records(federated.cell, federated.tenant, act="identity.session.started")[0]
    assert (refused["outcome"], refused["reason"]) == ("refused", "account_unknown")
    assert system(federated.cell, federated.tenant).get("/v1/users").json["items"] == []


def test_an_administrator_still_needs_the_second_factor_here(federated: Federated) -> None:
    made = invited_user(federated.cell, federated.tenant, login=login_of(federated.person))
    browser = federated.browser()
    federated.back(browser, federated.signed_in_there(federated.away(browser)))
    with_factor(federated.cell, federated.tenant, made)
    security = federated.cell.client(federated.tenant, "security_administrator")
    assert security.post(f"/v1/users/{made['id']}/roles", {"role": "audit_administrator"}).status_code == 200
    browser = federated.browser()
    federated.back(browser, federated.signed_in_there(federated.away(browser)))
    page = browser.get("/account", base_url=HOME)
    assert (page.status_code, page.headers["Location"]) == (303, "/signin/factor?next=%2Faccount")


def test_a_provider_opens_no_account_in_use_and_no_administrators(federated: Federated) -> None:
    login, browser = login_of(federated.person), federated.browser()
    with federated.cell.session(federated.tenant) as session:
        key = accounts.invite(session, login=login, name="x", email="x@example.cn", roles=[AUDIT]).membership.user_id
    answer = federated.back(browser, federated.signed_in_there(federated.away(browser)))
    assert (answer.status_code, "account_not_linkable" in answer.text) == (403, True)
    with federated.cell.session(federated.tenant) as session:
        session.execute(delete(Grant).where(Grant.user_id == key))
        session.execute(update(User).where(User.id == key).values(state="active"))
    answer = federated.back(browser, federated.signed_in_there(federated.away(browser)))
    assert (answer.status_code, "account_not_linkable" in answer.text) == (403, True)


def test_a_locked_user_stays_out(federated: Federated) -> None:
    made = invited_user(federated.cell, federated.tenant, login=login_of(federated.person))
    browser = federated.browser()
    federated.back(browser, federated.signed_in_there(federated.away(browser)))
    assert system(federated.cell, federated.tenant).post(f"/v1/users/{made['id']}/lock").status_code == 200
    assert browser.get("/account", base_url=HOME).headers["Location"].startswith("/signin?")
    again = federated.browser()
    answer = federated.back(again, federated.signed_in_there(federated.away(again)))
    assert (answer.status_code, "account_not_active" in answer.text) == (403, True)


def test_a_login_of_another_domain_is_refused(federated: Federated) -> None:
    invited_user(federated.cell, federated.tenant, login=login_of(federated.person))
    with federated.database.session(Context(tenant_id=federated.tenant, actor_id="tester")) as session:
        revise_provider(session, federated.row, domain="sichuan.gov.cn")
    browser = federated.browser()
    answer = federated.back(browser, federated.signed_in_there(federated.away(browser)))
    assert (answer.status_code, "provider_not_believed" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address.replace("state=", "state=x"),
        lambda address: address.replace("code=", "code=x"),
        lambda address: address.replace("iss=", "iss=x"),
        lambda address: address.partition("&iss=")[0],
        lambda address: address + "&error=access_denied",
        lambda address: address + "&code=again",
    ],
)
def test_an_answer_that_was_tampered_with_signs_nobody_in(federated: Federated, change: Any) -> None:
    invited_user(federated.cell, federated.tenant, login=login_of(federated.person))
    browser = federated.browser()
    answer = federated.back(browser, change(federated.signed_in_there(federated.away(browser))))
    assert (answer.status_code, "provider_not_believed" in answer.text) == (403, True), answer.text
    assert browser.get("/account", base_url=HOME).headers["Location"].startswith("/signin?")


def test_an_answer_counts_in_the_browser_that_asked_and_once(federated: Federated) -> None:
    invited_user(federated.cell, federated.tenant, login=login_of(federated.person))
    browser = federated.browser()
    address = federated.signed_in_there(federated.away(browser))
    assert federated.back(federated.browser(), address).status_code == 403
    assert federated.back(browser, address).status_code == 303
    assert federated.back(browser, address).status_code == 403


def test_several_providers_are_listed_to_choose_from(federated: Federated) -> None:
    with federated.database.session(Context(tenant_id=federated.tenant, actor_id="tester")) as session:
        add_provider(session, issuer="https://other.example", client_secret="s", client_id="c", label="另一认证",
                     scopes=["openid"], claims={"login": "sub"}, domain=None)  # fmt: skip
    page = federated.browser().get(f"/signin/with/{federated.code}?next=/account", base_url=HOME)
    assert page.status_code == 200
    assert "统一认证" in page.text
    assert f"provider={federated.row}" in page.text
    url = f"/signin/with/{federated.code}?provider={federated.row}"
    assert federated.browser().get(url, base_url=HOME).headers["Location"].startswith(federated.provider)


def test_a_tenant_without_a_provider_says_so(cell: Cell, sichuan: UUID) -> None:
    for code in ("nowhere", "x" * 300, "platform"):
        answer = cell.app.test_client().get(f"/signin/with/{code}")
        assert (answer.status_code, "no_provider" in answer.text) == (404, True)


def test_a_provider_that_is_down_or_inside_is_a_page_and_no_request(federated: Federated) -> None:
    with federated.database.session(Context(tenant_id=federated.tenant, actor_id="tester")) as session:
        add_provider(session, issuer="http://127.0.0.1:9", client_secret="s", client_id="c", label="坏",
                     scopes=["openid"], claims={"login": "sub"}, domain=None)  # fmt: skip
        bad = add_provider(session, issuer="https://127.0.0.1:9", client_secret="s", client_id="c", label="内网",
                           scopes=["openid"], claims={"login": "sub"}, domain=None)  # fmt: skip
    url = f"/signin/with/{federated.code}?provider={bad.id}"
    assert federated.browser().get(url, base_url=HOME).status_code == 503
    guarded = federated.cell.app.test_client().get(url)
    assert (guarded.status_code, "outside_unreachable" in guarded.text) == (503, True)


DRAFT = {"label": "统一认证", "issuer": "https://sso.example.gov.cn", "client_id": "xietong", "client_secret": "s3cret"}


def test_providers_are_kept_without_showing_their_secret(cell: Cell, sichuan: UUID) -> None:
    client = system(cell, sichuan)
    made = client.post("/v1/providers", DRAFT)
    assert made.status_code == 201, made.json
    url = f"/v1/providers/{made.json['id']}"
    assert made.headers["Location"] == url
    assert "s3cret" not in made.text + client.get(url).text + str(records(cell, sichuan))
    assert client.patch(url, {"client_secret": "n3w"}, headers={"If-Match": '"1.3"'}).status_code == 412
    changed = client.patch(url, {"client_secret": "n3w", "domain": "example.gov.cn"}, headers={"If-Match": '"1.1"'})
    assert (changed.json["domain"], changed.json["etag"]) == ("example.gov.cn", "1.2")
    assert [item["id"] for item in client.get("/v1/providers").json["items"]] == [made.json["id"]]
    assert client.post(f"{url}/remove").status_code == 200
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "issuer", ["http://sso.example", "https://", "https://sso.example/?x", "ftp://x.example", "sso"]
)
def test_an_issuer_is_a_plain_https_address(cell: Cell, sichuan: UUID, issuer: str) -> None:
    answer = system(cell, sichuan).post("/v1/providers", {**DRAFT, "issuer": issuer})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/issuer")
