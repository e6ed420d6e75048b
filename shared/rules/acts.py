"""The closed catalogue of administrative acts: what the audit log can say."""

from __future__ import annotations

from dataclasses import dataclass

ACTS: dict[str, Act] = {}


@dataclass(frozen=True)
class Act:
    """One kind of administrative act, `noun.subject.action`, with its name for people; declaring it lists it.

    Only what stands in the catalogue can be written.
    """

    name: str
    zh: str
    en: str

    def __post_init__(self) -> None:
        if self.name in ACTS:
            raise ValueError(f"two acts are called {self.name}")
        ACTS[self.name] = self


TOKEN_REFUSED = Act("api.token.refused", "拒绝访问令牌", "Access token refused")
ACCESS_REFUSED = Act("api.scope.refused", "拒绝越权访问", "Access without the scope refused")
JOURNAL_EXPORTED = Act("api.journal.exported", "导出日志", "Journal exported")
PARKED_REPLAYED = Act("operator.parked.replayed", "重放搁置事项", "What was parked replayed")
ALL_ASKED_FOR = Act("operator.replicas.asked", "请各方重新发送", "All homes asked to tell everything again")
TEXT_ERASED = Act("api.text.erased", "删除文字", "Text erased")
FILE_REFUSED = Act("api.file.refused", "拒绝上传", "Upload refused")
AUDIT_EXPORTED = Act("audit.log.exported", "导出审计日志", "Audit log exported")
