"""Who answers at a broker's address, asked in Kafka's own protocol."""

from __future__ import annotations

import os
import socket
import struct
from typing import BinaryIO


def answers(servers: str) -> bool:
    """True when a broker lists itself as part of a cluster; behind TLS or SASL it is enough that one listens."""
    return cluster_of(servers) is not None


def cluster_of(servers: str) -> str | None:
    """The id of the cluster that answers there, '?' behind TLS or SASL, None when none does.

    Asked in Kafka's own protocol (Metadata, version 4, no topics): the client library waits up to half a minute and
    leaks its socket where nobody listens.
    """
    host, _, port = servers.split(",", maxsplit=1)[0].rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=3) as connection:
            if os.environ.get("XIETONG_KAFKA_SECURITY_PROTOCOL", "PLAINTEXT") != "PLAINTEXT":
                return "?"
            connection.sendall(struct.pack(">ihhihi?", 15, 3, 4, 1, -1, 0, False))  # noqa: FBT003
            answer = connection.makefile("rb")
            brokers = struct.unpack(">iiii", answer.read(16))[3]
            for _broker in range(brokers):
                answer.read(4)
                _text(answer)
                answer.read(4)
                _text(answer)
            return _text(answer) if brokers > 0 else None
    except (OSError, struct.error, UnicodeDecodeError):
        return None


def _text(answer: BinaryIO) -> str | None:
    (length,) = struct.unpack(">h", answer.read(2))
    return None if length < 0 else answer.read(length).decode()
