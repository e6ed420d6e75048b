"""The bodies that the certificate's scenario sends, made from `data/standards.yaml`: names become ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parents[2] / "data" / "standards.yaml"
Body = dict[str, Any]


@dataclass(frozen=True)
class Standards:
    """`tenants` are ids by code, `today` the day on which the scenario is played."""

    written: Mapping[str, Any]
    tenants: Mapping[str, str]
    today: date

    @classmethod
    def load(cls, tenants: Mapping[str, str], today: date) -> Standards:
        """Read the file."""
        return cls(yaml.safe_load(FILE.read_text(encoding="utf-8")), tenants, today)

    def row(self, kind: str, ref: str) -> Mapping[str, Any]:
        """A row of the file by its name."""
        rows: Iterable[Mapping[str, Any]] = self.written[kind]
        return next(row for row in rows if row["ref"] == ref)

    def project(self, row: Mapping[str, Any]) -> Body:
        """The draft of a standard, in force from today on."""
        taken = ("kind", "title_zh", "title_en", "subject", "sheet")
        issuers = [self.tenants[issuer["tenant"]] for issuer in row["issuers"]]
        return {**{name: row[name] for name in taken}, "issuers": issuers, "effective_from": self.today.isoformat()}

    def body(self, row: Mapping[str, Any], standards: Mapping[str, str]) -> Body:
        """An accreditation."""
        grants = [
            {
                "standards": [standards[ref] for ref in grant["standards"]],
                "product_classes": grant["product_classes"],
                "methods": grant["methods"],
                "valid_to": self._after(grant["valid_years"]),
            }
            for grant in row["grants"]
        ]
        return {**{name: row[name] for name in ("code", "name_zh", "name_en")}, "grants": grants}

    def recognition(self, row: Mapping[str, Any], standards: Mapping[str, str]) -> Body:
        """A proposal of the first of the two tenants."""
        items = [{**item, "standard": standards[item["standard"]]} for item in row["items"]]
        titles = {"title_zh": row["title_zh"], "title_en": row["title_en"]}
        return {"recognised": self.tenants[row["recognised"]], "mutual": row["mutual"], **titles, "items": items}

    def certificate(self, row: Mapping[str, Any], standard: str, *, body: str) -> Body:
        """A certificate from today on."""
        taken = {name: row[name] for name in ("holder", "products", "methods")}
        return {"body": body, "standard": standard, **taken, "valid_to": self._after(row["valid_years"])}

    def _after(self, years: int) -> str:
        return (self.today + timedelta(days=365 * years)).isoformat()
