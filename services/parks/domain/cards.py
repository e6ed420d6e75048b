"""What a park shows to anybody, and who must have signed for it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from events.canonical import Json
from services.parks.domain.park import tenants
from shared.rules.signed_commands import Commands, commands_of

ISSUED, RECALLED = "issued", "recalled"


def signed_by_parties(home: UUID, card: Mapping[str, Json], *, asked: tuple[str, UUID]) -> Commands:
    """By which commands the parties beside the home signed; raises ValueError, TypeError or KeyError without one.

    `asked` are the name of the command and the agreement. A recalled card names nobody, so nobody must have signed.
    """
    others = {UUID(tenant) for tenant in tenants(card["parties"])} - {home}
    if card["status"] == RECALLED and others:
        raise ValueError("a recalled card names parties")
    commands = commands_of(card["signatures"], home=home, asked=asked, content_hash=card["content_hash"])
    if others - {tenant for tenant, _command in commands}:
        raise ValueError("not all who are named as parties have signed")
    return commands
