"""The database and the four roles of the platform, on our own server or on one that is given."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from deploy.local.errors import StackError
from deploy.local.keys import OWNER, ROLES

DATABASE = "xietong"
MAKERS_OF_LARGE_OBJECTS = "lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)"


def ensure_database(admin_url: str, password: str, *, may_create_databases: bool = False) -> None:
    """The owner (may make roles, is no superuser, obeys row-level security) and its database, on our own server."""
    createdb = sql.SQL("CREATEDB" if may_create_databases else "NOCREATEDB")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        _ensure_role(connection, OWNER, password=password)
        connection.execute(sql.SQL("ALTER ROLE {} CREATEROLE {}").format(sql.Identifier(OWNER), createdb))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            owned = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(owned.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    with psycopg.connect(urlunsplit(urlsplit(admin_url)._replace(path=f"/{DATABASE}")), autocommit=True) as connection:
        # A large object obeys no policy; PostgreSQL's own functions belong to its superuser, so no migration can do it.
        connection.execute(f"REVOKE EXECUTE ON FUNCTION {MAKERS_OF_LARGE_OBJECTS} FROM PUBLIC")


def ensure_roles(owner_url: str, passwords: Mapping[str, str]) -> None:
    """Make the app, relay and worker roles, or set their passwords; the owner needs CREATEROLE. Can be repeated."""
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=10) as connection:
            for role in ROLES:
                if not can_log_in(owner_url, role, password=passwords[role]):
                    _ensure_role(connection, role, password=passwords[role])
    except psycopg.OperationalError as error:
        raise StackError(
            "无法连接 XIETONG_DATABASE_URL 所指的数据库。请检查地址、密码及服务器是否在运行。",
            f"The database of XIETONG_DATABASE_URL cannot be reached: check address, password and server. ({error})",
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise StackError(
            "数据库所有者不能建立或修改 xietong_app、xietong_relay、xietong_worker。"
            "请授予 CREATEROLE,或删除他人建立的同名角色。",
            "The owner may not make or change xietong_app, xietong_relay, xietong_worker: grant it CREATEROLE, "
            "or drop roles of these names that somebody else made.",
        ) from error


def role_url(url: str, role: str, *, password: str) -> str:
    """The same server and database for another role."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password, safe='')}@{place}"))


def can_log_in(url: str, role: str, *, password: str) -> bool:
    try:
        psycopg.connect(role_url(url, role, password=password), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_role(connection: psycopg.Connection, role: str, *, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
    connection.execute(statement.format(verb, sql.Identifier(role), sql.Literal(password)))
