"""Samples: made-up things for the pages that show each pattern, out of the examples that the API itself gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.console.calling.description import JSON, description
from services.console.kit.areas import AREAS
from services.console.kit.changes import Change
from services.console.kit.dates import today
from services.console.kit.lists import Asked, Listed
from services.console.kit.things import Thing
from services.console.kit.timeline import Entry, Timeline
from services.console.kit.values import Values
from services.console.kit.work import Wait
from shared.core.calendar import end_of
from shared.http.requests.gate import database
from shared.pages.asking import Answer, Api

SICHUAN, CHONGQING, GUIZHOU = (f"{number:08d}-0000-4000-8000-000000000000" for number in (51, 50, 52))
NAMES: Mapping[str, Mapping[str, Any]] = {
    SICHUAN: {"kind": "tenant", "code": "sichuan", "zh": "四川省", "en": "Sichuan"},
    CHONGQING: {"kind": "tenant", "code": "chongqing", "zh": "重庆市", "en": "Chongqing"},
    GUIZHOU: {"kind": "tenant", "code": "guizhou", "zh": "贵州省", "en": "Guizhou"},
}
TENANTS = [(key, name["zh"]) for key, name in NAMES.items()]
PARKS = (
    ("嘉陵协同示范园", "Jialing cooperation park", "active"),
    ("涪江材料合作园", "Fujiang materials park", "suspended"),
    ("乌江源合作园", "Wujiang source park", "draft"),
    ("沱江县连接件园", "Tuojiang connectors park", "negotiating"),
    ("银杏轻合金园", "Ginkgo light alloys park", "dissolved"),
)
WORK = (
    ("sign", "签署协议", "Sign the agreement", -1),
    ("answer", "答复异议", "Answer an objection", 0),
    ("review", "评审材料", "Review what was handed in", 2),
    ("read", "阅知义务变更", "Take note of a changed obligation", 9),
    ("confirm", "确认数据", "Confirm figures", None),
)


def example_of(path: str) -> dict[str, Any]:
    """What the API's description shows as an answer at this address."""
    document = description().document
    schema = document["paths"][path]["get"]["responses"]["200"]["content"][JSON]["schema"]
    told: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"][0]
    return told


def parks() -> list[dict[str, Any]]:
    """Some of them, in different states."""
    example = example_of("/v1/parks/{key}")
    parties = [{"tenant": SICHUAN, "role": "host"}, {"tenant": CHONGQING, "role": "partner"}]
    return [
        {**example, "id": f"{at:08d}-0000-4000-8000-000000000001", "name_zh": zh, "name_en": en, "state": state,
         "home": (SICHUAN, CHONGQING)[at % 2], "parties": parties, "names": NAMES}
        for at, (zh, en, state) in enumerate(PARKS)
    ]  # fmt: skip


def list_of(items: Sequence[Mapping[str, Any]], arguments: Mapping[str, Sequence[str]], *, path: str) -> Listed:
    """A list of parks as it stands on its page."""
    area = AREAS["parks"]
    answer = area.listing.answer
    every = [one for one in answer.shown() if one.name not in area.heading] if answer else []
    shown = [one for name in area.columns for one in every if one.name == name]
    return Listed(
        asked=Asked(area, arguments, path),
        items=items,
        values=Values(NAMES),
        following="next" if items else None,
        total=98_310 if items else 0,
        about=bool(items),
        seconds=0.018,
        columns=shown,
        more=[one for one in every if one not in shown],
    )


def thing_of(area: str) -> Thing:
    """One of the area's things, as the API's own example has it."""
    document = {**example_of(AREAS[area].one), "names": NAMES} if area != "parks" else parks()[0]
    return Thing(AREAS[area], str(document.get("id", "sample")), Answer(200, document, {}))


def timeline() -> Timeline:
    """Three entries, one of which pauses what was running."""
    example = example_of("/v1/parks/{key}/timeline")["items"][0]
    told = (
        ("签署第 3 版协议", "Revision 3 signed", CHONGQING, 1),
        ("暂停协作", "Cooperation suspended", SICHUAN, 26),
        ("起草园区", "Park drafted", SICHUAN, 300),
    )
    now = database().clock.now()
    return Timeline(
        [
            Entry({**example, "summary": {"zh": zh, "en": en}, "actor": {**example["actor"], "tenant": tenant},
                   "at": (now - timedelta(hours=hours)).isoformat(), "version": 14 - at}, Values(NAMES))
            for at, (zh, en, tenant, hours) in enumerate(told)
        ],
        None,
    )  # fmt: skip


def work(*, is_mine: bool = True) -> list[Wait]:
    """Work that is overdue, due today, soon, later, and some that has no date."""
    now, made = database().clock.now(), []
    for at, (action, zh, en, days) in enumerate(WORK):
        due = None if days is None else end_of(today() + timedelta(days=days))
        park = PARKS[at]
        row = {
            "id": f"{at:08d}-0000-4000-8000-000000000001", "kind": "parks.park", "url": f"/v1/parks/sample-{at}",
            "name_zh": park[0], "name_en": park[1], "action": action, "action_zh": zh, "action_en": en,
            "waits_for": [SICHUAN if is_mine else CHONGQING], "asked_by": CHONGQING,
            "since": (now - timedelta(days=at + 1)).isoformat(),
            "due": due.isoformat() if due else None, "overdue": due is not None and due <= now,
        }  # fmt: skip
        made.append(Wait(row, Values(NAMES), is_mine))
    return made


def changed() -> list[Change]:
    """What others did, the newest of it unread."""
    now = database().clock.now()
    names = {**NAMES, "sample": {"kind": "park", "code": None, "zh": PARKS[0][0], "en": PARKS[0][1]}}
    told = (("签署第 3 版协议", "Revision 3 signed", CHONGQING), ("提出异议", "Objected", GUIZHOU))
    return [
        Change({"id": "sample", "kind": "parks.park", "summary": {"zh": zh, "en": en}, "actor": {"tenant": tenant},
                "recorded_at": (now - timedelta(hours=at * 20)).isoformat()}, Values(names), at == 0)
        for at, (zh, en, tenant) in enumerate(told)
    ]  # fmt: skip


@dataclass(frozen=True)
class Nobody(Api):
    """An API that knows three jurisdictions and nothing else: forms of samples are sent nowhere."""

    def get(self, path: str, **query: Any) -> Answer:
        """The three jurisdictions, whatever was asked."""
        del path, query
        items = [{"id": key, "name_zh": name["zh"], "name_en": name["en"]} for key, name in NAMES.items()]
        return Answer(200, {"items": items, "next": None}, {})
