"""How fast organisations are found among 100,000 of one tenant, which are imported for it; see decision 5."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from benchmarks.clients import Client, request
from benchmarks.importing import ROWS, file, imported
from benchmarks.stage import EVERYTHING, stage
from benchmarks.web import token_of, until_it_answers

REPEATS = 200
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


def searched(client: Client, token: str) -> dict[str, dict[str, float]]:
    """Milliseconds of whole requests, p50 and p95, per kind of question."""
    figures = {}
    for name, questions in QUESTIONS.items():
        spent = []
        for number in range(REPEATS):
            asked = quote(questions[number % len(questions)], safe="&=")
            began = time.perf_counter()
            status, answer = client.ask(request("GET", f"/v1/organisations?q={asked}", token))
            spent.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise RuntimeError(answer.decode())
        points = statistics.quantiles(spent, n=20)
        figures[name] = {"p50 ms": points[9], "p95 ms": points[18]}
    return figures


def main() -> None:
    """Import, ask and print; the figures also as one line of JSON."""
    with stage() as here, here.running(EVERYTHING):
        until_it_answers(here)
        [tenant] = here.tenants("searching")
        imported(here, tenant, file())
        figures = searched(Client(here.settings.web), token_of(here, tenant))
    table = Table("", "p50 ms", "p95 ms", title=f"search among {ROWS:,} organisations of one tenant")
    for name, found in figures.items():
        table.add_row(name, *(f"{value:.1f}" for value in found.values()))
    Console().print(table)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
