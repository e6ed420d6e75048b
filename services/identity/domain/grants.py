"""What a person allowed a client, and why what was handed out for it may be refused later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from shared.core.calendar import read_moment


class GrantRefusedError(Exception):
    """A code, refresh token or device code is not good (any more); the text is for the client's developer."""


class GrantReusedError(GrantRefusedError):
    """It was used before: somebody has a copy, so all that follows from it ends."""

    def __init__(self, tenant: UUID, family: UUID) -> None:
        super().__init__("This was used before; everything that followed from it has ended. Sign in again.")
        self.tenant, self.family = tenant, family


@dataclass(frozen=True, kw_only=True)
class Approval:
    """That a person lets a client act for `tenant` within `scope`; and how the person had signed in.

    `session` is the browser session the tokens hang on; None for a device, whose tokens hang on their family.
    """

    tenant: UUID
    account: UUID
    user: UUID
    session: UUID | None
    methods: tuple[str, ...]
    authenticated_at: datetime
    factor_at: datetime | None
    scope: str

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "tenant": str(self.tenant),
            "account": str(self.account),
            "user": str(self.user),
            "session": None if self.session is None else str(self.session),
            "methods": list(self.methods),
            "authenticated_at": self.authenticated_at.isoformat(),
            "factor_at": None if self.factor_at is None else self.factor_at.isoformat(),
            "scope": self.scope,
        }

    @classmethod
    def read(cls, document: dict[str, Any]) -> Self:
        """The inverse."""
        session, factor = document["session"], document["factor_at"]
        return cls(
            tenant=UUID(document["tenant"]),
            account=UUID(document["account"]),
            user=UUID(document["user"]),
            session=None if session is None else UUID(session),
            methods=tuple(document["methods"]),
            authenticated_at=read_moment(document["authenticated_at"]),
            factor_at=None if factor is None else read_moment(factor),
            scope=document["scope"],
        )
