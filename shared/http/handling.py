"""What happens to a request, in a fixed order: gate, arguments, preconditions, one transaction, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Response, current_app, g, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from shared.commands.forwarding import PendingCommand, refusal_of, run_or_forward
from shared.commands.registry import COMMAND_OF
from shared.core.errors import InvalidError, ProblemError, RefusedError
from shared.core.log import logger
from shared.database import usage
from shared.database.pages import PageRequest
from shared.evidence.audit import detail, note, say_change
from shared.http import bulk
from shared.http.fields.schemas import schema
from shared.http.lists.command_views import command_document
from shared.http.lists.exporting import exported, form_asked
from shared.http.lists.pages import page_request_of
from shared.http.naming import with_names
from shared.http.presenting import presented, presented_one
from shared.http.requests import gate
from shared.http.requests.bodies import body, query
from shared.http.requests.conditions import Positions, check_position, expected_positions, is_unchanged
from shared.http.requests.idempotency import attempt, once
from shared.http.requests.preferences import seconds_to_wait
from shared.http.requests.problems import http_error
from shared.http.requests.tokens import Claims
from shared.http.requests.waiting import Wakeups
from shared.http.resources import ResourceView, Route
from shared.journal.session import Session
from shared.replication.progress import settled
from shared.rules.acts import ACCESS_REFUSED
from shared.server.bounds import FORM
from shared.server.front import LEND

Answer = dict[str, Any]
"""`status`, `body` and `headers` of a response, as JSON, so that idempotency can keep it."""


def counted(run: Callable[..., Response]) -> Callable[..., Response]:
    """A page whose forms are counted by address: whoever sends them may be nobody yet."""

    def view(**path: Any) -> Response:
        if request.method == "POST":
            gate.limits().count_address(request.remote_addr or "")
            request.max_content_length = FORM
        return run(**path)

    return view


def view_of(route: Route) -> Callable[..., Response]:
    """The Flask view function of a declared route."""

    def view(**path: Any) -> Response:
        claims = gate.enter(route.scope, (route.bulk_of or route).audited or ACCESS_REFUSED)
        try:
            return (_read if route.method == "GET" else _write)(route, claims, path=path)
        except (ProblemError, ValidationError, HTTPException) as error:
            refused = route.audited or (ACCESS_REFUSED if isinstance(error, RefusedError) else None)
            if refused is not None:
                refusal = http_error(error.code or 400) if isinstance(error, HTTPException) else error
                if isinstance(refusal, ValidationError):
                    refusal = InvalidError("invalid", "", "")
                subject = str(path.get("key") or path.get("name") or route.scope)
                gate.write_refusal(claims, refused, error=refusal, subject=subject)
            raise

    return view


def public_view_of(route: Route) -> Callable[..., Response]:
    """The Flask view function of a route that needs no token."""

    def view(**path: Any) -> Response:
        count = gate.limits().count_register if route.of_register else gate.limits().count_public
        count(request.remote_addr or "")
        if route.method == "GET" and not route.sessionless:
            arguments = query(route.query) if route.query else {}
            with gate.database().cell_session() as session:
                if route.listed:
                    found = _pages(session, route, path=path, arguments=arguments)
                    return found if isinstance(found, Response) else _read_answer(found)
                row = route.run(session, **path, **arguments)
                answer = _single(session, _shown(route), row=row, status=200)
                return _read_answer(with_names(session, route, answer=answer))
        arguments = body(route.draft) if route.draft else {}
        made = schema(_shown(route).view).dump(route.run(**path, **arguments))
        answer = {"status": 201 if route.creates else 200, "body": made, "headers": {}}
        with gate.database().cell_session() as session:
            return respond(with_names(session, route, answer=answer))

    return view


def _read(route: Route, claims: Claims, *, path: Mapping[str, Any]) -> Response:
    arguments = query(route.query) if route.query else {}
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope=route.scope)
        if route.listed:
            answer = _pages(session, route, path=path, arguments=arguments)
        else:
            single = _single(session, _shown(route), row=route.run(session, **path, **arguments), status=200)
            answer = with_names(session, route, answer=single)
        if route.audited is not None:
            note(session, route.audited, subject=str(path.get("key", "")) or None)
    return answer if isinstance(answer, Response) else _read_answer(answer)


def _pages(session: Any, route: Route, *, path: Mapping[str, Any], arguments: dict[str, Any]) -> Answer | Response:
    """A page of a list, or the whole list as a file."""
    form, paging = form_asked(arguments.pop("format")), page_request_of(arguments)

    read = partial(one_page, session, route, path=path, arguments=arguments)
    if form is not None:
        return exported(session, route, form=form, paging=paging, read=read)
    answer = read(paging=paging)
    if answer["body"]["next"]:
        rest = {**request.args.to_dict(), "cursor": answer["body"]["next"]}
        answer["headers"]["Link"] = f'<{request.path}?{urlencode(rest)}>; rel="next"'
    return answer


def one_page(
    session: Any, route: Route, *, path: Mapping[str, Any], arguments: Mapping[str, Any], paging: PageRequest
) -> Answer:
    """A page of a list as its reader sees it, with names; also outside a web process."""
    page = route.run(session, dict(arguments), paging=paging, **path)
    body = {"items": presented(session, _shown(route), rows=page.rows), "next": page.next}
    if paging.count and page.total is not None:
        body |= {"total": page.total.number, "total_is": page.total.is_}
    return with_names(session, route, answer={"status": 200, "body": body, "headers": {}})


def _read_answer(answer: Answer) -> Response:
    etag = answer["headers"].get("ETag")
    if etag and is_unchanged(etag.strip('"')):
        return Response(status=304, headers={"ETag": etag})
    return respond(answer)


def _shown(route: Route) -> ResourceView:
    if route.shown is None:
        raise LookupError(f"{route.name} shows nothing")
    return route.shown


def _single(session: Any, shown: ResourceView, *, row: Any, status: int) -> Answer:
    etag = getattr(row, "etag", None)
    headers = {"ETag": f'"{etag}"'} if etag else {}
    if status == 201 and shown.url is not None:
        headers["Location"] = shown.url(row)
    return {"status": status, "body": presented_one(session, shown, row=row), "headers": headers}


def _write(route: Route, claims: Claims, *, path: Mapping[str, Any]) -> Response:
    arguments = body(bulk.Items if route.bulk_of else route.draft) if route.draft else {}
    position = expected_positions() if route.conditional else None
    seconds = seconds_to_wait()
    attempted = attempt(claims.client_id + "/" + claims.subject) if route.method == "POST" else None
    context = gate.context_of(claims)
    with gate.database().session(context) as session:
        gate.check_tenant(session, claims, scope=route.scope)

        def effect() -> Answer:
            if route.bulk_of is None:
                return _done(session, route, path=path, arguments=arguments, position=position)
            handle = partial(_done, session, route.bulk_of)
            return bulk.answer(session, route, items=arguments["items"], handle=handle)

        answer = effect() if attempted is None else once(session, attempted, effect=effect, hidden=route.once)
        # Made before the commit: whoever is told that it failed must be able to rely on it. Names are kept nowhere
        # with the answer: who they are of may be erased before it is given again.
        response = respond(with_names(session, route, answer=answer))
    # What was answered may have been emptied since, for the erasure of what it showed.
    if answer["status"] == 202 and seconds and "id" in answer["body"]:
        return _settled_response(route, claims, key=UUID(answer["body"]["id"]), seconds=seconds) or response
    return response


def _done(
    session: Session, route: Route, *, path: Mapping[str, Any], arguments: Mapping[str, Any], position: Positions
) -> Answer:
    if route.command:
        key: UUID = route.find(session, **path) if route.find else path["key"]
        session.expected = None if position is None else (key, position)
        outcome = run_or_forward(session, COMMAND_OF[route.run], key=key, arguments=arguments)
    else:
        if route.current is not None:
            check_position(route.current(session, *path.values()), position)
        outcome = route.run(session, **path, **arguments)
    if isinstance(outcome, PendingCommand):
        detail(session, after={"command": str(outcome.id)})
        made = pending_answer(outcome, session.clock.now())
    else:
        session.flush()
        created = outcome.version == 1 if route.command else route.creates
        made = _single(session, _shown(route), row=outcome, status=201 if created else 200)
    if usage.NOTED in session.info:
        made["headers"].update(usage.header(session))
    if route.audited is not None:
        say_change(session, outcome)
        subject = path.get("key") or made["body"].get("id")
        note(session, route.audited, subject=str(subject) if subject else None)
    return made


def pending_answer(pending: PendingCommand, now: datetime) -> Answer:
    """202 with the pending command as a resource to look at."""
    location = f"/v1/commands/{pending.id}"
    return {
        "status": 202,
        "body": command_document(pending, now),
        "headers": {"Location": location, "Retry-After": "1"},
    }


def _settled_response(route: Route, claims: Claims, *, key: UUID, seconds: float) -> Response | None:
    """The final answer if it comes in time; raises home's refusal, and nothing else: the command is on its way."""
    try:
        context, started = gate.context_of(claims), monotonic()

        def look(*, last: bool = False) -> Answer | ProblemError | None:
            with gate.database().session(context) as session:
                pending = session.one(PendingCommand, key)
                answer: Answer | ProblemError | None = None
                if settled(session, pending):
                    answer = _final(session, route, pending=pending)
                elif last:
                    answer = pending_answer(pending, session.clock.now())
                return with_names(session, route, answer=answer) if isinstance(answer, dict) else answer

        wakeups: Wakeups = current_app.extensions["wakeups"]
        with wakeups.places.taken(context.tenant_id, request.environ.get(LEND)) as free:
            found: Answer | ProblemError | None = None
            if free:
                found = wakeups.until(look, seconds, tenant=context.tenant_id)
        g.waited = monotonic() - started
        found = found or look(last=True)
        if not isinstance(found, ProblemError):
            return None if found is None else respond(found)
    except Exception as error:  # noqa: BLE001 - it was committed: where it stands is the true answer
        logger("http").error("wait_failed", command=str(key), exc_info=error)
        return None
    raise found


def _final(session: Session, route: Route, *, pending: PendingCommand) -> Answer | ProblemError:
    answer = pending.answer or {}
    refusal = refusal_of(answer)
    if refusal is not None:
        return refusal
    shown, here = _shown(route), session.context.tenant_id
    found = [session.get(shown.kind, (here, UUID(item["aggregate"]))) for item in answer["results"]]
    row = next((row for row in found if row is not None), None)
    if row is None:
        row = session.get_one(shown.kind, (here, pending.aggregate_id))
    single = _single(session, shown, row=row, status=201 if row.version == 1 else 200)
    single["headers"]["Preference-Applied"] = "wait"
    return single


def respond(answer: Answer) -> Response:
    """The response an answer describes."""
    content = orjson.dumps(answer["body"], default=list, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, answer["status"], headers=answer["headers"], content_type="application/json")
