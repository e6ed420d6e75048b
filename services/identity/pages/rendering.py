"""The pages of the identity service."""

from __future__ import annotations

from shared.pages.rendering import Templates

render = Templates("services.identity.pages").render
