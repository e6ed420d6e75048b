"""Network addresses as those who count them see them."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network

ONE_HOUSEHOLD = 64
"""Bits of an IPv6 address that name a network; whoever has one has all addresses in it (RFC 4291, 2.5.4)."""

WITH_PORT = re.compile(r"(?:([0-9]{1,3}(?:\.[0-9]{1,3}){3})|\[([0-9A-Fa-f:.]+)\]):[0-9]{1,5}|\[([0-9A-Fa-f:.]+)\]")
"""As some proxies write whom they forward for."""


def without_port(address: str) -> str:
    """The address alone: its port is another with each connection, and would make each somebody else."""
    found = WITH_PORT.fullmatch(address)
    return next(filter(None, found.groups())) if found else address


def network_of(address: str | None) -> str:
    """An IPv4 address itself, of an IPv6 address its /64, of a mapped one the IPv4 address; the text if it is none."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return (address or "")[:100]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((int(found), ONE_HOUSEHOLD), strict=False))
    return str(found)
