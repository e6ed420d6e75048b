"""The examples of messages are whole and true: a stranger can decode and verify them, and every kind has its topic."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.messages import CHANNELS, asyncapi, examples
from events import schema
from events.canonical import canonical, digest
from events.catalog import parse
from events.entry import Entry
from events.envelope import KINDS, Kind, decode
from services.parks.models import Park
from shared.core.encoding import b64decode
from shared.database.rows import row_values

EVENTS = schema.load_all()
EXAMPLES = examples()
HAN = re.compile(r"[\u3400-\u9fff]")
KNOWN_TO_ALL = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()


def test_every_kind_of_message_travels_on_one_topic() -> None:
    assert sorted(kind for kinds in CHANNELS.values() for kind in kinds) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_is_read_and_its_signature_verified(kind: Kind) -> None:
    envelope = decode(json.dumps(EXAMPLES[kind]).encode())
    assert (envelope.kind, json.loads(envelope.encode())) == (kind, EXAMPLES[kind])
    KNOWN_TO_ALL.verify(b64decode(envelope.signature), canonical(envelope.document))


def test_the_example_of_an_entry_is_one_of_a_park() -> None:
    body: Any = EXAMPLES["entry"]["data"]
    entry = Entry.parse(body["entry"])
    texts = decode(json.dumps(EXAMPLES["entry"]).encode()).texts
    assert parse(entry.type, entry.change, texts=texts) is not None
    assert (entry.state_hash, entry.hash) == (digest(canonical(body["state"])), EXAMPLES["entry"]["id"])
    assert row_values(Park, body["state"])["state"] == "suspended"
    assert all(text.digest == key for key, text in texts.items())


def test_the_document_of_topics_has_servers_and_an_example_of_each_message() -> None:
    made = asyncapi(EVENTS)
    assert made["servers"]
    assert {name: one["examples"][0]["payload"] for name, one in made["components"]["messages"].items()} == EXAMPLES


def test_every_event_is_called_something_in_both_languages() -> None:
    assert [name for name, event in EVENTS.items() if not HAN.search(event.zh) or HAN.search(event.en)] == []
