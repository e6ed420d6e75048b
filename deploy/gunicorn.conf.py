"""How gunicorn serves the platform: preloaded code, processes it watches, a stop that lets requests in hand finish."""

from shared.core.settings import Settings
from shared.server.operations import listening
from shared.server.process import spare_the_collector
from shared.server.web_worker import WebWorker, bounds_of

_settings = Settings.load()
WebWorker.bounds = bounds_of(_settings.web_threads, body=_settings.upload_limit)
WebWorker.operators = listening(_settings.operations)

bind = [_settings.web if _settings.web_socket is None else f"fd://{_settings.web_socket}"]
workers = _settings.web_processes
# gunicorn's own threads are held by whoever sends slowly; see the class.
worker_class = WebWorker
# Code is shared between the workers; nothing opens a database or Kafka connection before the fork.
preload_app = True
graceful_timeout = 30
timeout = 60
# The platform writes one JSON line per request itself.
accesslog = None
errorlog = "-"
control_socket_disable = True


def when_ready(_server: object) -> None:
    """Before the first fork, so that its pages stay shared too."""
    spare_the_collector()
