"""Measures the import of 100,000 made-up organisations into one tenant, and then how fast they are found."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
from rich.console import Console
from rich.table import Table

from deploy.local.stack import Stack
from services.registry import SERVICES
from shared.core.settings import KNOWN, Settings
from shared.database.migrating import migrate
from shared.messaging.kafka import create_topics
from tests.builders.cell import Cell, Client
from tests.organisations.builders import as_csv, as_workbook, begun, made_up

ROWS = int(os.environ.get("ROWS", "100000"))
FORM = os.environ.get("FORM", "csv")
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
BAD = 100
"""Every so many rows one has a code whose check character does not fit."""
REPEATS = 200
LONGEST = 1800
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "two Chinese characters": ("华瑞", "安泰", "宏达", "云海"),
    "one Chinese character": ("鑫", "川", "龙", "栋"),
    "a word half of all have": ("四川", "科技", "汽车", "重庆"),
    "the whole name": ("四川华瑞软件有限公司", "广安安泰汽车零部件有限责任公司"),
    "two words": ("四川 华瑞", "软件 广安", "重庆 龙 物流"),
    "pinyin": ("huarui", "chongqing", "keji", "xin"),
    "initials": ("schr", "qclbj", "cq", "gaat"),
    "code": ("91510000", "9151000000", "915100000000001"),
    "nothing found": ("鼹鼠", "zzz", "99999"),
    "with a filter": ("四川&kind=testing_body", "科技&division=511600", "华瑞&sector=C36"),
}


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[int]:
    """The relay and the worker of the platform; gives the worker's process id."""
    given = {**os.environ, **environment}
    processes = [subprocess.Popen([sys.executable, "-m", "deploy", part], env=given) for part in ("relay", "worker")]
    try:
        yield processes[1].pid
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


def peak(pid: int | str = "self") -> int:
    """Megabytes of memory the process has had at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def content(form: str) -> bytes:
    """A file with one bad row in a hundred."""
    rows = list(made_up(ROWS))
    for number in range(BAD - 1, ROWS, BAD):
        code = rows[number]["code"]
        rows[number]["code"] = code[:-1] + ("0" if code[-1] != "0" else "1")
    return as_csv(rows) if form == "csv" else as_workbook(rows)


def wait_until(done: Callable[[], bool]) -> float:
    """Seconds until `done`, looked at twice a second."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > LONGEST:
            raise TimeoutError("this does not come to an end")
        time.sleep(0.5)
    return time.monotonic() - began


def measured_import(client: Client, settings: Settings, *, tenant: UUID) -> dict[str, float]:
    """Upload, examine, take, and the events applied."""
    began = time.monotonic()
    answer = begun(client, content(FORM), media_type=MEDIA[FORM])
    if answer.status_code != 201:
        raise RuntimeError(answer.json)
    examined = time.monotonic() - began
    url = f"/v1/organisations/imports/{answer.json['id']}"
    taken = wait_until(lambda: client.get(url).json["state"] == "done")
    registered = client.get(url).json["registered"]
    applied = taken + wait_until(lambda: _applied(settings, tenant) >= registered)
    found = client.get(url).json
    return {
        "examined s": examined, "taken s": taken, "applied s": applied, "rows per second": ROWS / taken,
        "registered": found["registered"], "refused": found["refused"],
    }  # fmt: skip


def _applied(settings: Settings, tenant: UUID) -> int:
    with psycopg.connect(settings.url("worker")) as connection:
        connection.execute(
            "SELECT set_config('app.tenant_id', %s, true), set_config('app.scope', 'tenant', true)", [str(tenant)]
        )
        row = connection.execute(
            "SELECT count(*) FROM shared.progress WHERE kind = 'organisations.organisation' AND version > 0"
        ).fetchone()
    return row[0] if row else 0


def measured_searches(client: Client) -> dict[str, dict[str, float]]:
    """Milliseconds of whole requests (gate, search, view), p50 and p95, per kind of question."""
    figures = {}
    for name, questions in QUESTIONS.items():
        spent = []
        for number in range(REPEATS):
            url = f"/v1/organisations?q={questions[number % len(questions)]}"
            began = time.perf_counter()
            answer = client.get(url)
            spent.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(answer.json)
        ordered = statistics.quantiles(spent, n=100)
        figures[name] = {"p50 ms": ordered[49], "p95 ms": ordered[94]}
    return figures


def shown(title: str, figures: Mapping[str, Mapping[str, float]]) -> Table:
    """A table of figures by name."""
    columns = list(dict.fromkeys(name for item in figures.values() for name in item))
    table = Table("", *columns, title=title)
    for name, item in figures.items():
        table.add_row(name, *(f"{item[column]:.1f}" for column in columns))
    return table


def main() -> None:
    """Measure and print; the figures also as one line of JSON."""
    with tempfile.TemporaryDirectory(prefix="xietong-bench-") as folder:
        stack = Stack(Path(folder))
        try:
            environment = {**stack.start(), "XIETONG_LOG_LEVEL": "error"}
            settings = Settings.load({name: value for name, value in environment.items() if name in KNOWN})
            migrate(environment["XIETONG_DATABASE_URL"], SERVICES)
            create_topics(settings, SERVICES)
            cell = Cell(settings)
            tenant = cell.tenant("sichuan")
            client = cell.client(tenant)
            with worker(environment) as pid:
                taken = measured_import(client, settings, tenant=tenant)
                taken |= {"worker MB": peak(pid), "examining MB": peak()}
            found = measured_searches(client)
            cell.close()
        finally:
            stack.remove()
    Console().print(shown(f"import of {ROWS} rows ({FORM})", {"": taken}))
    Console().print(shown(f"search among {ROWS} organisations of one tenant", found))
    print(json.dumps({"import": taken, "search": found}))


if __name__ == "__main__":
    main()
