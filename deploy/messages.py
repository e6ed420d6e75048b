"""Whole signed messages of every kind, as an example for each, and the AsyncAPI document of topics and messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from events import schema
from events.canonical import Json, canonical, digest, instant, plain
from events.catalog import Change
from events.entry import Actor, Entry, aggregate_id
from events.envelope import KINDS, Envelope, Kind
from events.parks import ParkSuspended
from events.text import FreeText
from services import registry
from services.parks.models import Park
from shared.broadcasts.cells import CELL_KINDS, CellKind, cell_id
from shared.core.derived_keys import public_text
from shared.core.words import Pair
from shared.database.rows import state_of
from shared.keys.directory import key_id
from shared.keys.keyring import Signer

CHANNELS: dict[str, tuple[Kind, ...]] = {
    "events": ("entry", "answer", "head", "beat", "erasure", "manifest"),
    "commands": ("command", "receipt", "resync", "ask"),
}
"""Which kinds of message travel on which topic of a service."""
TOPICS = {
    "events": Pair("送往该单元各参与方的事件,以及主办辖区对操作的答复。",
                   "What happened, to every party that lives in the cell, and home's answers to commands."),
    "commands": Pair("各参与方对该单元主办辖区的请求,以及接收到哪一版本。",
                     "What parties ask of homes that live in the cell, and how far they have come."),
}  # fmt: skip
MEANINGS: dict[Kind, Pair] = {
    "entry": Pair("发生了什么:一个签名条目及其后的状态。", "What happened: a signed entry with the state after it."),
    "command": Pair("一个辖区请求主办辖区办理的操作。", "What one tenant asks another, the home, to do."),
    "answer": Pair("主办辖区对操作的答复:结果版本或拒绝原因。", "Home's answer to a command: versions or a refusal."),
    "receipt": Pair("参与方已应用到哪一版本,或因何搁置。", "Which versions a party has applied, or why it could not."),
    "resync": Pair(
        "参与方请求重发所缺的版本,或(`all`)全部。", "A party asks for the versions it lacks, or (`all`) for everything."
    ),
    "head": Pair("主办辖区说明最新版本,以便发现缺失。", "Home says its newest versions, so that a loss is noticed."),
    "erasure": Pair("请求删除涉及个人的文字。", "Texts about persons are to be erased."),
    "beat": Pair("单元定时说明其各辖区已公开多少条。", "A cell says how much its tenants have broadcast."),
    "manifest": Pair("一个辖区依次公开了哪些条目。", "Which entries a tenant has broadcast, in their order."),
    "ask": Pair("一个单元请求重发所缺的公开条目。", "A cell asks for what it lacks of what was broadcast."),
}
HOME, PARTY = UUID("6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11"), UUID("0c0f0fd4-7c40-4b9f-8f3c-2f6f6d1b7e22")
NONCE, AT = "00112233445566778899aabbccddeeff", datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""Known to everybody, so that the examples can be verified, and good for nothing else."""
SIGNER = Signer(key_id(public_text(PRIVATE.public_key())), PRIVATE)


def examples() -> dict[Kind, Any]:
    """A message of each kind about one park, signed by a key that everybody knows."""
    entry = _entry()
    sent = {"entry": entry, **{kind: _signed(kind, content) for kind, content in _contents(entry)}}
    return {kind: json.loads(sent[kind].encode()) for kind in KINDS}


def _text() -> FreeText:
    return FreeText("产权纠纷尚未解决", "c2FsdC1vZi10aGUtZXhhbXBsZQ")


def _entry() -> Envelope:
    park = Park(
        id=aggregate_id(HOME, NONCE), home_id=HOME, epoch=1, version=5, party_ids=[PARTY, HOME],
        created_at=AT, updated_at=AT,
        name_zh="川渝高竹新区", name_en="Sichuan–Chongqing Gaozhu New Area", park_kind="joint", state="suspended",
        location="511623", area_km2=Decimal(262), sectors=["汽车零部件"],
        parties=[{"tenant": str(HOME), "role": "partner", "division": "511623"},
                 {"tenant": str(PARTY), "role": "partner", "division": "500115"}],
        starts_on=date(2021, 1, 4), ends_on=None, consents={"resume": [], "dissolve": []}, current_agreement=1,
        next_revision=2, reason_digest=_text().digest, entry_rules=[],
    )  # fmt: skip
    change = ParkSuspended(reason=_text())
    state = state_of(park)
    texts: dict[str, FreeText] = {}
    entry = Entry(
        aggregate=park.id, aggregate_type=Park.kind, home=HOME, epoch=park.epoch, version=park.version,
        type=change.type, change=plain(change, texts), state_version=Park.state_version,
        state_hash=digest(canonical(state)),
        previous="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", nonce=None,
        parties=tuple(sorted(park.party_ids)), joined=(), left=(), actor=Actor(HOME, "official-17"), command=None,
        occurred_at=AT, key=SIGNER.key,
    )  # fmt: skip
    return Envelope(
        kind="entry", document=entry.document, signature=SIGNER.sign_bytes(entry.canonical), source=HOME,
        type=entry.type, subject=str(park.id), time=instant(AT), state=state, texts=texts,
    )  # fmt: skip


def _contents(entry: Envelope) -> Iterator[tuple[Kind, dict[str, Json]]]:
    """What each kind but the entry says besides who signs."""
    key, command = entry.subject, "4f0c1f0e-6d0a-4a63-8f0f-2b7f3d1c9a55"
    entry_hash, at, home = digest(canonical(entry.document)), instant(AT), str(HOME)
    position: dict[str, Json] = {"aggregate": key, "epoch": 1, "version": 5}
    yield (
        "command",
        {
            "to": home,
            "id": command,
            "name": "parks.park.suspend",
            "aggregate": key,
            "actor": "official-4",
            "params": {"reason": _text().digest},
            "expires_at": at,
            "expected": [1, 4],
        },
    )
    yield "answer", {"to": str(PARTY), "id": command, "aggregate": key, "results": [position], "problem": None}
    applied = {**position, "entry": entry_hash, "status": "applied", "reason": None, "applied_at": at}
    yield "receipt", {"to": home, "lines": [applied]}
    yield "resync", {"to": home, **position, "kind": Park.kind}
    yield "head", {"to": str(PARTY), "lines": [{**position, "kind": Park.kind, "entry": entry_hash}]}
    yield "erasure", {"to": str(PARTY), "aggregate": key, "kind": Park.kind, "digests": [_text().digest]}
    whole = {"since": None, "part": [1, 1], "ids": [None, None]}
    yield "beat", {"to": "east", **whole, "homes": {home: [128, entry_hash]}}
    line: list[Json] = ["standards.standard", key, 1, 1, entry_hash]
    yield "manifest", {"to": "east", "home": home, "first": 128, "previous": entry_hash, "lines": [line]}
    yield "ask", {"to": "main", "home": home, "after": 127, "entries": [[key, 1, 1]]}


def _signed(kind: Kind, content: Mapping[str, Json]) -> Envelope:
    of_cell = kind in CELL_KINDS
    cell = "east" if cast("CellKind", kind) == "ask" else "main"
    tenant = PARTY if kind in ("command", "receipt", "resync") else HOME
    sender = cell if of_cell else str(tenant)
    spec = f"xietong.{kind}.v1"
    document = {**content, "spec": spec, "from": sender, "at": instant(AT), "key": SIGNER.key, "algorithm": "Ed25519"}
    texts = {_text().digest: _text()} if kind == "command" else {}
    return Envelope(
        kind=kind,
        document=document,
        signature=SIGNER.sign(document),
        source=cell_id(cell) if of_cell else tenant,
        type=spec,
        subject=str(content.get("aggregate", content["to"])),
        time=instant(AT),
        texts=texts,
    )


def asyncapi(events: Mapping[str, type[Change]]) -> dict[str, Any]:
    """The AsyncAPI 3.1 document of every topic and message."""
    topics = [(service, kind) for service in registry.SERVICES for kind in CHANNELS]
    about = Pair(
        "结构化 CloudEvents 1.0(JSON);`data` 内为签名文件,以事项标识为键。",
        "Structured CloudEvents 1.0 (JSON). `data` holds a signed document; keyed by aggregate id.",
    )
    server = {
        "host": "{broker}",
        "protocol": "kafka",
        "description": Pair("本单元的 Kafka 集群。", "The Kafka cluster of the cell.").paragraphs(),
        "variables": {
            "broker": {"default": "localhost:9092", "description": "`XIETONG_KAFKA`", "examples": ["kafka-1:9093"]}
        },
    }
    told = examples()
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Xietong events",
            "version": "1",
            "description": about.paragraphs(),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {"kafka": server},
        "channels": {f"{service}.{kind}": _channel(service, kind) for service, kind in topics},
        "operations": {
            f"{action}.{service}.{kind}": {"action": action, "channel": {"$ref": f"#/channels/{service}.{kind}"}}
            for service, kind in topics
            for action in ("send", "receive")
        },
        "components": {
            "messages": {kind: _message(kind, told[kind]) for kind in KINDS},
            "schemas": {name: schema.schema_of(change) for name, change in events.items()},
        },
    }


def _channel(service: str, kind: str) -> dict[str, Any]:
    return {
        "address": f"{{cell}}.{service}.{kind}",
        "description": TOPICS[kind].paragraphs(),
        "servers": [{"$ref": "#/servers/kafka"}],
        "parameters": {
            "cell": {
                "description": str(Pair("消息送往的单元", "The cell the message is for")),
                "default": "main",
                "examples": ["main"],
            }
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in CHANNELS[kind]},
    }


def _message(kind: Kind, example: Any) -> dict[str, Any]:
    text = {"type": "string"}
    names = ("id", "source", "type", "subject", "time", "traceparent", "correlationid")
    attributes = {"specversion": {"const": "1.0"}, "datacontenttype": {"const": "application/json"}}
    body: dict[str, Any] = {kind: {"type": "object"}, "signature": {**text, "description": "base64url, RFC 8785 bytes"}}
    if kind in ("entry", "command"):
        body |= {"texts": {"type": "object"}}
    if kind == "entry":
        body |= {"state": {"type": "object"}}
    return {
        "name": kind,
        "title": kind,
        "summary": str(MEANINGS[kind]),
        "contentType": "application/cloudevents+json",
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
            "properties": {
                **attributes,
                **dict.fromkeys(names, text),
                "data": {"type": "object", "required": [kind, "signature"], "properties": body},
            },
        },
        "examples": [{"name": kind, "summary": str(MEANINGS[kind]), "payload": example}],
    }
