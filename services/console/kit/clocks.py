"""The clocks of a case as one bar: whose turn it was for how many days, what paused it, what is left, and its twin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import Markup

from services.console.calling.shapes import Shape
from services.console.kit.dates import today
from services.console.kit.things import Thing
from shared.core.calendar import day_of, read_day, read_moment
from shared.pages.drawing.clock import WIDTH, Mark, Span, clock
from shared.pages.drawing.shapes import SERIES, legend, series_kind, width_of
from shared.pages.languages import t

APART = 10.0
"""So much room is kept between the words of two marks."""
LAST_COLOUR = SERIES - 1


@dataclass(frozen=True)
class Row:
    """One turn, as the table beside the drawing tells of it."""

    term: str
    since: str
    until: str
    whose: str
    ground: str
    days: int
    colour: int

    @property
    def label(self) -> str:
        """What stands on the bar: the ground of a pause, else whose days they are."""
        return self.ground or self.whose


@dataclass(frozen=True)
class Clocks:
    """All terms of a case, one after the other."""

    found: Thing
    colours: dict[str, int] = field(default_factory=dict)
    """Of each side, in the order in which they come; more than there are colours share the last."""

    @property
    def told(self) -> Sequence[Mapping[str, Any]]:
        """As the API tells of them."""
        told: Sequence[Mapping[str, Any]] = self.found.document["clocks"]
        return told

    @property
    def present(self) -> Mapping[str, Any]:
        """The last one, which runs, stands still or is over."""
        return self.told[-1]

    @property
    def counted(self) -> int:
        """The days of the present term that count."""
        return sum(one["days"] for one in self.present["used"] if one["ground"] is None)

    def name(self, kind: str, value: str | None) -> str:
        """A term, its unit or the ground of a pause, by the label that the API gives it."""
        listed = self.found.shape.field("clocks")
        shape = listed.items.field(kind) if listed and listed.items else None
        return said_of(shape, value)

    def unit(self, days: int, *, of: Mapping[str, Any] | None = None) -> str:
        """So many days of a term, in its unit."""
        if (of or self.present)["unit"] == "working":
            return t(f"{days} 个工作日", f"{days} working day{'' if days == 1 else 's'}")
        return t(f"{days} 日", f"{days} day{'' if days == 1 else 's'}")

    @cached_property
    def rows(self) -> list[Row]:
        """Each turn."""
        return [self._row(term, turn) for term in self.told for turn in term["turns"]]

    def _row(self, term: Mapping[str, Any], turn: Mapping[str, Any]) -> Row:
        whose = self._whose(turn)
        colour = self.colours.setdefault(whose, min(len(self.colours), LAST_COLOUR))
        since, until = (turn[name] and f"{day_of(read_moment(turn[name])):%Y-%m-%d}" for name in ("since", "until"))
        ground = self.name("ground", turn["ground"]) if turn["ground"] else ""
        until = until or t("至今", "until now")
        return Row(self.name("clock", term["clock"]), since, until, whose, ground, turn["days"], colour)

    def _whose(self, turn: Mapping[str, Any]) -> str:
        if turn["is_applicant"]:
            return t("申请人", "Applicant")
        return t("多个辖区", "Several") if turn["is_several"] else self.found.values.name(str(turn["owner"]))

    @property
    def left(self) -> int:
        """Days of the present term that are left, while it runs or stands still."""
        return self.present["left"] if self.present["is_running"] else 0

    @property
    def desc(self) -> str:
        """All of it in words, for whoever does not see the drawing."""
        turns = [f"{one.term} {one.label} {one.days}" for one in self.rows]
        left = t(f"剩余 {self.left}", f"{self.left} left")
        return t("、", ", ").join([*turns, left] if self.left else turns)

    @property
    def drawing(self) -> Markup:
        """The bar with its marks."""
        spans = [Span(one.label, one.days, one.colour, is_paused=bool(one.ground)) for one in self.rows if one.days]
        spans += [Span(t("剩余", "left"), self.left, None)] if self.left else []
        title = t("时限条,以日计", "The terms, in days")
        return clock(spans or [Span(t("剩余", "left"), 1, None)], [*self._marks()], title=title, desc=self.desc)

    def _marks(self) -> Iterator[Mark]:
        """Where each term began, where it stands today and where it ends; what finds no room stands in the table."""
        whole = sum(one.days for one in self.rows) + self.left or 1
        ends = {False: 0.0, True: 0.0}
        for day, label, is_today in self._moments():
            x, half = day * WIDTH / whole, width_of(label) / 2
            begins, width = min(max(x - half, 0.0), WIDTH - 2 * half), 2 * half + APART
            below = next((one for one in (False, True) if begins >= ends[one]), None)
            if below is not None:
                ends[below] = begins + width
                yield Mark(day, label, is_today=is_today, is_below=below)

    def _moments(self) -> Iterator[tuple[int, str, bool]]:
        passed = 0
        for term in self.told:
            yield passed, f"{day_of(read_moment(term['began_at'])):%m-%d} {self.name('clock', term['clock'])}", False
            passed += sum(one["days"] for one in term["turns"])
        if self.present["is_running"]:
            yield passed, t(f"今天 {today():%m-%d}", f"today {today():%m-%d}"), True
        if due := self.found.document["due_on"]:
            yield passed + self.left, t(f"{read_day(due):%m-%d} 届满", f"{read_day(due):%m-%d} last day"), False

    @property
    def legend(self) -> Markup:
        """Each side with its days, those of pauses apart."""
        sums: dict[tuple[int, str, str], int] = {}
        for one in self.rows:
            key = one.colour, one.whose, one.ground
            sums[key] = sums.get(key, 0) + one.days
        told = []
        for (colour, whose, ground), days in sums.items():
            kind, said = series_kind("f", colour), f"{whose} {days}"
            if ground:
                kind = f"paused {kind}s {series_kind('l', colour)}"
                said = t(f"暂停:{ground},{said}", f"paused: {ground}, {said}")
            told.append((kind, said))
        return legend(told)


def said_of(shape: Shape | None, value: Any) -> str:
    """What a value of an enumeration is called; itself where nobody says."""
    label = ((shape.choices if shape else None) or {}).get(value)
    return t(label.zh, label.en) if label else str(value or "")


def clocks_of(found: Thing) -> Clocks | None:
    """Of a case; None before its first."""
    return Clocks(found) if found.document.get("clocks") else None
