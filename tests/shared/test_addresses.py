"""Whoever has an IPv6 network has all of its addresses: it counts as one."""

from __future__ import annotations

import socket
import time
from threading import Thread

import pytest

from shared.core.errors import UnavailableError
from shared.http import outbound
from shared.http.requests.addresses import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("nonsense", "nonsense"),
        (None, ""),
    ],
)
def test_an_address_counts_as_its_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_a_server_that_drips_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.5)
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _from = server.accept()
        with connection:
            try:
                while True:
                    connection.sendall(b"H")
                    time.sleep(0.1)
            except OSError:
                pass

    thread = Thread(target=drip)
    thread.start()
    began = time.monotonic()
    with pytest.raises(UnavailableError):
        outbound.Outbound(local=True).request("GET", f"http://127.0.0.1:{server.getsockname()[1]}/")
    assert time.monotonic() - began < 3
    thread.join(timeout=10)
    server.close()
