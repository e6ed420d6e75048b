"""One certificate's life: issued in Chongqing, counts in Sichuan, revoked, and what rests on it dealt with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from deploy.demo.errors import NotHeldError, hold
from deploy.demo.stage import NAMES, WAIT, Stage
from deploy.demo.standards import Standards
from deploy.demo.watching import EVERY, LONGEST, Timing, committed_at
from shared.core.calendar import day_of
from shared.http.client import AnswerError, ApiAnswer, ApiClient

STANDARDS = ("furniture-sichuan", "furniture-chongqing", "displays-joint")
ISSUER, ACCEPTING = "chongqing", "sichuan"
QUALIFICATION = "虚构·入园产品检测合格"
Seen = Callable[[dict[str, Any]], bool]


@dataclass
class CertificateLife:
    """Each method is a step and checks what must be true after it; what an earlier run made is used again."""

    stage: Stage
    standards: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    certificate: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.file = Standards.load(self.stage.tenants, day_of(datetime.now(UTC)))

    def play(self) -> None:
        """All of it; raises `NotHeldError` at the first thing that is not as it should be."""
        for ref in STANDARDS:
            self.release(ref)
        self.accredit()
        self.recognise()
        self.issue()
        organisation = self.rest_on_it()
        self.revoke()
        self.deal_with_it(organisation)
        self.ask_as_anybody()

    def release(self, ref: str) -> None:
        """All issuers name their number and sign; the last signature releases it everywhere."""
        row = self.file.row("standards", ref)
        issuers = [issuer["tenant"] for issuer in row["issuers"]]
        known = self._official(issuers[0]).get("/v1/standards", number=row["issuers"][0]["number"]).body["items"]
        if not known:
            began = time.time()
            project = self._official(issuers[0]).post("/v1/projects", self.file.project(row)).headers["location"]
            for issuer in row["issuers"]:
                self._until(issuer["tenant"], project, seen=lambda _body: True)
                named = {"number": issuer["number"], "project": issuer["project"]}
                self._official(issuer["tenant"]).post(f"{project}/number", named, wait=WAIT)
            self._official(issuers[0]).post(f"{project}/present", wait=WAIT)
            signed = [self._sign(project, code) for code in issuers]
            names = "、".join(NAMES[code] for code in issuers)
            said = f"{names}签署同一文本,{row['title_zh']}即时发布 / All {len(issuers)} issuers sign: {row['title_en']}"
            self.stage.tell(said, began, took=time.time() - began)
            known = [{"id": signed[-1]}]
        self.standards[ref] = known[0]["id"]
        for issuer in row["issuers"]:
            found = self._until(
                "sichuan", "/v1/standards", seen=lambda body: bool(body["items"]), number=issuer["number"]
            )
            hold(
                [item["id"] for item in found["items"]] == [self.standards[ref]],
                "标准号未指向同一文本",
                en=f"{issuer['number']} leads to {found['items']}",
            )

    def _sign(self, project: str, code: str) -> str:
        shown = self._until(code, project, seen=lambda body: body["state"] == "signing")
        self._official(code).post(f"{project}/sign", {"content_hash": shown["content_hash"]}, wait=WAIT)
        return str(self._official(code).get(project).body["standard"])

    def accredit(self) -> None:
        """Each tenant its own body."""
        for ref in ("body-sichuan", "body-chongqing"):
            row = self.file.row("bodies", ref)
            official = self._official(row["tenant"])
            known = official.get("/v1/bodies", code=row["code"], tenant=self.stage.tenants[row["tenant"]]).body["items"]
            if not known:
                began = time.time()
                known = [official.post("/v1/bodies", self.file.body(row, self.standards)).body]
                said = f"{NAMES[row['tenant']]}认可{row['name_zh']} / {row['name_en']} is accredited"
                self.stage.tell(said, began, took=time.time() - began)
            self.bodies[ref] = known[0]["id"]

    def recognise(self) -> None:
        """Sichuan proposes, both agree: in force on both sides by one entry."""
        row = self.file.row("recognitions", "recognition-chuanyu")
        proposer = self._official(ACCEPTING)
        other = self.stage.tenants[row["recognised"]]
        wanted = {"with": other, "state": "in_force"}
        if any(item["title_zh"] == row["title_zh"] for item in proposer.all("/v1/recognitions", **wanted)):
            return
        began = time.time()
        path = proposer.post("/v1/recognitions", self.file.recognition(row, self.standards)).headers["location"]
        for code in (ACCEPTING, ISSUER):
            read = self._until(code, path, seen=lambda _body: True)
            agreed = {"content_hash": read["pending"]["content_hash"]}
            self._official(code).post(f"{path}/agree", agreed, wait=WAIT)
        self.stage.tell("川渝互认清单生效 / The mutual list is in force on both sides", began, took=time.time() - began)
        self._until(ISSUER, path, seen=lambda body: body["state"] == "in_force")

    def issue(self) -> None:
        """It counts in Sichuan as soon as the entry is there, with every reason."""
        row = self.file.row("certificates", "certificate-furniture")
        draft = self.file.certificate(row, self.standards[row["standard"]], body=self.bodies[row["body"]])
        began = time.time()
        answer = self._official(ISSUER).post("/v1/certificates", draft)
        self.certificate = answer.body
        seen = self._everywhere(lambda body: bool(body["chain"][0]["holds"]))
        self._timed(
            f"重庆颁发证书 {answer.body['number']} / Chongqing issues a certificate", began, answer=answer, seen=seen
        )
        checked = self._check(ACCEPTING)
        steps = [reason["step"] for reason in checked["chain"] if reason["proof"]]
        hold(
            checked["counts"], "证书在四川未被认可", en=f"the certificate does not count in Sichuan: {checked['chain']}"
        )
        hold(
            steps == ["certificate", "body", "accreditation", "standard", "recognition", "conditions"],
            "理由链不完整",
            en=f"the chain proves only {steps}",
        )

    def rest_on_it(self) -> str:
        """An organisation of Sichuan is qualified on the strength of it; returns its address."""
        official = self._official(ACCEPTING)
        path = (
            f"/v1/organisations/{official.get('/v1/organisations', kind='enterprise', limit=1).body['items'][0]['id']}"
        )
        began = time.time()
        number = self.certificate["number"]
        body = {"name": QUALIFICATION, "number": number, "certificate": number}
        official.post(f"{path}/qualify", body)
        said = "四川一企业凭该证书登记资质 / A firm in Sichuan is qualified on the strength of it"
        self.stage.tell(said, began, took=time.time() - began)
        return path

    def revoke(self) -> None:
        """Refused at every party from the moment the entry is there."""
        began = time.time()
        url = f"/v1/certificates/{self.certificate['id']}"
        with ThreadPoolExecutor(len(NAMES)) as threads:
            looking = threads.submit(self._everywhere, lambda body: not body["chain"][0]["holds"])
            answer = self._official(ISSUER).post(f"{url}/revoke", {"reason": "虚构·监督抽查不合格"})
            seen = looking.result()
        self._timed("重庆撤销证书 / Chongqing revokes it", began, answer=answer, seen=seen)
        hold(
            not self._check(ACCEPTING)["counts"], "撤销后仍被认可", en="the revoked certificate still counts in Sichuan"
        )

    def deal_with_it(self, organisation: str) -> None:
        """Sichuan is asked what becomes of the qualification, removes it, and Chongqing sees that."""
        cause = self.certificate["id"]
        began = time.time()
        found = self._until(ACCEPTING, "/v1/consequences", seen=lambda body: bool(body["items"]), cause=cause)
        path = f"/v1/consequences/{found['items'][0]['id']}"
        self._official(ACCEPTING).post(f"{path}/close", {"outcome": "removed"})

        def is_disqualified(body: Mapping[str, Any]) -> bool:
            held = {item["number"]: item["state"] for item in body["qualifications"]}
            return bool(held[self.certificate["number"]] == "withdrawn")

        self._until(ACCEPTING, organisation, seen=is_disqualified)
        summary = f"/v1/consequences/summaries/{cause}"
        self._until(ISSUER, summary, seen=lambda body: body["closed"].get("removed") == 1 and body["open"] == 0)
        said = "四川处置关联资质,重庆看到结果 / Sichuan removes what rested on it; Chongqing sees that it is done"
        self.stage.tell(said, began, took=time.time() - began)

    def ask_as_anybody(self) -> None:
        """By the number alone, without signing in: its state, and of the holder no more than it allows."""
        began = time.time()
        nobody = ApiClient(self.stage.settings.web, "")
        shown = nobody.get(f"/v1/public/certificates/{self.certificate['number']}").body
        hold(shown["state"] == "revoked", "公众查询未显示已撤销", en=f"the public page shows {shown}")
        holder, whole = shown["holder"], self.file.row("certificates", "certificate-furniture")["holder"]
        is_masked = holder["masked"] and holder["name_zh"] != whole["name_zh"] and holder["code"] is None
        hold(is_masked, "公众查询泄露持有人", en=f"the public page names the holder: {holder}")
        said = "任何人扫码可见:已撤销 / Anybody who scans the code sees: revoked"
        self.stage.tell(said, began, took=time.time() - began)

    def _official(self, code: str) -> ApiClient:
        return self.stage.officials[code]

    def _check(self, code: str) -> dict[str, Any]:
        body: dict[str, Any] = self._official(code).get("/v1/recognitions/check", **self._asked()).body
        return body

    def _asked(self) -> dict[str, str]:
        return {"certificate": self.certificate["number"], "for": "class:C2110"}

    def _until(self, code: str, path: str, *, seen: Seen, **filters: str) -> dict[str, Any]:
        """What this official reads there once it is as it should be; raises `NotHeldError` after a while."""
        return _watch(self._official(code), path, seen=seen, filters=filters)[1]

    def _everywhere(self, seen: Seen) -> dict[str, float]:
        """When each tenant's check first answered so, each asked on a connection of its own."""
        clients = {code: self.stage.official(code) for code in NAMES}
        with ThreadPoolExecutor(len(clients)) as threads:
            path = "/v1/recognitions/check"
            found = {
                code: threads.submit(_watch, client, path, seen=seen, filters=self._asked())
                for code, client in clients.items()
            }
            return {code: result.result()[0] for code, result in found.items()}

    def _timed(self, said: str, began: float, *, answer: ApiAnswer, seen: dict[str, float]) -> None:
        committed, answered = committed_at(answer), time.time()
        reached = {code: moment - committed for code, moment in seen.items()}
        away = {code: seconds for code, seconds in reached.items() if code != "sichuan"}
        self.stage.timings.append(Timing(said, answered - began, committed - began, away))
        self.stage.tell(said, began, took=answered - began, reached=reached)


def _watch(client: ApiClient, path: str, *, seen: Seen, filters: Mapping[str, str]) -> tuple[float, dict[str, Any]]:
    """When it was first as it should be, and what was shown then."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        body = _shown(client, path, filters=filters)
        if body is not None and seen(body):
            return time.time(), body
        time.sleep(EVERY)
    raise NotHeldError(f"{path} 在 {LONGEST:.0f} 秒内没有到达", f"{path} was not as expected within {LONGEST:.0f} s")


def _shown(client: ApiClient, path: str, *, filters: Mapping[str, str]) -> dict[str, Any] | None:
    """None while it is not there yet."""
    try:
        body: dict[str, Any] = client.get(path, **filters).body
    except AnswerError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    return body
