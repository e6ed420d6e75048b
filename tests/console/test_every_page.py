"""Every page of the console for every role: all links lead somewhere, and nothing is shown that the API refuses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import pytest

from services.console.calling.description import Operation
from services.console.kit.areas import AREAS
from services.console.kit.entries import ENTRIES
from services.console.routes import routes
from services.identity.domain.roles import BUILT_IN, OF_ORGANISATIONS
from shared.core.context import PLATFORM
from shared.pages.statics import packed, static
from tests.builders.browser import chromium, judge, judged
from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import Person, make_user, quick_hashing
from tests.builders.served import served
from tests.builders.sizes import FULL, soak
from tests.builders.walking import Kind, Page, Seen, Walk
from tests.builders.windows import window
from tests.isolation.things import Things, one_of_everything

pytestmark = [soak, pytest.mark.skipif(not FULL, reason="minutes: `make soak` runs it")]

WRONG = {"no_field_has_this_name": 1}
HAN = re.compile(r"[\u3400-\u9fff]+")
PEOPLES = {
    "中文", "全文", "公告", "协", "同意", "天通知", "家具中甲醛释放量限值", "家具检测合格", "广安市",
    "提供统计数据", "提前", "新能源汽车配套", "有限公司", "木质家具", "李伟", "检测认证互认清单",
    "检验报告", "王芳", "甲醛释放量", "示例", "立项虚", "统一社会信用代码", "统一认证", "统计",
    "联合园区", "联席会议", "虚", "虚构家具厂", "虚构持证单位", "虚构检测认证中心", "虚构登记", "角色",
    "试", "邻水县", "元旦调休", "号楼", "室", "洽谈", "集群之家会议室",
    "修正", "行政许可法", "第三十二条", "第四十二条", "在任一辖区登记的机构", "营业执照", "核验范围", "成立日期",
    "检验检测机构能力核验", "市场监督管理局", "华瑞检测有限公司", "食品", "请补充说明", "内部备注", "国办发明电", "号",
    "虚构", "市场监管处", "园区办",
}  # fmt: skip
"""What is Chinese on English pages: the other language's name, the seal, and what people gave in Chinese alone."""
ROLES = {role.zh for role in BUILT_IN.values()}
"""Each says on its page what it is called in both languages."""
LEAVES = ("/console/signin", "/console/signed-in", "/console/switched")
"""Pages that lead on to somewhere else."""
FOUND = (200, 303)
MOST = 100 * 1024
IMPORTED = re.compile(r'(?:import|from) "(\./[a-z.]+)"')


@dataclass
class World:
    """One tenant with one of everything, and what each role finds at the console."""

    cell: Cell
    things: Things
    people: dict[str, Person]
    walks: dict[str, Walk]
    chinese: list[Seen]

    def token(self, role: str) -> str:
        """An access token of somebody with that role."""
        organisation = self.things.organisation if role in OF_ORGANISATIONS else None
        tenant = self.people[role].tenant
        return self.cell.token(tenant, role, subject=f"asks-{role}", organisation_id=organisation)

    @property
    def all_seen(self) -> list[tuple[str, Seen]]:
        return [(role, one) for role, walk in self.walks.items() for one in walk.seen]


@pytest.fixture(scope="module")
def world(the_cell: Cell) -> World:
    own, neighbour = (the_cell.tenant(name) for name in ("own", "neighbour"))
    things = one_of_everything(the_cell, own, neighbour=neighbour)
    with quick_hashing():
        people = {role: person(the_cell, things, role) for role in BUILT_IN}
        desks = {role: Desk(the_cell, one) for role, one in people.items()}
    walks, chinese, known, asked = dict[str, Walk](), list[Seen](), set[Kind](), set[Kind]()
    begin = [rule for rule in plain_pages() if rule not in LEAVES]
    # Who sees most comes first: of the ways to filter and sort a list that one does not look at, the first does.
    for role in sorted(desks, key=lambda one: one != "official"):
        desks[role].get("/console?lang=en")
        walks[role] = Walk(desks[role], known=asked).go(*begin)
        desks[role].get("/console?lang=zh")
        for one in walks[role].seen:
            asked |= {one.kind} if is_asked(one.kind) else set()
            if one.page is not None and one.kind not in known:
                known.add(one.kind)
                chinese.append(Walk(desks[role]).look(one.url, kind=one.kind, shown_on=one.shown_on))
    return World(the_cell, things, people, walks, chinese)


def is_asked(kind: Kind) -> bool:
    """Whether it is a page in one of several ways: filtered, sorted, of another month."""
    return any(one.endswith("=") for one in kind)


def person(cell: Cell, things: Things, role: str) -> Person:
    """Somebody with that role."""
    if role in OF_ORGANISATIONS:
        return make_user(cell, things.tenant, role, organisation_id=things.organisation)
    return make_user(cell, PLATFORM if BUILT_IN[role].platform else things.tenant, role)


def plain_pages() -> list[str]:
    """Pages that an address alone opens, as the routes say."""
    return [one.rule for one in routes.pages if "GET" in one.methods and "<" not in one.rule]


def test_every_link_and_button_leads_to_a_page(world: World) -> None:
    bad = [
        f"{role}: {one.status} {one.url}, shown on {one.shown_on}"
        for role, one in world.all_seen
        if one.shown_on and one.status not in FOUND
    ]
    assert bad == []


def test_every_form_is_sent_to_where_forms_are_taken(world: World) -> None:
    places = {place.partition("?")[0] for _, one in world.all_seen if one.page for place in one.page.posts if place}
    rules = world.cell.app.url_map.bind("localhost")
    assert [place for place in sorted(places) if not rules.test(place, method="POST")] == []


def test_every_page_that_an_address_alone_opens_is_there_for_everybody_or_nobody_of_a_role(world: World) -> None:
    bad = [f"{role}: {one.status} {one.url}" for role, one in world.all_seen if one.status not in (*FOUND, 403, 404)]
    assert bad == []
    assert {one.url for _, one in world.all_seen} >= {rule for rule in plain_pages() if rule not in LEAVES}


def test_the_menu_shows_just_the_areas_that_somebody_may_see(world: World) -> None:
    wrong = []
    for role, walk in world.walks.items():
        answered = {one.area for one in walk.seen if one.status == 200 and one.url.count("/") == 2}
        for name in [*(one.name for one in AREAS.values() if not one.within), *ENTRIES]:
            status = walk.desk.get(f"/console/{name}").status_code if name not in answered else 200
            wrong += [] if (status == 200) == (name in answered) else [f"{role}: {name} {status}"]
            wrong += [] if status in (200, 403, 404) else [f"{role}: {name} {status}"]
    assert wrong == []


def test_each_page_is_whole(world: World) -> None:
    """One h1, a title, labels, no id twice; no style, handler or script in the page."""
    bad = Counter(f"{one.kind}: {fault}" for _, one in world.all_seen if one.page for fault in one.page.faults)
    bad.update(f"zh {one.kind}: {fault}" for one in world.chinese if one.page for fault in one.page.faults)
    assert dict(bad) == {}


def test_both_languages_are_whole(world: World) -> None:
    wrong = [f"{one.url} is {one.page.lang}" for _, one in world.all_seen if one.page and one.page.lang != "en"]
    wrong += [f"{one.url} is {one.page.lang}" for one in world.chinese if one.page and one.page.lang != "zh-CN"]
    assert wrong == []
    mixed: dict[str, str] = {}
    for _, one in world.all_seen:
        for text in one.page.words if one.page else ():
            mixed |= {run: f"{one.url}: {text[:80]}" for run in HAN.findall(text) if run not in PEOPLES | ROLES}
    assert mixed == {}


def test_what_is_shown_the_api_does_not_refuse(world: World) -> None:
    refused = []
    for role, one in world.all_seen:
        asked = asked_of(world, one)
        if asked is None or one.status != 200:
            continue
        operation, path = asked
        headers = {"Authorization": f"Bearer {world.token(role)}", "Idempotency-Key": one.url[-60:], "If-Match": '"0"'}
        answer = world.cell.app.test_client().open(path, method=operation.method, json=WRONG, headers=headers)
        if answer.status_code in (401, 403, 404, 405) or answer.status_code < 300:
            refused.append(f"{role}: {answer.status_code} {operation.method} {path}")
    assert refused == []


def asked_of(world: World, one: Seen) -> tuple[Operation, str] | None:
    """What the form on a page sends where; None for a page without one."""
    parts = urlsplit(one.url).path.removeprefix("/console/").split("/")
    area = AREAS.get(parts[0])
    if area is None:
        return None
    with world.cell.app.app_context():
        if "<string:action>" in one.kind[0]:
            operation, key = area.acting[parts[-1]], "/".join(parts[1:-2])
            key += "/clerk" if parts[-1] in area.picks else ""
            return operation, area.api(key, path=operation.path)
        if parts[1:2] != ["new"]:
            return None
        made = area.creating if len(parts) == 2 else area.ways.get(parts[2], area.creating)
    return (made, made.path) if made is not None else None


def test_pages_are_light(world: World) -> None:
    """With all that they load, as it is sent; only drawings of the whole country may weigh more."""
    sizes = {one.url: one.packed + sum(map(weight, loaded(one.page))) for _, one in world.all_seen if one.page}
    heaviest = max(sizes, key=lambda url: sizes[url])
    times = [one.seconds for _, one in world.all_seen]
    print(f"\nheaviest {sizes[heaviest] / 1024:.0f} KB: {heaviest}")  # noqa: T201 - for whoever reads the figures
    print(f"{len(times)} pages, p95 {1000 * quantiles(times, n=20)[-1]:.0f} ms")  # noqa: T201 - as above
    assert {url: size for url, size in sizes.items() if size > MOST} == {}


def loaded(page: Page) -> set[str]:
    """The files that a page loads, those that scripts import among them."""
    names, waiting = set[str](), [url.partition("#")[0] for url in page.loads if url.startswith("/static/")]
    while waiting:
        name = waiting.pop().rpartition("/")[2]
        if name not in names:
            names.add(name)
            waiting += IMPORTED.findall(static(name).decode()) if name.endswith(".js") else []
    return names


@cache
def weight(name: str) -> int:
    return len(packed(name))


def test_every_area_has_its_place_in_the_table_of_pages_and_roles(world: World) -> None:
    counts = {role: Counter(one.area for one in walk.seen if one.status == 200) for role, walk in world.walks.items()}
    areas = sorted({name for found in counts.values() for name in found})
    print("\n" + "".join(f"{role[:9]:>10}" for role in counts))  # noqa: T201 - for whoever reads the table
    for name in areas:
        line = "".join(f"{counts[role][name] or '·':>10}" for role in counts)
        print(f"{line}  {name or 'workbench'}")  # noqa: T201 - as above
    assert {one.name for one in AREAS.values() if not one.within} - set(areas) == set()


def test_every_sort_of_page_is_accessible_to_every_role_on_every_screen(
    world: World, request: pytest.FixtureRequest
) -> None:
    """The page as its link shows it, in Chinese and English by turns; the same list sorted otherwise looks the same."""
    axe, seen = judge(Path(request.config.cache.mkdir("axe"))), set[Kind]()
    found, said, elsewhere = list[str](), list[str](), list[str]()
    with quick_hashing(), served(world.cell) as url, chromium() as browser:
        for role, walk in world.walks.items():
            with window(browser, url, world.people[role]) as one:
                for page in walk.seen:
                    if page.page is None or page.status != 200 or page.kind in seen or is_asked(page.kind):
                        continue
                    seen.add(page.kind)
                    language = ("zh", "en")[len(seen) % 2]
                    one.open(f"{page.url}{'&' if '?' in page.url else '?'}lang={language}")
                    found += judged(one.page, f"{role} {language} {page.url}", axe=axe, language=language)
                said += one.said
                elsewhere += [address for address in one.asked if not address.startswith((url, "data:"))]
    print(f"\n{len(seen)} sorts of pages judged")  # noqa: T201 - for whoever reads the figures
    assert (found, said, elsewhere) == ([], [], [])
