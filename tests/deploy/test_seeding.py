"""The seed looks at who is there: tenants that have left or are suspended get no new data and stop nothing."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any
from uuid import UUID

import click
import httpx
import pytest

from deploy.seeding import loading
from deploy.seeding.entering import entered
from deploy.seeding.loading import _listed, _Seeding
from tests.builders.cell import Cell
from tests.builders.leaving import leave

STATES = {"active": True, "leaving": True, "suspended": False, "left": False}


class Platform:
    """Answers as the directory does."""

    def all(self, _path: str) -> list[dict[str, Any]]:
        return [{"code": state, "id": f"id of {state}", "keys": ["x"], "state": state} for state in STATES]


def test_only_tenants_at_work_are_given_data() -> None:
    assert set(_listed(Platform(), list(STATES))) == {state for state, works in STATES.items() if works}  # type: ignore[arg-type]


class Slow:
    """A platform that lists a tenant only when it is looked for the third time."""

    def __init__(self) -> None:
        self.looks: dict[str, int] = {}

    def post(self, _path: str, body: dict[str, Any], **_more: Any) -> None:
        assert all(self.looks[member["tenant"]] > 2 for member in body["members"])
        self.looks[body["code"]] = 0

    def all(self, _path: str) -> list[dict[str, Any]]:
        self.looks = {code: number + 1 for code, number in self.looks.items()}
        keys = {code: ["x"] * (number > 2) for code, number in self.looks.items()}
        return [{"code": code, "id": code, "keys": keys[code], "state": "active"} for code in self.looks]


def test_a_region_is_created_once_the_tenants_it_names_are_listed() -> None:
    rows = loading._rows("tenants")
    assert loading.add_missing(Slow(), rows) == len(rows)  # type: ignore[arg-type]


def test_who_is_away_is_not_signed_in_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "entered", lambda *_given, **_more: pytest.fail("signed in"))
    seeding = _Seeding(None, {})  # type: ignore[arg-type]
    assert seeding.register_missing([{"tenant": "chongqing", "code": "x"}]) == {}
    assert seeding.draft_missing("chongqing", [{"name_zh": "园"}]) == 0


def test_a_tenant_that_has_left_is_listed_with_its_keys(cell: Cell, sichuan: UUID) -> None:
    gone = cell.tenant("gone")
    leave(cell, gone)
    shown = cell.client(sichuan).get(f"/v1/tenants/{gone}").json
    assert (shown["state"], len(shown["keys"])) == ("left", 1)


@pytest.mark.parametrize(("refusals", "patience", "let_in"), [(2, 5.0, True), (10_000, 0.3, False)])
def test_a_tenant_whose_key_for_tokens_is_not_known_yet_is_asked_again_for_a_while(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch, refusals: int, patience: float, let_in: bool
) -> None:
    not_yet = [httpx.Response(503, json={"error": "temporarily_unavailable"})] * refusals
    answers = iter([*not_yet, httpx.Response(200, json={"access_token": "at", "expires_in": 600})])
    monkeypatch.setattr(httpx, "post", lambda *_given, **_more: next(answers))
    with nullcontext() if let_in else pytest.raises(click.ClickException, match="temporarily_unavailable"):
        entered(cell.database, sichuan, code="sichuan", patience=patience)
    assert (next(answers, None) is None) == let_in
