"""Only what its home signed is believed, and only as it was signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from shared.messaging.relay import Unsent
from shared.replication.progress import RejectRow
from tests.builders.cell import Cell
from tests.builders.officials import drafted

Message = dict[str, Any]


def forged(rows: list[Unsent], change: Callable[[Message], None]) -> list[Unsent]:
    """The same messages, each altered on the way."""
    altered = []
    for row in rows:
        message = json.loads(row.value)
        change(message)
        altered.append(row._replace(value=json.dumps(message).encode()))
    return altered


def other_state(message: Message) -> None:
    message["data"]["state"]["name_zh"] = "别的园区"


def other_version(message: Message) -> None:
    message["data"]["entry"]["version"] += 1


def other_party(message: Message) -> None:
    message["data"]["entry"]["parties"].append(str(uuid4()))


def other_key(message: Message) -> None:
    message["data"]["entry"]["key"] = "0" * 16


def more_attributes(message: Message) -> None:
    message["data"]["entry"]["extra"] = 1


def no_signature(message: Message) -> None:
    message["data"]["signature"] = ""


def other_home(message: Message) -> None:
    message["data"]["entry"]["home"] = str(uuid4())


@pytest.mark.parametrize(
    "change", [other_state, other_version, other_party, other_key, more_attributes, no_signature, other_home]
)
def test_an_altered_entry_changes_nothing_and_is_kept_for_the_operator(
    cell: Cell, sichuan: UUID, chongqing: UUID, change: Callable[[Message], None]
) -> None:
    url = drafted(cell, sichuan, chongqing)
    cell.client(sichuan).patch(url, {"sectors": ["芯片"]})
    before = rejected(cell)
    cell.deliver(forged(cell.take_unsent(), change))
    assert cell.client(chongqing).get(url).headers["ETag"] == '"1.1"'
    assert rejected(cell) == before + 1


@pytest.mark.parametrize(
    "value", [b"", b"\xff\x00", b"{}", b"[]", b"null", b'{"specversion":"1.0","data":{}}', b"9" * 2_000_000]
)
def test_bytes_that_are_no_message_stop_nobody(cell: Cell, sichuan: UUID, chongqing: UUID, value: bytes) -> None:
    url = drafted(cell, sichuan, chongqing)
    cell.client(sichuan).patch(url, {"sectors": ["芯片"]})
    rows = cell.take_unsent()
    cell.deliver([rows[0]._replace(value=value), *rows])
    assert cell.client(chongqing).get(url).headers["ETag"] == '"1.2"'


def test_a_command_signed_by_another_tenant_is_not_carried_out(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    stranger = cell.tenant("guizhou")
    cell.client(chongqing).patch(url, {"sectors": ["芯片"]})

    def pretend(message: Message) -> None:
        message["data"]["command"]["from"] = str(stranger)

    cell.deliver(forged(cell.take_unsent(), pretend))
    assert cell.client(sichuan).get(url).headers["ETag"] == '"1.1"'


def rejected(cell: Cell) -> int:
    with cell.worker_database.cell_session() as session:
        return int(session.scalar(select(func.count()).select_from(RejectRow)) or 0)
