"""Every list of the API takes filter, sort, `updated_since`, count and export; none shows another tenant's rows."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import load_workbook
from sqlalchemy import Text, column, select, table

from services.registry import load
from shared.database.rows import AGGREGATES
from shared.http.fields.path_types import PATH_PARAMETER
from shared.http.lists import exporting
from shared.http.lists.exporting import MEDIA_TYPES, MOST_ROWS
from shared.http.resources import Route
from tests.builders.cell import Cell, Client
from tests.isolation.things import Things, one_of_everything

LISTS = [route for routes in load() for route in routes.declared if route.listed]
OF_ORGANISATIONS = ("list_members", "list_own_parks", "list_own_certificates", "list_own_standards")
"""For people of one organisation alone."""
every_list = pytest.mark.parametrize("route", LISTS, ids=[route.name for route in LISTS])


@pytest.fixture(scope="module")
def things(the_cell: Cell) -> Things:
    here, neighbour = the_cell.tenant("sc"), the_cell.tenant("cq")
    return one_of_everything(the_cell, here, neighbour=neighbour)


@pytest.fixture(scope="module")
def readers(the_cell: Cell, things: Things) -> dict[bool, Client]:
    """Who may read every list, and the same of one organisation."""
    scopes = {route.scope for route in LISTS}
    made = (
        the_cell.token(things.tenant, scopes=scopes),
        the_cell.token(things.tenant, scopes=scopes, organisation_id=things.organisation),
    )
    flask = the_cell.app.test_client()
    return {narrow: Client(flask, lambda token=token: token) for narrow, token in enumerate(made)}  # type: ignore[misc]


def address(route: Route, things: Things) -> str:
    return things.address(PATH_PARAMETER.sub(lambda match: "{" + match["name"] + "}", route.rule))


def read(client: Client, url: str, **query: Any) -> Any:
    answer = client.get(url, query_string=query)
    assert answer.status_code == 200, (url, query, answer.json)
    return answer


@every_list
def test_every_list_is_sorted_as_asked_page_by_page(
    cell: Cell, things: Things, readers: dict[bool, Client], route: Route
) -> None:
    client, url = readers[route.name in OF_ORGANISATIONS], address(route, things)
    whole = [str(item) for item in read(client, url, limit=100).json["items"]]
    for sort in route.query().fields["sort"].choices:  # type: ignore[misc,attr-defined,union-attr]
        found, cursor = [], {}
        for _page in range(3):
            page = read(client, url, limit=100 if len(whole) > 6 else 2, sort=sort, **cursor).json
            found += [str(item) for item in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert len(found) == len(set(found)), sort
        assert len(whole) == 100 or sorted(found) == sorted(whole), sort


@every_list
def test_an_unknown_sort_is_refused_with_what_there_is(
    cell: Cell, things: Things, readers: dict[bool, Client], route: Route
) -> None:
    client = readers[route.name in OF_ORGANISATIONS]
    for wrong in ("no_such", "tenant_id", "id;drop"):
        answer = client.get(address(route, things), query_string={"sort": wrong})
        assert answer.status_code == 422, answer.json
        fault = answer.json["errors"][0]
        assert fault["pointer"] == "/sort"
        assert (
            "created_at" in fault["message"]["en"] or route.query().fields["sort"].choices[0] in fault["message"]["en"]
        )  # type: ignore[misc,attr-defined,union-attr]


@every_list
def test_a_list_leaves_out_what_has_not_changed_since(
    cell: Cell, things: Things, readers: dict[bool, Client], route: Route
) -> None:
    client, url = readers[route.name in OF_ORGANISATIONS], address(route, things)
    before = read(client, url, limit=100).json["items"]
    early = read(client, url, limit=100, updated_since="2020-01-01T00:00:00Z").json["items"]
    later = (cell.clock.now() + timedelta(days=1)).isoformat()
    late = read(client, url, limit=100, updated_since=later).json["items"]
    assert early == before
    keeps_moments = route.name not in (
        "list_audit_acts",
        "list_lines",
        "list_roles",
        "list_imports",
        "list_import_errors",
        "list_waiting",
        "list_waiting_kinds",
    )
    assert late == [] if keeps_moments else late in (before, [])


@every_list
def test_every_list_is_exported_whole(cell: Cell, things: Things, readers: dict[bool, Client], route: Route) -> None:
    client, url = readers[route.name in OF_ORGANISATIONS], address(route, things)
    page = read(client, url, limit=100).json
    as_csv, as_xlsx = read(client, url, format="csv"), read(client, url, format="xlsx")
    assert as_csv.data.startswith(b"\xef\xbb\xbf")
    written = list(csv.reader(io.StringIO(as_csv.data.decode("utf-8-sig"), newline="")))
    rows = load_workbook(io.BytesIO(as_xlsx.data)).get_sheet_by_index(0).to_python()
    count = int(as_csv.headers["Export-Rows"])
    assert count == len(written) - 1 == len(rows) - 1
    assert count == len(page["items"]) or page["next"] is not None
    assert as_csv.headers["Export-Most-Rows"] == str(MOST_ROWS)
    assert len(written[0]) == len(set(written[0])) == len(rows[0])
    assert [title for title in written[0] if " / " not in title] == []


@every_list
def test_every_list_counts_what_its_reader_sees_on_all_pages(
    cell: Cell, things: Things, readers: dict[bool, Client], route: Route
) -> None:
    client, url = readers[route.name in OF_ORGANISATIONS], address(route, things)
    assert "total" not in read(client, url).json
    number = int(read(client, url, format="csv", count="true").headers["Export-Rows"])
    first = read(client, url, limit=1, count="true").json
    assert (first["total"], first["total_is"]) == (number, "exact")
    if first["next"] is not None:
        assert read(client, url, limit=1, cursor=first["next"], count="true").json["total"] == number


@every_list
def test_an_organisations_people_count_their_own_alone(
    cell: Cell, things: Things, readers: dict[bool, Client], route: Route
) -> None:
    url = address(route, things)
    if route.scope == "audit:read":
        return  # held by no role of an organisation
    answer = readers[True].get(url, query_string={"limit": 100, "count": "true"})
    if answer.status_code == 200:
        assert (answer.json["total"], answer.json["next"]) == (len(answer.json["items"]), None)
    else:
        assert answer.status_code == 404, answer.json


def test_what_a_tenant_may_have_many_of_is_indexed_as_it_is_sorted(cell: Cell) -> None:
    with cell.worker_database.cell_session() as session:
        defined = session.scalars(select(column("indexdef", Text())).select_from(table("pg_indexes"))).all()
    wanted = {
        f"ON {one.table.schema}.{one.table.name} USING btree (tenant_id, {one.name}, id)"
        for route in LISTS
        if route.shown is not None and route.order is not None and route.shown.kind in AGGREGATES.values()
        for one in (sorted_by.property.columns[0] for sorted_by in route.order.columns.values())
        if "tenant_id" in one.table.columns and one.name != "created_at"
    }
    assert sorted(one for one in wanted if not any(one in index for index in defined)) == []
    assert len(wanted) > 10


def test_a_cursor_goes_with_its_sort(cell: Cell, things: Things, readers: dict[bool, Client]) -> None:
    page = read(readers[False], "/v1/audit/acts", limit=1, sort="-name").json
    answer = readers[False].get("/v1/audit/acts", query_string={"cursor": page["next"], "sort": "name"})
    assert (answer.status_code, answer.json["code"]) == (422, "cursor_invalid")


def test_an_export_of_too_much_is_refused_with_what_to_do(
    cell: Cell, things: Things, readers: dict[bool, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 2)
    monkeypatch.setattr(exporting, "PAGE", 2)
    for path in ("/v1/audit", "/v1/audit/acts"):
        answer = readers[False].get(path, query_string={"format": "csv"})
        assert (answer.status_code, answer.json["code"]) == (422, "export_too_large")
        assert "updated_since" in answer.json["message"]["en"]
    assert read(readers[False], "/v1/organisations/imports", format="csv").data.count(b"\r\n") == 2


def accepted(client: Client, accept: str) -> str:
    media_type: str = client.get("/v1/parks", headers={"Accept": accept}).mimetype
    return media_type


def test_accept_says_as_well_what_is_wanted(cell: Cell, things: Things) -> None:
    client = cell.client(things.tenant)
    for wanted in ("csv", "xlsx", "json"):
        assert accepted(client, MEDIA_TYPES[wanted]) == MEDIA_TYPES[wanted]
    assert accepted(client, "text/csv, */*;q=0.1") == "text/csv"
    assert {accepted(client, each) for each in ("*/*", "text/html,*/*;q=0.8", "")} == {"application/json"}


def test_a_cell_that_a_spreadsheet_would_compute_is_text(cell: Cell) -> None:
    client = cell.client(cell.tenant("sc"), "security_administrator")
    names = ["=1+1川", "+1川", "-1川", "@川", "\uff1d1川"]
    for name in names:
        role = {"name": f"r{len(name)}_{names.index(name)}", "name_zh": name, "name_en": "x", "scopes": ["parks:read"]}
        assert client.post("/v1/roles", role).status_code == 201
    said = client.get("/v1/roles?format=csv").data.decode("utf-8-sig")
    cells = {cell_ for row in csv.reader(io.StringIO(said, newline="")) for cell_ in row}
    assert {f"'{name}" for name in names} <= cells
    assert not cells & set(names)
    assert not [one for one in cells if re.match(r"[=+\-@\t\r]", one)]
