"""Names beside ids: what an answer shows by id, it names once in `names`, as far as whoever reads it may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from marshmallow import Schema, fields
from sqlalchemy import Uuid, literal, select, union_all

from shared.database.prepared import Prepared, among
from shared.http.fields.references import ACCOUNT, ANY, CLIENT, ID, TENANT, ActorReference, Mention, mentions, refers
from shared.http.fields.schemas import schema
from shared.journal.session import Session
from shared.keys.directory import Directory, Listing

MOST = 1000
"""Things of one kind that one answer names; whatever it shows beyond has its kind's name."""


@dataclass(frozen=True)
class Name:
    """What people call something; `code` is a number or code that is its own, such as a tenant's or a standard's.

    `within` is the thing that it is a part of, whose id its address needs.
    """

    zh: str
    en: str
    code: str | None = None
    within: UUID | None = None


Columns = tuple[Any, ...]
"""Of one table: id, name in Chinese, in English where it has one, and code."""
Find = Callable[[Any, Collection[Any]], Mapping[Any, "Name | UUID"]]
"""`function(session, ids)` gives the names of those that the session sees, with one query.

For an account that another tenant keeps it gives that tenant instead.
"""
Finding = Find | tuple[Columns, ...]
"""Where columns say it, all kinds of an answer are asked for together; of two tables the later knows better."""


@dataclass(frozen=True)
class NamedKind:
    """One kind of thing: how it is called, which scope opens its names (None: any), and how they are found."""

    zh: str
    en: str
    scope: str | None
    find: Finding


KINDS: dict[str, NamedKind] = {}
"""Every kind that services told of."""
AUDIT, WAITING = "audit:read", "waiting:read"
ON_WAITING = "on_waiting"
"""Set in the session of a question about what waits: only in its answer does `waiting:read` name whatever waits."""
MACHINE = "xietong:"
READ = "names_read"
OTHERS: Mapping[str, Name] = {
    "public": Name("公众", "the public"),
    "unknown": Name("未知来访者", "somebody unknown"),
}
"""Who acts without an account."""


class NameView(Schema):
    """Who or what an id is: its kind, its own code or number if it has one, and its name in both languages.

    Of a part also the id of the whole (`within`).
    """

    kind = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    within = fields.UUID()


NAMES = {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Name"}}
"""`names` in the OpenAPI document."""

NAMES_REF = {"$ref": "#/components/schemas/Names"}


class Names(Schema):
    """Stands for `NAMES`: objects with any names are no schema's."""


@cache
def answer_view(view: type[Schema]) -> type[Schema]:
    """The view as a whole answer: with `names`, where it mentions anything."""
    if not refers(view):
        return view
    name = f"{view.__name__.removesuffix('View')}Answer"
    text = {"description": "其中各编号的名称 / Names of the ids in it"}
    added = {"__module__": view.__module__, "__doc__": view.__doc__}
    return type(name, (view,), {**added, "names": fields.Nested(Names, required=True, metadata=text)})


def named(kind: str, *, zh: str, en: str, scope: str | None = None) -> Callable[[Finding], Finding]:
    """Tells how things of this kind are called; references to them are `Reference(kind)`."""

    def register(find: Finding) -> Finding:
        if kind in KINDS:
            raise ValueError(f"two kinds of things are called {kind}")
        KINDS[kind] = NamedKind(zh, en, scope, find)
        return find

    return register


def read_name(session: Session, key: UUID, *, name: Name) -> None:
    """Somebody has read already how this is called now: it needs not be asked for again in this transaction."""
    session.info.setdefault(READ, {})[key] = name


class _Asking(NamedTuple):
    """One statement for the names of several kinds; rows begin with the number of their table, whose kind is here."""

    kinds: tuple[str, ...]
    statement: Prepared


@cache
def _asking(tables: tuple[tuple[str, tuple[Columns, ...]], ...]) -> _Asking:
    """Of these kinds, with the ids of each by the kind's name."""
    each = [(kind, columns) for kind, listed in tables for columns in listed]
    parts: list[Any] = [
        select(literal(number), *columns).where(columns[0] == among(kind, Uuid()))
        for number, (kind, columns) in enumerate(each)
    ]
    return _Asking(tuple(kind for kind, _columns in each), Prepared(lambda: union_all(*parts)))


def may_name(session: Any, scope: str) -> bool:
    """Whether somebody reads here who may read such things, or whatever the audit log or what waits is about."""
    meant = {scope, AUDIT, WAITING} if session.info.get(ON_WAITING) else {scope, AUDIT}
    return isinstance(session, Session) and bool(meant & session.context.scopes)


def names_in(session: Any, documents: Iterable[tuple[type[Schema], Any]], *, directory: Directory) -> dict[str, Any]:
    """`names` of an answer that is made of these documents, each with the schema that dumped it."""
    found: dict[str, Mention] = {}
    for view, document in documents:
        for mention in mentions(schema(view), document) if refers(view) else ():
            if mention.id not in found or found[mention.id].kind == ANY:
                found[mention.id] = mention
    return _Answer(session, directory).names(found.values())


def actors_named(session: Session, actors: Iterable[str]) -> dict[str, dict[str, Any]]:
    """As `names` shows those who acted for the session's tenant, by id."""
    field = ActorReference()
    found = [mention for actor in set(actors) for mention in field.mentioned(actor, beside={})]
    return _Answer(session, session.directory).names(found)


def names_of(session: Session, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The names of whatever these ids are, as far as they are known; texts that are no ids are of nothing."""
    found = [Mention(ANY, key) for key in set(ids) if ID.fullmatch(key)]
    return _Answer(session, session.directory).names(found)


@dataclass(frozen=True)
class _Answer:
    """The names of one answer, for one reader."""

    session: Any
    directory: Directory

    def names(self, found: Collection[Mention]) -> dict[str, Any]:
        by_kind: dict[str, list[str]] = defaultdict(list)
        for mention in found:
            by_kind[mention.kind].append(mention.id)
        of = {mention.id: mention.tenant for mention in found if mention.kind == ACCOUNT}
        named = self._anything(by_kind.pop(ANY, []))
        together = self._together({kind: _uuids(ids) for kind, ids in by_kind.items()})
        for kind, ids in by_kind.items():
            known = together.get(kind)
            if known is None:
                known = self._accounts(of) if kind == ACCOUNT else self._known(kind, ids)
            named |= {key: _view(kind, known.get(key) or _unnamed(kind)) for key in ids}
        return named

    def _anything(self, ids: list[str]) -> dict[str, Any]:
        """Whatever it is, it is asked for kind by kind; what is of none, such as a command's own id, has no name."""
        left, named = list(ids), dict[str, Any]()
        listed = self.directory.listings(self.session, _uuids(ids), of_tenants=False)
        tenants = {str(key): _tenant(one) for key, one in listed.items()}
        named |= {key: _view(TENANT, name) for key, name in tenants.items()}
        for kind in KINDS:
            left = [key for key in left if key not in named]
            if not left:
                break
            known = self._accounts(dict.fromkeys(left), certain=False) if kind == ACCOUNT else self._known(kind, left)
            named |= {key: _view(kind, name) for key, name in known.items()}
        return named

    def _known(self, kind: str, ids: Collection[str]) -> dict[str, Name]:
        if kind == TENANT:
            return {str(key): name for key, name in self._tenants(_uuids(ids)).items()}
        found = self._found(kind, ids if kind == CLIENT else _uuids(ids))
        return {str(key): name for key, name in found.items() if isinstance(name, Name)}

    def _found(self, kind: str, ids: Collection[Any]) -> Mapping[Any, Name | UUID]:
        find = self._finding(kind)
        if isinstance(find, tuple):
            return self._together({kind: ids})[kind]
        return find(self.session, list(ids)[:MOST]) if find is not None and ids else {}

    def _finding(self, kind: str) -> Finding | None:
        """None for what this reader may not have named."""
        declared = KINDS.get(kind)
        if declared is None or not (declared.scope is None or may_name(self.session, declared.scope)):
            return None
        return declared.find

    def _together(self, wanted: Mapping[str, Collection[UUID]]) -> dict[str, dict[str, Name]]:
        """Of the kinds whose names stand in columns: in one statement."""
        read, found = self.session.info.get(READ, {}), dict[str, dict[str, Name]]()
        tables, given = dict[str, tuple[Columns, ...]](), dict[str, list[UUID]]()
        for kind in sorted(wanted):
            find = self._finding(kind)
            if isinstance(find, tuple):
                found[kind] = {str(key): read[key] for key in wanted[kind] if key in read}
                if left := [key for key in wanted[kind] if key not in read][:MOST]:
                    tables[kind], given[kind] = find, left
        if tables:
            kinds, statement = _asking(tuple(tables.items()))
            for number, key, zh, en, code in sorted(statement.rows(self.session, **given), key=itemgetter(0)):
                if zh:
                    found[kinds[number]][str(key)] = Name(zh, en or zh, code)
        return found

    def _tenants(self, ids: Iterable[UUID]) -> dict[UUID, Name]:
        listed = self.directory.listings(self.session, ids)
        return {key: _tenant(one) for key, one in listed.items()}

    def _accounts(self, of: Mapping[str, str | None], *, certain: bool = True) -> dict[str, Name]:
        """By the tenant that keeps each: the reader's own by their names, of all others no more than whose they are."""
        own = str(self.session.context.tenant_id) if isinstance(self.session, Session) else None
        here = [key for key, tenant in of.items() if own is not None and tenant in (None, own)]
        known = {str(key): name for key, name in self._found(ACCOUNT, _uuids(here)).items()}
        kept = {key: name for key, name in known.items() if isinstance(name, UUID)}
        if certain:
            kept |= {key: UUID(tenant) for key, tenant in of.items() if tenant is not None and tenant != own}
        tenants = self._tenants(set(kept.values()))
        named = {key: name for key, name in known.items() if isinstance(name, Name)}
        named |= {key: _official(tenants.get(tenant)) for key, tenant in kept.items()}
        return {key: _without_account(key) or named[key] for key in of if _without_account(key) or key in named}


def _tenant(listing: Listing) -> Name:
    return Name(listing.name_zh, listing.name_en, listing.code)


def _view(kind: str, name: Name) -> dict[str, Any]:
    whole = {"within": str(name.within)} if name.within else {}
    return {"kind": kind, "code": name.code, "zh": name.zh, "en": name.en, **whole}


def _unnamed(kind: str) -> Name:
    declared = KINDS.get(kind)
    if declared is not None:
        return Name(declared.zh, declared.en)
    return Name("辖区", "tenant") if kind == TENANT else Name("事项", "thing")


def _official(tenant: Name | None) -> Name:
    if tenant is None:
        return Name("其他辖区的经办人员", "official of another tenant")
    return Name(f"{tenant.zh}的经办人员", f"official of {tenant.en}")


def _without_account(key: str) -> Name | None:
    return Name("平台自动处理", "the platform itself") if key.startswith(MACHINE) else OTHERS.get(key)


def _uuids(ids: Iterable[str]) -> list[UUID]:
    return [UUID(key) for key in ids if ID.fullmatch(key)]
