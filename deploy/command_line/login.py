"""The commands `login`, `logout`, `token` and `otp`."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

import click
import httpx

from deploy.command_line import keeping
from deploy.signing_in import CLIENT as CONSOLE
from deploy.signing_in import Login, SignInError, kept_accounts, said, sign_in, tokens_of
from shared.core.settings import state_folder

CLIENT = "platform.cli"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def _address(given: str | None) -> str:
    return given.rstrip("/") if given else keeping.local_address()


def demonstration_account(login: str) -> Login:
    """An account of the demonstration data; raises ClickException with the ones there are."""
    accounts = kept_accounts(state_folder())
    if login not in accounts:
        known = ", ".join(sorted(accounts)) or "-"
        raise click.ClickException(f"没有演示账号 / There is no demonstration account {login}. Known: {known}")
    return accounts[login]


@click.command()
@click.option("--address", help="the platform's address; default: the local stack's")
@click.option("--account", help="a demonstration account: signs in by itself, for local trials alone")
def login(address: str | None, account: str | None) -> None:
    """登录 / Sign in: shows a code to be entered in a browser (RFC 8628)."""
    place = _address(address)
    try:
        if account:
            tokens = sign_in(place, demonstration_account(account))
            keeping.keep(place, CONSOLE, tokens=tokens)
        else:
            keeping.keep(place, CLIENT, tokens=_by_device(place))
    except (SignInError, httpx.HTTPError) as error:
        raise click.ClickException(f"登录未成功 / Could not sign in at {place}: {error}") from error
    click.echo("已登录 / Signed in: xietong api --help")


def _by_device(address: str) -> Any:
    with httpx.Client(base_url=address, timeout=30) as client:
        asked = client.post("/oauth/device_authorization", data={"client_id": CLIENT})
        given = said(asked)
        if asked.is_error:
            raise SignInError(f"{given.get('error')}: {given.get('error_description')}")
        click.echo(f"请在浏览器打开 / Open in a browser:  {given['verification_uri']}")
        click.echo(f"并输入代码 / and enter the code:      {given['user_code']}")
        pause, until = given.get("interval", 5), time.monotonic() + given["expires_in"]
        while time.monotonic() < until:
            time.sleep(pause)
            polled = client.post(
                "/oauth/token",
                data={"grant_type": DEVICE, "client_id": CLIENT, "device_code": given["device_code"]},
            )
            waiting = said(polled).get("error") if polled.status_code == HTTPStatus.BAD_REQUEST else None
            if waiting not in ("authorization_pending", "slow_down"):
                return tokens_of(polled)
            pause += 5 if waiting == "slow_down" else 0
    raise SignInError("代码已过期 / the code has expired")


@click.command()
def logout() -> None:
    """退出 / Sign out, and end the tokens."""
    keeping.forget()
    click.echo("已退出 / Signed out.")


@click.command()
@click.option("--account", help="a demonstration account instead of who is signed in")
def token(account: str | None) -> None:
    """输出访问令牌 / Print an access token, alone: for curl."""
    if account is None:
        click.echo(keeping.kept().access)
        return
    try:
        click.echo(sign_in(_address(None), demonstration_account(account)).access)
    except (SignInError, httpx.HTTPError) as error:
        raise click.ClickException(f"登录未成功 / Could not sign in: {error}") from error


@click.command()
@click.argument("account")
def otp(account: str) -> None:
    """演示账号的一次性密码 / The one-time password of a demonstration account, for this half minute."""
    found = demonstration_account(account)
    if found.otp_secret is None:
        raise click.ClickException("该账号不用第二因素 / This account has no second factor")
    click.echo(found.code())
