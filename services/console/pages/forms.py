"""Forms: filled in, checked, sent once; every error keeps what was typed, and a draft keeps itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request

from services.console.calling.description import Operation
from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS, Area
from services.console.kit.choices import with_choices, with_chosen
from services.console.kit.editing import begun, pressed, with_ours
from services.console.kit.forms import Form, differences, flat
from services.console.kit.importing import is_import
from services.console.kit.keeping import draft_at, drop_draft, tell_once
from services.console.kit.reading import faults
from services.console.kit.references import resolved
from services.console.kit.sending import Sent, send
from services.console.kit.sharing import sums
from services.console.kit.things import Thing, pick_of, tenants_in, thing
from services.console.kit.unproven import FINISH, Unproven, keep_unproven, take_unproven
from services.console.kit.values import Values
from services.console.kit.variants import Variant
from services.console.kit.watching import watched
from services.console.pages.filling import Filling
from services.console.pages.frame import (
    FACTOR_NEEDED,
    TECHNICAL,
    TEMPLATES,
    area_named,
    check_post,
    opens,
    operation_named,
    render,
)
from shared.core.words import Pair
from shared.pages.asking import Fault, RefusedByApiError
from shared.pages.forms import StepMissingError
from shared.pages.purposes import marked


@opens("/console/<string:name>/new", "GET POST")
def create(who: Visitor, name: str) -> Any:
    """A new thing of the area."""
    area = area_named(who, name)
    operation = area.creating
    if operation is None:
        raise LookupError(name)
    check_right(who, operation)
    if is_import(area):
        return redirect(f"/console/{name}/import", 303)
    return fill_in(varied(filling(who, area, operation=operation, found=None), area.variants.get("")))


@opens("/console/<string:name>/new/<string:way>", "GET POST")
def create_otherwise(who: Visitor, name: str, *, way: str) -> Any:
    """A new thing of the area, made in another way."""
    area = area_named(who, name)
    variant = area.variants.get(way)
    operation = (area.creating if variant else None) or area.ways[way]
    check_right(who, operation)
    return fill_in(varied(filling(who, area, operation=operation, found=None), variant))


def varied(made: Filling, variant: Variant | None) -> Filling:
    """The form in one of several ways, where there are several."""
    if variant is not None:
        made.title, made.form.shape = Pair.read(variant.title), variant.draft(made.form.shape)
    return made


@opens("/console/<string:name>/<path:key>/do/<string:action>", "GET POST")
def act(who: Visitor, name: str, *, key: str, action: str) -> Any:
    """What may be done to one thing."""
    area = area_named(who, name)
    return doing(who, watched(who.api, area, key=key), action=action)


@opens("/console/<string:name>/do/<string:action>", "GET POST")
def act_on_the_only_one(who: Visitor, name: str, *, action: str) -> Any:
    """What may be done to what the tenant has one of."""
    area = area_named(who, name)
    if not area.is_single:
        raise LookupError(name)
    return doing(who, thing(who.api, area, key=""), action=action)


def doing(who: Visitor, found: Thing, *, action: str) -> Any:
    """The form of an action; by now it may not be allowed any more, which the page then says."""
    area = found.area
    allowed = {one.name: one for one in found.acts(who.may)}
    check_right(who, area.acting[action])
    if action not in allowed and request.method == "GET":
        return render(who, "not_now.html", status=409, found=found, area=area, label=area.label(action))
    made = filling(who, area, operation=area.acting[action], found=found)
    made.title = allowed[action].label if action in allowed else made.operation.title
    return fill_in(made)


def check_right(who: Visitor, operation: Operation) -> None:
    """Raises `RefusedError` for a form that the reader may not use.

    Whoever has lost the right since they began hears so from the API when they send it: what they typed is kept.
    """
    if request.method == "GET":
        operation_named(who, operation.id)


def filling(who: Visitor, area: Area, *, operation: Operation, found: Thing | None) -> Filling:
    """A form before anything is typed; an action on one of several values asks which one."""
    draft = operation.draft
    if draft is None:
        raise LookupError(operation.id)
    draft = with_choices(replace(area, options={**area.options, **area.offers}), draft)
    picked = next((area.picks[one] for one in operation.actions if one in area.picks), None)
    if picked and found:
        draft = replace(draft, fields=(pick_of(found, picked, place=operation.places[-1]), *draft.fields))
    draft = with_chosen(area, draft, document=found.document) if found else draft
    keys = tenants_in(found) if found else {}
    form = Form(draft, who.api, order=area.fields, keys=keys, special=area.special, hides=area.hides)
    terms = {"once": request.form.get("once", ""), "etag": request.form.get("etag") or (found.etag if found else "")}
    path = area.api(found.key, path=operation.path) if found and not picked else operation.path
    return Filling(who, area, operation, path, request.path, operation.title, form, found, None, terms)


def fill_in(made: Filling, onward: Callable[[Filling, Sent], Any] | None = None) -> Any:
    """Shows the form, or does what its button says; then `onward`, or to the thing.

    What was sent before its owner gave a second factor is finished by the address that they come back to.
    """
    if request.method == "GET":
        sent = take_unproven(made.who, made.place, once=request.args.get(FINISH, ""))
        if sent is None or not sent.is_whole:
            return _opened(made, is_proven=sent is not None)
        made.form.values, made.terms = dict(sent.fields), dict(sent.terms)
        return submitted(made, "send", onward=onward)
    button = check_post()
    made.form.values = {name: value for name, value in request.form.items() if name not in TECHNICAL}
    try:
        pressed(made.form, button, files=request.files)
    except RefusedByApiError as error:
        made.form.faults = error.faults or [Fault("", error.zh, error.en)]
        return made.shown(status=error.status)
    is_typing = button == "sums" and "HX-Request" in request.headers
    if button != "send" and not is_typing:
        made.keep()
    if button not in ("check", "send"):
        return _summed(made) if is_typing else made.shown()
    return submitted(made, button, onward=onward)


def _opened(made: Filling, *, is_proven: bool) -> Response:
    """The form before its button is pressed: empty, with what there is, or with its draft."""
    ours = {} if made.found else with_ours(made.form, made.area.ours, tenant=made.who.tenant)
    made.form.values = begun(made.form, made.operation, found=made.found, ours=ours)
    draft = draft_at(made.who, made.place) if made.is_typed else None
    if draft is not None:
        made.form.values = {str(name): str(value) for name, value in draft.fields.items()}
    return made.shown(kept=draft, is_proven=is_proven)


def submitted(made: Filling, button: str, *, onward: Callable[[Filling, Sent], Any] | None) -> Any:
    """What stands on the form is shown to be checked, or sent."""
    typed = made.form.document()
    # Numbered anew, so that what the API says of the second of a list stands at the second on the form.
    made.form.values = flat(made.form.shape, typed)
    document, unknown = resolved(made.who.api, made.form.shape, document=typed)
    # Before it is looked at once more everything is named; what is sent at once the API judges.
    wrong = faults(made.form.shape, document) if button == "check" else ()
    made.form.faults = [*wrong, *unknown]
    if made.form.faults:
        return made.shown(status=422)
    if button == "check":
        return made.shown("check.html", document=typed)
    return sent_by(made, document, onward=onward or _onward)


def _summed(made: Filling) -> Response:
    """What a script puts in place of the sums while somebody types."""
    pointer = next(iter(made.form.special))
    shape = made.form.at(pointer)
    return TEMPLATES.render("sums.html", lines=sums(made.form, shape, pointer=pointer))


def sent_by(made: Filling, document: Any, *, onward: Callable[[Filling, Sent], Any]) -> Any:
    """Sends it and goes `onward`; what the API refuses is said on the form."""
    path = made.path
    if "{" in path and made.found:
        # One of several values is part of the address, not of what is sent.
        chosen = document.pop(made.operation.places[-1].name, "-")
        path = made.area.api(f"{made.found.key}/{chosen}", path=path)
    try:
        sent = send(made.who.api, made.operation, path=path, document=document, terms=made.terms)
    except RefusedByApiError as error:
        return _refused(made, error)
    drop_draft(made.who, made.place)
    return onward(made, sent)


def _refused(made: Filling, error: RefusedByApiError) -> Any:
    """What was typed stays, whatever the API says."""
    made.keep()
    if error.status == 401 and error.code == FACTOR_NEEDED:
        there = keep_unproven(made.who, made.place, sent=Unproven(made.form.values, made.terms))
        if FINISH in request.args:
            # Whoever has just given it is not asked in a circle.
            return made.shown(is_proven=True)
        raise StepMissingError("/console/signin", there, factor="1", purpose=marked(made.title))
    if error.status == 412 and made.found is not None:
        made.conflict = thing(made.who.api, made.area, key=made.found.key)
        made.terms["etag"] = made.conflict.etag
        now = flat(made.form.shape, made.conflict.document, names=made.conflict.values.names)
        return made.shown("conflict.html", 412, differences=differences(made.form, now))
    if error.status in (401, 403, 404, 429, 503):
        raise error
    made.form.faults = error.faults or [Fault("", error.zh, error.en)]
    made.refusal = error.code
    return made.shown(status=error.status)


def _onward(made: Filling, sent: Sent) -> Any:
    """To the thing, to the page that waits for the other side, or to what is shown this once."""
    if sent.command is not None:
        back = made.found.url if made.found else f"/console/{made.area.name}"
        return redirect(f"/console/sent/{sent.command}?{urlencode({'back': back})}", 303)
    area = next((one for one in AREAS.values() if one.path == made.operation.path), made.area)
    secrets = sent.secrets(made.operation, shown=area.showing or area.listing)
    if secrets:
        return made.shown("once.html", secrets=secrets, values=Values(sent.document.get("names", {})))
    url = made.found.url if made.found is not None else made.area.url(sent.document)
    tell_once(made.who, url.partition("?")[0], done=made.title)
    return redirect(url or f"/console/{made.area.name}", 303)
