"""What rows are made of: the declarative root, tenant-owned rows and aggregates with their state document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, ClassVar, NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from events.canonical import UNCHANGED, Json, plain
from events.entry import Entry, Position
from shared.rules.duties import Beside, Duty, Work
from shared.rules.lifecycle import Lifecycle
from shared.rules.services import declare
from shared.rules.signed_commands import Commands

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Objects(JSONB):
    """A JSON array of objects; plain `JSONB` holds one object."""


class Row(DeclarativeBase):
    """Any mapped row; each service names its own PostgreSQL schema."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        list[UUID]: ARRAY(Uuid()),
        list[str]: ARRAY(Text()),
        str: Text(),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: Objects(),
    }


class TenantRow(Row):
    """A row one tenant owns; the session fills `tenant_id` from its context."""

    __abstract__ = True

    called: ClassVar[str] = "事项 / thing"
    """What people call it, 中文 / English."""

    # First in every primary key, so that `session.get` reads (tenant_id, …).
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-10)


class Register(Row):
    """What is public by nature: no tenant, readable by all, written by the worker alone, with its signed entry."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    version: Mapped[int]
    entry_hash: Mapped[str]
    state: Mapped[dict[str, Any]]
    entry: Mapped[bytes]
    signature: Mapped[str]
    received_at: Mapped[datetime]

    @property
    def etag(self) -> str:
        """As at home."""
        return Position(self.epoch, self.version).etag


class Aggregate(TenantRow):
    """A small thing several tenants share: its home's row and each party's replica are rows of the same table.

    `entry_hash` is the hash of the journal entry that led to this version. A class names itself with `kind`
    (`service.subject`), raises `state_version` when its state document changes incompatibly, and may name the
    `register` it is broadcast into. Every column beyond the machine's own is state.
    """

    __abstract__ = True
    kind: ClassVar[str]
    state_version: ClassVar[int] = 1
    register: ClassVar[type[Register] | None] = None
    home_column: ClassVar[str | None] = None
    """The state column that names the home, for registers: an entry whose home signed another one is refused."""
    files: ClassVar[tuple[str, ...]] = ()
    """State columns that cite files as a list of `{"sha256", "size", …}`."""
    audited: ClassVar[tuple[str, ...]] = ("state",)
    """State columns whose values the audit log may tell: states, ids and settings; no contents, nobody's data."""
    untold: ClassVar[str] = ""
    """Why people are not told of its changes, which no one of them made or which say what is told elsewhere."""
    lifecycle: ClassVar[Lifecycle | None] = None
    """What its home may do from its `state`, where that table says all."""
    guarded: ClassVar[bool] = False
    """Whether a party asks of every version if it may follow the one before (`check_next`)."""
    duties: ClassVar[tuple[Duty, ...]] = ()
    """What it may wait for; `shared.journal.entries.work` lists for whom."""
    beside: ClassVar[Beside | None] = None
    """The other thing, of the same home, that `work` is given."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    home_id: Mapped[UUID]
    epoch: Mapped[int]
    version: Mapped[int]
    entry_hash: Mapped[str]
    party_ids: Mapped[list[UUID]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @classmethod
    def commands_in(cls, _entry: Entry, _state: Mapping[str, Json]) -> Commands:
        """By which signed commands other tenants agreed to what the entry's state says of them.

        Intake checks the signatures, so that nobody agrees by the word of the home. Raises ValueError, TypeError or
        KeyError where one is missing or of another matter.
        """
        return ()

    @classmethod
    def keeps_parties(cls, _state: Mapping[str, Json]) -> bool:
        """Whether whoever is a party of what is in this state stays one until it is known to have left the platform."""
        return False

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """Raises ValueError, TypeError or KeyError where a party, `here`, does not believe its home.

        `state` is what the entry says, `before` what this party knew until now, None at first. Asked where `guarded`.
        """

    def work(self, _beside: Any) -> Work | None:
        """What it waits for now; None where that cannot be said, as without what stands beside it."""
        return None

    def asked_by(self, _action: str) -> UUID:
        """Which tenant made it wait for this action."""
        return self.home_id

    @property
    def stands_alone(self) -> bool:
        """Whether its home knows for sure that nothing was ever put beside it: then nobody needs to look."""
        return False

    @property
    def position(self) -> Position:
        """Which version this is."""
        return Position(self.epoch, self.version)

    @property
    def etag(self) -> str:
        """That of its position."""
        return Position(self.epoch, self.version).etag


def table_of(cls: type[Row]) -> Table:
    """The table of a class, for statements that leave the ORM out."""
    return cast("Table", cls.__table__)


MACHINE_COLUMNS = frozenset({"tenant_id", "id", "home_id", "epoch", "version", "entry_hash", "party_ids", "updated_at"})
AGGREGATES: dict[str, type[Aggregate]] = {}
A = TypeVar("A", bound=Aggregate)


def aggregate(cls: type[A]) -> type[A]:
    """Register an aggregate class under its `kind`."""
    if AGGREGATES.setdefault(cls.kind, cls) is not cls:
        raise ValueError(f"two aggregates are called {cls.kind}")
    declare(cls.kind)
    return cls


KIND: dict[str, str] = {"stated": "kind"}
"""`info` of a column that the state document calls `kind`, as the API does: the attribute is the class's own name."""


@cache
def kept_columns(cls: type[Aggregate]) -> dict[str, str]:
    """The columns that are written, with their attributes: those that the database computes are not."""
    columns = cls.__mapper__.column_attrs
    return {attr.columns[0].name: attr.key for attr in columns if attr.columns[0].computed is None}


@cache
def state_columns(cls: type[Aggregate]) -> dict[str, str]:
    """The columns that make up the state document, by their names there (computed columns are not state)."""
    columns = cls.__mapper__.column_attrs
    kept = [attr for attr in columns if attr.key not in MACHINE_COLUMNS and attr.columns[0].computed is None]
    return {attr.columns[0].info.get("stated", attr.key): attr.key for attr in kept}


def state_of(row: Aggregate) -> dict[str, Json]:
    """The state document: what is true now, with decimals in shortest plain form."""
    # What is loaded needs no descriptor, and most of it is text: each write makes this document three times.
    loaded = vars(row)
    return {
        name: value if type(value := loaded[column] if column in loaded else getattr(row, column)) in UNCHANGED
        else format(value.normalize(), "f") if isinstance(value, Decimal) else plain(value)
        for name, column in state_columns(type(row)).items()
    }  # fmt: skip


def made_of(cls: type[A], values: Mapping[str, Any]) -> A:
    """The row that has these values, of no session and without the ORM's bookkeeping for each of them."""
    row: A = cls.__mapper__.class_manager.new_instance()
    row.__dict__.update(values)
    return row


class _Reader(NamedTuple):
    """How a column is read from a state document: as which JSON type it is written, and what is made of that."""

    column: str
    nullable: bool
    written: type
    read: Callable[[Any], Any] | None


def row_values(cls: type[Aggregate], state: Mapping[str, Json]) -> dict[str, Any]:
    """Column values of a state document; raises ValueError, TypeError or KeyError when one does not fit.

    A nullable column that the document lacks is None: the entry is from before the column.
    """
    values: dict[str, Any] = {}
    for name, (column, nullable, written, read) in _readers(cls).items():
        value = state.get(name) if nullable else state[name]
        if value is None:
            if not nullable:
                raise ValueError(f"{name} is null")
        elif type(value) is not written:
            raise TypeError(f"{name}: {written.__name__} expected, {type(value).__name__} given")
        elif read is not None:
            value = read(value)
        values[column] = value
    return values


@cache
def _readers(cls: type[Aggregate]) -> dict[str, _Reader]:
    columns = table_of(cls).columns
    return {
        name: _Reader(column, bool(columns[column].nullable), *_reading(columns[column].type))
        for name, column in state_columns(cls).items()
    }


def _reading(kind: Any) -> tuple[type, Callable[[Any], Any] | None]:
    if isinstance(kind, ARRAY):
        written, read = _reading(kind.item_type)
        return list, partial(_items, written=written, read=read)
    if isinstance(kind, Objects):
        return list, partial(_items, written=dict, read=None)
    python = dict if isinstance(kind, JSONB) else kind.python_type
    if python in (dict, str, int, bool):
        return python, None
    return str, READ_BY.get(python, python)


def _items(values: Sequence[Json], *, written: type, read: Callable[[Any], Any] | None) -> list[Any]:
    if wrong := [type(item).__name__ for item in values if type(item) is not written]:
        raise TypeError(f"{written.__name__} expected, {wrong[0]} given")
    return list(values) if read is None else [read(item) for item in values]


def _aware(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    return moment


READ_BY: Mapping[Any, Callable[[str], Any]] = {date: date.fromisoformat, datetime: _aware}
