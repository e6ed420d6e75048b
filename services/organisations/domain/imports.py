"""The states of an import, and what it tells of a file besides."""

from __future__ import annotations

from collections.abc import Sequence

from shared.rules.lifecycle import Lifecycle, Step
from shared.tables.rows import Unread

IMPORT_LIFECYCLE = Lifecycle(
    "import",
    "waiting",
    (
        Step("begin", ("waiting",), "running"),
        Step("finish", ("running",), "done"),
        Step("cancel", ("waiting", "running"), "cancelled"),
    ),
    words="services.organisations",
)


def notes_of(unread: Sequence[Unread]) -> list[dict[str, str]]:
    """A sentence for each sheet that was not read: nothing is left out in silence."""
    return [
        {
            "zh": f"{'隐藏的' if sheet.hidden else ''}工作表“{sheet.name}”未读取。",
            "en": f"The {'hidden ' if sheet.hidden else ''}sheet '{sheet.name}' was not read.",
        }
        for sheet in unread
    ]
