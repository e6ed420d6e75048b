"""My jobs: a list is exported beside the requests, followed, stopped, and its file taken; imports stand beside."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from flask import redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.entries import entry
from services.console.kit.jobs import EXPORTS, Task, address_of, export_of, tasks_of
from services.console.kit.lists import Asked
from services.console.kit.references import filter_resolved
from services.console.kit.sending import send
from services.console.pages.frame import area_named, attachment, check_post, opens, operation_named, render

FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
JOBS = entry(
    name="jobs",
    title="我的任务 / My jobs",
    scope="exports:make",
    icon="list-check",
    group="work",
    go="i",
)


@opens("/console/<string:name>/export", "POST")
def begin_export(who: Visitor, name: str) -> Any:
    """Exactly what is filtered, as a file: to the page where it is, or will be."""
    area, form = area_named(who, name), check_post()
    given = parse_qs(request.form.get("query", ""))
    asked = filter_resolved(who.api, Asked(area, given, f"/console/{name}"))
    document = {"list": address_of(asked), "form": form}
    terms = {"once": request.form.get("once", "")}
    made = send(who.api, operation_named(who, "start_export"), path=EXPORTS, document=document, terms=terms)
    return redirect(f"/console/jobs/{made.document['id']}?new=1", 303)


@opens("/console/jobs")
def show_jobs(who: Visitor) -> Any:
    """All exports and imports that are theirs."""
    return render(who, "jobs.html", entry=JOBS, tasks=tasks_of(who))


@opens("/console/jobs/<uuid:key>")
def show_job(who: Visitor, key: UUID) -> Any:
    """How far an export is; what was asked for a moment ago and is done is sent by itself."""
    task = job_of(who, key)
    return render(who, "export.html", task=task, is_sent="new" in request.args and task.is_fresh)


@opens("/console/jobs/<uuid:key>/cancel", "POST")
def cancel_job(who: Visitor, key: UUID) -> Any:
    """Stop it."""
    terms = {"once": request.form.get("once", "")}
    send(who.api, operation_named(who, "cancel_export"), path=f"{EXPORTS}/{key}/cancel", document={}, terms=terms)
    return redirect(f"/console/jobs/{key}", 303)


@opens("/console/jobs/<uuid:key>/file")
def job_file(who: Visitor, key: UUID) -> Any:
    """The file, to be kept."""
    task = job_of(who, key)
    content = who.api.get(f"{EXPORTS}/{key}/file").content
    return attachment(content, name=task.saved_as, media=FORMS[task.row["form"]])


def job_of(who: Visitor, key: UUID) -> Task:
    """An export; raises what the API refuses."""
    return export_of(who.api.get(f"{EXPORTS}/{key}").body)
