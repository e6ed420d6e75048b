"""Standards and the projects they come from, conformity bodies, certificates, recognition and what follows from it."""

from __future__ import annotations

from services.console.areas.beside import paper, summary
from services.console.kit.areas import area
from services.console.kit.entries import entry

area(
    name="standards",
    path="/v1/standards",
    kind="standard",
    title="标准 / Standards",
    icon="file-text",
    group="shared",
    go="s",
    order=2,
    heading=("title_zh", "title_en"),
    columns=("numbers", "state", "kind", "subject", "issuers", "effective_from", "released_at"),
    filters=("state", "tenant"),
    fields=("effective_on", "reason"),
    hides=("entry_hash", "content_hash"),
    primary=("restore", "withdraw"),
    template="standard.html",
    files="/v1/public/standards/{key}/text",
    empty="还没有已发布的标准。标准由各发布方签署项目后发布。"
    " / No standard is released yet. One is when all issuers have signed its project.",
)
area(
    name="projects",
    path="/v1/projects",
    kind="project",
    title="标准项目 / Standards in the making",
    icon="edit",
    group="shared",
    go="x",
    order=3,
    heading=("title_zh", "title_en"),
    columns=("state", "kind", "subject", "issuers", "comments_until", "unanswered", "stale", "sign_by", "updated_at"),
    filters=("state", "kind", "to_sign"),
    fields=("kind", "title_zh", "title_en", "subject", "issuers", "effective_from", "replaces", "text", "sheet"),
    primary=("sign", "number", "comment", "answer_comments", "consult", "refresh", "present", "revise", "amend",
             "refuse", "abandon"),
    ours=("issuers",),
    hides=("comments", "content_hash", "comment_round"),
    quiet=("stale",),
    tabs=("comments",),
    template="project.html",
    empty="还没有标准项目。先立项起草,各发布方随即可见。"
    " / There is no project yet. Open one; all its issuers see it at once.",
)  # fmt: skip
area(
    name="comments",
    path="/v1/projects/{key}/comments",
    item="/v1/projects/{key}/comments/{comment}",
    address=("project", "id"),
    within="projects",
    kind="comment",
    title="意见 / Comments",
    icon="message",
    heading=("text", "clause"),
    columns=("state", "clause", "author", "round", "verdict", "created_at"),
    primary=("answer",),
)
area(
    name="recognitions",
    path="/v1/recognitions",
    kind="recognition",
    title="互认 / Recognition",
    icon="heart-handshake",
    group="shared",
    go="r",
    order=4,
    heading=("title_zh", "title_en"),
    columns=("recogniser", "recognised", "mutual", "state", "edition", "items", "sign_by", "ends_on", "updated_at"),
    filters=("state", "with", "to_sign"),
    fields=("recognised", "mutual", "title_zh", "title_en", "starts_on", "ends_on", "sign_by", "items"),
    primary=("agree", "answer", "resume", "propose_edition", "object", "restore", "suspend", "end"),
    empty="还没有互认。先提出清单,对方同意后生效。"
    " / Nothing is recognised yet. Propose a list; it holds once the other side agrees.",
)
area(
    name="consequences",
    path="/v1/consequences",
    kind="consequence",
    title="后续处置 / Consequences",
    icon="route",
    group="shared",
    go="t",
    order=6,
    heading=("dependant",),
    columns=("state", "purpose", "cause", "cause_state", "due_on", "escalations", "outcome"),
    filters=("state", "purpose", "due_before"),
    hides=("cause_key", "cause_at", "dependant_kind", "reference"),
    primary=("close",),
    template="consequence.html",
    shows=summary,
    empty="没有需要处置的事项。所依据的标准、证书或互认失效时,受影响的会出现在这里。"
    " / Nothing to deal with. What rests on something that stops counting stands here.",
)
area(
    name="certificates",
    path="/v1/certificates",
    kind="certificate",
    title="证书 / Certificates",
    icon="certificate",
    group="records",
    go="c",
    order=1,
    heading=("number",),
    columns=("state", "standard", "body", "products", "valid_from", "valid_to", "holder_public"),
    filters=("state", "body", "standard"),
    fields=("body", "standard", "holder", "products", "methods", "valid_from", "valid_to", "report", "based_on"),
    primary=("reinstate", "replace", "publish_holder", "conceal_holder", "restore", "suspend", "revoke"),
    template="certificate.html",
    shows=paper,
    after="bodies",
    empty="还没有颁发证书。先认可机构,再由其颁发证书。"
    " / No certificate is issued yet. Accredit a body first, then issue its certificates.",
)
area(
    name="bodies",
    path="/v1/bodies",
    kind="body",
    title="合格评定机构 / Conformity bodies",
    icon="shield-check",
    group="records",
    go="j",
    order=2,
    columns=("code", "home", "state", "grants", "updated_at"),
    filters=("state", "tenant", "standard"),
    fields=("code", "name_zh", "name_en", "organisation", "grants"),
    primary=("reinstate", "extend", "reduce", "restore", "suspend", "withdraw"),
    empty="还没有认可的机构。认可一家机构,它即可颁发证书。"
    " / No body is accredited yet. Accredit one; then it can issue certificates.",
)
area(
    name="own-parks",
    path="/v1/own/parks",
    title="可入驻的园区 / Parks open to us",
    icon="building-factory-2",
    group="shared",
    go="p",
    columns=("home", "parties", "kind", "location", "area_km2", "sectors", "starts_on"),
    filters=("kind",),
    empty="现在没有可供本组织入驻的园区。 / No park is open to your organisation now.",
)
area(
    name="own-certificates",
    path="/v1/own/certificates",
    kind="certificate",
    title="本组织的证书 / Our certificates",
    icon="certificate",
    group="records",
    go="c",
    heading=("number",),
    columns=("state", "standard", "body", "products", "valid_from", "valid_to", "holder_public"),
    filters=("state", "standard"),
    primary=("publish_holder", "conceal_holder"),
    template="certificate.html",
    shows=paper,
    empty="本组织还没有证书。证书由机构颁发后会出现在这里。"
    " / Your organisation has no certificate yet. Those issued to it stand here.",
)
area(
    name="own-standards",
    path="/v1/own/standards",
    item="/v1/public/standards/{key}",
    kind="standard",
    title="所依据的标准 / Standards we rest on",
    icon="file-text",
    group="records",
    go="s",
    heading=("title_zh", "title_en"),
    columns=("numbers", "state", "kind", "subject", "issuers", "effective_from"),
    files="/v1/public/standards/{key}/text",
    empty="本组织的证书所依据的标准会出现在这里。 / The standards that your certificates rest on stand here.",
)
entry(
    name="recognition",
    title="认可查询 / Recognition check",
    icon="rosette-discount-check",
    group="shared",
    scope="standards:read",
    go="k",
    order=5,
)
