"""The OAuth 2.1 and OpenID Connect endpoints and their pages: importing a module adds what it declares."""

from services.identity.oauth import authorize as authorize
from services.identity.oauth import device as device
from services.identity.oauth import discovery as discovery
from services.identity.oauth import logout as logout
from services.identity.oauth import tokens as tokens
