"""Routes of released standards, their differences and their public texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from flask import Response, request

from services.standards.api.routes import routes
from services.standards.commands import standards as commands
from services.standards.domain.scopes import DECIDE, READ
from services.standards.models import Consultation, Standard, StandardRow
from services.standards.models.registered import one_registered
from services.standards.queries import differences
from services.standards.queries import standards as queries
from services.standards.schemas import standards as schemas
from shared.core.context import machine_context
from shared.files.files import content
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.requests import gate
from shared.http.requests.streams import sent
from shared.http.resources import ResourceView
from shared.rules.acts import Act

ALL = "/v1/standards"
STANDARD = ResourceView(
    kind=Standard, view=schemas.StandardView, present=queries.present_standards, url=lambda row: f"{ALL}/{row.id}"
)
LINE = replace(STANDARD, kind=StandardRow, view=schemas.StandardLine)
DIFFERENCES = ResourceView(kind=tuple, view=schemas.DifferencesView, present=differences.present_differences)
WITHDRAWN = Act("standards.standard.withdrawn", "废止标准", "Standard withdrawn")
RESTORED = Act("standards.standard.restored", "更正标准的废止", "Withdrawal of a standard corrected")
standards = Resource(routes, ALL, STANDARD, read=READ, write=DECIDE)

standards.list(
    queries.standards,
    query=schemas.StandardFilter,
    shown=LINE,
    summary="已发布标准 / Released standards",
)
standards.get(one_registered, summary="一项标准 / One standard")
standards.get(
    differences.compared,
    query=schemas.DifferenceFilter,
    shown=DIFFERENCES,
    rule=f"{ALL}/differences",
    name="compare_standards",
    summary="两项标准的差异 / Differences of two standards",
)
standards.act(
    commands.withdraw_standard,
    draft=schemas.WithdrawalDraft,
    summary="废止标准 / Withdraw a standard",
    audited=WITHDRAWN,
)
standards.act(
    commands.restore_standard, draft=ReasonDraft, summary="更正:恢复标准 / Restore a standard", audited=RESTORED
)
standards.history()


def _text_of(kind: type[Standard | Consultation]) -> Callable[..., Response]:
    """Downloads a file of the text, as an attachment: never shown inline."""

    def download(key: UUID, name: str) -> Response:
        gate.limits().count_public(request.remote_addr or "")
        database = gate.database()
        with database.cell_session() as session:
            home = queries.public_text(session, kind, key=key, sha256=name)
            queries.check_here(session, home, directory=database.directory)
        with database.session(machine_context(home, "public")) as own:
            row, opened = content(own, name)
        return sent(opened, name=name, media_type=row.media_type, sha256=name, size=row.size)

    return download


for subject, of, title in (
    ("standard", Standard, "已发布标准的文本 / A released standard's text"),
    ("consultation", Consultation, "征求意见稿的文本 / A draft's text"),
):
    routes.raw(
        "GET",
        f"/v1/public/{subject}s/<uuid:key>/text/<sha256:name>",
        scope="",
        is_public=True,
        media="*/*",
        summary=title,
        name=f"download_{subject}_text",
    )(_text_of(of))
