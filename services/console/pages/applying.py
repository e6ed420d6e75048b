"""Applying for a service: an item is chosen, its form filled in with its papers, looked at once more, and filed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.applying import Application, first_fields
from services.console.kit.forms import Form, tenants_listed
from services.console.kit.keeping import tell_once, told_once
from services.console.kit.reading import faults
from services.console.kit.references import resolved
from services.console.kit.sending import send
from services.console.kit.things import thing
from services.console.kit.values import Values
from services.console.pages.frame import area_named, check_post, opens, operation_named, render
from shared.core.words import Pair
from shared.pages.asking import Fault, RefusedByApiError

ITEMS, CASES, OPEN = "/v1/service-items", "requests", "in_force"
NARROWED = ("q", "category", "audience", "mode", "tenant")
ON_A_PAGE, MOST_DRAFTS = 20, 5
CHANGED_MEANWHILE = 412
KEPT = Pair("已保存草稿", "Draft kept")
SAID_BY_PAGE = (401, 403, 404, 429, 503)
"""Refusals that speak of who asks, or of nothing on the form."""
CHANGED = Fault(
    "",
    "这份申请在您填写期间已被修改。您填写的内容还在本页,再次保存即以本页为准。",
    "This application was changed meanwhile. What you typed is still here, and counts once you save it again.",
)


@opens("/console/requests/new", "GET POST")
def choose_item(who: Visitor) -> Any:
    """What can be asked for, narrowed step by step; with `item` in the address its application begins."""
    area, operation = area_named(who, CASES), operation_named(who, "draft_case")
    if item := request.args.get("item", ""):
        return begin(who, item)
    given = {name: request.args.get(name, "").strip() for name in NARROWED}
    asked = {**{name: value or None for name, value in given.items()}, "cursor": request.args.get("cursor") or None}
    listed = who.api.get(ITEMS, state=OPEN, limit=ON_A_PAGE, count="true", **asked).body
    drafts = who.api.get(f"/v1/{CASES}", state="draft", limit=MOST_DRAFTS).body
    items = area_named(who, "service-items")
    shapes = {one.name: one for one in items.listing.filters}
    return render(
        who, "items_choose.html", area=area, operation=operation, given=given, listed=listed, shapes=shapes,
        values=Values(listed.get("names", {})), jurisdictions=tenants_listed(who.api),
        drafts=drafts["items"],
    )  # fmt: skip


def begin(who: Visitor, item: str) -> Any:
    """What the item needs, and for whom it is asked; then there is a draft, which is filled in."""
    area, operation = area_named(who, CASES), operation_named(who, "draft_case")
    offered = thing(who.api, area_named(who, "service-items"), key=item)
    own = who.me["organisation"]
    if operation.draft is None:
        raise LookupError(item)
    form = Form(
        first_fields(operation.draft, of_organisation=bool(own)), who.api, order=("organisation", "applicant", "park")
    )
    form.values = {"/applicant": who.me.get("names", {}).get(own, {}).get("zh", "")}
    if request.method == "POST":
        check_post()
        form.values = {f"/{one.name}": request.form.get(f"/{one.name}", "") for one in form.fields}
        document, unknown = resolved(who.api, form.shape, document=form.document())
        form.faults = [*faults(form.shape, document), *unknown]
        try:
            if not form.faults:
                terms = {"once": request.form.get("once", "")}
                draft = {"item": offered.document["id"], **document}
                made = send(who.api, operation, path=operation.path, document=draft, terms=terms)
                return redirect(f"{area.url(made.document)}/application", 303)
        except RefusedByApiError as error:
            if error.status in SAID_BY_PAGE:
                raise
            form.faults = error.faults or [Fault("", error.zh, error.en)]
    status = 422 if form.faults else 200
    return render(who, "apply_begin.html", status=status, area=area, offered=offered, form=form, faults=form.faults)


@opens("/console/requests/<uuid:key>/application", "GET POST")
def fill_in_application(who: Visitor, key: UUID) -> Any:
    """The form of the item's sheet: kept in the draft at each press, looked at once more, then filed or supplied."""
    found = thing(who.api, area_named(who, CASES), key=str(key))
    allowed = {one.name for one in found.acts(who.may)}
    made = Application.of(who.api, found)
    if not allowed & {"revise", "supplement"}:
        return redirect(found.url, 303)
    if request.method == "GET":
        return shown(who, made)
    try:
        return pressed(who, made, button=check_post())
    except RefusedByApiError as error:
        if error.status in SAID_BY_PAGE:
            raise
        # What was changed meanwhile is changed again by whoever has read that it was.
        is_changed = error.status == CHANGED_MEANWHILE
        etag = thing(who.api, found.area, key=found.key).etag if is_changed else request.form.get("etag", "")
        made.form.faults = [CHANGED] if is_changed else made.placed(error.faults) or [Fault("", error.zh, error.en)]
        return shown(who, made, etag=etag)


def pressed(who: Visitor, made: Application, *, button: str) -> Any:
    """Does what the button says; raises what the API refuses."""
    etag = request.form.get("etag", made.found.etag)
    made.take(request.form, files=request.files, button=button)
    if button == "send":
        return file(who, made, etag=etag)
    if not made.is_supplement:
        etag = save(who, made, etag=etag)
    if button == "check":
        made.form.faults = made.faults()
        return shown(who, made, template="apply.html" if made.form.faults else "apply_check.html", etag=etag)
    if made.is_supplement:
        return shown(who, made, etag=etag)
    tell_once(who, request.path, done=KEPT)
    pointer = button.partition(":")[2]
    return redirect(f"{request.path}#{pointer}" if pointer else request.path, 303)


@opens("/console/requests/<uuid:key>/do/<any(revise, supplement, file):action>")
def to_application(who: Visitor, key: UUID, *, action: str) -> Any:
    """What an applicant does with a case before it is handled stands on the form of its sheet."""
    del action
    return redirect(f"{area_named(who, CASES).url({'id': str(key)})}/application", 303)


def save(who: Visitor, made: Application, *, etag: str) -> str:
    """Keeps what stands on the form in the draft of the case; returns the version that came of it."""
    operation = made.found.area.acting["revise"]
    terms = {"once": request.form.get("once", ""), "etag": etag}
    path = made.found.area.api(made.found.key, path=operation.path)
    answer = send(who.api, operation, path=path, document=made.document(), terms=terms).answer
    return answer.etag


def file(who: Visitor, made: Application, *, etag: str) -> Any:
    """What was looked at is filed, or supplied; to the page of the case."""
    found = made.found
    operation = found.area.acting["supplement" if made.is_supplement else "file"]
    terms = {"once": request.form.get("once", ""), "etag": etag}
    path = found.area.api(found.key, path=operation.path)
    send(who.api, operation, path=path, document=made.document() if made.is_supplement else {}, terms=terms)
    tell_once(who, found.url, done=operation.title)
    return redirect(found.url, 303)


def shown(who: Visitor, made: Application, *, template: str = "apply.html", etag: str = "") -> Any:
    """The form as it stands, or what was filled in, to be looked at once more."""
    found = made.found
    return render(
        who, template, status=422 if made.form.faults else 200, area=found.area, found=found, made=made,
        form=made.form, faults=made.form.faults, etag=etag or found.etag, tasks=list(made.tasks()),
        kept=told_once(who, request.path), asked=made.asked,
    )  # fmt: skip
