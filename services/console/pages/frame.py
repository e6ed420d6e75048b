"""The frame of every page: who is here, for which jurisdiction, where one can go, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial, wraps
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Response, redirect, request
from markupsafe import Markup

from services.console.calling.description import Operation, description
from services.console.calling.shapes import Shape
from services.console.calling.visits import Visitor, end, visitor
from services.console.kit.areas import AREAS, Area
from services.console.kit.entries import ENTRIES, GROUPS, Entry
from services.console.kit.forms import Form, one_of
from services.console.kit.keeping import preference
from services.console.kit.notifications import BELL
from services.console.kit.quantities import per_cent
from services.console.kit.sharing import sums
from services.console.kit.states import state
from services.console.kit.times import due, exact, long_day, moment, month_said
from services.console.kit.values import Values
from services.console.routes import routes
from shared.core.errors import RefusedError
from shared.http.requests.forms import FORM, ROUND
from shared.http.requests.gate import database
from shared.http.requests.problems import http_error
from shared.pages.asking import RefusedByApiError
from shared.pages.forms import StepMissingError, csrf_token, with_next
from shared.pages.languages import t
from shared.pages.places import place, placed
from shared.pages.rendering import Templates, problem_page
from shared.pages.visiting import page

TEMPLATES = Templates("services.console.pages")
ACTING = "acting"
"""The field of every form that says for which jurisdiction it was filled in."""
TECHNICAL = ("csrf", ACTING, "once", "etag", "do", "draft_place", "draft_title")
"""Fields of forms that are not part of what people typed."""
FACTOR_NEEDED = "second_factor_needed"


def opens(rule: str, methods: str = "GET") -> Callable[[Any], Any]:
    """A page of the console: `view(who, **path)` answers somebody who is signed in; refusals are shown as pages."""

    def register(view: Any) -> Any:
        @wraps(view)
        def answered(**path: Any) -> Any:
            who = visitor()
            if who is None:
                return _signed_out()
            try:
                return answer_to(who, view, path=path)
            except RefusedByApiError as error:
                # Not even who is here is told, of which the frame is made.
                return problem_page(error.problem)

        shown = page(answered)

        @routes.page(methods, rule)
        @wraps(view)
        def taken(**path: Any) -> Any:
            if request.mimetype == FORM:
                request.max_content_length = database().settings.upload_limit + ROUND
            return shown(**path)

        return taken

    return register


def answer_to(who: Visitor, view: Any, *, path: Mapping[str, Any]) -> Any:
    """What the view answers; what is refused to them or not there is a page in the frame."""
    given = request.form.get(ACTING, "")
    if request.method == "POST" and given and given != str(who.tenant):
        return render(who, "switched.html", status=409, back=request.headers.get("Referer", "/console"))
    try:
        return view(who, **path)
    except RefusedByApiError as error:
        return refused(who, error)
    except LookupError:
        return not_found(who)


def here() -> str:
    """The address of this page."""
    return request.full_path.rstrip("?")


def _signed_out() -> Any:
    if "HX-Request" in request.headers and "HX-Boosted" not in request.headers and request.method == "GET":
        # A part that looks again by itself leaves the page as it is: somebody may be typing there.
        return Response(status=204)
    if request.method == "GET":
        raise StepMissingError("/console/signin", here())
    # What was typed is sent again by whoever has signed in beside: nothing is lost.
    # For which jurisdiction it was filled in goes along: they may sign in for another one.
    kept = [(name, value) for name, value in request.form.items() if name != "csrf"]
    return TEMPLATES.render("signed_out.html", 401, kept=kept, sent_to=request.path)


def refused(who: Visitor, error: RefusedByApiError) -> Any:
    """What the API refused, as a page; who has to prove themselves is led there, and comes back."""
    if error.status == 401 and error.code == FACTOR_NEEDED:
        raise StepMissingError("/console/signin", here(), factor="1")
    if error.status == 401:
        is_asked = request.method == "GET"
        response: Response = redirect(with_next("/console/signin", here()), 303) if is_asked else _signed_out()  # type: ignore[assignment]
        return end(response)
    return render(who, "refused.html", status=error.status, problem=error)


def not_found(who: Visitor) -> Response:
    """Nothing is at this address for this reader."""
    return render(who, "not_found.html", status=404)


def render(who: Visitor, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page in the frame."""
    names = who.me.get("names", {})
    tenants = [{"id": key, "name": names.get(key), "is_here": key == str(who.tenant)} for key in who.me["tenants"]]
    response = TEMPLATES.render(
        template,
        status,
        has_script=True,
        who=who,
        me=who.me,
        person=who.me["name"] or who.me["login"] or who.me["client"] or t("我", "Me"),
        roles=t("、", ", ").join(t(one["name_zh"], one["name_en"]) for one in who.me["roles"]),
        here=names.get(str(who.tenant)) or {"zh": "平台", "en": "Platform", "code": "platform"},
        organisation=names.get(who.me["organisation"]),
        tenants=tenants,
        menu=list(menu(who)),
        acting=str(who.tenant),
        csrf=csrf_token(),
        density=preference(who, "density").get("is", "normal"),
        theme=preference(who, "theme").get("is", ""),
        **SHOWN,
        **{"unread": preference(who, BELL).get("last", 0), "watch": None, **values},
    )
    response.headers["Vary"] = f"{response.headers['Vary']}, HX-Request"
    return response


def label_of(component: str, value: str) -> Markup:
    """A state by the label that the API gives it."""
    shape = description().component(component)
    return state(value, (shape.choices or {}).get(value))


def typed(form: Form, shape: Shape, *, value: Any) -> Markup:
    """What was filled in, as a person reads it; things by the names that were typed."""
    names = {key: {"kind": "tenant", "zh": name, "en": name, "code": None} for key, name in form.tenants}
    return Values(names).shown(shape, value)


def swaps() -> Markup:
    """With scripts, links and forms within replace the main part alone; htmx wants its `:inherited`."""
    return Markup(
        ' hx-boost:inherited="true" hx-target:inherited="#main" hx-select:inherited="#main"'
        ' hx-select-oob:inherited="#language" hx-swap:inherited="outerMorph"'
    )


SHOWN: Mapping[str, Any] = {
    "place": place,
    "placed": placed,
    "exact": exact,
    "moment": moment,
    "due": due,
    "long_day": long_day,
    "month_said": month_said,
    "swaps": swaps,
    "once": lambda: uuid4().hex,
    "delivery_state": partial(label_of, "DeliveryStatus"),
    "command_state": partial(label_of, "CommandState"),
    "typed": typed,
    "sums": sums,
    "per_cent": per_cent,
    "one_of": one_of,
}
"""What every template may call."""


def menu(who: Visitor) -> Iterator[tuple[str, list[Area | Entry]]]:
    """The areas and pages that the reader may see, by group."""
    seen: list[Area | Entry] = [one for one in AREAS.values() if not one.within and who.may(one.listing.scope)]
    seen += [one for one in ENTRIES.values() if who.may(one.scope) and one.by in ("", who.acts_for)]
    for group, title in GROUPS.items():
        found = [one for one in seen if one.group == group]
        if found:
            yield t(title.zh, title.en), sorted(found, key=lambda one: one.order)


def area_named(who: Visitor, name: str) -> Area:
    """The area; raises LookupError for none, `RefusedError` for one that the reader may not see."""
    found = AREAS[name]
    if not who.may(found.listing.scope):
        raise RefusedError(
            "area_not_yours",
            f"您没有查看“{found.title_pair.zh}”的权限。请联系本辖区管理员。",
            f"You may not see '{found.title_pair.en}'. Ask your tenant's administrator.",
        )
    return found


def check_entry(who: Visitor, entry: Entry) -> None:
    """Raises `RefusedError` for a page that is not among the reader's."""
    if not who.may(entry.scope) or entry.by not in ("", who.acts_for):
        raise RefusedError(
            "entry_not_yours",
            f"您没有查看“{entry.title_pair.zh}”的权限。请联系本辖区管理员。",
            f"You may not see '{entry.title_pair.en}'. Ask your tenant's administrator.",
        )


def operation_named(who: Visitor, name: str) -> Operation:
    """An operation of the API; raises `RefusedError` for one that the reader may not use."""
    found = description().operations[name]
    if not who.does(found):
        raise RefusedError(
            "operation_not_yours",
            f"您没有“{found.title.zh}”的权限。请联系本辖区管理员。",
            f"You may not use '{found.title.en}'. Ask your tenant's administrator.",
        )
    return found


def attachment(content: bytes, *, name: str, media: str) -> Response:
    """A file for the reader to keep, under this name, in whatever language it is (RFC 6266, 4.3)."""
    response = Response(content, content_type=media)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    told = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **told)
    return response


def check_post() -> str:
    """Which button of a form was pressed; raises 400 for a form without one."""
    pressed = request.form.get("do", "")
    if not pressed:
        raise http_error(400, code="button_missing", zh="表单不完整,请刷新后重试。", en="Reload the form and retry.")
    return pressed
