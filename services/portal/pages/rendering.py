"""The pages of the portal: anybody reads them, so they set no cookie."""

from __future__ import annotations

from shared.pages.rendering import Templates

render = Templates("services.portal.pages", sets_cookies=False).render
