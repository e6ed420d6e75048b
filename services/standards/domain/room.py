"""Room in a document: what grows by somebody's own will leaves enough for what must always be possible.

A body is suspended and withdrawn, a certificate revoked, both expire, however full their documents are.
"""

from __future__ import annotations

from collections.abc import Sequence

from events.canonical import Json, canonical
from shared.core.errors import ConflictError, InvalidError
from shared.rules.periods import Period

LARGEST = 48 * 1024
"""Bytes of what is written when a thing is made or extended; its periods, of 66 bytes each, have the rest of 64 KB."""
MOST_CHANGES = 90


def check_size(*parts: Json) -> None:
    """Refuse what would fill the document; raises `InvalidError`."""
    size = len(canonical(list(parts)))
    if size > LARGEST:
        raise InvalidError(
            "too_large",
            f"内容过大({size} 字节,上限 {LARGEST})。请缩短名称、合并条目,或分成几份。",
            f"This is too large ({size} bytes, at most {LARGEST}). Shorten names, join items, or make several of it.",
        )


def check_suspendable(periods: Sequence[Period]) -> None:
    """What is suspended can always be reinstated and ended, so suspending is refused; raises `ConflictError`."""
    if len(periods) >= MOST_CHANGES:
        raise ConflictError(
            "too_many_changes",
            f"状态变更已达 {MOST_CHANGES} 次上限,不能再暂停。请改为撤销。",
            f"This has changed its state {MOST_CHANGES} times and cannot be suspended again. End it for good instead.",
        )
