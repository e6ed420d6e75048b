"""The comment form: what is wrong is said beside the field, what was typed stays, and what was sent arrives once."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient

from tests.builders.cell import Cell
from tests.portal.conftest import World

HTML = {"Accept": "text/html"}


class Visitor:
    """Somebody with a browser that keeps cookies."""

    def __init__(self, cell: Cell, world: World, language: str = "zh") -> None:
        self.client: FlaskClient = cell.app.test_client()
        self.url = f"/consultations/{world.consultation}?lang={language}"

    def token(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(self.url, headers=HTML).text)
        assert found is not None
        return found[1]

    def sends(self, **fields: str) -> Any:
        return self.client.post(self.url, data={"csrf": self.token(), **fields}, headers=HTML)


def comments(cell: Cell, world: World) -> list[Any]:
    client = cell.client(world.one)
    project = cell.app.test_client().get(f"/v1/public/consultations/{world.consultation}").json["project"]
    items: list[Any] = client.get(f"/v1/projects/{project}/comments?origin=public&limit=100").json["items"]
    return items


def test_a_comment_arrives_with_its_clause_and_its_number_is_told(cell: Cell, world: World) -> None:
    visitor = Visitor(cell, world)
    sent = visitor.sends(text="限值宜与国家标准一致。\r\n请核对。", clause="5.1")
    assert sent.status_code == 303
    page = visitor.client.get(sent.headers["Location"], headers=HTML).text
    assert "意见已收到" in page
    (kept,) = [one for one in comments(cell, world) if one["id"] in page]
    assert (kept["text"], kept["clause"]) == ("限值宜与国家标准一致。\n请核对。", "5.1")


def test_an_empty_comment_is_said_to_be_empty_and_the_clause_stays(cell: Cell, world: World) -> None:
    for language, heading in (("zh", "意见尚未提交"), ("en", "Your comment was not sent")):
        page = Visitor(cell, world, language).sends(text="  ", clause="5.1")
        assert page.status_code == 422
        assert heading in page.text
        assert 'href="#text"' in page.text
        assert 'value="5.1"' in page.text
        assert re.search("<title>(错误|Error)", page.text)


def test_a_wrong_clause_is_said_beside_its_field_and_the_text_stays(cell: Cell, world: World) -> None:
    page = Visitor(cell, world).sends(text="我的意见 <b>很长</b>", clause="请联系张三")
    assert page.status_code == 422
    assert 'href="#clause"' in page.text
    assert 'id="clause-fault"' in page.text
    assert "我的意见 &lt;b&gt;很长&lt;/b&gt;</textarea>" in page.text


def test_a_form_that_is_too_old_or_foreign_sends_nothing_and_keeps_the_text(cell: Cell, world: World) -> None:
    before = len(comments(cell, world))
    visitor = Visitor(cell, world)
    visitor.token()
    page = visitor.client.post(visitor.url, data={"csrf": "made-up", "text": "不要丢失"}, headers=HTML)
    assert page.status_code == 403
    assert "不要丢失</textarea>" in page.text
    bare = cell.app.test_client().post(visitor.url, data={"text": "没有 Cookie"}, headers=HTML)
    assert bare.status_code == 403
    assert len(comments(cell, world)) == before


def test_the_number_in_the_address_is_a_number_or_nothing(cell: Cell, world: World) -> None:
    page = cell.app.test_client().get(
        f"/consultations/{world.consultation}?received=%3Cb%3Ecall+me%3C/b%3E", headers=HTML
    )
    assert page.status_code == 200
    assert "call me" not in page.text
    assert "意见已收到" not in page.text
