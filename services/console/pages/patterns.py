"""The kit's patterns, each on a page of its own with made-up values: for development, tests and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Response, request

from services.console.calling.visits import Visitor
from services.console.kit import samples
from services.console.kit.areas import AREAS
from services.console.kit.dates import Month, today, weekdays
from services.console.kit.entries import ENTRIES
from services.console.kit.forms import Form, differences
from services.console.kit.jobs import export_of
from services.console.kit.notifications import Told
from services.console.kit.things import TIMELINE, Tab, Thing
from services.console.kit.turns import Turn, standing
from services.console.kit.values import Values
from services.console.pages.figures import figures, map_page
from services.console.pages.filling import Filling
from services.console.pages.finding import marked
from services.console.pages.frame import opens, render
from shared.core.words import Pair
from shared.http.requests.gate import database
from shared.pages.asking import Answer, Fault, RefusedByApiError
from shared.pages.languages import t

Show = Callable[[Visitor], Response]


def list_page(who: Visitor, *, is_empty: bool = False, **arguments: str) -> Response:
    """The list of parks: full, empty, or with filters that nothing fits."""
    items = [] if is_empty else samples.parks()
    found = samples.list_of(items, {name: [value] for name, value in arguments.items()}, path=request.path)
    return show(
        who, "list.html", area=AREAS["parks"], asked=found.asked, found=found, views=(), files=(), row_acts={},
        tenants_listed=samples.TENANTS, importing=None, new_at="new", first=None, bulk={},
    )  # fmt: skip


def thing_page(who: Visitor, *, area: str = "parks", tab: str = "") -> Response:
    """A thing with the facts, parties and deadlines that it has."""
    found = samples.thing_of(area)
    # What an area shows besides comes from the API, which knows nothing of samples.
    plain = replace(AREAS[area], template="", shows=None)
    return show(
        who,
        "thing.html",
        area=plain,
        found=found,
        acts=found.acts(who.may),
        tabs=[Tab("", Pair("概览", "Overview")), Tab("timeline", TIMELINE)],
        tab=tab,
        timeline=samples.timeline(),
        turn=Turn(samples.work()[:1], *standing([found], {found.key: samples.work()[:1]}, may=who.may)),
        can_export=False,
        is_bookmarked=False,
        row_acts={},
        own={},
        **dict.fromkeys(("part", "delivery", "parent", "done")),
        **dict.fromkeys(("files", "panels"), ()),
    )


def form_page(who: Visitor, *, template: str = "form.html", is_faulty: bool = False, action: str = "") -> Response:
    """The form of a new park, or of an action on one."""
    area, found = AREAS["parks"], samples.thing_of("parks")
    operation = area.acting[action] if action else area.creating
    if operation is None or operation.draft is None:
        raise LookupError(action)
    form = Form(operation.draft, samples.Nobody(), order=area.fields)
    form.values = {
        "/name_zh": samples.PARKS[0][0], "/kind": "joint", "/parties/0/tenant": samples.SICHUAN,
        "/parties/1/tenant": samples.CHONGQING, "/starts_on": "2026-13-02",
    }  # fmt: skip
    if is_faulty:
        form.faults = [
            Fault("/starts_on", "月份应在 1 至 12 之间。", "A month is 1 to 12."),
            Fault("/parties", "至少两方,且角色各不相同。", "Name two parties at least, each with its role."),
        ]
    made = Filling(who, area, operation, "", request.path, operation.title, form, found if action else None)
    made.terms = {"once": "sample", "etag": '"1"'}
    now = {"/name_zh": samples.PARKS[0][0], "/kind": "joint", "/starts_on": "2027-01-01"}
    return made.shown(
        template, kept=None, sample=True, document=form.document(), differences=differences(form, now),
        secrets=[(form.fields[0], "https://xietong.example/invitation/0000")], values=Values(samples.NAMES),
    )  # fmt: skip


def search_page(who: Visitor) -> Response:
    """Things that fit, with the part that fits marked."""
    rows: list[Any] = [("", marked(t(zh, en), t("合作", "park")), {}) for zh, en, _ in samples.PARKS[:3]]
    return show(who, "search.html", text=t("合作", "park"), found=[(AREAS["parks"], rows)])


def calendar_page(who: Visitor) -> Response:
    """A month with work in it."""
    here = "/console/calendar"
    work = samples.work()
    return show(
        who, "calendar.html", month=Month(today().replace(day=1), work), weekdays=weekdays(), before=here, after=here,
        undated=work[-1:], is_whole=True, feed=None, address="",
    )  # fmt: skip


def notifications_page(who: Visitor) -> Response:
    """Read and unread, of several kinds."""
    told = [Told(one.what, str(one.row["kind"]), one.what, one.name, "", one.row["recorded_at"], one.tenant, one.is_new)
            for one in samples.changed()]  # fmt: skip
    first = samples.work()[0]
    told = [Told("work", "work", first.what, first.name, "", first.row["since"], None, is_new=True), *told]
    kinds = [("work", t("新的待办", "New work"), True, True), ("parks.park", t("园区", "Parks"), True, False)]
    return show(
        who, "notifications.html", unread=2, told=told, kind="", kinds=kinds, counts={"work": 1, "parks.park": 1},
        digest=None, period=None, most=0,
        until=database().clock.now().isoformat(),
    )  # fmt: skip


def jobs_page(who: Visitor, *, is_one: bool = False) -> Response:
    """Exports that are done and under way, or one of them."""
    now = database().clock.now()
    began, ended = (now - timedelta(seconds=40)).isoformat(), now.isoformat()
    given: dict[str, Any] = {
        "title": {"zh": "园区列表", "en": "Parks"}, "form": "xlsx", "rows": 12_400, "total": 31_000,
        "total_is": "about", "created_at": began, "started_at": began, "ended_at": None, "expires_at": ended,
        "problem": None, "size": None, "file_name": "parks.xlsx", "seconds_left": 60, "id": "sample",
        "state": "running",
    }  # fmt: skip
    done = {**given, "state": "done", "rows": 31_000, "total": 31_000, "total_is": "exact", "ended_at": ended,
            "size": 2_480_000, "seconds_left": None}  # fmt: skip
    tasks = [export_of(given), export_of(done)]
    if is_one:
        return show(who, "export.html", task=tasks[0], is_sent=False)
    return show(who, "jobs.html", entry=ENTRIES["jobs"], tasks=tasks)


def sent_page(who: Visitor, *, state: str) -> Response:
    """What was passed on to another jurisdiction, in each of its states."""
    now = database().clock.now().isoformat()
    problem = {"message": {"zh": "协议正在修改,请稍后再签。", "en": "The agreement is being changed: sign it later."}}
    command = {"title": {"zh": "签署协议", "en": "Sign the agreement"}, "state": state, "sent_at": now, "reason": None,
               "answered_at": None if state == "pending" else now, "problem": problem}  # fmt: skip
    home = samples.NAMES[samples.CHONGQING]
    told = {"home": home, "about": samples.PARKS[0][0], "is_waiting": state == "pending"}
    return show(who, "sent.html", command=command, back="/console/kit", **told)


def refused_page(who: Visitor) -> Response:
    """What the API refuses."""
    body = {"code": "not_your_turn", "message": {"zh": "现在轮到对方办理。", "en": "It is the other side's turn now."}}
    return show(who, "refused.html", problem=RefusedByApiError(Answer(409, body, {})))


def show(who: Visitor, template: str, **values: Any) -> Response:
    """A page of samples, which says that it is one."""
    return render(who, template, sample=True, **values)


def parts_page(who: Visitor, *, template: str) -> Response:
    """A pattern that is made of macros alone."""
    return show(who, template, names=samples.NAMES, found=Thing(AREAS["parks"], "", Answer(200, {}, {})))


PATTERNS: Mapping[str, tuple[Pair, Show]] = {
    "list": (Pair("列表", "List"), list_page),
    "list-empty": (Pair("列表:还没有内容", "List: nothing yet"), partial(list_page, is_empty=True)),
    "list-filtered": (Pair("列表:条件太窄", "List: nothing fits"), partial(list_page, is_empty=True, state="active")),
    "thing": (Pair("事项", "Thing"), thing_page),
    "timeline": (Pair("日志", "Timeline"), partial(thing_page, tab="timeline")),
    "form": (Pair("表单", "Form"), form_page),
    "form-faults": (Pair("表单:有误", "Form with faults"), partial(form_page, is_faulty=True)),
    "check": (Pair("表单:核对", "Form: check answers"), partial(form_page, template="check.html")),
    "conflict": (Pair("表单:别人刚改过", "Form: edit conflict"), partial(form_page, template="conflict.html")),
    "once": (Pair("只显示一次", "Shown once"), partial(form_page, template="once.html")),
    "tasks": (Pair("任务清单", "Task list"), partial(parts_page, template="kit_tasks.html")),
    "comparison": (Pair("对比", "Comparison"), partial(parts_page, template="kit_comparison.html")),
    "confirmation": (Pair("确认", "Confirmation"), partial(form_page, action="suspend")),
    "import": (Pair("导入", "Import"), partial(parts_page, template="kit_import.html")),
    "job": (Pair("后台任务", "Job"), partial(parts_page, template="kit_job.html")),
    "jobs": (Pair("我的任务", "My jobs"), jobs_page),
    "export": (Pair("导出", "Export"), partial(jobs_page, is_one=True)),
    "search": (Pair("搜索", "Search"), search_page),
    "calendar": (Pair("日历", "Calendar"), calendar_page),
    "dashboard": (Pair("指标", "Figures"), figures),
    "map": (Pair("地图", "Map"), map_page),
    "certificate": (Pair("证书", "Certificate"), partial(thing_page, area="certificates")),
    "notifications": (Pair("通知", "Notifications"), notifications_page),
    "sent": (Pair("已送对方", "Sent"), partial(sent_page, state="pending")),
    "sent-refused": (Pair("对方未接受", "Refused by the other side"), partial(sent_page, state="refused")),
    "refused": (Pair("无法继续", "Refused"), refused_page),
}


@opens("/console/kit")
def kit(who: Visitor) -> Any:
    """All patterns; there is no such page but in development."""
    check_development()
    return show(who, "kit.html", patterns=[(name, title) for name, (title, _) in PATTERNS.items()])


@opens("/console/kit/<string:name>")
def pattern(who: Visitor, name: str) -> Any:
    """One of them."""
    check_development()
    return PATTERNS[name][1](who)


def check_development() -> None:
    """Raises LookupError where people work: nobody is to meet made-up values there."""
    if database().settings.log_level != "debug":
        raise LookupError("kit")
