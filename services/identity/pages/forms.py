"""A page with a form: opened, checked, judged, answered. What such pages have in common stands here once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flask import Response, request

from services.identity.pages.proving import MustWaitError
from services.identity.pages.rendering import render
from services.identity.routes import routes
from shared.core.errors import Fault, InvalidError
from shared.pages.forms import next_url
from shared.pages.visiting import page


class FormPage:
    """One visit of a page with a form; made anew for each request, which says who is here and what it is about.

    Making it raises `StepMissingError` when something else comes first. The form is shown with `values`. When it was
    sent, `check` looks at what was typed, `judge` at what that proves, and `answer` does what was asked and leads on;
    the first `InvalidError` shows the form again with its faults beside the fields. CSRF, impossible characters,
    languages and refusals are those of every page (`html.page`); each POST is counted by network address.
    """

    template: ClassVar[str]
    waits_at: ClassVar[str] = ""
    """The field beside which who failed too often is told to wait."""

    @property
    def is_sent(self) -> bool:
        """Whether there is something to check and to answer."""
        return request.method == "POST"

    def values(self) -> dict[str, Any]:
        """What the template shows, besides faults and where to go on to."""
        return {}

    def check(self) -> None:
        """Raises `InvalidError` for what needs no judging, and counts for nothing."""

    def judge(self) -> None:
        """Raises `InvalidError` for what is wrong and counted, `MustWaitError` when nothing is judged for a while."""

    def answer(self) -> Response:
        """Does it; the response leads on, or shows what is shown but once."""
        raise NotImplementedError

    def respond(self) -> Response:
        """The form, what follows from it, or the form again with what is wrong."""
        if not self.is_sent:
            return self._shown()
        try:
            self.check()
            self.judge()
            return self.answer()
        except InvalidError as error:
            if not error.faults:
                raise
            return self._shown(error.status, faults=error.faults)
        except MustWaitError as error:
            response = self._shown(429, faults=(error.fault(self.waits_at),))
            response.headers["Retry-After"] = str(error.seconds)
            return response

    def _shown(self, status: int = 200, *, faults: Sequence[Fault] = ()) -> Response:
        return render(self.template, status, faults=faults, **{"next": next_url(), **self.values()})


def form_page(rule: str) -> Callable[[type[FormPage]], type[FormPage]]:
    """Puts the page at an address; what the address names is given to the page when it is made."""

    def register(made: type[FormPage]) -> type[FormPage]:
        def visited(**path: Any) -> Response:
            return made(**path).respond()

        visited.__name__ = made.__name__
        routes.page("GET POST", rule)(page(visited))
        return made

    return register


def typed(name: str, longest: int = 256) -> str:
    """A field as it was sent, or filled in by the address; cut off where nothing is that long."""
    given = request.form if request.method == "POST" else request.args
    return given.get(name, "")[:longest]
