"""Behind proxies: as many are believed as the settings say, and whoever comes is known by an address alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import request

from services.registry import issuer
from shared.http.app import create_app
from shared.http.requests.addresses import without_port
from tests.builders.cell import Cell


def seen(cell: Cell, proxies: int, **headers: str) -> tuple[str | None, str, str]:
    """Address, scheme and host that the application sees of somebody whose last proxy is 10.0.0.9."""
    app = create_app(replace(cell.settings, trusted_proxies=proxies), [], issuer=issuer, database=cell.database)
    found = []

    @app.get("/probe")
    def probe() -> str:
        found.append((request.remote_addr, request.scheme, request.host))
        return ""

    given = {f"X-Forwarded-{name.title()}": value for name, value in headers.items()}
    answer = app.test_client().get("/probe", headers=given, environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert answer.status_code == 200
    return found[0]


@pytest.mark.parametrize(
    ("proxies", "given", "address"),
    [
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.8", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7:50123", "203.0.113.7"),
        (1, "[2001:db8::7]:50123", "2001:db8::7"),
        (1, "[2001:db8::7]", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_so_many_proxies_are_believed_and_ports_make_nobody_somebody_else(
    cell: Cell, proxies: int, given: str, address: str
) -> None:
    assert seen(cell, proxies, **{"for": given})[0] == address


def test_only_what_the_settings_name_is_believed(cell: Cell) -> None:
    assert seen(cell, 1, **{"for": "203.0.113.7"}, proto="https", host="evil.example", prefix="/evil") == (
        "203.0.113.7", "https", "localhost",
    )  # fmt: skip
    assert seen(cell, 0, proto="https")[1] == "http"


@pytest.mark.parametrize("odd", ["", "unknown", "203.0.113.7:", "[x]:1", "2001:db8::7:50123", "203.0.113.7:123456"])
def test_what_is_no_address_with_a_port_stays_as_it_is(odd: str) -> None:
    assert without_port(odd) == odd
