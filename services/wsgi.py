"""What gunicorn loads: the web application with every service."""

from services.registry import issuer, load
from shared.http.app import create_app
from shared.settings import Settings

app = create_app(Settings.load(), load(), issuer=issuer)
