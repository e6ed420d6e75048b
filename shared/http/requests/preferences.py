"""Preferences: `Prefer: wait` (RFC 7240)."""

from __future__ import annotations

import re

from flask import request

QUOTED = r'"(?:[^"\\]|\\.)*+"?'
PREFERENCE = re.compile(rf'(?:[^",]|{QUOTED})+')
PARAMETER = re.compile(rf'(?:[^";]|{QUOTED})+')
LONGEST_WAIT = 30.0


def seconds_to_wait() -> float:
    """What the first `wait` of `Prefer` asks for, at most 30; 0 without it, and when it is no number of seconds."""
    for preference in PREFERENCE.findall(request.headers.get("Prefer", "")):
        name, _, value = PARAMETER.findall(preference)[0].partition("=") if preference.strip(" \t;") else ("", "", "")
        if name.strip().lower() == "wait":
            seconds = value.strip().removeprefix('"').removesuffix('"')
            return min(float(seconds), LONGEST_WAIT) if re.fullmatch("[0-9]{1,9}", seconds) else 0.0
    return 0.0
