"""RSA keys at a hundredth of their cost: each joins two primes of a few, no two keys the same two."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc._rfc7518.rsa_key import RSABinding

EXPONENT, BITS = 65537, 2048
MADE = 32
"""Keys made in earnest, whose primes the others share."""


def made_primes() -> list[int]:
    """What takes seconds: once for all processes of a run."""
    keys = [rsa.generate_private_key(EXPONENT, BITS).private_numbers() for _number in range(MADE)]
    return [prime for key in keys for prime in (key.p, key.q)]


@contextmanager
def sharing(primes: list[int]) -> Iterator[None]:
    """Within the block every new RSA key is one of these primes: half a thousand tenants are made in a run."""
    keys = _keys_of(primes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RSABinding, "generate_private_key", lambda _bits: next(keys))
        yield


def _keys_of(primes: list[int]) -> Iterator[rsa.RSAPrivateKey]:
    """Those of this process of the run: what one leaves in a database that another copies, the other never makes."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    for p, q in itertools.islice(itertools.combinations(primes, 2), process, None, processes):
        private = pow(EXPONENT, -1, math.lcm(p - 1, q - 1))
        parts = p, q, private, private % (p - 1), private % (q - 1), pow(q, -1, p)
        numbers = rsa.RSAPrivateNumbers(*parts, rsa.RSAPublicNumbers(EXPONENT, p * q))
        yield numbers.private_key(unsafe_skip_rsa_key_validation=True)
