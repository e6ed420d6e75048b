"""Words for what the API shows as codes: they stand once, in its own description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.http.requests.gate import database
from shared.pages.asking import Api
from shared.pages.languages import t

_known: dict[str, Mapping[str, Mapping[str, Mapping[str, str]]]] = {}


def label(kind: str, value: str) -> str:
    """What people call `value` of an enumeration such as `parks.ParkKind`; the code itself where nobody says."""
    found = _labels().get(kind, {}).get(value)
    return value if found is None else t(found["zh"], found["en"])


def labels(kind: str) -> Mapping[str, Mapping[str, str]]:
    """Every value of an enumeration with its words, in its own order."""
    return _labels()[kind]


def _labels() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    # Read once: another release of the API is another process.
    address = database().settings.api or ""
    if address not in _known:
        described: Mapping[str, Any] = Api().get("/openapi.json").body["components"]["schemas"]
        _known[address] = {
            name: shape["x-enum-labels"] for name, shape in described.items() if "x-enum-labels" in shape
        }
    return _known[address]
