"""Clients that use none of the project's code: kcat reads the topics, a short script verifies an exported journal."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.registry import SERVICES
from shared.evidence import journal_file
from shared.evidence.histories import evidence_of
from shared.messaging import kafka
from shared.messaging.relay import Relay
from tests.builders.cell import Cell
from tests.builders.officials import active
from tests.builders.race import send_now

SCRIPT = Path(__file__).with_name("verify_journal.py")


@pytest.fixture
def exported(cell: Cell, sichuan: UUID, chongqing: UUID, tmp_path: Path) -> Path:
    """The journal of an active park that Chongqing has suspended, exported by Chongqing."""
    url = active(cell, sichuan, chongqing)
    cell.client(chongqing).post(f"{url}/suspend", {"reason": "统计口径衔接"})
    cell.carry()
    with cell.session(chongqing) as session:
        document = journal_file.export(session, evidence_of(session, UUID(url.split("/")[-1])))
    file = tmp_path / "journal.json"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return file


def run_script(file: Path, key: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(SCRIPT), str(file), key]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_script_without_our_code_proves_an_exported_journal(cell: Cell, exported: Path) -> None:
    done = run_script(exported, cell.settings.platform_key)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("proven") == 2


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The address of every value in a JSON document."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, dict | list) and item:
            yield from leaves(item, (*path, key))
        else:
            yield (*path, key)


def test_every_changed_value_of_a_journal_is_noticed(cell: Cell, exported: Path) -> None:
    original = exported.read_text(encoding="utf-8")
    journals = json.loads(original)["journals"]
    places = [path for path in leaves(journals) if path[-1] not in ("salt", "text")]
    for path in places[:: len(places) // 60]:
        document = json.loads(original)
        target = document["journals"]
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = "changed"
        with pytest.raises((journal_file.EvidenceError, ValueError, KeyError, TypeError, AttributeError)):
            journal_file.verify(document, cell.settings.platform_key)


def test_a_journal_without_one_entry_is_noticed(cell: Cell, exported: Path) -> None:
    document = json.loads(exported.read_text(encoding="utf-8"))
    del document["journals"][0]["entries"][2]
    exported.write_text(json.dumps(document), encoding="utf-8")
    assert "NOT PROVEN" in run_script(exported, cell.settings.platform_key).stderr
    with pytest.raises(journal_file.EvidenceError, match="does not follow"):
        journal_file.verify(document, cell.settings.platform_key)


def test_another_platform_key_proves_nothing(exported: Path) -> None:
    wrong = base64.urlsafe_b64encode(b"\1" * 32).decode().rstrip("=")
    assert run_script(exported, wrong).returncode == 1


def test_kcat_puts_a_key_where_the_relay_puts_it(cell: Cell) -> None:
    kcat, topic = shutil.which("kcat"), f"{cell.settings.cell}.notices.commands"
    assert kcat, "install Debian's kcat (`make test` does)"
    kafka.create_topics(cell.settings, SERVICES)
    broker, keys = cell.settings.kafka.servers[0], [str(uuid4()) for _ in range(50)]
    producer = kafka.producer(cell.settings)
    for key in keys:
        producer.send(topic, key=key.encode(), value=b"ours")
    producer.close()
    lines = "".join(f"{key} theirs\n" for key in keys)
    subprocess.run([kcat, "-b", broker, "-P", "-t", topic, "-K", " "], input=lines, text=True, check=True, timeout=60)
    command = [kcat, "-b", broker, "-C", "-t", topic, "-e", "-q", "-f", "%s %k %p\n"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    found = {
        whose: sorted(line for line in printed.splitlines() if line.startswith(whose)) for whose in ("ours", "theirs")
    }
    assert len(found["ours"]) == len(keys)
    assert [line.split()[1:] for line in found["ours"]] == [line.split()[1:] for line in found["theirs"]]
    assert len({line.split()[2] for line in found["ours"]}) > 1


def test_kcat_reads_the_topics(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    kcat = shutil.which("kcat")
    assert kcat, "install Debian's kcat (`make test` does)"
    kafka.create_topics(cell.settings, SERVICES)
    producer = kafka.producer(cell.settings)
    url = f"{active(cell, sichuan, chongqing)}/suspend"
    cell.client(sichuan).post(url, {"reason": "检查"})
    send_now(Relay(cell.relay_database, producer, ["parks"]))
    producer.close()
    topic = f"{cell.settings.cell}.parks.events"
    command = [kcat, "-b", cell.settings.kafka.servers[0], "-C", "-t", topic, "-e", "-q", "-f", "%k %s\n"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    park = url.split("/")[3]
    events = [json.loads(line.partition(" ")[2]) for line in printed.splitlines() if line.startswith(park)]
    event = events[-1]
    assert (event["specversion"], event["type"]) == ("1.0", "parks.park.suspended.v1")
    assert event["subject"] == park
    assert set(event["data"]) == {"entry", "signature", "state", "texts"}
