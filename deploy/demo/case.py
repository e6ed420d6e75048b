"""One case's life: filed in Sichuan, sent back once, split in two, decided in Chongqing, the same on both sides."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from deploy.demo.errors import NotHeldError, hold
from deploy.demo.stage import HOME, WAIT, Stage
from deploy.demo.watching import EVERY, LONGEST
from shared.http.client import AnswerError, ApiClient

HANDLER = "chongqing"
REASON = {"reason": "演示 / demonstration"}


@dataclass
class CaseLife:
    """Each method is a step and checks what must be true after it; what an earlier run made is used again."""

    stage: Stage
    items: Mapping[str, str]
    """Ids by what the demonstration's data calls them."""
    path: str = ""
    parts: tuple[str, ...] = ()
    """How far its parts have come, as both sides have to show them."""

    def play(self) -> None:
        """All of it; raises `NotHeldError` at the first thing that is not as it should be."""
        self.file()
        self.ask_for_papers()
        self.split()
        self.decide()
        self.compare()

    def file(self) -> None:
        """It has its number, and its handler sees it."""
        home = self.stage.officials[HOME]
        self._until(home, f"/v1/service-items/{self.items['discharge']}", state="in_force")
        (firm,) = home.get("/v1/organisations", limit=1).body["items"]
        draft = {
            "item": self.items["discharge"], "organisation": firm["id"], "applicant": firm["name_zh"],
            "answers": [{"name": "site", "value": "高竹新区(虚构地址)"}],
        }  # fmt: skip
        self.path = home.post("/v1/requests", draft).headers["location"]
        self._step("四川企业提交排污许可申请 / A firm files its case in Sichuan", by=HOME, action="file", state="filed")

    def ask_for_papers(self) -> None:
        """Once, all that is missing; then it is supplied, and accepted."""
        self._step("重庆一次告知补正 / Chongqing asks for papers, once", by=HANDLER, action="return", state="returned",
                   missing=["begins_on"], **REASON)  # fmt: skip
        answers = [{"name": "site", "value": "高竹新区(虚构地址)"}, {"name": "begins_on", "value": "2027-03-01"}]
        self._step("四川提交补正 / Sichuan supplies them", by=HOME, action="supplement", state="filed", answers=answers)
        self._step("重庆受理 / Chongqing accepts", by=HANDLER, action="accept", state="accepted")

    def split(self) -> None:
        """In two, under its one number: one part stays, the other is Sichuan's; then it is whole again."""
        self.parts = ("open", "open")
        tasks = [{"to": HANDLER, "task": "核验排放口(虚构)"}, {"to": HOME, "task": "核验厂址(虚构)"}]
        self._step(
            "重庆分办两项 / Chongqing splits it in two", by=HANDLER, action="split", state="accepted", parts=tasks
        )
        self.parts = ("open", "done")
        self._step("四川完成一项 / Sichuan does its part", by=HOME, action="finish-part", state="accepted", part=2,
                   result="厂址相符 / as stated")  # fmt: skip
        self.parts = ("done", "done")
        self._step("重庆完成另一项并合并 / Chongqing does the other, and it is whole", by=HANDLER, action="finish-part",
                   state="accepted", part=1, result="排放口相符 / as stated")  # fmt: skip

    def decide(self) -> None:
        """Decided there, delivered, and closed here."""
        self._step(
            "重庆作出决定 / Chongqing decides",
            by=HANDLER,
            action="decide",
            state="decided",
            outcome="approved",
            **REASON,
        )
        self._step("重庆送达 / and delivers", by=HANDLER, action="deliver", state="delivered")
        self._step("四川确认办结 / Sichuan confirms that it is done", by=HOME, action="close", state="closed")

    def compare(self) -> None:
        """Number, state and every entry are the same on both sides."""
        ours, theirs = (
            {one["version"]: one["entry_hash"] for one in self.stage.officials[code].all(f"{self.path}/timeline")}
            for code in (HOME, HANDLER)
        )
        hold(
            all(ours[version] == hashed for version, hashed in theirs.items()) and len(theirs) > 1,
            "双方的时间线不一致",
            en="the timelines of both sides differ",
        )

    def _step(self, said: str, *, by: str, action: str, state: str, **body: Any) -> None:
        """One action, and how long until the other side shows its state."""
        began, other = time.time(), HANDLER if by == HOME else HOME
        answer = self.stage.officials[by].post(f"{self.path}/{action}", body, wait=WAIT)
        answered = time.time()
        hold(answer.status != HTTPStatus.ACCEPTED, "主办方没有答复", en="home did not answer")
        self._until(self.stage.officials[other], self.path, state=state)
        self.stage.tell(said, began, took=answered - began, reached={other: time.time() - began})

    def _until(self, official: ApiClient, path: str, *, state: str) -> dict[str, Any]:
        deadline, body = time.monotonic() + LONGEST, dict[str, Any]()
        while time.monotonic() < deadline:
            try:
                body = official.get(path).body
            except AnswerError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
            parts = tuple(one["state"] for one in body.get("parts", ()))
            if body.get("state") == state and parts == (self.parts if path == self.path else ()):
                return body
            time.sleep(EVERY * 5)
        raise NotHeldError(
            "办件没有按时到达对方,请看工作进程的日志", f"{path} did not come to be {state} in {LONGEST:.0f} s"
        )
