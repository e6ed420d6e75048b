"""Runs every benchmark on a stack of its own and prints the platform beside the floor, with the ratio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from kafka.admin import KafkaAdminClient, NewTopic
from rich.console import Console
from rich.table import Table

from benchmarks import entering, floor, recognition, revoking
from benchmarks.measuring import BURST, CHANGES, Figures, FloorLane, PlatformLane, measure
from deploy.local.stack import Stack
from services.registry import SERVICES
from shared.core.settings import Settings
from shared.database.migrating import migrate
from shared.http.client import ApiClient
from shared.messaging.kafka import create_topics

CARRIERS = (["deploy", "relay"], ["deploy", "worker"])


@contextmanager
def running(argv: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A process of the project for the length of the block."""
    process = subprocess.Popen([sys.executable, "-m", *argv], env={**os.environ, **environment})
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def prepared(stack: Stack) -> tuple[dict[str, str], Settings]:
    """Tables and topics of both lanes."""
    environment = {**stack.start(), "XIETONG_LOG_LEVEL": "error"}
    settings = Settings.load(environment)
    migrate(environment["XIETONG_DATABASE_URL"], SERVICES)
    create_topics(settings, SERVICES)
    with psycopg.connect(environment["XIETONG_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(floor.SETUP)
    admin = KafkaAdminClient(bootstrap_servers=environment["XIETONG_KAFKA"])
    admin.create_topics([NewTopic(floor.TOPIC, num_partitions=6, replication_factor=1)])
    admin.close()
    return environment, settings


def shown(figures: Mapping[str, Figures]) -> Table:
    """The table that is printed."""
    table = Table(title=f"commit to visible over {CHANGES} changes; burst of {BURST} events")
    for column in ("", "floor", "platform", "platform / floor"):
        table.add_column(column, justify="right")
    one, two = figures["floor"], figures["platform"]
    for name, before, after in (
        ("p50 ms", one.p50, two.p50),
        ("p99 ms", one.p99, two.p99),
        ("events per second", one.rate, two.rate),
    ):
        table.add_row(name, f"{before:.1f}", f"{after:.1f}", f"{after / before:.2f}")
    return table


def refusal_shown(before: Figures, found: revoking.Refusal) -> Table:
    """The table about revoked certificates, beside the floor's commit to visible."""
    table = Table(title=f"commit of a revocation to refused, {CHANGES} certificates")
    for column in ("", "floor", "at its home", "at the party", "party / floor"):
        table.add_column(column, justify="right")
    for name, floor_is, home, party in (
        ("p50 ms", before.p50, found.home_p50, found.party_p50),
        ("p99 ms", before.p99, found.home_p99, found.party_p99),
    ):
        table.add_row(name, f"{floor_is:.1f}", f"{home:.1f}", f"{party:.1f}", f"{party / floor_is:.2f}")
    return table


def _entered(platform: PlatformLane, environment: Mapping[str, str]) -> entering.Entering:
    with ExitStack() as stack:
        for argv in (["deploy", "web"], *CARRIERS):
            stack.enter_context(running(argv, environment))
        ApiClient(platform.settings.web, "", 60.0).wait_until_ready()
        return entering.measure(platform.app, platform.home, platform.party)


def entering_shown(found: entering.Entering) -> Table:
    """The table about signing in, tokens and neighbours."""
    table = Table(title="entering; a quiet tenant beside one that floods")
    for column in ("", "floor", "platform", "platform / floor"):
        table.add_column(column, justify="right")
    for name, floor_is, here in (
        ("sign-ins per second (floor: Argon2id alone)", found.hashes, found.sign_ins),
        ("token verified, µs (floor: Ed25519 alone)", found.signature, found.verification),
        ("quiet tenant's p95 ms (floor: without the flood)", found.alone, found.beside_flood),
    ):
        table.add_row(name, f"{floor_is:.1f}", f"{here:.1f}", f"{here / floor_is:.2f}")
    table.add_row("part of the flood refused", "", f"{found.refused:.2f}", "")
    return table


def main() -> None:
    """Measure and print; the figures also as one line of JSON."""
    with tempfile.TemporaryDirectory(prefix="xietong-bench-") as folder:
        stack = Stack(Path(folder))
        try:
            environment, settings = prepared(stack)
            lane = FloorLane(environment["XIETONG_DATABASE_URL"])
            processes = [["benchmarks.floor", "relay"], ["benchmarks.floor", "worker"]]
            figures = {"floor": measure(lane, lambda: [running(argv, environment) for argv in processes])}
            platform = PlatformLane(settings)
            figures["platform"] = measure(platform, lambda: [running(argv, environment) for argv in CARRIERS])
            with ExitStack() as carriers:
                for argv in CARRIERS:
                    carriers.enter_context(running(argv, environment))
                refusal = revoking.Revoking(platform).measure()
            entered = _entered(platform, environment)
            platform.close()
        finally:
            stack.remove()
    Console().print(shown(figures), refusal_shown(figures["floor"], refusal), entering_shown(entered))
    lines = {name: vars(item) for name, item in figures.items()}
    print(json.dumps({**lines, "refusal": vars(refusal), "entering": vars(entered)}))
    recognition.main()


if __name__ == "__main__":
    main()
