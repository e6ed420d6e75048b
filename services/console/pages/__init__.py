"""Pages of the console: importing a module adds what it declares."""

from services.console import models as models
from services.console.routes import routes as routes
