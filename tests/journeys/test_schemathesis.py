"""The OpenAPI document against the running application, with every check: what is not documented does not happen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from services.registry import load
from tests.builders.cell import Cell
from tests.builders.officials import active
from tests.builders.sizes import FULL, SEED, size, soak

# Ratios that must sum to 1 or parties that must exist cannot be said in JSON Schema: such bodies are answered 422,
# what the state does not allow 409 or 412, and what is held already (If-None-Match) 304. A missing If-Match is 428
# (RFC 6585).
CONFIGURATION = """
[parameters]
"path.key" = "{park}"
"path.revision" = 1
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "409", "412", "422"]
[checks.missing_required_header]
expected-statuses = ["400", "401", "403", "415", "422", "428"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "413", "415", "422", "428"]
"""


EVERYTHING = "official+signatory+system_administrator+security_administrator+audit_administrator+organisation_manager"
"""More than anybody may hold, so that every route is reached."""


PHASES = "examples,coverage,fuzzing,stateful" if FULL else "examples,coverage,fuzzing"


class QuietHandler(WSGIRequestHandler):
    """The application logs its requests itself."""

    def log(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(cell: Cell) -> Iterator[str]:
    """The application on a port of this machine."""
    server = make_server("127.0.0.1", 0, cell.app, threaded=True, request_handler=QuietHandler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("service", [routes.service for routes in load()])
def test_every_answer_is_a_documented_one(cell: Cell, address: str, tmp_path: Path, service: str) -> None:
    sichuan, chongqing = cell.tenant("sichuan"), cell.tenant("chongqing")
    park = active(cell, sichuan, chongqing).split("/")[-1]
    token = cell.token(sichuan, EVERYTHING, subject="schemathesis")
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION.format(park=park))
    command = [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"]
    options = ["--checks", "all", "--mode", "all", "--max-examples", str(size(1, 10)), "--seed", str(SEED)]
    part = ["--include-tag", service, "--phases", PHASES, "--no-color"]
    done = subprocess.run(
        [*command, f"{address}/openapi.json", "-H", f"Authorization: Bearer {token}", *options, *part],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    # Ids that were made up are of nothing, and a timeline tells them as they were given.
    cell.unnamed.clear()
