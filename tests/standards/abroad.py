"""A certificate of one cell that is asked about in another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from events.text import FreeText
from services.standards.commands.certificates import revoke_certificate
from services.standards.models import certificate_id
from tests.builders.two_cells import TwoCells
from tests.standards.given import given_body, given_certificate, given_recognition, given_standard


class Abroad:
    """A certificate of Sichuan, in the first cell, that Chongqing recognises, in the second."""

    def __init__(self, cells: TwoCells) -> None:
        self.cells = cells
        self.home, self.party = cells.tenant("sichuan"), cells.tenant("chongqing", there=True)
        self.standard = given_standard(cells.one, self.home)
        self.body = given_body(cells.one, self.home, self.standard)
        self.number = self.issued()
        given_recognition(cells.two, self.party, self.home, standard=self.standard)
        cells.pass_seconds(1)

    @property
    def key(self) -> UUID:
        return certificate_id(self.home, self.number)

    def issued(self) -> str:
        """The number of one more certificate."""
        return given_certificate(self.cells.one, self.home, self.body, standard=self.standard)

    def asked(self, number: str | None = None, **query: Any) -> Any:
        """What the second cell answers."""
        client = self.cells.two.client(self.party)
        query = {"certificate": number or self.number, **query}
        answer = client.get("/v1/recognitions/check", query_string=query)
        assert answer.status_code == 200, answer.json
        many = client.post("/v1/recognitions/checks", {"items": [query]}).json["results"][0]
        assert many["counts"] == answer.json["counts"]
        assert many["up_to_date"] == answer.json["up_to_date"]
        return answer.json

    def counts(self, number: str | None = None) -> bool | None:
        found: bool | None = self.asked(number)["counts"]
        return found

    def listed(self) -> Any:
        """What the second cell says of its registers, of this home."""
        listed = self.cells.two.client(self.party).get("/v1/registers").json["homes"]
        return next(item for item in listed if item["home"] == str(self.home))

    def shown(self) -> tuple[str, str]:
        """The state that the second cell tells the public, and its page."""
        client = self.cells.two.app.test_client()
        told = client.get(f"/v1/public/certificates/{self.number}").json
        assert told["valid"] == (told["state"] == "valid")
        return told["state"], client.get(f"/c/{self.number}?lang=zh").text

    def revoke(self, number: str | None = None) -> None:
        """At home; nothing is carried yet."""
        with self.cells.one.session(self.home) as session:
            key = certificate_id(self.home, number or self.number)
            revoke_certificate(session, key, reason=FreeText("造假"), since=None)
