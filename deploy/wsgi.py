"""What gunicorn loads: the web application with every service."""

import pypinyin.seg.simpleseg  # noqa: F401 - large and slow to load: before the fork, so that all processes share it

from services.console.calling.description import warmed
from services.registry import issuer, load
from shared.core.settings import Settings
from shared.http.app import create_app

app = create_app(Settings.load(), load(), issuer=issuer)
with app.test_request_context(environ_overrides={"HTTP_HOST": "localhost"}):
    # The API's description is read before the fork, too: else the first page of each process would wait for it.
    warmed()
