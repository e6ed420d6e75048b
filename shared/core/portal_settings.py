"""What only whoever runs the platform can say on its public pages: map, licence of the data, contact, the wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

PORTAL_KNOWN = {
    "XIETONG_MAP_NUMBER": "approval number of the map on the public pages; without it the map says that it is a sketch",
    "XIETONG_MAP_SOURCE": "where the borders on that map come from",
    "XIETONG_MAP_LICENCE": "under which licence that map is shown",
    "XIETONG_DATA_LICENCE": "under which licence the open data of the portal may be used",
    "XIETONG_CONTACT": "whom the public pages name for questions and faults: an address, mail or telephone",
    "XIETONG_WALL_TOKEN": "secret in the address of the wall, at least 16 characters; without it there is no wall",
}
SHORTEST = 16


@dataclass(frozen=True, kw_only=True)
class PortalSettings:
    """'' where nobody has said it."""

    map_number: str = ""
    map_source: str = ""
    map_licence: str = ""
    data_licence: str = ""
    contact: str = ""
    wall_token: str = field(default="", repr=False)

    @classmethod
    def read(cls, text: Callable[[str], str | None], faults: list[str]) -> Self:
        """`text` gives a setting by its name; what is wrong is added to `faults`."""
        names = ("map_number", "map_source", "map_licence", "data_licence", "contact", "wall_token")
        made = cls(**{name: text(name.upper()) or "" for name in names})
        if made.wall_token and len(made.wall_token) < SHORTEST:
            faults.append(f"XIETONG_WALL_TOKEN 过短 / must have at least {SHORTEST} characters.")
        return made
