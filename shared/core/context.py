"""On whose behalf something is done: carried by every session, never a parameter of a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from events.entry import Actor

PLATFORM = uuid5(NAMESPACE_URL, "xietong:platform")
"""The platform is itself a tenant: it signs the directory of the others."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """`tenant_id` is whose rows are seen; `acting_id` the tenant that acts, another one only in a forwarded command.

    `command` is the signed command being executed, `address` the network address the request came from.
    """

    tenant_id: UUID
    actor_id: str
    acting_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    organisation_id: UUID | None = None
    scope: Literal["tenant", "organisation"] = "tenant"
    command: Mapping[str, Any] | None = None
    correlation: str = field(default_factory=lambda: uuid4().hex)
    trace: str | None = None
    address: str | None = None

    @property
    def party(self) -> UUID:
        """The tenant that acts."""
        return self.acting_id or self.tenant_id

    @property
    def actor(self) -> Actor:
        """Who acts, as the journal names them."""
        return Actor(tenant=self.party, id=self.actor_id)


def machine_context(tenant_id: UUID, part: str = "machine") -> Context:
    """What the platform's own parts act as inside a tenant: timers, handlers, replication."""
    return Context(tenant_id=tenant_id, actor_id=f"xietong:{part}")
