"""Service items, and the cases that are filed for them."""

from __future__ import annotations

from services.console.kit.areas import area
from services.console.kit.cases import asked_for, case_of

area(
    name="requests",
    path="/v1/requests",
    kind="case",
    title="办件 / Cases",
    icon="route",
    group="shared",
    order=7,
    heading=("service",),
    number="number",
    columns=("number", "state", "home", "handler", "unit", "person", "due_on", "is_overdue", "filed_at"),
    filters=("state", "handler", "home", "overdue", "item", "unit", "park", "matter"),
    fields=("item", "park", "kind", "organisation", "applicant", "answers", "materials"),
    primary=(
        "file", "accept", "readdress_part", "finish_part", "decide", "deliver", "supplement", "close", "assign",
        "resume", "agree_date", "rate", "reply", "return", "forward", "split", "hand_back_part", "pause", "extend",
        "propose_date", "revise", "reopen", "withdraw",
    ),
    hides=(
        "sheet", "service", "answers", "materials", "supplement", "parts", "clocks", "decision", "ratings", "number",
        "applicant", "due_on", "due_is_provisional", "agreed_on",
    ),
    chosen={"missing": asked_for},
    inline=("send_message", "add_note"),
    template="case.html",
    aside="case_aside.html",
    shows=case_of,
    quiet=("is_overdue", "due_is_provisional", "is_final"),
    over="ended_at",
    empty="还没有办件。先在服务事项目录中选择事项,再填写申请。"
    " / There is no case yet. Choose an item in the catalogue of services, then begin an application.",
)  # fmt: skip
area(
    name="service-items",
    path="/v1/service-items",
    kind="item",
    title="服务事项 / Service items",
    icon="list-details",
    group="shared",
    order=8,
    heading=("name_zh", "name_en"),
    columns=("code", "home", "category", "nature", "mode", "audience", "state", "provider"),
    filters=("tenant", "category", "audience", "mode", "state"),
    fields=(
        "code", "national_code", "name_zh", "name_en", "category", "nature", "mode", "audience", "provider",
        "coordinator", "sheet",
    ),
    primary=("open", "revise", "follow", "unfollow", "close"),
    downloads=("/v1/service-items/imports/template.csv",),
    empty="还没有服务事项。起草事项并开放后,各辖区的机构即可申请。"
    " / There is no service item yet. Draft one and open it; organisations of every jurisdiction can ask for it then.",
)  # fmt: skip
area(
    name="duty-rules",
    path="/v1/duty-rules",
    kind="duty_rule",
    title="分工表 / Duty table",
    icon="list-details",
    group="shared",
    order=9,
    heading=("unit", "unit"),
    columns=("item", "category", "park", "division", "person", "substitute", "absent_from", "absent_until"),
    filters=("unit", "category", "item"),
    fields=("item", "category", "park", "division", "unit", "person", "substitute", "absent_from", "absent_until"),
    primary=("revise", "remove"),
    nothing="还没有分工规则 / There is no duty rule yet",
    empty="添加规则后,新到的办件自动分给单位和经办人;没有规则适用的留在待认领中。"
    " / With rules, what arrives goes to a unit and a person by itself; what no rule fits stays in the pool.",
)
area(
    name="park-duties",
    path="/v1/park-duties",
    kind="duty_table",
    title="园区分工表 / Duty tables of parks",
    icon="list-details",
    group="shared",
    order=9,
    heading=("name_zh", "name_en"),
    columns=("park", "home", "next_revision", "updated_at"),
    filters=("park",),
    fields=("park",),
    primary=("propose_revision",),
    tabs=("duty-revisions",),
    waiting={"duty-revisions": "proposed"},
    follows={"propose_revision": "duty-revisions"},
    empty="还没有园区分工表。园区的起草辖区建立后,各参与方提出并签署每类园区事项由谁办理。"
    " / There is no duty table yet. The jurisdiction where a park is at home begins one; then any party proposes who"
    " answers each kind of matter, and all sign it.",
)
area(
    name="duty-revisions",
    path="/v1/park-duties/{key}/revisions",
    item="/v1/park-duties/{key}/revisions/{revision}",
    address=("table", "revision"),
    within="park-duties",
    kind="duty_revision",
    title="分工表版次 / Revisions of the duty table",
    icon="signature",
    heading=("revision",),
    called_as="分工表第 {} 版 / Duty table, revision {}",
    columns=("state", "effective_from", "sign_by", "signatures", "updated_at"),
    primary=("sign", "refuse", "amend", "withdraw"),
    hides=("missing_signatures", "revision", "table"),
)
area(
    name="common-sheets",
    path="/v1/common-sheets",
    kind="common_sheet",
    title="共同规则表 / Common sheets",
    icon="list-details",
    group="shared",
    order=9,
    heading=("name_zh", "name_en"),
    columns=("category", "parties", "in_force", "updated_at"),
    filters=("category",),
    fields=("name_zh", "name_en", "category", "parties"),
    primary=("propose_revision",),
    tabs=("common-revisions",),
    waiting={"common-revisions": "proposed"},
    follows={"propose_revision": "common-revisions"},
    empty="还没有共同规则表。建立后由各方签署,再由各辖区的事项采用,并说明本地差异。"
    " / There is no common sheet yet. Begin one and have all sign it; then each jurisdiction's item follows it, with"
    " what differs there.",
)
area(
    name="common-revisions",
    path="/v1/common-sheets/{key}/revisions",
    item="/v1/common-sheets/{key}/revisions/{revision}",
    address=("common", "revision"),
    within="common-sheets",
    kind="common_revision",
    title="共同规则表版次 / Revisions of the common sheet",
    icon="signature",
    heading=("revision",),
    called_as="共同规则表第 {} 版 / Common sheet, revision {}",
    columns=("state", "effective_from", "sign_by", "signatures", "updated_at"),
    primary=("sign", "refuse", "amend", "withdraw"),
    hides=("missing_signatures", "revision", "common"),
)
area(
    name="bulletins",
    path="/v1/bulletins",
    kind="bulletin",
    title="办件公报 / Bulletins",
    icon="chart-bar",
    group="shared",
    order=9,
    heading=("since", "until"),
    columns=("home", "since", "until", "state"),
    filters=("tenant", "state"),
    fields=("since", "until"),
    primary=("withdraw",),
    empty="还没有公报。选择已结束的期间发布,公众即可在门户看到本辖区按期办理的情况。"
    " / There is no bulletin yet. Publish one of a period that is over; anybody then sees how terms were kept.",
)
