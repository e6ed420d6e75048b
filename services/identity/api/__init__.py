"""JSON routes of the identity service: importing a module adds what it declares."""

from services.identity.api import audit as audit
from services.identity.api import clients as clients
from services.identity.api import first_administrators as first_administrators
from services.identity.api import keys as keys
from services.identity.api import me as me
from services.identity.api import members as members
from services.identity.api import providers as providers
from services.identity.api import roles as roles
from services.identity.api import sessions as sessions
from services.identity.api import sign_in_rules as sign_in_rules
from services.identity.api import users as users
from services.identity.routes import routes

__all__ = ["routes"]
