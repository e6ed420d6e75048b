"""The one small family of errors; `shared.http.requests.problems` turns it into problem documents (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input: where (JSON pointer, RFC 6901) and what, in both languages."""

    pointer: str
    zh: str
    en: str


MOST_FAULTS = 100


def bounded(faults: list[Fault], most: int = MOST_FAULTS) -> list[Fault]:
    """The first of them, and how many more there are: what was sent in a few bytes comes not back as many."""
    if len(faults) <= most:
        return faults
    more = len(faults) - most + 1
    return [*faults[: most - 1], Fault("/", f"另有 {more} 处错误未列出", f"And {more} more that are not listed")]


@dataclass
class ProblemError(Exception):
    """A refusal a person can act on: a stable code and what is wrong and what to do now, in both languages."""

    code: str
    zh: str
    en: str
    faults: list[Fault] = field(default_factory=list)
    status: ClassVar[int] = 500

    def __post_init__(self) -> None:
        """Every refusal passes here, whatever found the faults and wherever it is shown, kept or sent."""
        self.faults = bounded(self.faults)

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"


class NotFoundError(ProblemError):
    """Does not exist for this tenant; another tenant's things are always this, never refused."""

    status = 404

    @classmethod
    def of(cls, what: str, key: object) -> NotFoundError:
        """`what` as people call it, 中文 / English."""
        zh, _, en = what.partition(" / ")
        return cls(
            "not_found",
            f"没有找到{zh} {key}。请检查编号,或确认您所在的辖区是参与方。",
            f"There is no {en} {key} here. Check the id, and that your tenant is one of its parties.",
        )


class RefusedError(ProblemError):
    """The actor may not do this, whatever the state."""

    status = 403


class ConflictError(ProblemError):
    """The state does not allow this now."""

    status = 409


class PreconditionError(ProblemError):
    """The caller's `If-Match` does not name the current version."""

    status = 412

    @classmethod
    def changed(cls, etag: str) -> PreconditionError:
        return cls(
            "version_changed",
            f"内容已被他人修改,当前版本为 {etag}。请重新读取后再提交。",
            f"This has changed meanwhile and is now at version {etag}. Read it again, then retry.",
        )


class InvalidError(ProblemError):
    """The input itself is wrong; `faults` say where."""

    status = 422


class UnavailableError(ProblemError):
    """Something this needs is down or too busy; trying again later may help."""

    status = 503


FAMILY: tuple[type[ProblemError], ...] = (
    NotFoundError,
    RefusedError,
    ConflictError,
    PreconditionError,
    InvalidError,
    UnavailableError,
)


def from_status(status: int) -> type[ProblemError]:
    """The member of the family with this HTTP status; used when a refusal comes back from another tenant."""
    return next((kind for kind in FAMILY if kind.status == status), ConflictError)
