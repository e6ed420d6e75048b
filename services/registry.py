"""The one explicit list of services."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Who only asks for the names, as relay and topics do, loads no web framework.
    from shared.http.requests.tokens import Issuer
    from shared.http.routes import Routes
    from shared.journal.session import Database

SERVICES = (
    "tenants",
    "identity",
    "calendars",
    "organisations",
    "parks",
    "standards",
    "notices",
    "requests",
    "facilities",
)
"""Those that publish, in the order in which they migrate; each name is package, topic, schema, URL and scope."""

PAGES = ("portal", "console")
"""Those that only show pages, as clients of the others' API: they have no topic and no scope."""

MIGRATED = (*SERVICES, "console")
"""All that have tables, each in a schema of its name."""

ROOMS = ("api", "pages", "oauth", "handlers")
"""Those that declare something by being imported; a service has the first, what has pages only the second."""


def load() -> list[Routes]:
    """Import every service's rooms; the routes, the machine's own first."""
    from shared.http import journals, status  # noqa: F401, PLC0415 - their routes are the machine's
    from shared.http.exports import api  # noqa: F401, PLC0415 - so are these
    from shared.http.machine_routes import routes as machine  # noqa: PLC0415 - see above
    from shared.pages import statics  # noqa: F401, PLC0415 - what pages load is the machine's, too

    found = [machine]
    for name in (*SERVICES, *PAGES):
        rooms = [import_module(f"services.{name}.{room}") for room in ROOMS if find_spec(f"services.{name}.{room}")]
        found.append(rooms[0].routes)
    return found


def issuer(database: Database) -> Issuer:
    """Who issues the tokens that the gate believes."""
    found: Issuer = import_module("services.identity.queries.issuing").LocalIssuer(database)
    return found
