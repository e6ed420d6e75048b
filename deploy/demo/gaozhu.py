"""The bodies that the scenario sends, made from `data/gaozhu.yaml`: codes of tenants become their ids."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parents[2] / "data" / "gaozhu.yaml"
Body = dict[str, Any]


@dataclass(frozen=True)
class Gaozhu:
    """`tenants` are ids by code."""

    written: Mapping[str, Any]
    tenants: Mapping[str, str]

    @classmethod
    def load(cls, tenants: Mapping[str, str]) -> Gaozhu:
        """Read the file."""
        return cls(yaml.safe_load(FILE.read_text(encoding="utf-8")), tenants)

    @property
    def name(self) -> str:
        """The park's real name."""
        return str(self.written["park"]["name_zh"])

    def park(self, run: int) -> Body:
        """The draft; runs after the first say which they are."""
        park = self.written["park"]
        return {
            "name_zh": numbered(park["name_zh"], "演示", run=run),
            "name_en": numbered(park["name_en"], "run", run=run),
            "kind": park["kind"],
            "location": park["locations"][0],
            "area_km2": park["area_km2"],
            "sectors": park["sectors"],
            "starts_on": park["start"],
            "ends_on": park["end"],
            "parties": self._parties(),
        }

    def measured_park(self, run: int) -> Body:
        """A draft beside it that is changed many times."""
        named = {
            "name_zh": numbered("时延测量园区", "演示", run=run),
            "name_en": numbered("Latency test park", "run", run=run),
        }
        # New today, so in no division that has ended since the park beside it began.
        parties = [{"tenant": party["tenant"], "role": party["role"]} for party in self._parties()]
        return {**named, "kind": "cooperation", "sectors": ["0"], "parties": parties}

    def _parties(self) -> list[Body]:
        return [{**party, "tenant": self.tenants[party["tenant"]]} for party in self.written["park"]["parties"]]

    def agreement(self) -> Body:
        """The first revision as it is proposed."""
        agreement = self.written["agreement"]
        return {"terms": self._terms(agreement["terms"]), "effective_from": agreement["effective"]}

    def amendment(self) -> Body:
        """The same terms with one obligation replaced."""
        change = self.written["scenario"]["amendment"]
        terms = copy.deepcopy(self.written["agreement"]["terms"])
        replaced = change["obligation"]["party"], change["replaces_due"]
        terms["obligations"] = [
            change["obligation"] if (item["party"], item["due"]) == replaced else item for item in terms["obligations"]
        ]
        return {"terms": self._terms(terms)}

    def unequal_revision(self) -> Body:
        """A second revision with a further share, which a party will refuse."""
        share = self.written["scenario"]["refused_share"]
        terms = copy.deepcopy(self.written["agreement"]["terms"])
        terms["shares"].append(share)
        return {"terms": self._terms(terms), "effective_from": f"{share['from_year']}-01-01"}

    def reason(self, of: str) -> str:
        """Why something is refused (`refusal`) or suspended (`suspension`), as an official writes it."""
        return str(self.written["scenario"][f"{of}_reason"])

    def _terms(self, terms: Mapping[str, Any]) -> Body:
        shares = [
            {**share, "ratios": {self.tenants[code]: ratio for code, ratio in share["ratios"].items()}}
            for share in terms["shares"]
        ]
        obligations = [{**item, "party": self.tenants[item["party"]]} for item in terms["obligations"]]
        return {**terms, "shares": shares, "obligations": obligations}


def numbered(name: str, word: str, *, run: int) -> str:
    """The plain name for the first run; later ones say which they are."""
    return name if run == 1 else f"{name} ({word} {run})"


def next_run(name: str, taken: Iterable[str]) -> int:
    """One more than the highest number that a park of this name carries."""
    found = (re.fullmatch(re.escape(name) + r"( \(演示 (\d+)\))?", other) for other in taken)
    return max((int(match[2] or 1) for match in found if match), default=0) + 1
