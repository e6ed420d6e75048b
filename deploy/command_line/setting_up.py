"""The commands `config` and `keys`: what a cell needs before anything of it starts."""

from __future__ import annotations

import base64
import secrets

import click

from shared.core.derived_keys import derived_public_key
from shared.core.settings import Settings, SettingsError
from shared.keys.directory import key_id

ROLES = ("app", "relay", "worker")
"""The owner's address is for migrations, and need not lie where nothing migrates."""


@click.group()
def config() -> None:
    """设置 / The settings of this cell."""


@config.command()
def check() -> None:
    """检查全部设置 / Check all settings, and name every fault at once."""
    settings = Settings.load()
    faults = list[str]()
    for role in ROLES:
        try:
            settings.url(role)
        except SettingsError as error:
            faults.append(str(error))
    if faults:
        raise SettingsError("\n".join(faults))
    click.echo(f"设置可用 / The settings can be used: {settings.cell}, {settings.issuer}")


@click.group()
def keys() -> None:
    """密钥 / The keys of a cell."""


@keys.command()
@click.option("--cell", required=True, help="its name, e.g. cell2")
def new(cell: str) -> None:
    """为新单元生成密钥 / Make the keys of a new cell: keep the first line secret, give the others to other cells."""
    secret = secrets.token_bytes(32)
    click.echo(f"XIETONG_KEY_ENCRYPTION_KEY={base64.urlsafe_b64encode(secret).decode()}")
    click.echo(
        f"# 加入其他单元的 XIETONG_CELL_KEYS / for XIETONG_CELL_KEYS of other cells: {cell}: "
        f"{derived_public_key(secret, f'cell:{cell}')}"
    )
    click.echo(
        f"# 若承载平台 / if it hosts the platform: XIETONG_PLATFORM_KEY={derived_public_key(secret, 'platform')}"
    )


@keys.command()
def show() -> None:
    """显示平台公钥 / Show the platform's public key, and how whoever checks evidence pins it."""
    click.echo("\n".join(pinning(Settings.load())))


def pinning(settings: Settings) -> tuple[str, ...]:
    """What to hand to everybody who verifies evidence, by a way that is not the platform itself."""
    return (
        f"# 平台公钥,由核验人固定 / the platform's public key, for verifiers to pin: {key_id(settings.platform_key)}",
        f"XIETONG_PLATFORM_KEY={settings.platform_key}",
        f"# 核验时 / to verify: xietong journal verify FILE --platform-key {settings.platform_key}",
    )
