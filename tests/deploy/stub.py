"""Stands in for `python -m services`: answers /readyz as web, waits as worker, notes every other step."""

from __future__ import annotations

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        return


def main(step: str) -> None:
    if step == "web":
        host, _, port = os.environ["XIETONG_WEB"].rpartition(":")
        HTTPServer((host, int(port)), Ready).serve_forever()
    elif step == "worker":
        signal.pause()
    else:
        with Path(os.environ["XIETONG_HOME"], "steps").open("a") as file:
            file.write(f"{step}\n")


if __name__ == "__main__":
    main(sys.argv[1])
