"""Commands, handlers and timers are declared completely."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

from events.catalog import TYPE_NAME
from events.schema import load_all
from services.registry import SERVICES, load
from shared.commands.handlers import DEFERRED, EVERYWHERE
from shared.commands.registry import COMMANDS
from shared.countersigned import commands as countersigned
from shared.database.rows import AGGREGATES
from shared.files.files import FETCH
from shared.http.fields.attachments import AttachmentSchema
from shared.journal.reactions import HANDLERS
from shared.journal.timers import TIMERS
from shared.replication.resync import TELL

load()
ACTION = re.compile(r"^[a-z]+\.[a-z_]+\.[a-z_]+$")


def test_every_command_is_bound_to_the_draft_that_judges_it() -> None:
    assert [name for name, command in COMMANDS.items() if not command.drafts] == []


def test_a_command_has_one_draft_wherever_it_is_run() -> None:
    assert [name for name, command in COMMANDS.items() if len(command.drafts) > 1] == []


def test_every_command_is_named_after_service_subject_and_action() -> None:
    assert [name for name, item in COMMANDS.items() if not ACTION.match(name) or item.kind.kind != _subject(name)] == []


def test_every_command_whose_draft_cites_files_asks_who_holds_them() -> None:
    citing = [item for item in COMMANDS.values() if any(_cites(field) for field in _fields(item.drafts[0]))]
    assert len(citing) >= 3
    sources = {item.name: inspect.getsource(sys.modules[item.run.__module__]) for item in citing}
    asking = ("check_cited(", "Revisions(")
    assert "check_cited(" in inspect.getsource(countersigned), "revisions ask for those that declare them"
    assert [name for name, source in sources.items() if not any(call in source for call in asking)] == []


def _fields(draft: Any) -> list[Any]:
    return list(draft._declared_fields.values())


def _cites(field: Any) -> bool:
    nested = getattr(getattr(field, "inner", field), "nested", None)
    return isinstance(nested, type) and issubclass(nested, AttachmentSchema)


def test_every_timer_of_a_service_is_named_after_an_aggregate() -> None:
    ours = [name for name in TIMERS if name not in (DEFERRED, FETCH, TELL)]
    assert [name for name in ours if not ACTION.match(name) or _subject(name) not in AGGREGATES] == []


def test_every_aggregate_belongs_to_the_service_that_names_it() -> None:
    for kind, aggregate in AGGREGATES.items():
        service = kind.split(".")[0]
        assert service in SERVICES
        assert aggregate.__module__.startswith(f"services.{service}.models")
        assert aggregate.__table__.schema == service


def test_every_handler_listens_to_a_type_that_exists() -> None:
    assert sorted({*HANDLERS, *EVERYWHERE} - set(load_all())) == []


def test_what_is_listened_to_everywhere_is_broadcast() -> None:
    assert [name for name in EVERYWHERE if AGGREGATES[name.rsplit(".", 2)[0]].register is None] == []


def test_every_handler_stands_in_the_handlers_room() -> None:
    handlers = {handler for listening in (*HANDLERS.values(), *EVERYWHERE.values()) for handler in listening}
    assert [item.__module__ for item in handlers if item.__module__.split(".")[2:3] != ["handlers"]] == []


def test_every_event_type_is_of_a_service_and_stands_in_its_module() -> None:
    for name, change in load_all().items():
        match = TYPE_NAME.match(name)
        assert match is not None
        assert match["service"] in SERVICES
        assert change.__module__.split(".")[:2] == ["events", match["service"]]


def _subject(name: str) -> str:
    return name.rsplit(".", 1)[0]
