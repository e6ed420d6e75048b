"""The catalogue of the demonstration: what each jurisdiction offers, drafted and opened through the API."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import yaml

from deploy.demo.stage import Stage

FILE = Path(__file__).resolve().parents[2] / "data" / "services.yaml"
ALL = "/v1/service-items"
TAKEN = ("code", "name_zh", "name_en", "category", "nature", "mode", "audience", "provider")


def catalogue() -> list[dict[str, Any]]:
    """Each item as the API takes it, with the jurisdiction that offers it and, if it has one, its short name."""
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [
        {
            "tenant": row["tenant"],
            "ref": row.get("ref"),
            "draft": {
                **{name: ({**written["defaults"], **row})[name] for name in TAKEN},
                "sheet": written["sheets"][row["sheet"]],
            },
        }
        for row in written["items"]
    ]


def offer(stage: Stage) -> dict[str, str]:
    """Open what is not offered yet; ids by short name. Raises `AnswerError` where the API refuses."""
    began, ids, new = time.time(), dict[str, str](), 0
    by_tenant: dict[str, list[dict[str, Any]]] = {}
    for row in catalogue():
        by_tenant.setdefault(row["tenant"], []).append(row)
    for code, rows in by_tenant.items():
        official = stage.official(code)
        known = {one["code"]: one for one in official.all(ALL, tenant=code)}
        for row in rows:
            found = known.get(row["draft"]["code"]) or official.post(ALL, row["draft"]).body
            if found["state"] == "draft":
                official.post(f"{ALL}/{found['id']}/open")
                new += 1
            if row["ref"]:
                ids[row["ref"]] = found["id"]
    offered = sum(map(len, by_tenant.values()))
    said = f"目录有 {offered} 个服务事项,新开放 {new} 个 / {offered} service items in the catalogue, {new} newly opened"
    stage.tell(said, began, took=time.time() - began)
    return ids
