"""Organisations for tests and benchmarks. Every one of them is made up: names are drawn, codes are counted."""

from __future__ import annotations

import csv
import io
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import xlsxwriter
from stdnum.cn import uscc

from tests.builders.cell import Cell, Client

PLACES = {
    "510100": ("成都", "四川"), "511600": ("广安", "四川"), "510700": ("绵阳", "四川"), "500157": ("两江", "重庆"),
    "500107": ("九龙坡", "重庆"), "500120": ("璧山", "重庆"), "511500": ("宜宾", "四川"), "510500": ("泸州", "四川"),
}  # fmt: skip
SYLLABLES = "华瑞安泰鑫盛宏达天成博远锐科智云海川峰源祥润德信嘉禾新辰星凌越腾飞跃龙启明光正阳汇通联创卓合力兴邦国栋梁"
TRADES = (
    ("汽车零部件", "C36"), ("新能源科技", "C38"), ("精密机械", "C34"), ("电子材料", "C39"), ("生物医药", "C27"),
    ("装备制造", "C35"), ("软件", "I65"), ("检测技术", "M74"), ("物流", "G59"), ("环保工程", "N77"),
)  # fmt: skip
KINDS = {
    "enterprise": ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司"), "institute": ("研究院", "研究所"),
    "testing_body": ("检测中心",), "alliance": ("产业联盟",), "park_operator": ("园区运营有限公司",),
}  # fmt: skip
HEADINGS = ("code", "name_zh", "kind", "division", "name_en", "sectors", "public", "qualification",
            "qualification_valid_from")  # fmt: skip
_numbers = itertools.count(1)
_run = uuid4().int % 10**4


def credit_code(number: int | None = None) -> str:
    """A code that no authority gave, with a check character that fits."""
    body = f"92510000{_run:04}{next(_numbers):05}" if number is None else f"91510000{_run:04}{number:05}"
    return body + uscc.calc_check_digit(body)


def draft(**changes: Any) -> dict[str, Any]:
    """The body of a new organisation."""
    made: dict[str, Any] = {
        "code": credit_code(), "name_zh": f"示例{uuid4().hex[:6]}有限公司", "kind": "enterprise", "sectors": ["C36"],
        "division": "511600",
    }  # fmt: skip
    return {**made, **changes}


def registered(client: Client, **changes: Any) -> dict[str, Any]:
    """A registered organisation, as the API shows it."""
    answer = client.post("/v1/organisations", draft(**changes))
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def representative(cell: Cell, tenant: UUID, *, organisation: str, role: str = "organisation_manager") -> Client:
    """Somebody who acts for one organisation alone."""
    return Client(
        cell.app.test_client(),
        lambda: cell.token(tenant, role, subject="representative-1", organisation_id=UUID(organisation)),
    )


def made_up(number: int, *, seed: int = 4) -> Iterator[dict[str, str]]:
    """Rows of an import file, none of which names anybody that exists."""
    drawn = random.Random(seed)
    for one in range(number):
        division, (city, province) = drawn.choice(list(PLACES.items()))
        trade, sector = drawn.choice(TRADES)
        kind = drawn.choices(list(KINDS), weights=(92, 3, 2, 1, 2))[0]
        name = "".join(drawn.choices(SYLLABLES, k=drawn.choice((2, 2, 3))))
        row = {
            "code": credit_code(one), "name_zh": f"{drawn.choice((city, province))}{name}{trade}"
            f"{drawn.choice(KINDS[kind])}", "kind": kind, "division": division, "sectors": sector,
        }  # fmt: skip
        if one % 4 == 0:
            row["name_en"] = f"Made-up {drawn.choice(('Motor', 'Energy', 'Precision', 'Bio'))} No {one}"
        if one % 5 == 0:
            row |= {"qualification": "专精特新中小企业", "qualification_valid_from": "2026-01-01"}
        yield row


def as_csv(rows: Iterable[Mapping[str, str]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_workbook(rows: Iterable[Mapping[str, str]], headings: Sequence[str] = HEADINGS) -> bytes:
    """The rows as an XLSX file."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([dict(zip(headings, headings, strict=True)), *rows]):
            for place, name in enumerate(headings):
                sheet.write_string(number, place, row.get(name, ""))
    return made.getvalue()


def uploaded(client: Client, content: bytes, media_type: str = "text/csv") -> str:
    """The hash of an uploaded file."""
    answer = client.flask.post(
        "/v1/files", data=content, headers={**client._headers({}, {}), "Content-Type": media_type}
    )
    assert answer.status_code == 201, answer.json
    return str(answer.json["sha256"])


def begun(client: Client, content: bytes, *, dry_run: bool = False, media_type: str = "text/csv") -> Any:
    """The answer to an import of this content."""
    body = {"file": uploaded(client, content, media_type), "dry_run": dry_run}
    return client.post("/v1/organisations/imports", body)


def run_to_its_end(cell: Cell, *, most: int = 5000) -> int:
    """Run timers, and handlers of what they publish, until none is due; returns how many ran."""
    ran = 0
    while step := cell.run_timers():
        ran += step
        assert ran < most, "the import does not come to an end"
    return ran


def imported(cell: Cell, client: Client, content: bytes, **options: Any) -> dict[str, Any]:
    """An import that has ended, as the API shows it."""
    answer = begun(client, content, **options)
    assert answer.status_code == 201, answer.json
    run_to_its_end(cell)
    return dict(client.get(f"/v1/organisations/imports/{answer.json['id']}").json)
