"""The first page: people find their way from it, programs are told the same, and every place it names answers."""

from __future__ import annotations

import re

from tests.builders.cell import Cell

PLACES = ("sign_in", "documents", "openapi", "provider", "platform_key")


def test_a_browser_sees_a_page_whose_links_lead_somewhere(cell: Cell) -> None:
    client = cell.app.test_client()
    page = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    links = [link for link in re.findall(r'href="(/[^"]*)"', page.text) if "static" not in link]
    assert {"/console", "/docs"} < set(links)
    for link in links:
        answer = client.get(link)
        answer.get_data()
        answer.close()
        assert answer.status_code == (303 if link == "/console" else 200), link
    assert "Sign in" in client.get("/?lang=en", headers={"Accept": "text/html"}).text


def test_a_program_is_told_the_same_as_json(cell: Cell) -> None:
    client = cell.app.test_client()
    told = client.get("/")
    assert (told.status_code, told.mimetype, told.headers["Vary"]) == (200, "application/json", "Accept")
    for name in PLACES:
        answer = client.get(told.json[name])
        answer.get_data()
        answer.close()
        assert answer.status_code == 200, name


def test_the_form_for_a_certificate_leads_to_its_page(cell: Cell) -> None:
    answer = cell.app.test_client().get("/c/?number=SICHUAN-2026-7K3M9QX2TB4D-R")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/SICHUAN-2026-7K3M9QX2TB4D-R")
    odd = cell.app.test_client().get("/c/?number=//example.org/a")
    assert odd.headers["Location"] == "/c/%2F%2Fexample.org%2Fa"
