"""Imports: good rows are registered, bad ones reported; again, cancelled, interrupted, or dry."""

from __future__ import annotations

import io
import re
from threading import BoundedSemaphore
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event, func, select

from services.organisations.commands import imports
from services.organisations.commands.taking import registered_here
from services.organisations.domain.columns import COLUMNS
from services.organisations.models import ImportChunk, Organisation, SearchKey
from services.organisations.queries.import_files import GUIDE, SHEET
from shared.core.context import machine_context
from shared.evidence.audit import AuditInbox
from shared.journal.entries import JournalRow
from shared.journal.progress import ProgressRow
from shared.journal.timers import TimerRow
from shared.keys.directory import DirectoryRow
from shared.tables import reading
from tests.builders.books import book, changed, formula, named_often, sheet
from tests.builders.sizes import size, soak
from tests.organisations.builders import (
    HEADINGS,
    as_csv,
    as_workbook,
    begun,
    credit_code,
    draft,
    imported,
    made_up,
    registered,
    representative,
    run_to_its_end,
    uploaded,
)

ALL = "/v1/organisations"
IMPORTS = f"{ALL}/imports"
ROWS, EVERY, CHUNK = size(400, 2_000), size(20, 100), size(100, 500)
"""Rows of a long file, of how many one is wrong, and how many are taken at once: the proportions are the same."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def official(cell, sichuan):
    return cell.client(sichuan)


def counts(shown):
    return tuple(shown[name] for name in ("state", "seen", "registered", "revised", "unchanged", "refused"))


def number_of(cell, tenant, kind=Organisation):
    with cell.session(tenant) as session:
        return session.scalar(select(func.count()).select_from(kind))


def errors(client, key):
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{IMPORTS}/{key}/errors?limit=7{cursor and f'&cursor={cursor}'}").json
        found, cursor = [*found, *page["items"]], page["next"]
    return [(item["row"], [(one["column"], one["code"]) for one in item["errors"]]) for item in found]


def spoilt(rows):
    """One row of so many is wrong, each in its own way; returns rows and the errors they must give."""
    expected = []
    for place in range(len(rows) // EVERY):
        number = place * EVERY + 17
        code = rows[number]["code"]
        column, value, found = (
            ("code", code[:-1] + ("0" if code[-1] != "0" else "1"), "checksum"), ("code", code[:-1], "length"),
            ("code", "", "required"), ("name_zh", "", "required"), ("kind", "银行", "kind_unknown"),
            ("division", "999999", "unknown_division"), ("sectors", "Z1", "sector_format"),
            ("public", "也许", "yes_or_no"), ("code", rows[0]["code"], "code_twice"),
            ("qualification_valid_from", "昨天", "not_a_day"),
        )[place % 10]  # fmt: skip
        rows[number] = {**rows[number], "qualification": "小巨人", column: value}
        expected.append((number + 2, [(column, found)]))
    return rows, expected


@soak
def test_of_many_rows_exactly_the_bad_ones_are_reported(cell, sichuan, official, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", CHUNK)
    rows, expected = spoilt(list(made_up(ROWS)))
    content, good = as_csv(rows), ROWS - 20
    done = imported(cell, official, content)
    assert counts(done) == ("done", ROWS, good, 0, 0, 20)
    assert errors(official, done["id"]) == expected
    cell.carry()
    with cell.session(sichuan) as session:
        applied = select(func.count()).select_from(ProgressRow).where(ProgressRow.kind == Organisation.kind)
        assert session.scalar(applied) == number_of(cell, sichuan) == good
        actors = set(session.scalars(select(JournalRow.entry).where(JournalRow.kind == Organisation.kind).limit(5)))
    assert all(b'"id":"official-1"' in entry for entry in actors)
    again = imported(cell, official, content)
    assert counts(again) == ("done", ROWS, 0, 0, good, 20)
    assert number_of(cell, sichuan) == good


def test_a_workbook_of_what_was_wrong_is_corrected_and_imported_again(cell, official):
    rows = list(made_up(4))
    right = rows[1]["kind"]
    rows[1]["kind"] = "=HYPERLINK(1)"
    rows[2]["name_zh"], rows[2]["division"] = "@甲厂", "x"
    done = imported(cell, official, as_workbook(rows), media_type=XLSX)
    assert counts(done) == ("done", 4, 2, 0, 0, 2)
    answer = official.get(f"{IMPORTS}/{done['id']}/errors.xlsx")
    assert (answer.status_code, answer.mimetype) == (200, XLSX)
    assert b"<f>" not in answer.data
    cells = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [row[:3] for row in cells[1:]] == [[rows[at][name] for name in HEADINGS[:3]] for at in (1, 2)]
    assert "第 3 行" in cells[1][-1]
    assert "C3 类型" in cells[1][-1]
    corrected = {"=HYPERLINK(1)": right, "@甲厂": "甲厂", "<t>x</t>": "<t>511600</t>"}
    file = changed(answer.data, {before.encode(): after.encode() for before, after in corrected.items()})
    again = imported(cell, official, file, media_type="application/octet-stream")
    assert counts(again) == ("done", 2, 2, 0, 0, 0)
    assert (again["sheet"], again["notes"][0]["en"]) == (SHEET, f"The sheet '{GUIDE}' was not read.")


def test_cells_are_named_in_errors_and_what_nobody_sees_is_not_taken_and_told(cell, official):
    head, code, hidden = list(COLUMNS)[:4], credit_code(), credit_code()
    wrong = [("n", "915101000326991000"), ("b", "1"), ("e", "#N/A"), formula("D2", "511600")]
    good = [code, "甲厂", "企业", ("n", "511600")]
    made = book(
        ("旧", sheet(head, [hidden, "乙厂", "企业", "511600"]), "veryHidden"), ("字典", sheet(["企业"], ["联盟"])),
        ("机构", sheet(head, good, wrong, [hidden, "乙厂", "企业", "511600"], attributes={4: 'hidden="1"'})),
    )  # fmt: skip
    for dry_run in (True, False):
        done = imported(cell, official, made, dry_run=dry_run)
        assert counts(done) == ("done", 3, 1, 0, 0, 2)
        items = official.get(f"{IMPORTS}/{done['id']}/errors").json["items"]
        assert [(one["cell"], one["code"]) for item in items for one in item["errors"]] == [
            ("A3", "number_cut"), ("B3", "is_a_boolean"), ("C3", "error_value"), ("D3", "formula"),
            ("A4", "row_hidden"),
        ]  # fmt: skip
        assert [one["zh"] for one in done["notes"]] == ["隐藏的工作表“旧”未读取。", "工作表“字典”未读取。"]
    assert official.get(f"{ALL}/by-code/{code}").status_code == 200
    assert official.get(f"{ALL}/by-code/{hidden}").status_code == 404


def test_a_dry_run_says_what_would_happen_and_does_nothing(cell, sichuan, official):
    rows, expected = spoilt(list(made_up(4 * EVERY)))
    done = imported(cell, official, as_csv(rows), dry_run=True)
    assert counts(done) == ("done", 4 * EVERY, 4 * EVERY - 4, 0, 0, 4)
    assert errors(official, done["id"]) == expected
    assert (number_of(cell, sichuan), number_of(cell, sichuan, SearchKey), cell.carry()) == (0, 0, 0)


def test_a_row_that_says_something_new_revises_and_blanks_change_nothing(cell, sichuan, official):
    code = credit_code()
    first = {"code": code, "name_zh": "甲厂", "kind": "企业", "division": "511600", "name_en": "A", "sectors": "C36"}
    imported(cell, official, as_csv([first]))
    second = {**first, "name_zh": "乙厂", "name_en": "", "public": "是", "qualification": "小巨人",
              "qualification_valid_from": "2026-01-01"}  # fmt: skip
    assert counts(imported(cell, official, as_csv([second])))[2:] == (0, 1, 0, 0)
    assert counts(imported(cell, official, as_csv([second])))[2:] == (0, 0, 1, 0)
    cell.carry()
    shown = official.get(f"{ALL}/by-code/{code}").json
    assert (shown["name_zh"], shown["former_names"], shown["name_en"], shown["sectors"], shown["public"]) == (
        "乙厂", ["甲厂"], "A", ["C36"], True,
    )  # fmt: skip
    assert shown["qualifications"][0]["valid_to"] == "2028-12-31"
    assert len(official.get(f"{ALL}/cards?code={code}").json["items"]) == 1
    official.post(f"{ALL}/{shown['id']}/close", {"reason": "x"})
    ended = imported(cell, official, as_csv([{**first, "name_zh": "丙厂"}]))
    assert errors(official, ended["id"]) == [(2, [("code", "organisation_ended")])]


def test_codes_that_others_hold_are_refused_as_in_single_registrations(cell, official, chongqing):
    neighbour = cell.client(chongqing)
    hidden, public = registered(neighbour), registered(neighbour, public=True)
    cell.carry()
    rows = [{**row, "code": other["code"]} for row, other in zip(made_up(2), (hidden, public), strict=True)]
    done = imported(cell, official, as_csv(rows))
    assert counts(done)[2:] == (1, 0, 0, 1)
    assert errors(official, done["id"]) == [(3, [("code", "code_taken_elsewhere")])]


def test_a_quota_ends_an_import_at_its_last_place(cell, sichuan, official):
    with cell.worker_database.cell_session() as session:
        row = session.get(DirectoryRow, sichuan)
        row.state = {**row.state, "quotas": {"organisations": 3}}
    for database in (cell.database, cell.worker_database):
        database.directory._read_at = float("-inf")
    done = imported(cell, official, as_csv(made_up(5)))
    assert counts(done)[2:] == (3, 0, 0, 2)
    assert errors(official, done["id"]) == [(row, [("code", "quota_reached")]) for row in (5, 6)]


def test_each_code_is_looked_up_by_itself_however_old_the_statistics_are(cell, sichuan, official):
    imported(cell, official, as_csv(made_up(300)))
    with cell.session(sichuan) as session:
        own = [row.code for row in session.scalars(select(Organisation).limit(3))]
        asked = []
        event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        assert set(registered_here(session, [*own, credit_code()])) == set(own)
        statement, values = asked[-1]
        plan = "\n".join(row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {statement}", values))
    assert "Function Scan on unnest" in plan
    assert re.search(r"Index Cond: \(\(tenant_id = .*\) AND \(code = wanted\.code\)\)", plan), plan


def test_progress_is_seen_and_a_cancelled_import_keeps_what_it_took(cell, sichuan, official, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 10)
    key = begun(official, as_csv(made_up(50))).json["id"]
    for _ in range(3):
        assert cell.run_timers() >= 1
    shown = official.get(f"{IMPORTS}/{key}").json
    assert (shown["state"], shown["seen"], shown["rows"], shown["allowed_actions"]) == ("running", 20, 50, ["cancel"])
    assert shown["seconds_left"] >= 0
    stopped = official.post(f"{IMPORTS}/{key}/cancel")
    assert (stopped.status_code, stopped.json["state"]) == (200, "cancelled")
    assert official.post(f"{IMPORTS}/{key}/cancel").status_code == 409
    run_to_its_end(cell)
    assert (number_of(cell, sichuan), number_of(cell, sichuan, ImportChunk)) == (20, 0)
    assert [item["id"] for item in official.get(IMPORTS).json["items"]] == [key]


def test_a_step_that_breaks_is_done_again_from_where_it_began(cell, sichuan, official, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 10)
    key = begun(official, as_csv(made_up(30))).json["id"]
    cell.run_timers()
    cell.run_timers()
    whole = imports.take

    def killed(*arguments, **options):
        whole(*arguments, **options)
        raise ConnectionError("the process was killed in the middle")

    monkeypatch.setattr(imports, "take", killed)
    assert cell.run_timers() == 0
    assert (number_of(cell, sichuan), official.get(f"{IMPORTS}/{key}").json["seen"]) == (10, 10)
    monkeypatch.setattr(imports, "take", whole)
    with cell.worker_database.session(machine_context(sichuan)) as session:
        row = session.get(TimerRow, (sichuan, imports.STEP, UUID(key)))
        row.retry_at = cell.clock.now()
    run_to_its_end(cell)
    assert counts(official.get(f"{IMPORTS}/{key}").json) == ("done", 30, 30, 0, 0, 0)
    assert number_of(cell, sichuan) == 30


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (b"a,b\n1,2\n", "text/csv", "columns_wrong"), (b"nothing", XLSX, "file_empty"),
        (b"a,b\n1,2\n", "application/vnd.ms-excel", "columns_wrong"),
        (b"code,\xe7\x94,\n1", "text/csv", "encoding_unknown"),
        (named_often(1_900, rows=199_000, cells=11), XLSX, "table_too_large"),
        (b"PK\x03\x04", "application/zip", "not_a_workbook"),
    ],
)  # fmt: skip
def test_an_unusable_file_is_refused_at_once_and_written_down(cell, sichuan, official, content, media_type, code):
    answer = begun(official, content, media_type=media_type)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert official.get(IMPORTS).json["items"] == []
    with cell.session(sichuan) as session:
        records = list(session.scalars(select(AuditInbox.record)))
    assert [(item["act"], item["outcome"], item["reason"]) for item in records] == [
        ("organisations.import.started", "refused", code)
    ]


def test_when_too_many_files_are_read_an_import_is_asked_to_come_again(cell, official, monkeypatch):
    monkeypatch.setattr(reading, "PATIENCE", 0)
    monkeypatch.setattr(reading, "AT_ONCE", BoundedSemaphore(1))
    with reading.AT_ONCE:
        answer = begun(official, as_csv(made_up(1)))
    assert (answer.status_code, answer.json["code"]) == (503, "too_many_files")
    assert int(answer.headers["Retry-After"]) > 0


def test_only_an_uploaded_file_of_the_own_tenant_is_imported(cell, chongqing, official):
    foreign = uploaded(cell.client(chongqing), as_csv(made_up(1)))
    for file in (foreign, "0" * 64):
        assert official.post(IMPORTS, {"file": file}).json["code"] == "file_unknown"


def test_imports_are_for_those_with_the_scope_and_for_the_whole_tenant(cell, sichuan, official):
    key = begun(official, as_csv(made_up(1))).json["id"]
    for role in ("clerk", "observer", "reviewer"):
        assert cell.client(sichuan, role).get(f"{IMPORTS}/{key}").status_code == 403
    mine = registered(official, **draft())
    person = representative(cell, sichuan, organisation=mine["id"], role="official")
    assert person.get(f"{IMPORTS}/{key}").status_code == 404
    assert person.get(IMPORTS).json["items"] == []
    assert person.post(f"{IMPORTS}/{key}/cancel").json["code"] == "organisation_scope"


@pytest.mark.parametrize("name", ["template.csv", "template.xlsx"])
def test_templates_are_downloaded(official, name):
    answer = official.get(f"{IMPORTS}/{name}")
    assert answer.status_code == 200
    assert name in answer.headers["Content-Disposition"]


def test_imports_and_their_errors_come_in_pages(cell, official):
    keys = [begun(official, as_csv(made_up(1, seed=seed))).json["id"] for seed in range(3)]
    run_to_its_end(cell)
    first = official.get(f"{IMPORTS}?limit=2").json
    rest = official.get(f"{IMPORTS}?limit=2&cursor={first['next']}").json
    assert {item["id"] for item in [*first["items"], *rest["items"]]} == set(keys)
    assert rest["next"] is None
    for url in (f"{IMPORTS}?cursor=bm9uZQ", f"{IMPORTS}/{keys[0]}/errors?cursor=bm9uZQ"):
        assert official.get(url).status_code == 422
