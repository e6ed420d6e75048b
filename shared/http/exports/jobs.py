"""Export jobs: what was asked for by whom, how far it is, and how many there may be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, func, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from shared.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from shared.core.words import Pair
from shared.database.lists import ListQuery
from shared.database.pages import Order, PageRequest, at_or_after
from shared.database.rows import TenantRow
from shared.database.session import TenantSession
from shared.files.store import Store
from shared.http.fields.path_types import CONVERTERS
from shared.http.lists.pages import page_request_of
from shared.http.names import Name
from shared.http.requests.bodies import read_query
from shared.http.resources import LISTS, Route
from shared.journal.session import Session
from shared.rules.lifecycle import Lifecycle, Step

EXPORT_LIFECYCLE = Lifecycle(
    "export",
    "waiting",
    (
        Step("begin", ("waiting", "running"), "running"),
        Step("finish", ("running",), "done"),
        Step("fail", ("waiting", "running"), "failed"),
        Step("cancel", ("waiting", "running"), "cancelled"),
    ),
    words="shared",
)
"""A job that runs begins once more when whoever ran it has gone."""
GOING = ("waiting", "running")
FORMS = ("csv", "xlsx")
KEPT = timedelta(hours=20)
"""How long a job and its file stay: less than what lies aside in the store is left there."""
HEAD_START = timedelta(seconds=5)
"""For so long a new job is left to whoever took it in: what is small is written at once."""
MOST_AT_ONCE, MOST_AT_ONCE_OF_TENANT = 3, 30
"""Jobs that have not ended, of one person and of one tenant."""
MOST_KEPT, MOST_KEPT_OF_TENANT = 20, 400
"""Jobs with their files: of one person the oldest go first."""
LONGEST_ADDRESS = 4000
MOST_ARGUMENTS = 100
OF_PAGES = ("format", "limit", "cursor", "count")
"""What an address says of one page alone."""


class ExportRow(TenantRow):
    """A list that is written as a file for whoever asked: `address` is the list's own, with its filters and order.

    `claims` are the rights it was asked for with. The worker looks at it `next_at`: while somebody writes it that is
    when their lease ends, later when it goes with its `file`, which lies aside in the store. `attempts` says how often
    somebody began, and so whose it is.
    """

    __tablename__ = "exports"
    __table_args__ = {"schema": "shared"}
    called = "导出 / export"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_id: Mapped[str]
    organisation_id: Mapped[UUID | None]
    claims: Mapped[dict[str, Any]]
    operation: Mapped[str]
    address: Mapped[str]
    form: Mapped[str]
    state: Mapped[str]
    rows: Mapped[int]
    total: Mapped[int | None]
    total_is: Mapped[str | None]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    file: Mapped[str | None]
    sha256: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]

    @property
    def scopes(self) -> frozenset[str]:
        """The rights with which it was asked for, and is written."""
        return frozenset(self.claims["scopes"])

    @property
    def title(self) -> Pair:
        """What the list is called."""
        route = LISTS.get(self.operation)
        return Pair.read(route.summary) if route else Pair("列表", "List")

    @property
    def file_name(self) -> str:
        """Under which it is saved."""
        return f"{self.operation.removeprefix('list_')}-{self.created_at:%Y%m%d-%H%M%S}.{self.form}"


def _mine(session: TenantSession) -> list[ColumnElement[bool]]:
    """Of whoever asks, for the organisation for which they ask, and not over yet."""
    context = session.context
    return [
        ExportRow.actor_id == context.actor_id,
        ExportRow.organisation_id.is_not_distinct_from(context.organisation_id),
        ExportRow.expires_at > session.clock.now(),
    ]


exports = ListQuery(
    ExportRow,
    Order({"created_at": ExportRow.created_at}, "-created_at", (ExportRow.id,), at_or_after(ExportRow.created_at)),
    {"state": ExportRow.state},
    visible=_mine,
)
"""One's own jobs, newest first."""


def export(session: Session, key: UUID, *, lock: bool = False) -> ExportRow:
    """One's own job; raises `NotFoundError` for those of others, too."""
    query = select(ExportRow).where(ExportRow.id == key, *_mine(session))
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError.of(ExportRow.called, key)
    return row


def export_names(session: Session, ids: Collection[UUID]) -> Mapping[UUID, Name]:
    """By the list that each is of."""
    found = session.scalars(select(ExportRow).where(ExportRow.id.in_(ids), *_mine(session)))
    return {row.id: Name(row.title.zh, row.title.en) for row in found}


class Asked(NamedTuple):
    """A list, and what its address asks of it."""

    route: Route
    path: Mapping[str, Any]
    arguments: dict[str, Any]
    paging: PageRequest


def asked(address: str) -> Asked:
    """What an address of a list asks for; raises `InvalidError` for another one, ValidationError for a wrong filter."""
    try:
        parts = urlsplit(address)
        given = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=MOST_ARGUMENTS)
        # What is elsewhere begins with no slash.
        name, path = _lists().match(unquote(address.partition("?")[0]), "GET")
    except (ValueError, HTTPException) as error:
        zh = "不是列表的地址。请填写接口中某个列表的地址,例如 /v1/parks。"
        en = "This is not the address of a list. Give that of a list of the API, such as /v1/parks."
        raise InvalidError("list_unknown", zh, en, [Fault("/list", zh, en)]) from error
    route = LISTS[name]
    if route.query is None:
        raise LookupError(f"{name} takes no filters")
    arguments = read_query(route.query, MultiDict((one, value) for one, value in given if one not in OF_PAGES))
    del arguments["format"]
    return Asked(route, path, arguments, page_request_of(arguments))


@cache
def _lists() -> MapAdapter:
    rules = [Rule(route.rule, endpoint=name, methods=["GET"]) for name, route in LISTS.items()]
    return Map(rules, converters=CONVERTERS, redirect_defaults=False).bind("localhost")


def check_room(session: Session) -> None:
    """Raises `ConflictError` where somebody, their organisation or their tenant has as many jobs as there may be.

    Until the commit nobody else of the tenant begins one.
    """
    context, row = session.context, ExportRow
    name = f"exports/{context.tenant_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    going, own = row.state.in_(GOING), row.actor_id == context.actor_id
    counts = select(func.count().filter(going, own), func.count().filter(going), func.count())
    mine, of_tenant, kept = session.execute(counts).one()
    if mine >= MOST_AT_ONCE:
        raise ConflictError(
            "exports_many",
            f"您已有 {mine} 个导出在进行。请等其中一个完成,或取消一个再试。",
            f"{mine} exports of yours are under way. Wait until one is done, or cancel one, and try again.",
        )
    if of_tenant >= MOST_AT_ONCE_OF_TENANT or kept >= MOST_KEPT_OF_TENANT:
        raise ConflictError(
            "exports_of_tenant_many",
            "本辖区的导出任务太多。请过一会儿再试。",
            "Your tenant has too many exports now. Try again later.",
        )


def make_room(session: Session) -> None:
    """Forget the oldest that ended of whoever asks, so that one more does not make them too many."""
    row = ExportRow
    ended: Select[ExportRow] = select(row).where(*_mine(session), row.state.not_in(GOING))
    for old in session.scalars(ended.order_by(row.created_at.desc()).offset(MOST_KEPT - 1)).all():
        forget(session, old)


def forget(session: Session, row: ExportRow) -> None:
    """The job, and once that is committed its file."""
    session.delete(row)
    if (name := row.file) is not None:
        settings = session.settings
        session.afterwards.append(lambda: Store(settings).discard_named(name))
