"""Marshmallow's error messages as faults with JSON pointers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from events.printing import shortened
from shared.core.errors import Fault


def faults_of(error: ValidationError, *, prefix: str = "") -> list[Fault]:
    """Each message with the pointer (RFC 6901) of what it is about; `中文 / English` is split at the slash."""
    return list(_faults(error.normalized_messages(), prefix))


def _faults(messages: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            name = "" if key == "_schema" else "/" + shortened(str(key)).replace("~", "~0").replace("/", "~1")
            yield from _faults(inner, pointer + name)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        chinese, _, english = str(message).partition(" / ")
        yield Fault(pointer or "/", chinese, english or chinese)
