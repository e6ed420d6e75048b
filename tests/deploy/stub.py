"""Stands in for `python -m deploy`: answers /readyz as web, waits as relay and worker, supervises, notes the rest."""

from __future__ import annotations

import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from deploy.local import cli, platform


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        return


def main(step: str) -> None:
    if step == "web":
        listening = socket.socket(fileno=int(os.environ["XIETONG_WEB_SOCKET"]))
        server = HTTPServer(listening.getsockname(), Ready, bind_and_activate=False)
        server.socket = listening
        server.serve_forever()
    elif step in ("relay", "worker"):
        signal.pause()
    elif step == "supervise":
        sys.argv = ["xietong"]
        platform.COMMAND = (sys.executable, __file__)
        cli.supervise()
    else:
        with Path(os.environ["XIETONG_HOME"], "steps").open("a") as file:
            file.write(f"{step}\n")


if __name__ == "__main__":
    main(sys.argv[1])
