"""How long guessing has to wait: a table of rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum


class Rule(Enum):
    """What failures are counted over."""

    PAIR = "account and address"
    DEVICE = "browser that the account knows"
    ADDRESS = "address, over all accounts"
    ACCOUNT = "account, over all addresses"
    FACTOR_ACCOUNT = "second factor of an account, over all addresses"


FREE: Mapping[Rule, int] = {
    Rule.PAIR: 5,
    Rule.DEVICE: 5,
    Rule.ADDRESS: 100,
    Rule.ACCOUNT: 20,
    Rule.FACTOR_ACCOUNT: 20,
}
"""Failures that cost no wait."""
LONGEST: Mapping[Rule, timedelta] = {
    Rule.PAIR: timedelta(minutes=15),
    Rule.DEVICE: timedelta(minutes=15),
    Rule.ADDRESS: timedelta(minutes=1),
    Rule.ACCOUNT: timedelta(0),
    # Whoever gets here knows the password: a million codes must stay out of reach, also from many addresses.
    Rule.FACTOR_ACCOUNT: timedelta(minutes=15),
}
FIRST_WAIT = timedelta(seconds=30)
"""The most that an attack makes the owner wait on a new device from an address of their own."""
KEPT = timedelta(hours=24)
"""After so long without a failure counting begins anew."""


def wait_after(rule: Rule, count: int, *, attacked: bool = False) -> timedelta:
    """After the `count`-th failure: nothing, then 1 s, 2 s, 4 s … up to the rule's longest.

    While the account is `attacked`, `FIRST_WAIT` at least for a pair.
    """
    over = count - FREE[rule]
    grown = timedelta(0) if over < 0 else min(timedelta(seconds=2 ** min(over, 20)), LONGEST[rule])
    return max(grown, FIRST_WAIT) if attacked and rule is Rule.PAIR else grown
