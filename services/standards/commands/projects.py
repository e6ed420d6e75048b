"""Writes of projects: opened, revised, numbered, presented, signed, refused, abandoned; and released with the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from events.canonical import plain
from events.standards import (
    ProjectAbandoned,
    ProjectNumbered,
    ProjectOpened,
    ProjectPresented,
    ProjectRefused,
    ProjectReminded,
    ProjectRevised,
    ProjectSigned,
)
from events.text import FreeText
from services.standards.commands.consultations import close_consultation
from services.standards.commands.standards import release, replaced
from services.standards.domain import projects as rules
from services.standards.domain.lifecycles import PROJECT_LIFECYCLE
from services.standards.domain.numbering import check_number
from services.standards.domain.sheets import checked
from services.standards.domain.standards import SIGN_COMMAND
from services.standards.models import Comment, Project
from services.standards.models.registered import comments_on, divisions_of, is_number_taken, registered
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError
from shared.countersigned import signing
from shared.countersigned.reminding import ask_to_sign, reminds
from shared.database.rows import state_of
from shared.files.citing import check_cited
from shared.journal.session import Session


def open_project(session: Session, *, issuers: Sequence[UUID], **described: Any) -> Project:
    """A new project; its home and lead is the acting tenant."""
    check_cited(session, described["text"], pointer="/text")
    described["sheet"] = checked(described["sheet"])
    return opened(session, issuers, content={**described, "merged_from": []})


def opened(session: Session, issuers: Sequence[UUID], *, content: Mapping[str, Any]) -> Project:
    """The project with this content and `merged_from`; raises `InvalidError` for issuers that cannot be."""
    rules.check_issuers(issuers, home=session.context.tenant_id, kind=content["standard_kind"])
    _check_active(session, issuers, known=[PLATFORM])  # Which issues alone.
    signing.check_room(plain([content["sheet"], content["text"]]), signers=len(issuers))
    named = rules.unnamed(issuers)
    content_hash = rules.content_hash({**content, "kind": content["standard_kind"], "issuers": named})
    project = session.create(
        Project,
        parties=issuers,
        state=PROJECT_LIFECYCLE.initial,
        issuers=named,
        comment_round=0,
        comments_until=None,
        content_hash=content_hash,
        proposer=session.context.tenant_id,
        signatures=[],
        refused_by=None,
        reason_digest=None,
        standard_id=None,
        **content,
    )
    session.publish(project, ProjectOpened(title_zh=project.title_zh, kind=project.standard_kind))
    return project


def _check_active(session: Session, issuers: Sequence[UUID], *, known: Sequence[UUID]) -> None:
    """Whoever is not known to take part must be a tenant at work."""
    named = {f"/issuers/{index}": tenant for index, tenant in enumerate(issuers) if tenant not in known}
    session.directory.check_active(session, named)


reminds(Project.kind, ProjectReminded)


@command("standards.project.revise", Project)
def revise_project(session: Session, project_id: UUID, **changes: Any) -> Project:
    """While it is drafted, freely; once it is on the table for signature, every signature given so far is void."""
    project = session.locked(Project, project_id)
    check_cited(session, changes.get("text", ()), pointer="/text", before=project.text)
    if "sheet" in changes:
        changes["sheet"] = checked(changes["sheet"])
    issuers = changes.pop("issuers", None)
    is_other = issuers is not None and sorted(issuers) != project.party_ids
    if is_other:
        if project.comment_round or project.state != "drafting":
            raise ConflictError(
                "issuers_fixed",
                "征求意见或签署开始后发布方不能再变。请终止本项目后另行立项。",
                "Once a draft was laid open or presented its issuers stay. Abandon this project and open another one.",
            )
        rules.check_issuers_change(session.context.party, project.home_id, before=project.party_ids, after=issuers)
        rules.check_issuers(issuers, home=project.home_id, kind=project.standard_kind)
        _check_active(session, issuers, known=project.party_ids)
        project.issuers = rules.unnamed(issuers, known=project.issuers)
        project.party_ids = sorted(issuers)
    return rewritten(session, project, content=changes, also=("issuers",) if is_other else ())


def go_on_without(session: Session, project: Project, *, issuer: UUID) -> None:
    """An issuer has left the platform: the others go on, and sign anew what has one number less."""
    project.issuers = [dict(item) for item in project.issuers if item["tenant"] != str(issuer)]
    project.party_ids = [tenant for tenant in project.party_ids if tenant != issuer]
    amended = rules.content_hash(state_of(project))
    voided = signing.amend(project, amended) if project.state == "signing" else ()
    project.content_hash = amended
    session.publish(project, ProjectRevised(fields=("issuers",), content_hash=amended, voided=voided))


def rewritten(session: Session, project: Project, *, content: Mapping[str, Any], also: tuple[str, ...] = ()) -> Project:
    """With this content, published unless nothing changed; `also` names what was changed beside the content.

    Raises `ConflictError` where the state does not allow it, or where signatures would be void for nothing.
    """
    is_signing = project.state == "signing"
    PROJECT_LIFECYCLE.move(project, "amend" if is_signing else "revise")
    fields = (*also, *sorted(name for name, value in content.items() if getattr(project, name) != value))
    if is_signing:
        rules.check_content(content.get("text", project.text), content.get("sheet", project.sheet))
    written = [content.get(name, getattr(project, name)) for name in ("sheet", "text")]
    signing.check_room(plain(written), signers=len(project.party_ids))
    amended = rules.content_hash({**state_of(project), **content})
    # A merge that was made again and came out the same is no other content.
    voided = signing.amend(project, amended) if is_signing and fields != ("merged_from",) else ()
    project.content_hash = amended
    for name, value in content.items():
        setattr(project, name, value)
    if fields:
        session.publish(project, ProjectRevised(fields=fields, content_hash=amended, voided=voided))
    return project


@command("standards.project.number", Project)
def number_project(session: Session, project_id: UUID, *, number: str, project: str) -> Project:
    """Enter one's own project and the number under which one will issue the text."""
    row = session.locked(Project, project_id)
    PROJECT_LIFECYCLE.move(row, "number")
    issuers = rules.named(row.issuers, session.context.party, number=number, project=project)
    if issuers == row.issuers:
        return row
    tenant = session.context.party
    check_number(number, row.standard_kind, divisions=divisions_of(session, tenant))
    if is_number_taken(session, number, tenant=tenant):
        raise rules.number_taken(number)
    row.issuers = issuers
    session.publish(row, ProjectNumbered(number=number, project=project))
    return row


@command("standards.project.present", Project)
def present_project(session: Session, project_id: UUID, *, sign_by: date | None = None) -> Project:
    """Put the text on the table for signature by all issuers, once nothing is missing."""
    project = session.locked(Project, project_id)
    PROJECT_LIFECYCLE.move(project, "present")
    rules.check_content(project.text, project.sheet)
    left = *comments_on(project), Comment.state == "open"
    unanswered = session.scalar(select(func.count()).select_from(Comment).where(*left)) or 0
    rules.check_complete(project.issuers, unanswered=unanswered)
    _check_timely(session, project)
    replaced(session, project)
    project.proposer, project.signatures = session.context.party, []
    project.refused_by = project.reason_digest = None
    ask_to_sign(session, project, by=sign_by)
    session.publish(project, ProjectPresented(content_hash=project.content_hash))
    return project


def _check_timely(session: Session, project: Project) -> None:
    now = session.clock.now()
    rules.check_effective(project.effective_from, today=day_of(now))
    rows = registered(session, [UUID(source["standard"]) for source in project.merged_from])
    known = {key: row.state for key, row in rows.items()}
    rules.check_fresh(rules.stale_sources(project.merged_from, known, moment=now))


@command(SIGN_COMMAND, Project)
def sign_project(session: Session, project_id: UUID, *, content_hash: str) -> Project:
    """Sign the content one has read; the last issuer's signature releases the standard everywhere."""
    project = session.locked(Project, project_id)
    PROJECT_LIFECYCLE.move(project, "sign")
    rules.check_content(project.text, project.sheet)
    _check_timely(session, project)
    is_complete = signing.sign(session, project, content_hash=content_hash)
    if is_complete:
        release(session, project)
    else:
        session.publish(project, ProjectSigned(content_hash=content_hash))
    return project


@command("standards.project.refuse", Project)
def refuse_project(session: Session, project_id: UUID, *, reason: FreeText) -> Project:
    """Send the text back to drafting, with every signature void; whoever presented it takes it back by this too."""
    project = session.locked(Project, project_id)
    PROJECT_LIFECYCLE.move(project, "refuse")
    project.refused_by, project.reason_digest, project.signatures = session.context.party, reason.digest, []
    ask_to_sign(session, project, by=None)
    session.publish(project, ProjectRefused(reason=reason))
    return project


@command("standards.project.abandon", Project)
def abandon_project(session: Session, project_id: UUID, *, reason: FreeText) -> Project:
    """Nothing will come of it; an open consultation closes."""
    project = session.locked(Project, project_id)
    is_open = project.state == "consulting"
    PROJECT_LIFECYCLE.move(project, "abandon")
    rules.check_lead(session.context.party, project.home_id)
    project.reason_digest = reason.digest
    session.publish(project, ProjectAbandoned(reason=reason))
    if is_open:
        close_consultation(session, project)
    return project
