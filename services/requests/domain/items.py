"""The service item: its lifecycle, and what its sheet has to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.core.errors import Fault, InvalidError
from shared.rules.lifecycle import Lifecycle, Step

ITEM_LIFECYCLE = Lifecycle(
    "item",
    "draft",
    (
        Step("revise", ("draft",), "draft"),
        Step("revise", ("in_force",), "in_force"),
        *(Step(action, (state,), state) for action in ("follow", "unfollow") for state in ("draft", "in_force")),
        Step("open", ("draft", "closed"), "in_force"),
        Step("close", ("in_force",), "closed"),
    ),
    words="services.requests",
)
CATEGORIES = (
    "licence", "registration", "certificate", "policy", "training", "financing", "employment", "testing", "pilot",
    "matching", "park", "centre", "other",
)  # fmt: skip
NATURES = ("public_welfare", "value_added")
MODES = ("online", "handed_in_elsewhere", "several_places", "booking")
"""全程网办, 异地代收代办, 多地联办 (国办发〔2020〕35号), and what is booked."""
AUDIENCES = ("anyone", "business", "organisation", "person")
"""Whom it is for; a person asks through an organisation or a counter that files for them."""
FIELD_KINDS = ("text", "number", "date", "yes_no", "choice")
DEEMED = ("none", "approved", "renewed")
"""What becomes of a case that nobody decides within the term: nothing unless a law says so (行政许可法 art. 50)."""


def check_sheet(sheet: Mapping[str, Any]) -> None:
    """Fields and materials each have a key of their own, choices where they are to be chosen from.

    Raises `InvalidError` with a pointer to each that does not.
    """
    faults = list[Fault]()
    for name, key in (("form", "name"), ("materials", "key")):
        seen = set[str]()
        for index, one in enumerate(sheet[name]):
            if one[key] in seen:
                zh, en = f"“{one[key]}”重复出现,请改名。", f"'{one[key]}' stands there twice. Rename one of them."
                faults.append(Fault(f"/sheet/{name}/{index}/{key}", zh, en))
            seen.add(one[key])
    for index, one in enumerate(sheet["form"]):
        if (one["kind"] == "choice") != bool(one["choices"]):
            zh, en = (
                "“选择”类填写项须列出选项,其他类不列。",
                "A choice lists what may be chosen, any other kind does not.",
            )
            faults.append(Fault(f"/sheet/form/{index}/choices", zh, en))
    if faults:
        raise InvalidError(
            "item_sheet",
            "事项规则表有误。请按提示更正。",
            "The sheet of this item is wrong. Correct what is named.",
            faults,
        )
