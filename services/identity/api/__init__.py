"""Routes of the identity service: importing a module adds what it declares."""

from services.identity.api import account as account
from services.identity.api import applications as applications
from services.identity.api import audit as audit
from services.identity.api import choosing as choosing
from services.identity.api import clients as clients
from services.identity.api import factor as factor
from services.identity.api import factor_set_up as factor_set_up
from services.identity.api import federation as federation
from services.identity.api import first_administrators as first_administrators
from services.identity.api import forgotten as forgotten
from services.identity.api import invitations as invitations
from services.identity.api import keys as keys
from services.identity.api import me as me
from services.identity.api import members as members
from services.identity.api import oauth_authorize as oauth_authorize
from services.identity.api import oauth_device as oauth_device
from services.identity.api import oauth_discovery as oauth_discovery
from services.identity.api import oauth_logout as oauth_logout
from services.identity.api import oauth_tokens as oauth_tokens
from services.identity.api import passwords as passwords
from services.identity.api import providers as providers
from services.identity.api import roles as roles
from services.identity.api import sessions as sessions
from services.identity.api import sign_in as sign_in
from services.identity.api import start as start
from services.identity.api import users as users
from services.identity.api.routes import routes

__all__ = ["routes"]
