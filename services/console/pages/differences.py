"""Two or three standards side by side, parameter by parameter; of a merged project, what was taken from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request

from services.console.calling.description import Operation
from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.references import found_by_name
from services.console.pages.frame import opens, operation_named, render
from shared.core.words import Pair
from shared.pages.asking import Api, Fault, RefusedByApiError

HERE = "/console/standards/compare"
SIDES = ("left", "right", "third")
SAME = "same"
TERMS = ("comparison", "limit", "unit", "method")
"""By which a line of a merged sheet is found in what it was merged of."""


@dataclass(frozen=True)
class Line:
    """What each column asks of one parameter, and how the others stand to the first."""

    parameter: str
    verdicts: Sequence[str]
    asked: Sequence[Mapping[str, Any] | None]

    @property
    def differs(self) -> bool:
        return any(one != SAME for one in self.verdicts)

    def taken_from(self, merged: Mapping[str, Any] | None) -> str:
        """Of a merged sheet: which of the first two columns its line stands in; '' for none, or both."""
        if merged is None:
            return ""
        terms = [one is not None and all(one[name] == merged[name] for name in TERMS) for one in self.asked[:2]]
        return "" if all(terms) else next((side for side, fits in zip(SIDES, terms, strict=False) if fits), "")

    def only_here(self, column: int) -> set[str]:
        """Materials that another column does not ask for."""
        here, others = self.asked[column], [one for at, one in enumerate(self.asked) if at != column and one]
        asked = here["materials"] if here else ()
        return {one for one in asked if any(one not in other["materials"] for other in others)}


@dataclass
class Comparison:
    """What is compared: standards by column, and a project whose sheet was merged of the first two."""

    api: Api
    operation: Operation
    typed: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    sides: list[Mapping[str, Any]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    can_merge: bool = False

    def ask(self) -> None:
        """Asks the API for each column beside the first; what it does not take is a fault."""
        keys = [
            found_by_name(self.api, "standard", text=text, place=f"/{name}", faults=self.faults)
            for name, text in self.typed.items()
            if text
        ]
        if self.faults or len(keys) < 2:
            return
        try:
            found = [self.api.get(self.operation.path, left=keys[0], right=key).body for key in keys[1:]]
        except RefusedByApiError as error:
            if error.status not in (404, 422):
                raise
            self.faults = error.faults or [Fault("", error.zh, error.en)]
            return
        self.sides = [found[0]["left"], *(one["right"] for one in found)]
        self.can_merge = len(found) == 1 and found[0]["same_subject"]
        rows = [{row["parameter"]: row for row in one["rows"]} for one in found]
        for name in dict.fromkeys(name for some in rows for name in some):
            beside = [some.get(name) or {"verdict": SAME, "left": None, "right": None} for some in rows]
            first = next((row["left"] for row in beside if row["left"]), None)
            self.lines.append(
                Line(name, [row["verdict"] for row in beside], [first, *(row["right"] for row in beside)])
            )

    @property
    def verdicts(self) -> Mapping[str, Pair]:
        """What each is called."""
        rows = self.operation.answer.field("rows") if self.operation.answer else None
        shape = rows.items.field("verdict") if rows and rows.items else None
        return (shape.choices or {}) if shape else {}

    def counted(self) -> Mapping[str, int]:
        """How many lines have each verdict, of two."""
        told = [one.verdicts[0] for one in self.lines]
        return {name: told.count(name) for name in self.verdicts if name in told}

    def url(self, *, only: bool, project: str = "") -> str:
        """The address of this comparison."""
        keys = dict(zip(SIDES, (one["id"] for one in self.sides), strict=False))
        asked = {**keys, "project": project, "only": "1" if only else ""}
        return f"{HERE}?{urlencode({name: value for name, value in asked.items() if value})}"


@opens(HERE)
def compare_standards(who: Visitor) -> Any:
    """The standards in the address; a project's sheet is a column more."""
    operation = operation_named(who, "compare_standards")
    made = Comparison(who.api, operation, {name: request.args.get(name, "").strip()[:300] for name in SIDES})
    made.ask()
    key = request.args.get("project", "")
    project = who.api.get(AREAS["projects"].api(key)).body if key and made.sides else None
    merged = {line["parameter"]: line for line in project["sheet"]} if project else {}
    only = "only" in request.args
    return render(
        who,
        "comparison.html",
        status=422 if made.faults else 200,
        made=made,
        faults=made.faults,
        project=project,
        merged=merged,
        only=only,
        lines=[one for one in made.lines if one.differs or not only],
        area=AREAS["standards"],
        merging=AREAS["projects"].ways.get("merged"),
    )
