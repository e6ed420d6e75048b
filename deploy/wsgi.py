"""What gunicorn loads: the web application with every service."""

from services.registry import issuer, load
from shared.core.settings import Settings
from shared.http.app import create_app

app = create_app(Settings.load(), load(), issuer=issuer)
