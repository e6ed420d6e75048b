"""Shares of an agreement as they are typed: whether they add up, and how each line reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.console.calling.shapes import Shape
from services.console.kit.forms import Form
from services.console.kit.quantities import decimal_of
from shared.pages.languages import t

WHOLE = Decimal(100)


@dataclass(frozen=True)
class Sum:
    """What the ratios of one line add up to, in per cent; None while none is there or one is no number."""

    number: int
    total: Decimal | None
    reading: str

    @property
    def is_whole(self) -> bool:
        return self.total == WHOLE

    @property
    def said(self) -> str:
        """The sum, and what is missing or too much."""
        if self.total is None:
            return t("未填全", "incomplete")
        rest = WHOLE - self.total
        if not rest:
            return "100 %"
        less = t(f"{self.total:f} %,少 {rest:f}", f"{self.total:f} %, {rest:f} missing")
        return less if rest > 0 else t(f"{self.total:f} %,多 {-rest:f}", f"{self.total:f} %, {-rest:f} too much")


def sums(form: Form, shape: Shape, *, pointer: str) -> dict[int, Sum]:
    """Each line that stands on the form, by its number."""
    return {number: _sum(form, shape, begin=f"{pointer}/{number}") for number in form.groups(pointer)}


def _sum(form: Form, shape: Shape, *, begin: str) -> Sum:
    texts = {key: text for key in form.keys if (text := form.value(f"{begin}/ratios/{key}").strip())}
    numbers = [decimal_of(text) for text in texts.values()]
    known = [number for number in numbers if number is not None]
    # Who has no ratio takes no part in this line.
    total = sum(known, Decimal(0)) if known and len(known) == len(numbers) else None
    return Sum(int(begin.rpartition("/")[2]), total, _reading(form, shape, begin=begin, ratios=texts))


def _reading(form: Form, shape: Shape, *, begin: str, ratios: Mapping[str, str]) -> str:
    """The line as a sentence; what is not filled in yet stands as an ellipsis."""
    indicator = shape.field("indicator")
    label = (indicator.choices or {}).get(form.value(f"{begin}/indicator")) if indicator else None
    since, until = (form.value(f"{begin}/{name}") or "…" for name in ("from_year", "to_year"))
    parts = t("、", ", ").join(f"{form.keys[key]} {text} %" for key, text in ratios.items()) or "…"
    what = t(label.zh, label.en) if label else "…"
    cap = form.value(f"{begin}/cap")
    most = t(f",至多 {cap}", f", at most {cap}") if cap else ""
    return t(
        f"{since} 至 {until} 年,{what}由{parts}分享{most}。", f"{since} to {until}: {what} is shared {parts}{most}."
    )
