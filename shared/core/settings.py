"""The environment, read once into one frozen, validated object that is passed down."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from events.foreign import read
from shared.core.derived_keys import derived_public_key
from shared.core.portal_settings import PORTAL_KNOWN, PortalSettings

PREFIX = "XIETONG_"
LONGEST_COMMAND = 30 * 86_400
KEY_BYTES = 32
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingsError(Exception):
    """The start must stop: the sentence says which variable to set and to what."""


@dataclass(frozen=True, kw_only=True)
class KafkaSettings:
    """How to reach Kafka; TLS and SASL as kafka-python names them."""

    servers: tuple[str, ...]
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    tls_ca_file: str | None = None
    replication: int = 1
    partitions: int = 6

    def connection(self) -> dict[str, Any]:
        """Keyword arguments every kafka-python client of this process gets."""
        return {
            "bootstrap_servers": list(self.servers),
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password,
            "ssl_cafile": self.tls_ca_file,
        }


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a process needs to know; a database URL a role does not need stays None."""

    home: Path
    cell: str
    owner_url: str | None = field(repr=False)
    app_url: str | None = field(repr=False)
    relay_url: str | None = field(repr=False)
    worker_url: str | None = field(repr=False)
    kafka: KafkaSettings
    portal: PortalSettings = field(default_factory=PortalSettings)
    vault_key: bytes = field(repr=False)
    platform_key: str
    platform_cell: str
    cell_keys: Mapping[str, str]
    issuer: str
    audience: str
    files: str
    web: str
    web_socket: int | None = None
    operations: str | None = None
    api: str | None = None
    web_processes: int = 2
    web_threads: int = 8
    body_limit: int = 1_000_000
    upload_limit: int = 50_000_000
    tenant_file_bytes: int = 100_000_000_000
    command_seconds: int = 3600
    silence_seconds: int = 86_400
    requests_per_minute: int = 3_000
    client_requests_per_minute: int = 600
    address_requests_per_minute: int = 6_000
    public_requests_per_minute: int = 60
    trusted_proxies: int = 0
    outbound_local: bool = False
    worker_instance: str = "1"
    log_level: str = "info"

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read `XIETONG_*`; without a database in it, the local stack's own file; raises `SettingsError`."""
        given = {k: v for k, v in (os.environ if environment is None else environment).items() if k.startswith(PREFIX)}
        kept = state_folder(given) / "env.json"
        if kept.is_file() and "XIETONG_APP_DATABASE_URL" not in given:
            local = read(kept.read_bytes())
            given = {**{key: value for key, value in local.items() if key in KNOWN}, **given}
        unknown = sorted(set(given) - set(KNOWN))
        close = [get_close_matches(name, KNOWN, 1) or sorted(KNOWN) for name in unknown]
        missing = [
            f"缺少设置 / Missing setting {name}: set it ({KNOWN[name]}), or run `make run` for the local stack, which"
            " sets everything itself."
            for name in REQUIRED
            if not given.get(name)
        ]
        faults = [
            f"未知的设置 / Unknown setting {name}: remove it. Known: {', '.join(names)}."
            for name, names in zip(unknown, close, strict=True)
        ]
        reader = _Reader(given, [*faults, *missing])
        made = _settings(reader)
        if reader.faults:
            raise SettingsError("\n".join(reader.faults))
        return made

    def url(self, role: str) -> str:
        """The database URL of `owner`, `app`, `relay` or `worker`; raises `SettingsError` when it is not set."""
        url: str | None = getattr(self, f"{role}_url")
        if url is None:
            name = PREFIX + ("DATABASE_URL" if role == "owner" else f"{role.upper()}_DATABASE_URL")
            raise SettingsError(f"缺少设置 / Missing setting {name}: set it ({KNOWN[name]}).")
        return url


KNOWN = {
    "XIETONG_HOME": "folder for local state, default .xietong",
    "XIETONG_DATABASE_URL": "postgresql:// URL of the owner role, for migrations only",
    "XIETONG_APP_DATABASE_URL": "postgresql:// URL of the role xietong_app",
    "XIETONG_RELAY_DATABASE_URL": "postgresql:// URL of the role xietong_relay",
    "XIETONG_WORKER_DATABASE_URL": "postgresql:// URL of the role xietong_worker",
    "XIETONG_KAFKA": "host:port[,host:port…] of the brokers",
    "XIETONG_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
    "XIETONG_KAFKA_SASL_MECHANISM": "e.g. SCRAM-SHA-512",
    "XIETONG_KAFKA_SASL_USERNAME": "user name for SASL",
    "XIETONG_KAFKA_SASL_PASSWORD": "password for SASL",
    "XIETONG_KAFKA_TLS_CA_FILE": "PEM file of the authority that signed the brokers' certificates",
    "XIETONG_KAFKA_REPLICATION": "replication factor of new topics, default 1",
    "XIETONG_KAFKA_PARTITIONS": "partitions of new topics, default 6",
    "XIETONG_CELL": "name of this cell, e.g. cell1",
    "XIETONG_CELL_KEYS": "JSON object: cell name → its public identity key (`xietong keys`)",
    "XIETONG_KEY_ENCRYPTION_KEY": "base64url of 32 random bytes; encrypts private keys at rest",
    "XIETONG_PLATFORM_KEY": "base64url public key of the platform, which signs the directory",
    "XIETONG_PLATFORM_CELL": "cell that hosts the platform tenant, default this one",
    "XIETONG_ISSUER": "exact `iss` of access tokens, and the address under which browsers reach the web process",
    "XIETONG_AUDIENCE": "exact `aud` of access tokens",
    "XIETONG_FILES": "fsspec URL or folder for file contents",
    "XIETONG_WEB": "host:port the web process binds",
    "XIETONG_WEB_SOCKET": "number of an inherited listening socket, instead of binding XIETONG_WEB",
    "XIETONG_OPERATIONS": "host:port of this process's /livez, /readyz and /metrics; keep it from the public network",
    "XIETONG_API": "http address of the API that the pages ask, default the web process itself",
    "XIETONG_WEB_PROCESSES": "gunicorn workers, default 2",
    "XIETONG_WEB_THREADS": "threads per gunicorn worker, default 8",
    "XIETONG_BODY_LIMIT": "bytes a JSON body may have, default 1000000",
    "XIETONG_UPLOAD_LIMIT": "bytes an uploaded file may have, default 50000000",
    "XIETONG_TENANT_FILE_BYTES": "bytes of all uploads of a tenant, unless its quota says otherwise, default 100 GB",
    "XIETONG_COMMAND_SECONDS": "how long a command to another tenant stays valid, default 3600",
    "XIETONG_SILENCE_SECONDS": "how long a tenant's cell may be unheard until what it broadcast counts as not known,"
    " default 86400",
    "XIETONG_REQUESTS_PER_MINUTE": "of one tenant, unless its quota says otherwise, default 3000",
    "XIETONG_CLIENT_REQUESTS_PER_MINUTE": "of one user or client of a tenant, default 600",
    "XIETONG_ADDRESS_REQUESTS_PER_MINUTE": "forms and token requests from one address, default 6000",
    "XIETONG_PUBLIC_REQUESTS_PER_MINUTE": "to addresses that need no token, from one network address, default 60",
    "XIETONG_TRUSTED_PROXIES": "proxies in front that set X-Forwarded-For and X-Forwarded-Proto, default 0",
    "XIETONG_OUTBOUND_LOCAL": "1 lets tenants' OIDC providers live at internal addresses and plain http, default 0",
    "XIETONG_WORKER_INSTANCE": "distinguishes several worker processes of one cell, default 1",
    "XIETONG_LOG_LEVEL": "debug, info, warning or error",
    **PORTAL_KNOWN,
    "XIETONG_MAVEN_MIRROR": "https address from which `make run` fetches Kafka's jars, default the public repository",
    "XIETONG_CLI_FILE": "where a terminal keeps its login, default in the user's configuration folder",
}
REQUIRED = ("XIETONG_KAFKA", "XIETONG_CELL", "XIETONG_KEY_ENCRYPTION_KEY", "XIETONG_ISSUER", "XIETONG_AUDIENCE")


def state_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder the local stack keeps everything in."""
    return Path((os.environ if environment is None else environment).get("XIETONG_HOME") or ".xietong").absolute()


def _is_issuer(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return False
    return (parts.scheme == "https" and bool(host)) or (parts.scheme == "http" and host in LOOPBACK)


@dataclass(frozen=True)
class _Reader:
    """Typed look-ups that note the variable whose value does not fit, so that all are named at once."""

    given: Mapping[str, str]
    faults: list[str]

    def text(self, name: str, default: str | None = None) -> str | None:
        return self.given.get(PREFIX + name) or default

    def number(self, name: str, default: int, *, least: int = 1, most: int = 1_000_000_000) -> int:
        value = self.text(name, str(default))
        if value is None or not re.fullmatch("[0-9]{1,18}", value) or not least <= int(value) <= most:
            wanted = f"{least} 至 {most} 的整数 / must be a whole number from {least} to {most}"
            self.faults.append(f"{PREFIX}{name} 应为 {wanted}.")
            return default
        return int(value)

    def json(self, name: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
        value = self.text(name)
        try:
            loaded = default if value is None else read(value)
        except ValueError as error:
            self.faults.append(f"{PREFIX}{name} 不是 JSON / is not JSON: {error}.")
            return default
        if not isinstance(loaded, dict):
            self.faults.append(f"{PREFIX}{name} 应为 JSON 对象 / must be a JSON object.")
            return default
        return loaded

    def issuer(self) -> str:
        value = self.text("ISSUER") or ""
        if value and not _is_issuer(value):
            self.faults.append(
                f"{PREFIX}ISSUER 应为 https 地址(本机试用可为 http://127.0.0.1:…) / must be an https address, or"
                " http://127.0.0.1:… for trying it on one machine: tokens do not travel in the clear."
            )
        return value

    def key(self) -> bytes:
        value = self.text("KEY_ENCRYPTION_KEY") or ""
        try:
            key = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES and value:
            self.faults.append(f"{PREFIX}KEY_ENCRYPTION_KEY 应为32字节 / must be base64url of exactly 32 bytes.")
        return key


def _settings(read: _Reader) -> Settings:
    key = read.key()
    cell = read.text("CELL") or ""
    home = state_folder(read.given)
    return Settings(
        home=home,
        cell=cell,
        owner_url=read.text("DATABASE_URL"),
        app_url=read.text("APP_DATABASE_URL"),
        relay_url=read.text("RELAY_DATABASE_URL"),
        worker_url=read.text("WORKER_DATABASE_URL"),
        kafka=_kafka(read),
        portal=PortalSettings.read(read.text, read.faults),
        vault_key=key,
        platform_key=read.text("PLATFORM_KEY") or derived_public_key(key, "platform"),
        platform_cell=read.text("PLATFORM_CELL") or cell,
        cell_keys={cell: derived_public_key(key, f"cell:{cell}"), **read.json("CELL_KEYS", {})},
        issuer=read.issuer(),
        audience=read.text("AUDIENCE") or "",
        files=read.text("FILES") or str(home / "files"),
        web=read.text("WEB") or "127.0.0.1:8080",
        operations=read.text("OPERATIONS"),
        api=read.text("API"),
        web_socket=read.number("WEB_SOCKET", 0, least=0) or None,
        web_processes=read.number("WEB_PROCESSES", 2),
        web_threads=read.number("WEB_THREADS", 8),
        body_limit=read.number("BODY_LIMIT", 1_000_000),
        upload_limit=read.number("UPLOAD_LIMIT", 50_000_000),
        tenant_file_bytes=read.number("TENANT_FILE_BYTES", 100_000_000_000, most=10**18),
        command_seconds=read.number("COMMAND_SECONDS", 3600, most=LONGEST_COMMAND),
        silence_seconds=read.number("SILENCE_SECONDS", 86_400, most=10**10),
        requests_per_minute=read.number("REQUESTS_PER_MINUTE", 3_000),
        client_requests_per_minute=read.number("CLIENT_REQUESTS_PER_MINUTE", 600),
        address_requests_per_minute=read.number("ADDRESS_REQUESTS_PER_MINUTE", 6_000),
        public_requests_per_minute=read.number("PUBLIC_REQUESTS_PER_MINUTE", 60),
        trusted_proxies=read.number("TRUSTED_PROXIES", 0, least=0),
        outbound_local=read.number("OUTBOUND_LOCAL", 0, least=0) > 0,
        worker_instance=read.text("WORKER_INSTANCE") or "1",
        log_level=read.text("LOG_LEVEL") or "info",
    )


def _kafka(read: _Reader) -> KafkaSettings:
    return KafkaSettings(
        servers=tuple(part.strip() for part in (read.text("KAFKA") or "").split(",") if part.strip()),
        security_protocol=read.text("KAFKA_SECURITY_PROTOCOL") or "PLAINTEXT",
        sasl_mechanism=read.text("KAFKA_SASL_MECHANISM"),
        sasl_username=read.text("KAFKA_SASL_USERNAME"),
        sasl_password=read.text("KAFKA_SASL_PASSWORD"),
        tls_ca_file=read.text("KAFKA_TLS_CA_FILE"),
        replication=read.number("KAFKA_REPLICATION", 1),
        partitions=read.number("KAFKA_PARTITIONS", 6),
    )
