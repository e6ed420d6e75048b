"""Routes of released standards, their differences and their public texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request

from services.standards.api.routes import routes
from services.standards.commands import standards as commands
from services.standards.domain.scopes import DECIDE, READ
from services.standards.models import Consultation, Standard, StandardRow
from services.standards.models.registered import one_registered
from services.standards.queries import differences, standards
from services.standards.schemas import standards as schemas
from shared.core.context import machine_context
from shared.database.pages import Page, PageRequest
from shared.files.files import content
from shared.http.fields.strict import ReasonDraft
from shared.http.requests import gate
from shared.http.requests.streams import sent
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/standards"
ONE = f"{ALL}/<uuid:key>"
STANDARD = ResourceView(
    kind=Standard, view=schemas.StandardView, present=standards.present_standards, url=lambda row: f"{ALL}/{row.id}"
)
LINE = ResourceView(kind=StandardRow, view=schemas.StandardLine, present=standards.present_standards)
DIFFERENCES = ResourceView(kind=tuple, view=schemas.DifferencesView, present=differences.present_differences)
WITHDRAWN = Act("standards.standard.withdrawn", "废止标准", "Standard withdrawn")
RESTORED = Act("standards.standard.restored", "更正标准的废止", "Withdrawal of a standard corrected")


@routes.list(ALL, LINE, scope=READ, summary="已发布标准 / Released standards", query=schemas.StandardFilter,
             order=standards.STANDARDS)  # fmt: skip
def list_standards(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Standards of the whole platform, latest release first; `number` resolves any issuer's number."""
    return standards.standards(session, filters, paging=paging)


@routes.get(ONE, STANDARD, scope=READ, summary="一项标准 / One standard")
def show_standard(session: Session, key: UUID) -> StandardRow:
    """One standard, whoever issued it."""
    return one_registered(session, key)


@routes.get(
    f"{ALL}/differences",
    DIFFERENCES,
    scope=READ,
    summary="两项标准的差异 / Differences of two standards",
    query=schemas.DifferenceFilter,
)
def compare_standards(session: Session, left: UUID, right: UUID) -> tuple[StandardRow, StandardRow]:
    """Parameter by parameter."""
    return differences.compared(session, left, right=right)


for action, run, text, draft, act in (
    ("withdraw", commands.withdraw_standard, "废止标准 / Withdraw a standard", schemas.WithdrawalDraft, WITHDRAWN),
    ("restore", commands.restore_standard, "更正:恢复标准 / Restore a standard", ReasonDraft, RESTORED),
):
    routes.act("POST", f"{ONE}/{action}", run=run, shown=STANDARD, scope=DECIDE, summary=text, draft=draft, audited=act)
routes.history(ONE, STANDARD, scope=READ, of=standards.history)


def _text_of(kind: type[Standard | Consultation]) -> Callable[..., Response]:
    """Downloads a file of the text, as an attachment: never shown inline."""

    def download(key: UUID, name: str) -> Response:
        gate.limits().count_public(request.remote_addr or "")
        database = gate.database()
        with database.cell_session() as session:
            home = standards.public_text(session, kind, key=key, sha256=name)
            standards.check_here(session, home, directory=database.directory)
        with database.session(machine_context(home, "public")) as own:
            row, opened = content(own, name)
        return sent(opened, name=name, media_type=row.media_type, sha256=name, size=row.size)

    return download


for subject, of, title in (
    ("standard", Standard, "已发布标准的文本 / A released standard's text"),
    ("consultation", Consultation, "征求意见稿的文本 / A draft's text"),
):
    routes.raw(
        "GET", f"/v1/public/{subject}s/<uuid:key>/text/<sha256:name>", scope="", is_public=True, media="*/*",
        summary=title, name=f"download_{subject}_text",
    )(_text_of(of))  # fmt: skip
