"""The stage: three officials at the API, and one line and one timing for every step they take."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx
from rich.console import Console

from deploy.demo.errors import NotHeldError, hold
from deploy.demo.watching import Timing, Watchers, committed_at
from deploy.signing_in import SignInError, kept_accounts, sign_in
from events.entry import Position
from shared.core.settings import Settings
from shared.http.client import ApiAnswer, ApiClient
from shared.keys.directory import WORKING

HOME = "sichuan"
NAMES = {"sichuan": "四川", "chongqing": "重庆", "chengyu": "成渝"}
WAIT = 30
"""Seconds that an official waits for another tenant's answer."""
Act = Callable[[ApiClient], ApiAnswer]


@dataclass
class Stage:
    """`tenants` are ids by code; steps are timed at the parties that are not home."""

    settings: Settings
    console: Console
    tenants: dict[str, str]
    tokens: dict[str, str]
    """Of the officials that have signed in; a one-time password counts once, and whoever needs a third one waits."""
    timings: list[Timing] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        self.officials = {code: self.official(code) for code in NAMES}
        self.watchers = Watchers({code: self.official(code) for code in NAMES if code != HOME})

    @classmethod
    def open(cls, settings: Settings, console: Console) -> Stage:
        """Raises `NotHeldError` when the demonstration data is not loaded, OSError when nothing answers."""
        token = _token(settings, HOME)
        tenants = ApiClient(settings.web, token).all("/v1/tenants")
        if away := [tenant["code"] for tenant in tenants if tenant["code"] in NAMES and tenant["state"] not in WORKING]:
            raise NotHeldError(
                f"辖区 {away[0]} 已退出或被暂停,演示需要它",
                f"The tenant {away[0]} has left or is suspended, and the demonstration needs it",
            )
        listed = {tenant["code"]: tenant["id"] for tenant in tenants}
        missing = [code for code in NAMES if code not in listed]
        if missing:
            raise NotHeldError(
                f"平台上没有辖区 {missing[0]},请先运行 xietong seed",
                f"There is no tenant {missing[0]}: run `xietong seed` first",
            )
        return cls(settings, console, {code: listed[code] for code in NAMES}, {HOME: token})

    def official(self, code: str) -> ApiClient:
        """A connection of its own for an official of this tenant."""
        if code not in self.tokens:
            self.tokens[code] = _token(self.settings, code)
        return ApiClient(self.settings.web, self.tokens[code])

    def act(self, said: str, by: str, *, run: Act, path: str | None = None) -> ApiAnswer:
        """One step of one official, timed at `path` (of a new thing: at its Location); `said` is 中文 / English."""
        began = time.time()
        wanted: Future[Position] = Future()
        watched = self.watchers.start(path, wanted) if path else {}
        try:
            # Still 202: home's own answer has not come back in time.
            answer = run(self.officials[by])
            hold(
                answer.status != HTTPStatus.ACCEPTED,
                f"主办方在 {WAIT} 秒内没有答复,请看工作进程的日志",
                en=f"home did not answer within {WAIT} s; read the worker's log",
            )
            answered = time.time()
            path = path or answer.headers["location"]
            at_home = self.officials[HOME].get(path)
        except BaseException as error:
            wanted.set_exception(error)
            raise
        wanted.set_result(at_home.position)
        visible = {code: found.result() for code, found in (watched or self.watchers.start(path, wanted)).items()}
        committed = committed_at(at_home)
        shown = {code: moment - committed for code, moment in visible.items()}
        self.timings.append(Timing(said, answered - began, committed - began, shown))
        self.tell(said, began, took=answered - began, reached=shown)
        return answer

    def tell(self, said: str, began: float, *, took: float, reached: dict[str, float] | None = None) -> None:
        """The line of a step: number, clock, what happened, how long it took and when who saw it."""
        self.steps += 1
        seen = "".join(f"  → {NAMES[code]} {seconds * 1000:.0f} ms" for code, seconds in (reached or {}).items())
        clock = time.strftime("%H:%M:%S", time.localtime(began))
        self.console.print(
            f"[bold]{self.steps:2}[/bold] [dim]{clock}[/dim] {said} [dim]{took * 1000:.0f} ms{seen}[/dim]",
            highlight=False,
            soft_wrap=True,
        )

    def everywhere(self, path: str) -> dict[str, Any]:
        """What each official reads there, by code."""
        return {code: official.get(path).body for code, official in self.officials.items()}


def _token(settings: Settings, code: str) -> str:
    """Signed in through the identity service, with password and one-time password, as somebody who may also sign."""
    login = f"signatory@{code}"
    account = kept_accounts(settings.home).get(login)
    if account is None:
        raise NotHeldError(
            f"没有演示账号 {login},请先运行 xietong seed", f"There is no account {login}: run `xietong seed` first"
        )
    try:
        return sign_in(settings.issuer, account).access
    except (SignInError, httpx.HTTPError) as error:
        raise NotHeldError(f"{login} 未能登录", f"{login} could not sign in: {error}") from error
