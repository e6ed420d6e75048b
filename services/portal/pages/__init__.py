"""Pages for anybody: importing a module adds what it declares."""

from services.portal.pages import start as start
from services.portal.routes import routes as routes
