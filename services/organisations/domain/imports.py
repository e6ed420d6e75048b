"""The states of an import."""

from __future__ import annotations

from shared.lifecycle import Lifecycle, Step

IMPORT_LIFECYCLE = Lifecycle(
    "import",
    "waiting",
    (
        Step("begin", ("waiting",), "running"),
        Step("finish", ("running",), "done"),
        Step("cancel", ("waiting", "running"), "cancelled"),
    ),
)
