"""Citations: how any service says on what a thing of its own rests, so that a withdrawal finds it."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalog import Change


@dataclass(frozen=True, kw_only=True)
class Citing(Change):
    """A change after which the aggregate rests on exactly `cites`; the standards service keeps count of it.

    Each is `certificate:<number>`, `standard:<id>` or `body:<id>`. Complete each time: what is missing is no longer
    cited. None says nothing about citations. A service that cites declares its event as one of these and has no more
    to do than to listen to what became of it (`standards.consequence.closed.v1`).
    """

    cites: tuple[str, ...] | None = field(default=None)
