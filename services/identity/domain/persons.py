"""Who stands behind an account, as far as a client may know."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Person:
    """An active account's owner; `login` with the code of the tenant that keeps the account."""

    id: UUID
    login: str
    name: str
    email: str

    def claims(self, scope: str) -> dict[str, str]:
        """The standard claims that these scopes open (OpenID Connect Core, 5.4); empty ones are left out."""
        asked = scope.split()
        opened = {"name": self.name, "preferred_username": self.login} if "profile" in asked else {}
        opened |= {"email": self.email} if "email" in asked else {}
        return {name: value for name, value in opened.items() if value}
