"""The embedded stack keeps its promises: real servers, killed and started again in a path with spaces.

All tests share one stack, which each leaves running: a start of Kafka is what they cost.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from deploy.local.identity import birth
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Part, wait_until
from deploy.local.stack import Stack

# A start of Kafka in each test: 5 s alone on the machine, minutes beside other work on two cores.
pytestmark = pytest.mark.timeout(400)
SERVERS = ("postgres", "kafka")


@pytest.fixture(scope="module")
def written(running: Stack) -> Stack:
    """The stack, with a table and a topic of a thousand each."""
    _write(running.environment())
    return running


def test_a_stack_that_was_killed_comes_back_with_everything_it_held(written: Stack) -> None:
    stack, first = written, written.environment()
    cluster = _cluster(first["XIETONG_KAFKA"])
    for name in SERVERS:
        _kill(Part(stack.home, name))
    assert not any(stack.status().values())
    assert stack.ended() == list(SERVERS)

    second = stack.start()

    assert second == first
    assert _rows(second["XIETONG_DATABASE_URL"]) == 1000
    assert _records(second["XIETONG_KAFKA"]) == 1000
    assert _cluster(second["XIETONG_KAFKA"]) == cluster


def test_a_port_taken_by_somebody_else_is_replaced_and_the_change_is_told(written: Stack) -> None:
    stack, first = written, written.environment()
    pids = [pid for name in SERVERS if (pid := Part(stack.home, name).pid())]
    assert len(pids) == 2
    assert stack.stop() == ["kafka", "postgres"]
    assert not any(birth(pid) for pid in pids)
    assert stack.stop() == []
    with _taking(first["XIETONG_KAFKA"]), _taking(first["XIETONG_DATABASE_URL"].rpartition("@")[2].partition("/")[0]):
        second = stack.start()
        assert len(stack.changes) == 2
        assert second["XIETONG_KAFKA"] != first["XIETONG_KAFKA"]
        assert _rows(second["XIETONG_DATABASE_URL"]) == 1000
        assert _records(second["XIETONG_KAFKA"]) == 1000


def test_the_platforms_roles_cannot_step_around_row_level_security(running: Stack) -> None:
    environment = running.environment()
    with psycopg.connect(environment["XIETONG_DATABASE_URL"]) as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles"
            " WHERE rolname LIKE 'xietong%' AND rolname <> 'xietong_admin' ORDER BY 1"
        ).fetchall()
        locale = connection.execute("SELECT datcollate FROM pg_database WHERE datname = 'xietong'").fetchone()
    assert roles == [
        ("xietong_app", False, False, False, True),
        ("xietong_owner", False, False, True, True),
        ("xietong_relay", False, False, False, True),
        ("xietong_worker", False, False, False, True),
    ]
    assert locale == ("C.UTF-8",)
    for role in ("APP", "RELAY", "WORKER"):
        psycopg.connect(environment[f"XIETONG_{role}_DATABASE_URL"]).close()


def test_given_servers_are_used_and_nothing_is_started_in_their_place(
    running: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = running.environment()
    monkeypatch.setenv("XIETONG_DATABASE_URL", given["XIETONG_DATABASE_URL"])
    monkeypatch.setenv("XIETONG_KAFKA", given["XIETONG_KAFKA"])
    other = Stack(tmp_path / "other", durable=False)
    environment = other.start()
    assert environment["XIETONG_DATABASE_URL"] == given["XIETONG_DATABASE_URL"]
    psycopg.connect(environment["XIETONG_APP_DATABASE_URL"]).close()
    assert other.stop() == []
    assert all(running.status()[name] for name in SERVERS)


def test_what_the_stack_knows_is_readable_by_its_owner_only(running: Stack) -> None:
    for name in ("env.json", "keys.json"):
        assert stat.S_IMODE((running.home / name).stat().st_mode) == 0o600


def _kill(part: Part) -> None:
    pid = part.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: part.pid() is None, within=5)


def _taking(address: str) -> socket.socket:
    return socket.create_server((LOOPBACK, int(address.rpartition(":")[2])))


def _write(environment: dict[str, str]) -> None:
    # Stacks of tests forget what was committed in the last half second; that is not what is tested.
    with psycopg.connect(environment["XIETONG_DATABASE_URL"], options="-c synchronous_commit=on") as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
    admin = KafkaAdminClient(bootstrap_servers=environment["XIETONG_KAFKA"])
    admin.create_topics({"kept": {"num_partitions": 6, "replication_factor": 1}})
    admin.close()
    producer = KafkaProducer(bootstrap_servers=environment["XIETONG_KAFKA"], acks="all", enable_idempotence=True)
    for number in range(1000):
        producer.send("kept", str(number).encode())
    producer.flush()
    producer.close()


def _rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM kept").fetchone() or (0,)
    return int(count)


def _records(servers: str) -> int:
    consumer = KafkaConsumer("kept", bootstrap_servers=servers, group_id=None, auto_offset_reset="earliest")
    found = 0

    def all_read() -> bool:
        nonlocal found
        found += sum(len(batch) for batch in consumer.poll(timeout_ms=500).values())
        return found >= 1000

    wait_until(all_read, within=20)
    consumer.close()
    return found


def _cluster(servers: str) -> str:
    admin = KafkaAdminClient(bootstrap_servers=servers)
    found = admin.describe_cluster()["cluster_id"]
    admin.close()
    return str(found)
