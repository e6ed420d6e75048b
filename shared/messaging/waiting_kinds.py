"""The ways in which something may not flow, each with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.core.words import Pair


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

OF_TENANTS: Mapping[str, Pair] = {
    kind: Pair.read(text)
    for kind, text in {
        "parked": "先排除原因(不清楚时请联系主办辖区或平台运维),再按“重放”;之后的内容都在排队,不会丢失。"
        " / Mend the reason, with its home or the platform's operator, then press Replay. What came later queues behind"
        " it: nothing is lost.",
        "held": "系统已向主办辖区索取缺少的内容,通常不用处理;一小时后还在,请联系主办辖区。"
        " / Its home has been asked for what is missing, so there is usually nothing to do; if it is still here in an"
        " hour, ask that jurisdiction.",
        "phantom": "不用处理:系统索取几次后会自动忘记。 / Nothing to do: it is asked for a few times, then forgotten.",
        "unsent": "几分钟后还在,请联系平台运维:消息可能停了。"
        " / If it is still here in a few minutes, tell the platform's operator: messages may have stopped.",
        "pending": "系统会自动重发,不要重复提交;长时间没有答复,请联系主办辖区。"
        " / It is sent again by itself: do not submit it twice. If no answer comes for long, ask its home.",
        "overdue": "请先与主办辖区核对是否已经办理,不要重复提交。"
        " / Ask its home first whether it was done; do not submit it again.",
        "unconfirmed": "系统会自动重发;长时间不消失,请联系没有确认的辖区。"
        " / It is sent again by itself; if it lasts, ask the jurisdictions that have not confirmed it.",
        "timer": "系统会自动重试;几分钟后还在,请把原因告诉平台运维。"
        " / It is tried again by itself; if it is still here in a few minutes, tell the platform's operator why.",
        "handler": "系统会自动重试,其他事项不受影响;几分钟后还在,请把原因告诉平台运维。"
        " / It is tried again by itself and keeps nothing else; if it is still here in a few minutes, tell the"
        " platform's operator why.",
        "key": "通常一分钟内完成;之后还在,请联系平台运维。"
        " / It usually takes a minute; if it lasts, tell the platform's operator.",
    }.items()
}
"""The kinds that wait in a tenant, each with what somebody of that tenant does now, who is at no server."""
