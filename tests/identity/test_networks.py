"""Guesses from one IPv6 network count together, whatever address of it they come from."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.identity.commands import throttle
from services.identity.commands.throttle import SignInAttempt
from tests.builders.cell import Cell


def test_another_address_of_the_same_network_is_no_fresh_start(cell: Cell, sichuan: UUID) -> None:
    waits = []
    for number in range(12):
        with cell.session(sichuan) as session:
            guess = SignInAttempt(purpose="password", login="victim@sichuan", address=f"2001:db8:1:2::{number:x}")
            waits.append(throttle.admit(session, guess))
    assert waits[:5] == [timedelta(0)] * 5
    assert all(wait > timedelta(0) for wait in waits[5:])
