"""Pages for people, rendered on the server: importing a module adds what it declares."""

from services.identity.pages import account as account
from services.identity.pages import applications as applications
from services.identity.pages import choosing as choosing
from services.identity.pages import factor as factor
from services.identity.pages import factor_set_up as factor_set_up
from services.identity.pages import federation as federation
from services.identity.pages import forgotten as forgotten
from services.identity.pages import invitations as invitations
from services.identity.pages import passwords as passwords
from services.identity.pages import sign_in as sign_in
