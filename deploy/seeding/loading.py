"""Tenants, parks and organisations of the demonstration, through the API of the running platform; then the accounts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import yaml

from deploy.seeding.accounts import open_accounts
from deploy.seeding.entering import entered
from events.canonical import canonical, digest
from services import registry
from shared.core.context import PLATFORM
from shared.core.settings import Settings
from shared.http.client import ApiClient
from shared.journal.session import Database
from shared.keys.directory import WORKING

FOLDER = Path(__file__).resolve().parents[2] / "data"
PLAYED = "gaozhu"
"""The park that the scenario drafts itself."""
PATIENCE = 60.0
"""Seconds for which a tenant's key may take to be listed."""


def seed(settings: Settings) -> None:
    """Tenants as the platform's administrator, parks as an official of each home; prints one line."""
    registry.load()
    database = Database(settings, "app")
    ApiClient(settings.web, "", PATIENCE).wait_until_ready()
    platform = entered(database, PLATFORM, code="platform", patience=PATIENCE)
    rows = _rows("tenants")
    added = add_missing(platform, rows)
    working = _listed(platform, [row["id"] for row in rows])
    if away := sorted({row["id"] for row in rows} - set(working)):
        named = "、".join(away)
        click.echo(f"已退出或暂停的辖区不再装入数据:{named} / Left or suspended, so without new data: {named}")
    seeding = _Seeding(database, working)
    # By code of the first party, which becomes home.
    homes: dict[str, list[dict[str, Any]]] = {}
    for park in _rows("parks"):
        if park["id"] != PLAYED:
            homes.setdefault(park["parties"][0]["tenant"], []).append(park)
    drafted = sum(seeding.draft_missing(home, parks) for home, parks in homes.items())
    click.echo(
        f"演示数据:辖区 {len(rows)} 个(新增 {added}),园区新增 {drafted} 个 / "
        f"Demonstration data: {len(rows)} tenants ({added} new), {drafted} parks new"
    )
    registered = seeding.register_missing(_rows("organisations"))
    accounts = open_accounts(database, seeding.keys, organisation=registered.get("sichuan"))
    click.echo(f"演示账号新增 {accounts} 个 / {accounts} demonstration accounts new")
    database.close()


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))[name]
    return rows


def _key(body: Mapping[str, Any]) -> str:
    """The same content is the same request, also when two starts load it side by side."""
    return f"seed-{digest(canonical(body))[:32]}"


def add_missing(platform: ApiClient, rows: Iterable[Mapping[str, Any]]) -> int:
    """Create what is not there; returns how many. A region waits until the tenants that it names are listed."""
    known = {tenant["code"] for tenant in platform.all("/v1/tenants")}
    taken = ("name_zh", "name_en", "kind", "division_codes")
    new = [
        {"code": row["id"], **{name: row[name] for name in taken}, "members": row.get("members", [])}
        for row in rows
        if row["id"] not in known
    ]
    for body in new:
        if body["members"]:
            _listed(platform, [member["tenant"] for member in body["members"]])
        platform.post("/v1/tenants", body, key=_key(body))
    return len(new)


def _listed(platform: ApiClient, codes: list[str]) -> dict[str, str]:
    """Ids by code of those at work, once the directory lists a key for each; raises ClickException if it does not."""
    deadline = time.monotonic() + PATIENCE
    while True:
        listed = {tenant["code"]: tenant for tenant in platform.all("/v1/tenants") if tenant["keys"]}
        missing = sorted(set(codes) - set(listed))
        if not missing:
            return {code: tenant["id"] for code, tenant in listed.items() if tenant["state"] in WORKING}
        if time.monotonic() > deadline:
            raise click.ClickException(
                f"{missing[0]} 的签名密钥在 {PATIENCE:.0f} 秒内未登记,请检查工作进程的日志后重试 / "
                f"The signing key of {missing[0]} was not listed in time: read the worker's log, then run this again."
            )
        time.sleep(0.1)


@dataclass(frozen=True)
class _Seeding:
    database: Database
    tenants: Mapping[str, str]
    clients: dict[str, ApiClient] = field(default_factory=dict)

    def draft_missing(self, home: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Draft what home does not have yet by that name; returns how many."""
        if home not in self.tenants:
            return 0
        official = self._official(home)
        known = {park["name_zh"] for park in official.all("/v1/parks")}
        bodies = [self._park(row) for row in rows if row["name_zh"] not in known]
        shared = [body for body in bodies if len(body["parties"]) > 1]
        for body in shared:
            official.post("/v1/parks", body, key=_key(body))
        return len(shared)

    @property
    def keys(self) -> dict[str, UUID]:
        """Ids of the tenants by code."""
        return {code: UUID(key) for code, key in self.tenants.items()}

    def register_missing(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, UUID]:
        """Register what a tenant does not have yet by that code; returns the id of the first of each tenant."""
        first: dict[str, UUID] = {}
        for row in (row for row in rows if row["tenant"] in self.tenants):
            home, body = row["tenant"], {name: value for name, value in row.items() if name != "tenant"}
            official = self._official(home)
            known = official.all("/v1/organisations", q=body["code"])
            made = known[0] if known else official.post("/v1/organisations", body, key=_key(body)).body
            first.setdefault(home, UUID(made["id"]))
        return first

    def _official(self, home: str) -> ApiClient:
        if home not in self.clients:
            self.clients[home] = entered(self.database, UUID(self.tenants[home]), code=home, patience=PATIENCE)
        return self.clients[home]

    def _park(self, row: Mapping[str, Any]) -> dict[str, Any]:
        parties = [
            {"tenant": self.tenants[party["tenant"]], "role": party["role"], "division": party["division"]}
            for party in row["parties"]
            if party["tenant"] in self.tenants
        ]
        # An enclave needs its host (飞入地); a proposed one whose host nobody has named is a cooperation until then.
        has_host = any(party["role"] == "host" for party in row["parties"])
        kind = "cooperation" if row["kind"] == "enclave" and not has_host else str(row["kind"])
        return {
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "kind": kind,
            "location": next(iter(row["locations"]), None),
            "area_km2": row["area_km2"],
            "sectors": row["sectors"],
            "parties": parties,
            "starts_on": row["start"],
        }
