"""The tokens of a terminal: kept in a file only its user can read, renewed when they run out."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import httpx

from deploy.signing_in import SignInError, Tokens, tokens_of
from events.foreign import MALFORMED, read
from shared.core.settings import Settings, SettingsError

EARLY = 30
"""Seconds before its end at which a token is renewed."""


@dataclass(frozen=True)
class KeptLogin:
    """Where and as which client somebody is signed in."""

    address: str
    client_id: str
    access: str
    refresh: str | None
    until: float


def file() -> Path:
    """Where the tokens are kept."""
    return Path(os.environ.get("XIETONG_CLI_FILE") or Path(click.get_app_dir("xietong")) / "login.json")


def keep(address: str, client_id: str, *, tokens: Tokens) -> KeptLogin:
    """Write them down for the next command; the file is its owner's alone."""
    login = KeptLogin(address, client_id, tokens.access, tokens.refresh, time.time() + tokens.seconds)
    path = file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(login)), encoding="utf-8")
    fresh.replace(path)
    return login


def _kept() -> KeptLogin:
    try:
        return KeptLogin(**read(file().read_bytes()))
    except MALFORMED as error:
        raise click.ClickException(
            f"登录文件 {file()} 已损坏,请删除后重新登录 / The file {file()} is damaged: delete it and sign in again."
        ) from error


def kept() -> KeptLogin:
    """The login of this terminal, renewed if need be; raises ClickException when there is none any more."""
    if not file().is_file():
        raise click.ClickException("尚未登录,请先运行 xietong login / Not signed in: run `xietong login` first")
    login = _kept()
    if time.time() < login.until - EARLY:
        return login
    if login.refresh is None:
        raise click.ClickException("登录已过期,请重新运行 xietong login / Your sign-in has ended: run `xietong login`")
    asked = {"grant_type": "refresh_token", "client_id": login.client_id, "refresh_token": login.refresh}
    try:
        tokens = tokens_of(httpx.post(f"{login.address}/oauth/token", data=asked, timeout=30))
    except SignInError as error:
        raise click.ClickException(f"登录已失效,请重新运行 xietong login / Sign in again ({error})") from error
    return keep(login.address, login.client_id, tokens=tokens)


def address() -> str:
    """Where the platform is: where this terminal is signed in, else the local stack; raises ClickException."""
    if file().is_file():
        return _kept().address
    return local_address()


def local_address() -> str:
    """Where the local stack is; raises ClickException when there is none."""
    try:
        return Settings.load().issuer
    except SettingsError as error:
        raise click.ClickException(
            f"请用 xietong login --address 指明平台地址 / Say where it is: `xietong login --address …`. ({error})"
        ) from error


def forget() -> None:
    """End the sign-in there and delete it here."""
    if not file().is_file():
        return
    login = _kept()
    with httpx.Client(base_url=login.address, timeout=30) as client:
        for token in filter(None, (login.refresh, login.access)):
            client.post("/oauth/revoke", data={"token": token, "client_id": login.client_id})
    file().unlink()
