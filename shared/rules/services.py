"""What this code knows by name: only the topics of these services have readers and relays here."""

from __future__ import annotations

SERVICES: set[str] = set()
"""The services whose aggregates and commands are declared."""
VOUCHED: set[str] = set()
"""Commands that the sender's cell signs, for a tenant that has no key yet."""


def declare(name: str) -> None:
    """Know the service of a kind or command, `service.subject` or `service.subject.action`."""
    SERVICES.add(name.partition(".")[0])
