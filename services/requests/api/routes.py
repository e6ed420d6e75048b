"""What all routes of this service are declared on."""

from shared.http.routes import Routes

routes = Routes("requests")
