"""What gunicorn loads: the web application with every service."""

import pypinyin.seg.simpleseg  # noqa: F401 - large and slow to load: before the fork, so that all processes share it

from services.registry import issuer, load
from shared.core.settings import Settings
from shared.http.app import create_app

app = create_app(Settings.load(), load(), issuer=issuer)
