"""The signed commands by which other tenants asked for what their home says they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from events.entry import Entry

Commands = Sequence[tuple[UUID, Mapping[str, Any]]]
"""Tenants with the `{"document", "signature"}` of a command that each of them signed."""


def commands_of(
    signatures: Iterable[Mapping[str, Any]], *, home: UUID, asked: tuple[str, UUID], content_hash: str
) -> Commands:
    """The command behind each signature of another tenant than the home; raises ValueError, TypeError or KeyError.

    `asked` are the command's name and the aggregate it was given on, `content_hash` that of what stands there now:
    nothing else that was signed will do.
    """
    wanted = {"name": asked[0], "aggregate": str(asked[1]), "to": str(home)}
    found = []
    for item in signatures:
        if item["content_hash"] != content_hash:
            raise ValueError("the content is not what was signed")
        if item["tenant"] == str(home):
            continue
        document = item["command"]["document"]
        if {name: document[name] for name in wanted} != wanted or document["params"]["content_hash"] != content_hash:
            raise ValueError(f"{document['from']} signed something else")
        found.append((UUID(item["tenant"]), item["command"]))
    return found


def command_behind(entry: Entry) -> Commands:
    """The command by which another tenant than the home is said to have acted on just this; ValueError without one."""
    if entry.actor.tenant == entry.home:
        return ()
    if entry.command is None:
        raise ValueError(f"{entry.actor.tenant} is said to have acted, without a command of it")
    wanted = {"from": str(entry.actor.tenant), "to": str(entry.home), "aggregate": str(entry.aggregate)}
    if {name: entry.command["document"][name] for name in wanted} != wanted:
        raise ValueError(f"{entry.actor.tenant} asked for something else")
    return [(entry.actor.tenant, entry.command)]
