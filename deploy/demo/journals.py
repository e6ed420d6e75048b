"""The journals of both sides: exported as files, verified offline with the pinned platform key, compared."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID

from deploy.demo.errors import NotHeldError, hold
from deploy.demo.stage import Stage
from services import registry
from shared.core.context import Context
from shared.evidence import journal_file
from shared.evidence.histories import evidence_of
from shared.journal.session import Database

SIDES = ("sichuan", "chongqing")


def prove_both_sides(stage: Stage, park: str) -> list[Path]:
    """Export, verify and compare; raises `NotHeldError`. Returns the files."""
    registry.load()
    began = time.time()
    folder = stage.settings.home / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(stage.settings, "app", pool=1)
    try:
        files = []
        for code in SIDES:
            context = Context(tenant_id=UUID(stage.tenants[code]), actor_id="xietong:demo")
            file = folder / f"{code}-{park}.json"
            with database.session(context) as session, file.open("w", encoding="utf-8") as out:
                out.writelines(journal_file.pieces(session, evidence_of(session, UUID(park))))
            files.append(file)
    finally:
        database.close()
    stage.tell("两侧日志导出 / The journals of both sides are exported", began, took=time.time() - began)
    began = time.time()
    heads = [_proven(file, stage.settings.platform_key) for file in files]
    hold(heads[0] == heads[1], "两侧日志的末条哈希不同", en="the journals of both sides end in different hashes")
    entries = sum(last for last, _head in heads[0].values())
    said = (
        f"两侧日志离线核验通过,{len(heads[0])} 个对象、{entries} 条,末条哈希相同 / "
        f"Both verify offline: {len(heads[0])} aggregates, {entries} entries, equal heads"
    )
    stage.tell(said, began, took=time.time() - began)
    return files


def _proven(file: Path, platform_key: str) -> dict[UUID, tuple[int, str]]:
    """Last version and hash per aggregate."""
    try:
        proven = journal_file.verify(journal_file.opened(file), platform_key)
    except journal_file.EvidenceError as error:
        raise NotHeldError(f"{file.name} 未通过核验:{error}", f"{file.name} does not verify: {error}") from error
    hold(all(item.first == 1 for item in proven), "日志不从第一条开始", en=f"{file.name} does not begin with version 1")
    return {item.aggregate: (item.last, item.head) for item in proven}
