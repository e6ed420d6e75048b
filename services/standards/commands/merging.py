"""Merged sheets: a project made of two standards on one subject, and the same made again when one of them changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from events.canonical import Json
from services.standards.commands.projects import opened, rewritten
from services.standards.domain.checking import NATIONAL
from services.standards.domain.differences import differences, merged
from services.standards.domain.sheets import checked
from services.standards.models import Project, StandardRow
from services.standards.models.registered import registered
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.journal.session import Session
from shared.rules.periods import state_at
from shared.text.searching import spaced

LEAD_TIME = timedelta(days=90)
"""Until a merged standard comes into force, where nobody says when: a first guess, to be revised in the project."""


def merge_standards(
    session: Session, *, left: UUID, right: UUID, rule: str, choices: Mapping[str, str], **named: Any
) -> Project:
    """A project of all issuers of both standards, with the one sheet; the rest is like the left one unless `named`."""
    first, second = rows = _sources(session, (left, right), named=("/left", "/right"))
    every = dict.fromkeys(UUID(item["tenant"]) for row in rows for item in row.state["issuers"])
    issuers = session.directory.staying(session, every)
    kind = str(first.state["kind"])
    standard_kind = "local" if kind in NATIONAL and session.context.tenant_id != PLATFORM else kind
    content = {
        "title_zh": named["title_zh"] or first.state["title_zh"],
        "title_en": named["title_en"] or first.state["title_en"],
        "standard_kind": standard_kind,
        "subject": first.state["subject"],
        "text": [],
        "effective_from": named["effective_from"] or (day_of(session.clock.now()) + LEAD_TIME),
        "replaces": [],
        **_merge(first, second, rule=rule, choices=choices),
    }
    return opened(session, issuers, content=content)


def _merge(left: StandardRow, right: StandardRow, *, rule: str, choices: Mapping[str, str]) -> dict[str, Json]:
    """The merged sheet, and what it was merged from."""
    sheet = merged(differences(left.state["sheet"], right.state["sheet"]), rule, choices=choices)
    origins = [{"standard": str(row.id), "content_hash": row.state["content_hash"]} for row in (left, right)]
    return {"sheet": checked(sheet), "merged_from": origins}


@command("standards.project.refresh", Project)
def refresh_project(
    session: Session, project_id: UUID, *, rule: str, choices: dict[str, str], sources: Sequence[UUID] | None
) -> Project:
    """Merge again, the same standards as they are now or others on the subject by the same issuers."""
    project = session.locked(Project, project_id)
    before = [UUID(source["standard"]) for source in project.merged_from]
    if not before:
        raise ConflictError(
            "not_merged",
            "该草案不是由两项标准合并而成的,不能重新合并。请直接修改草案。",
            "This draft was not merged from two standards, so there is nothing to merge again. Revise it instead.",
        )
    named = ("/sources/0", "/sources/1") if sources else ("/sources", "/sources")
    left, right = rows = _sources(session, sources or before, named=named)
    issuers = {UUID(item["tenant"]) for row in rows for item in row.state["issuers"]}
    if not set(session.directory.staying(session, issuers)) <= set(project.party_ids):
        raise ConflictError(
            "issuers_differ",
            "所选标准的发布方不都是本项目的发布方。请另行合并立项。",
            "Not all issuers of these standards take part in this project. Open another project by merging them.",
        )
    return rewritten(session, project, content=_merge(left, right, rule=rule, choices=choices))


def _sources(session: Session, keys: Sequence[UUID], *, named: tuple[str, str]) -> tuple[StandardRow, StandardRow]:
    """The two standards as the register knows them.

    Raises `InvalidError` with a pointer to the one that cannot be; `named` are the places of the two in the request.
    """
    known = registered(session, keys)
    faults = [
        Fault(pointer, "没有这项有效标准", "There is no such standard in force")
        for pointer, key in zip(named, keys, strict=True)
        if key not in known or state_at(known[key].state["spells"], session.clock.now()) != "in_force"
    ]
    if not faults and (len(known) != 2 or len({spaced(row.state["subject"]) for row in known.values()}) != 1):
        faults = [Fault(named[1], "须为同一对象的另一项标准", "Must be another standard on the same subject")]
    if faults:
        raise InvalidError(
            "sources_invalid",
            "不能合并这两项标准。请选择同一对象的两项有效标准。",
            "These two cannot be merged. Choose two standards in force on one subject.",
            faults,
        )
    left, right = (known[key] for key in keys)
    return left, right
