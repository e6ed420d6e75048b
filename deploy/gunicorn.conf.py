"""How gunicorn serves the platform: threads, preloaded code, a stop that lets requests in hand finish."""

from shared.http.bounds import FIELDS, LINE
from shared.settings import Settings

_settings = Settings.load()

bind = [_settings.web]
workers = _settings.web_processes
threads = _settings.web_threads
worker_class = "shared.http.refusals.Worker"
limit_request_line = LINE
limit_request_field_size = LINE
limit_request_fields = FIELDS
# Code is shared between the workers; nothing opens a database or Kafka connection before the fork.
preload_app = True
graceful_timeout = 30
timeout = 60
keepalive = 5
# The platform writes one JSON line per request itself.
accesslog = None
errorlog = "-"
control_socket_disable = True
