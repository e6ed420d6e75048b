"""The scenario: 川渝高竹新区 from draft to force, a refusal, a suspension from the other side, and back to work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from deploy.demo.errors import hold
from deploy.demo.gaozhu import Gaozhu
from deploy.demo.stage import NAMES, WAIT, Stage
from shared.http.client import AnswerError, ApiAnswer, ApiClient

ENGLISH = {"sichuan": "Sichuan", "chongqing": "Chongqing", "chengyu": "the region"}


@dataclass
class Scenario:
    """Each method is a step or two and checks what must be true after it, at every party."""

    stage: Stage
    gaozhu: Gaozhu
    run_number: int
    park: str = ""
    park_id: str = ""

    def play(self) -> None:
        """All of it; raises `NotHeldError` at the first thing that is not as it should be."""
        self.draft()
        self.propose()
        self.sign_once()
        self.amend()
        self.sign_by_all()
        self.propose_unequal_shares()
        self.refuse()
        self.suspend()
        self.resume_by_all()

    def draft(self) -> None:
        body = self.gaozhu.park(self.run_number)
        said = f"四川起草{body['name_zh']} / Sichuan drafts {body['name_en']}"
        answer = self.stage.act(said, "sichuan", run=lambda client: client.post("/v1/parks", body))
        self.park, self.park_id = answer.headers["location"], answer.body["id"]
        self._hold_everywhere(self.park, "state", expected="draft")

    def propose(self) -> None:
        body = self.gaozhu.agreement()
        answer = self.stage.act(
            "重庆提出协议,经转发在四川执行 / Chongqing proposes an agreement, carried out at home by forwarding",
            "chongqing",
            run=lambda client: client.post(f"{self.park}/agreements", body, wait=WAIT),
            path=self._revision(1),
        )
        hold(answer.status == HTTPStatus.CREATED, "提出协议未成功", en=f"proposing was answered with {answer.status}")
        self._hold_everywhere(self.park, "state", expected="negotiating")
        self._hold_missing(1, list(NAMES))

    def sign_once(self) -> None:
        self._sign("sichuan")
        self._hold_missing(1, ["chongqing", "chengyu"])

    def amend(self) -> None:
        signed = self.stage.officials["sichuan"].get(self._revision(1)).body["content_hash"]
        body = self.gaozhu.amendment()
        self.stage.act(
            "重庆修改协议:已有签署失效 / Chongqing amends it: the signature so far is void",
            "chongqing",
            run=lambda client: client.patch(self._revision(1), body, wait=WAIT),
            path=self._revision(1),
        )
        self._hold_missing(1, list(NAMES))
        refused = _refusal(
            lambda: self.stage.officials["sichuan"].post(
                f"{self._revision(1)}/sign", {"content_hash": signed}, wait=WAIT
            )
        )
        hold(
            refused == "content_changed", "旧内容仍可签署", en=f"signing the old content was answered with {refused!r}"
        )

    def sign_by_all(self) -> None:
        for code in ("sichuan", "chongqing"):
            self._sign(code)
        self._hold_missing(1, ["chengyu"])
        self._sign("chengyu", then=",各方签齐,园区生效", english="; all have signed and the park is active")
        self._hold_everywhere(self.park, "state", expected="active")
        self._hold_everywhere(self._revision(1), "state", expected="in_force")

    def propose_unequal_shares(self) -> None:
        body = self.gaozhu.unequal_revision()
        self.stage.act(
            "四川提出第二版:增量六四分 / Sichuan proposes a second revision: 60 to 40",
            "sichuan",
            run=lambda client: client.post(f"{self.park}/agreements", body),
            path=self._revision(2),
        )

    def refuse(self) -> None:
        reason = self.gaozhu.reason("refusal")
        self.stage.act(
            "重庆拒绝并说明理由 / Chongqing refuses it with a reason",
            "chongqing",
            run=lambda client: client.post(f"{self._revision(2)}/refuse", {"reason": reason}, wait=WAIT),
            path=self._revision(2),
        )
        self._hold_everywhere(self._revision(2), "state", expected="refused")
        self._hold_everywhere(self._revision(2), "reason", expected=reason)
        self._hold_everywhere(self.park, "current_agreement", expected=1)

    def suspend(self) -> None:
        reason = self.gaozhu.reason("suspension")
        self.stage.act(
            "重庆(非主办方)暂停园区并说明理由 / Chongqing, which is not home, suspends the park with a reason",
            "chongqing",
            run=lambda client: client.post(f"{self.park}/suspend", {"reason": reason}, wait=WAIT),
            path=self.park,
        )
        self._hold_everywhere(self.park, "state", expected="suspended")
        self._hold_everywhere(self.park, "reason", expected=reason)

    def resume_by_all(self) -> None:
        for code in ("chongqing", "chengyu", "sichuan"):
            self._hold_everywhere(self.park, "state", expected="suspended")
            self.stage.act(
                f"{NAMES[code]}同意恢复 / {_opening(code)} agrees to resume",
                code,
                run=lambda client: client.post(f"{self.park}/resume", wait=WAIT),
                path=self.park,
            )
        self._hold_everywhere(self.park, "state", expected="active")

    def _sign(self, code: str, *, then: str = "", english: str = "") -> None:
        content = self.stage.officials[code].get(self._revision(1)).body["content_hash"]

        def sign(client: ApiClient) -> ApiAnswer:
            return client.post(f"{self._revision(1)}/sign", {"content_hash": content}, wait=WAIT)

        said = f"{NAMES[code]}签署{then} / {_opening(code)} signs{english}"
        # The last signature changes the park too: that is what everybody waits for.
        self.stage.act(said, code, run=sign, path=self.park if then else self._revision(1))

    def _revision(self, number: int) -> str:
        return f"{self.park}/agreements/{number}"

    def _hold_missing(self, number: int, codes: list[str]) -> None:
        self._hold_everywhere(
            self._revision(number), "missing_signatures", expected={self.stage.tenants[code] for code in codes}
        )

    def _hold_everywhere(self, path: str, name: str, *, expected: object) -> None:
        for code, body in self.stage.everywhere(path).items():
            found = set(body[name]) if isinstance(expected, set) else body[name]
            en = f"{ENGLISH[code]} shows {found!r} as {name} of {path}, not {expected!r}"
            hold(found == expected, f"{NAMES[code]}所见的 {name} 不符", en=en)


def _opening(code: str) -> str:
    name = ENGLISH[code]
    return name[0].upper() + name[1:]


def _refusal(act: Callable[[], ApiAnswer]) -> str:
    """The code of the problem that an act is refused with; empty when it is not refused."""
    try:
        act()
    except AnswerError as error:
        return error.code
    return ""
