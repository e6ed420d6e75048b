"""Questions in the thread of a case: of which kind an answer is, and whether one is.

A message that asks has `question`, `{"kind", "choices", "english_digest"}`, in its state; its text is the question.
A message that answers names it in `answers`, and its text is the answer in its one form: yes or no, a day such as
2026-12-31, a choice by its Chinese name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.requests.domain.applications import WRONG, is_readable
from shared.core.errors import ConflictError, Fault, InvalidError

ANSWER_KINDS = ("text", "yes_no", "choice", "date")
MOST_OPEN = 20
"""Questions of one side in one case that nobody has answered."""


def check_question(kind: str, choices: Sequence[Mapping[str, Any]]) -> None:
    """A choice lists what may be chosen, each once, and any other kind nothing; raises `InvalidError`."""
    names = [one["zh"] for one in choices]
    zh, en = "", ""
    if (kind == "choice") != bool(names):
        zh, en = "“选择”类问题须列出选项,其他类不列。", "A choice lists what may be chosen, any other kind does not."
    elif len(set(names)) < len(names):
        zh, en = "选项重复。请改名或删去。", "A choice stands there twice. Rename or remove one."
    if zh:
        raise InvalidError("question_choices", zh, en, [Fault("/question/choices", zh, en)])


def check_answer(question: Mapping[str, Any] | None, text: str) -> None:
    """Raises `InvalidError` where nothing was asked, or the text is no answer to it."""
    if question is None:
        zh, en = "该消息不是问题。请直接发送消息。", "That message asks nothing. Write without naming it."
        raise InvalidError("answers_nothing", zh, en, [Fault("/answers", zh, en)])
    asked = {"kind": question["kind"], "choices": [one["zh"] for one in question["choices"]]}
    if not is_readable(asked, text):
        zh, en = WRONG[asked["kind"]]
        raise InvalidError("answer_unreadable", zh, en, [Fault("/text", zh, en)])


def check_first(*, is_answered: bool, asked_by: tuple[UUID, bool], by: tuple[UUID, bool]) -> None:
    """A question is answered once, and by another side: `(tenant, whether the applicant's people)`.

    Raises `ConflictError`.
    """
    if asked_by == by:
        raise ConflictError(
            "own_question",
            "这是己方提出的问题,须由另一方回答。",
            "Your own side asked this: it is for another one to answer.",
        )
    if is_answered:
        raise ConflictError(
            "answered_once",
            "该问题已有回答。如需补充,请直接发送消息。",
            "This question is answered. Write a message if there is more to say.",
        )
