"""The ways in which something may not flow, each with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class WaitingKind:
    """One way of not flowing: what it is, and what to do now."""

    zh: str
    en: str
    do_zh: str
    do_en: str


KINDS: Mapping[str, WaitingKind] = {
    "parked": WaitingKind(
        "搁置", "parked: could not be applied", "排除原因后执行 xietong parked --tenant … --replay <编号>",
        "mend the reason, then xietong parked --tenant … --replay <id>"),
    "held": WaitingKind(
        "等待前序条目", "held: an earlier entry is missing", "系统自动向主办方索取;长时间不消失请检查主办方单元",
        "home is asked for it; if it lasts, look at home's cell"),
    "phantom": WaitingKind(
        "只闻其名", "phantom: heard of, nothing of it ever came", "系统索取数次后自动遗忘,无须处理",
        "asked for a few times, then forgotten; nothing to do"),
    "unsent": WaitingKind(
        "未发出", "unsent: still in the outbox", "检查 Kafka 与中继的日志", "look at Kafka and the relay's log"),
    "pending": WaitingKind(
        "等待答复的操作", "pending: home has not answered a command", "系统自动重发;请检查主办方单元",
        "sent again by itself; look at home's cell"),
    "overdue": WaitingKind(
        "过期未答复的操作", "overdue: a command expired without an answer", "联系主办方核对,勿重复提交",
        "ask home's operator; do not submit it again"),
    "unconfirmed": WaitingKind(
        "参与方未确认", "unconfirmed: a party has not said that it has an entry", "检查该参与方的单元",
        "look at that party's cell"),
    "timer": WaitingKind(
        "到期未执行的定时事项", "timer: due and not run", "查看原因;工作进程未运行时请启动",
        "see the reason; start the worker if it does not run"),
    "handler": WaitingKind(
        "处理程序尚未处理的条目", "handler: a service has not taken in an entry", "查看原因;系统自动重试,不影响其他",
        "see the reason; it is tried again by itself, and nothing else waits for it"),
    "key": WaitingKind(
        "密钥未登记", "key: made and not enrolled yet", "检查平台单元是否可达",
        "see whether the platform's cell is reached"),
    "waits_for_key": WaitingKind(
        "等待未知密钥的消息", "waits for a key that is not known here", "密钥到达后自动处理;长时间不消失多为伪造",
        "taken once the key is known; if it lasts, probably forged"),
    "rejected": WaitingKind(
        "拒收的消息", "rejected: proves nothing or names nothing here", "查看原因与来源;7 日后自动清除",
        "see reason and sender; dropped after 7 days"),
}  # fmt: skip
