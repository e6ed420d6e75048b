"""One form that somebody fills in: what it asks, of what, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response

from services.console.calling.description import Operation
from services.console.calling.shapes import Shape
from services.console.calling.visits import Visitor
from services.console.kit.areas import Area
from services.console.kit.forms import Form
from services.console.kit.keeping import keep_draft
from services.console.kit.things import HARMFUL, Act, Thing, parent_of
from services.console.kit.watching import watch_of
from services.console.pages.frame import render
from shared.core.words import Pair

CHECKED = 3
"""A form of so many fields or more is looked at once more before it is sent."""


@dataclass
class Filling:
    """One form that somebody fills in: of which operation, on which thing, and what became of it so far."""

    who: Visitor
    area: Area
    operation: Operation
    path: str
    """The address of the API that it is sent to."""
    place: str
    """The address of the form."""
    title: Pair
    form: Form = field(repr=False)
    found: Thing | None = None
    conflict: Thing | None = None
    terms: dict[str, str] = field(default_factory=dict)
    refusal: str = ""
    """The API's code for why it was not taken."""

    def asks(self, shape: Shape) -> bool:
        """Whether a field stands on the form: what confirms something only once the API has asked for it."""
        name = shape.name
        return not name.startswith("confirm_") or name == f"confirm_{self.refusal}" or self.form.is_set(f"/{name}")

    @property
    def is_harmful(self) -> bool:
        return bool(set(self.operation.actions) & set(HARMFUL))

    @property
    def is_checked(self) -> bool:
        """Whether answers are looked at before they are sent: not where something is only asked."""
        return len(self.form.fields) >= CHECKED and not self.is_harmful and not self.operation.scope.endswith(":read")

    @property
    def heading(self) -> Pair:
        """What its draft is called: what is done, and to what."""
        called = self.found.called if self.found else None
        return Pair(f"{self.title.zh}:{called.zh}", f"{self.title.en}: {called.en}") if called else self.title

    @property
    def signs(self) -> bool:
        """Whether it needs a second factor."""
        return self.operation.scope.endswith(":sign")

    @property
    def shows_text(self) -> bool:
        """Whether somebody signs, refuses or agrees to a text: it stands above the button, as on its own page."""
        is_looked_at = bool(set(self.operation.actions) & set(self.area.looked_at))
        is_text = self.signs or is_looked_at or self.form.shape.field("content_hash") is not None
        return self.found is not None and is_text

    @property
    def is_typed(self) -> bool:
        """Whether there is anything to type: a hash that one signs stands there already."""
        return any(shape.identifier != "sha256" for shape in self.form.shape.shown())

    @property
    def mends(self) -> Act | None:
        """Where what the API misses can be filled in, if that is not this form."""
        if self.found is None or not any(one.pointer and not self.form.anchor(one.pointer) for one in self.form.faults):
            return None
        return next((one for one in self.found.acts(self.who.may) if one.operation.method == "PATCH"), None)

    @property
    def whole(self) -> Thing | None:
        """What the thing is a part of, as far as the reader may see that."""
        area = self.found.area if self.found else self.area
        is_seen = self.found is not None and bool(area.within) and self.who.may(area.whole.listing.scope)
        return parent_of(self.who.api, self.found) if self.found and is_seen else None

    def keep(self) -> None:
        """As a draft, so that Back and a reload show it again; nothing where nothing is typed."""
        if self.is_typed:
            secret = {f"/{one.name}" for one in self.form.fields if one.is_secret}
            fields = {name: value for name, value in self.form.values.items() if name not in secret}
            keep_draft(self.who, self.place, title=str(self.heading), fields=fields)

    def shown(self, template: str = "form.html", status: int = 200, **values: Any) -> Response:
        """The form as it stands."""
        back = self.found.url if self.found else f"/console/{self.area.name}"
        return render(
            self.who, template, status=status, filling=self, form=self.form, area=self.area, back=back,
            # A sample is sent nowhere, and nobody changes it.
            watch=watch_of(self.found, is_form=True) if self.found and self.path else None,
            faults=self.form.faults, whole=self.whole, **{"kept": None, "is_proven": False, **values},
        )  # fmt: skip
