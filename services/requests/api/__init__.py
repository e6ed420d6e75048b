"""Routes of the requests service; importing it declares them."""

from services.requests.api import bulletins as bulletins
from services.requests.api import cases as cases
from services.requests.api import common as common
from services.requests.api import duties as duties
from services.requests.api import georeport as georeport
from services.requests.api import items as items
from services.requests.api import park_duties as park_duties
from services.requests.api import public as public
from services.requests.api import threads as threads
from services.requests.api.routes import routes as routes
