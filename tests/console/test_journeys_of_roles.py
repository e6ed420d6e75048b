"""People of every role go through their work in a browser: by mouse, by keyboard alone and without scripts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.foreign import read
from shared.core.calendar import day_of
from shared.core.context import PLATFORM
from shared.evidence.audit_file import verify
from tests.builders.browser import chromium
from tests.builders.cell import Cell
from tests.builders.identity import PASSWORD, lock_state, make_user
from tests.builders.scenes import Scene, World, world_of
from tests.builders.sizes import FULL, soak
from tests.builders.windows import SEND, WAYS
from tests.organisations.builders import credit_code

WIDE = {ord(one): chr(ord(one) + 0xFEE0) for one in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {ord("-"): "—"}
"""A number as somebody types it whose keyboard writes Chinese."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def world(the_cell: Cell) -> Iterator[World]:
    with world_of(the_cell) as made:
        yield made


def day(scene: Scene, plus: int) -> str:
    return str(day_of(scene.world.cell.clock.now()) + timedelta(days=plus))


def drafts_a_standard(scene: Scene) -> None:
    """A standards officer opens a joint project and a consultation; the other issuer comments, and is answered."""
    ours, theirs = (scene.somebody("official", tenant=one) for one in (scene.world.one, scene.world.other))
    ours.goes("projects")
    ours.press("main a.button[href='/console/projects/new']")
    issuers = {f"issuers__{one}": "true" for one in (scene.world.one, scene.world.other)}
    title = f"新能源汽车电池回收要求({scene.way})"
    ours.fill(kind="local", title_zh=title, subject="电池回收", **issuers, effective_from=day(scene, 90))
    ours.press("button[value='add:/sheet']")
    ours.fill(sheet__0__clause="5.1", sheet__0__parameter="回收率", sheet__0__comparison=">=", sheet__0__limit="95")
    ours.sent()
    project = ours.path
    ours.press("main a[href$='/do/consult']")
    ours.fill(closes_on=day(scene, 30))
    ours.sent()
    assert "征求意见" in ours.text
    theirs.goes("projects")
    theirs.press(f"main a[href='{project}']")
    theirs.press("main a[href$='/do/comment']")
    theirs.fill(text="建议放宽至百分之九十。", clause="5.1")
    theirs.sent()
    ours.hears("建议放宽至百分之九十")
    ours.press("main a[href$='tab=comments']")
    ours.press("main a[href^='/console/comments/']")
    ours.press("main a[href$='/do/answer']")
    ours.fill(verdict="accepted", answer="采纳,改为百分之九十。")
    ours.sent()
    assert "采纳" in ours.text


def recognises(scene: Scene) -> None:
    """A standards officer proposes mutual recognition; the other side agrees."""
    roles = ("official", "signatory")
    ours, theirs = (scene.somebody(*roles, tenant=one) for one in (scene.world.one, scene.world.other))
    theirs.open("/console")
    ours.goes("recognitions")
    ours.press("main a.button[href='/console/recognitions/new']")
    title = f"检测结果互认清单({scene.way})"
    ours.fill(recognised=str(scene.world.other), mutual="true", title_zh=title)
    ours.fill(items__0__standard=scene.world.standards[1], items__0__accepts="certificates")
    ours.sent()
    there = ours.path
    theirs.hears(title)
    theirs.press(f"main a[href='{there}']")
    for one in (theirs, ours):
        one.press("main a[href$='/do/agree']")
        one.sent()
    for one in (theirs, ours):
        one.hears("生效")


def issues_and_revokes(scene: Scene) -> None:
    """A standards officer accredits a body, issues a certificate, suspends and revokes it, and asks each time."""
    ours = scene.somebody("official")
    ours.goes("bodies")
    ours.press("main a.button[href='/console/bodies/new']")
    body, number = f"虚构检验中心{uuid4().hex[:6]}", scene.world.standards[0]
    ours.fill(code=credit_code(), name_zh=body, grants__0__standards__0=number, grants__0__valid_to=day(scene, 900))
    ours.sent()
    ours.goes("certificates")
    ours.press("main a.button[href='/console/certificates/new']")
    ours.fill(body=body, standard=number, holder__code=credit_code(), holder__name_zh="虚构家具厂")
    ours.fill(products__0__class="C2110", products__0__name="木质家具", valid_to=day(scene, 300))
    ours.sent()
    there = ours.path
    certificate = ours.page.inner_text("main h1")
    for action, said in (("suspend", "证书已暂停"), ("revoke", "证书已撤销")):
        ours.open(there)
        ours.press(f"main a[href$='/do/{action}']")
        ours.fill(reason="抽检不合格。")
        ours.sent()
        ours.goes("recognition")
        ours.put("certificate", certificate.translate(WIDE))
        ours.press("main form.panel button.button")
        assert said in ours.page.inner_text(".verdict")


def manages_an_organisation(scene: Scene) -> None:
    """An organisation's manager sees just its own, invites somebody and applies for a qualification."""
    ours = scene.somebody("organisation_manager", organisation_id=UUID(scene.world.organisation["id"]))
    ours.goes("organisations")
    assert ours.page.locator("main tbody tr").count() == 1
    ours.press(f"main a[href='/console/organisations/{scene.world.organisation['id']}']")
    assert scene.world.organisation["name_zh"] in ours.text
    ours.goes("members")
    ours.press("main a.button[href='/console/members/new']")
    ours.fill(login=f"m-{uuid4().hex[:8]}", name="林越", email="lin.yue@example.cn", roles__organisation_member="true")
    assert "/invitation/" in ours.shown_once()
    ours.goes("applications")
    ours.press("main a.button[href='/console/applications/new/qualifications']")
    ours.fill(name="绿色工厂", valid_from=day(scene, 0))
    ours.sent()
    assert "绿色工厂" in ours.page.inner_text("main h1")
    ours.press("main a[href$='/do/submit']")
    ours.press(SEND)
    # The papers are missing: the page says so, and leads to where they are added.
    ours.press("main form a[href$='/do/revise']")
    ours.attach("证书.pdf", b"%PDF-1.4 made up", to="/evidence")
    ours.sent()
    ours.press("main a[href$='/do/submit']")
    ours.sent()
    assert "已提交" in ours.text


def belongs_to_an_organisation(scene: Scene) -> None:
    """An organisation's member sees its certificates and the standards behind them, and nobody else's."""
    ours = scene.somebody("organisation_member", organisation_id=UUID(scene.world.organisation["id"]))
    number = scene.world.certificate["number"]
    ours.goes("own-certificates")
    assert [one.inner_text() for one in ours.page.locator("main tbody th a").all()] == [number]
    ours.press(f"main a[href='/console/own-certificates/{scene.world.certificate['id']}']")
    assert number in ours.text
    ours.goes("own-standards")
    assert scene.world.standards[0] in ours.text
    entries = {one.get_attribute("href") for one in ours.page.locator(".side a").all()}
    assert entries.isdisjoint({"/console/users", "/console/certificates", "/console/parks"})


def administers_people(scene: Scene) -> None:
    """A system administrator invites somebody, who comes; unlocks one, ends a session, and sets the rules."""
    cell, tenant = scene.world.cell, scene.world.one
    locked, busy = make_user(cell, tenant, "clerk", name="周敏"), scene.somebody("clerk", name="赵敏")
    lock_state(cell, locked, "locked")
    ours = scene.somebody("system_administrator")
    ours.goes("users")
    ours.press("main a.button[href='/console/users/new']")
    ours.fill(login=f"l-{uuid4().hex[:8]}", name="林越", email="lin.yue@example.cn", roles__clerk="true")
    new = scene.sits(None)
    new.page.goto(ours.shown_once())
    new.put("password", PASSWORD)
    new.put("again", PASSWORD)
    new.press("main form button.button")
    assert "林越" in new.text
    ours.open(f"/console/users/{locked.id}")
    ours.press("main a[href$='/do/unlock']")
    ours.sent()
    ours.open(f"/console/users/{busy.person.id}")
    ours.press("main a[href$='tab=sessions']")
    ours.press("main a[href$='/do/end']")
    ours.sent()
    cell.clock.advance(timedelta(minutes=10))
    busy.open("/console")
    assert busy.path == "/signin"
    ours.goes("sign-in-rules")
    ours.press("main a[href$='/sign-in-rules/do/set']")
    ours.put("/forgotten_passwords", "true")
    ours.sent()


def administers_rights(scene: Scene) -> None:
    """A security administrator gives a role, takes it back, and sees who may what."""
    clerk = make_user(scene.world.cell, scene.world.one, "clerk", name="周敏")
    ours = scene.somebody("security_administrator")
    ours.goes("users")
    ours.press(f"main a[href='/console/users/{clerk.id}']")
    ours.press("main a[href$='/do/grant_role']")
    ours.fill(role="reviewer")
    ours.sent()
    assert "审核人员" in ours.text
    ours.press("main a[href$='/do/withdraw_role']")
    ours.fill(name="reviewer")
    ours.sent()
    assert "审核人员" not in ours.text
    ours.goes("who-may-what")
    assert "定义角色" in ours.text


def administers_the_audit(scene: Scene) -> None:
    """An audit administrator filters the log, keeps it as a file, and finds that it verifies."""
    scene.world.cell.tick()
    ours = scene.somebody("audit_administrator")
    ours.goes("audit")
    ours.put("outcome", "done")
    ours.press("main .filters > button")
    assert ours.page.locator("main tbody tr").count() > 0
    file = ours.downloads("main a[href$='/file/export_audit_records']")
    first, last = verify(read(file), scene.world.cell.settings.platform_key)
    assert last >= first


def operates_the_platform(scene: Scene) -> None:
    """The platform's operator creates a jurisdiction, invites its first administrator, limits and suspends it."""
    ours = scene.somebody("system_administrator", tenant=PLATFORM)
    ours.goes("tenants")
    ours.press("main a.button[href='/console/tenants/new']")
    ours.fill(code=f"guizhou-{uuid4().hex[:6]}", name_zh="贵州省", name_en="Guizhou", kind="province")
    ours.fill(division_codes="520000")
    ours.sent()
    there = ours.path
    ours.press("main a[href$='/do/invite_administrator']")
    ours.fill(role="system_administrator", login="admin1", name="杨帆", email="yang.fan@example.cn")
    assert "/invitation/" in ours.shown_once()
    ours.open(there)
    ours.press("main a[href$='/do/set_quotas']")
    ours.fill(users="200")
    ours.sent()
    assert "200" in ours.text
    ours.press("main a[href$='/do/suspend']")
    ours.fill(reason="网络检修。")
    ours.sent()
    assert "已暂停" in ours.text


def visits(scene: Scene) -> None:
    """A visitor sees the map, a park and a standard, checks a certificate and comments on a draft."""
    ours, number = scene.sits(None), scene.world.certificate["number"]
    ours.open("/")
    assert ours.page.locator(".map svg").count() == 1
    ours.press("header a[href^='/parks']")
    assert scene.world.park in ours.text
    ours.press("header a[href^='/standards']")
    ours.press("main a[href^='/standards/']")
    assert "发布方" in ours.text
    ours.press("header a.brand")
    ours.put("number", f" {number.translate(WIDE)} ")
    ours.press("form.lookup button")
    assert number in ours.page.inner_text("main dl")
    ours.open("/consultations")
    ours.press(f"main a[href^='/consultations/{scene.world.consultation}']")
    ours.put("text", "建议放宽至每立方米 0.1 毫克。")
    ours.put("clause", "5.1")
    ours.press("main form button[type=submit]")
    assert "意见已收到" in ours.text


JOURNEYS: tuple[Callable[[Scene], None], ...] = (
    drafts_a_standard, recognises, issues_and_revokes, manages_an_organisation, belongs_to_an_organisation,
    administers_people, administers_rights, administers_the_audit, operates_the_platform, visits,
)  # fmt: skip
WORTH = (recognises, manages_an_organisation, administers_people, visits)
"""Those that every run of the tests goes through; the others take the same steps in other areas."""


@soak
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("journey", JOURNEYS if FULL else WORTH, ids=lambda one: one.__name__)
def test_somebody_does_their_work(world: World, browser: Any, journey: Callable[[Scene], None], way: str) -> None:
    began = time.perf_counter()
    with Scene(world, browser, way) as scene:
        journey(scene)
        troubles = scene.troubles()
    print(f"\n{journey.__name__} | {way} | {time.perf_counter() - began:.1f} s")  # noqa: T201 - for whoever reads it
    assert troubles == []
