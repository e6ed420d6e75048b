"""The command `certificate`: proves a paper offline with public keys alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import httpx

from deploy.command_line import keeping
from events.foreign import MALFORMED
from services.standards.domain.numbers import read_number
from services.standards.domain.statement import StatementError, read_statement
from shared.core.calendar import read_moment
from shared.evidence import journal_file
from shared.keys.directory import PublicKey, keys_of

SECONDS = 30
LONGEST_TEXT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Keys:
    """Public keys by id, and the codes of the tenants whose they are."""

    keys: Mapping[str, PublicKey]
    codes: Mapping[UUID, str]


@click.group()
def certificate() -> None:
    """证书 / Certificates on paper."""


@certificate.command()
@click.argument("source", metavar="FILE|TEXT")
@click.option(
    "--keys",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="the tenant's keys (GET /v1/public/tenants/CODE/keys) or an exported journal; default: fetched",
)
@click.option("--platform-key", help="the platform's public key you trust, for the keys in an export")
def verify(source: str, file: Path | None, platform_key: str | None) -> None:
    """核验证书:PDF 文件或二维码内容 / Prove a certificate: its PDF, or what a scanner reads from its code."""
    try:
        document, signature = read_statement(_text(source))
        code = _code_of(document)
        known = _fetched(code) if file is None else _kept(file, platform_key)
        with journal_file.flaws():
            _check(document, signature, known=known, code=code)
    except (StatementError, journal_file.EvidenceError) as error:
        raise click.ClickException(f"核验失败 / Not proven: {error}") from error
    _show(document)


def _code_of(document: Mapping[str, Any]) -> str:
    """Of which tenant the number is."""
    number = read_number(str(document.get("certificate")))
    if number is None:
        raise StatementError("编号无效 / Its number is none")
    return number.code


def _text(source: str) -> str:
    path = Path(source)
    if len(source) > 255 or not path.is_file():
        if source.lower().endswith(".pdf") and "://" not in source:
            raise click.ClickException(f"没有这个文件 / There is no such file: {source}")
        return source
    with path.open("rb") as opened:
        return opened.read(LONGEST_TEXT).decode("latin-1")


def _check(document: Mapping[str, Any], signature: str, *, known: Keys, code: str) -> None:
    """Raises `EvidenceError` unless a key that the certificate's home had then has signed it."""
    homes = [tenant for tenant, name in known.codes.items() if name == code]
    if not homes:
        raise journal_file.EvidenceError(f"没有辖区 {code} 的公钥 / There is no key of {code}")
    at = read_moment(document["at"])
    journal_file.check_signature(document, signature, keys=known.keys, by=homes[0], at=at)


def _fetched(code: str) -> Keys:
    url = f"{keeping.address()}/v1/public/tenants/{code}/keys"
    try:
        return _published(httpx.get(url, timeout=SECONDS).raise_for_status().json())
    except (httpx.HTTPError, *MALFORMED) as error:
        raise click.ClickException(f"无法取得公钥,请用 --keys / No keys from {url}: give --keys ({error})") from error


def _kept(file: Path, platform_key: str | None) -> Keys:
    with journal_file.flaws():
        given: Any = journal_file.opened(file)
        if "directory" not in given:
            return _published(given)
        codes = {UUID(one["entry"]["aggregate"]): str(one["state"]["code"]) for one in given["directory"]}
        return Keys(journal_file.proven_keys(given, platform_key), codes)


def _published(given: Mapping[str, Any]) -> Keys:
    tenant = UUID(given["tenant"])
    return Keys({key.id: key for key in keys_of(tenant, given)}, {tenant: str(given["code"])})


def _show(document: Mapping[str, Any]) -> None:
    products = [f"{code} {name}" for code, name in document["products"]]
    more = [f"另有 {document['more']} 项 / and {document['more']} more"] if document["more"] else []
    lines = {
        "编号 / Number": [document["certificate"]],
        "持证单位 / Holder": document["holder"],
        "认证机构 / Body": document["body"],
        "标准 / Standard": document["standard"],
        "产品 / Products": [*products, *more],
        "有效期 / Valid": document["valid"],
        "签署 / Signed": [document["at"]],
    }
    click.echo(
        "已核验,由颁发辖区签署;请逐项与纸面核对 / Proven, its home signed this: compare each line with the paper"
    )
    for name, values in lines.items():
        click.echo(f"  {name}: {'; '.join(map(str, values))}")
    click.echo(f"现状请在平台查询 / How it stands now the platform tells: /c/{document['certificate']}")
