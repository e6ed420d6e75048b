"""Park matters: what a party of a park raises about it, by the sheet below, and who answers what by the duty table.

No law sets terms for them, so these are our own, after the rules of the 12345 hotlines (济南条例 2018; 潍坊条例 2021,
articles 17 to 22): taken up or passed on within 24 hours, handled and answered within 5 working days, and a second time
where whoever raised it is not content. That a matter ends only when they agree, or by their silence, is our own, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from events.canonical import canonical, digest, plain
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.core.words import Pair
from shared.countersigned.revision import revision_lifecycle

DUTY_REVISION_LIFECYCLE = revision_lifecycle("duty_revision", words="services.requests")
MATTERS: Mapping[str, Pair] = {
    "permits": Pair("园区事项:审批许可", "Park matter: permits"),
    "utilities": Pair("园区事项:水电气路", "Park matter: utilities"),
    "labour": Pair("园区事项:用工", "Park matter: labour"),
    "schooling": Pair("园区事项:子女就学", "Park matter: schooling"),
    "other": Pair("园区事项:其他", "Park matter: other"),
}
"""By kind, what a matter is called."""
ITEM_IDS: Mapping[str, UUID] = {kind: uuid5(NAMESPACE_URL, f"urn:xietong:park-matter:{kind}") for kind in MATTERS}
"""The id of the built-in item of each kind: the same everywhere, and in nobody's catalogue."""
SHEET: Mapping[str, Any] = {
    "basis": "园区事项没有统一的法定期限,本规则表为平台自定,参照12345热线条例(济南2018年;潍坊2021年第十七至二十二条):"
    "二十四小时内受理或转办,五个工作日内办结并答复,不满意的再次办理。延长、补正、送达和确认的期限为平台自定。",
    "conditions": ["由园区的参与方提出"],
    "materials": [{"key": "paper", "name_zh": "相关材料", "required": False, "note": None}],
    "form": [
        {"name": "matter", "label_zh": "事项说明", "label_en": "What it is about", "kind": "text", "required": True,
         "choices": []},
    ],
    "acceptance": {"days": 1, "unit": "calendar", "silence": "accepted"},
    "supplement": {"days": 10, "unit": "working"},
    "answer": {"days": 5, "unit": "working", "extension": 5, "silence": "none"},
    "delivery": {"days": 1, "unit": "working"},
    "fee": None,
}  # fmt: skip
"""How every matter is handled: all parties hold a case against it, so that it changes for all of them at once."""


def item_of(kind: str) -> dict[str, Any]:
    """The built-in item of a kind of matter, as a case keeps it."""
    called = MATTERS[kind]
    return {
        "code": f"PARK-{kind.upper()}", "national_code": None, "name_zh": called.zh, "name_en": called.en,
        "category": "park", "mode": "online", "provider": "园区分工表", "edition": 1,
    }  # fmt: skip


def content_hash(park: UUID | str, matters: Sequence[Mapping[str, Any]], *, effective_from: date | str) -> str:
    """What the parties sign: of which park, who answers what, and from when on."""
    return digest(canonical(plain({"park_id": park, "matters": matters, "effective_from": effective_from})))


def answering(matters: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    """The tenant and unit that answer a kind of matter; raises KeyError where none does."""
    return {one["kind"]: one for one in matters}[kind]


def check_matters(matters: Sequence[Mapping[str, Any]], *, parties: Collection[UUID]) -> None:
    """Every kind is some party's, and no kind two parties'; raises `InvalidError` that names every fault."""
    faults, seen = list[Fault](), set[str]()
    for index, one in enumerate(matters):
        if one["kind"] in seen:
            faults.append(Fault(f"/matters/{index}/kind", "此类事项重复。", "This kind stands there twice."))
        seen.add(one["kind"])
        if UUID(str(one["tenant"])) not in parties:
            zh, en = "不是该园区的参与方。", "This is no party of the park."
            faults.append(Fault(f"/matters/{index}/tenant", zh, en))
    for kind in MATTERS:
        if kind not in seen:
            zh, en = MATTERS[kind].zh, MATTERS[kind].en
            faults.append(Fault("/matters", f"没有写明由谁办理:{zh}", f"Nobody answers this: {en}"))
    if faults:
        raise InvalidError(
            "duty_table_invalid",
            "园区分工表有误。每类事项须由一个参与方办理,请按提示更正。",
            "This duty table is wrong: each kind of matter is one party's. Correct what is named.",
            faults,
        )


def no_table() -> ConflictError:
    """Nobody has agreed who answers matters of this park."""
    return ConflictError(
        "duty_table_missing",
        "该园区还没有各参与方签署并生效的分工表,不能提出园区事项。请先提出分工表,由各方签署。",
        "No duty table that all parties of this park have signed is in force, so no matter can be raised. Propose one,"
        " and have all parties sign it.",
    )


def first_handler(state: Mapping[str, Any]) -> str:
    """Who had a case first, whoever has it now."""
    forwards = state["forwards"]
    return str(forwards[0]["by"] if forwards else state["handler"])


def check_matter(state: Mapping[str, Any]) -> None:
    """Raises ValueError or KeyError where a matter is not with whom its table names, or is handled by other terms."""
    matter = state["matter"]
    if matter is None:
        return
    kind = matter["kind"]
    if (state["item_id"], state["item"], state["sheet"]) != (str(ITEM_IDS[kind]), item_of(kind), SHEET):
        raise ValueError("the matter is not handled as all matters are")
    table = matter["matters"], matter["effective_from"]
    if content_hash(state["park_id"], table[0], effective_from=table[1]) != matter["content_hash"]:
        raise ValueError("the duty table is not what was signed")
    if answering(table[0], kind)["tenant"] != first_handler(state):
        raise ValueError("the duty table names somebody else")
