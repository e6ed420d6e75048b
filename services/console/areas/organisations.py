"""Organisations, their public cards, what they apply for, and the people who answer for them."""

from __future__ import annotations

from services.console.kit.areas import area
from services.console.kit.importing import job_of

ALL = "/v1/organisations"
area(
    name="organisations",
    path=ALL,
    kind="organisation",
    title="组织机构 / Organisations",
    icon="building",
    go="o",
    order=1,
    columns=("code", "kind", "division", "state", "sectors", "qualifications", "updated_at"),
    filters=("kind", "state"),
    fields=("code", "name_zh", "name_en", "former_names", "kind", "division", "sectors", "public"),
    primary=("revise", "qualify", "reactivate", "publish", "join", "introduce", "add_contact"),
    tabs=("contacts",),
    empty="还没有机构。可逐个登记,也可从表格批量导入。"
    " / There is no organisation yet. Register one, or import many from a table.",
)
area(
    name="contacts",
    path=f"{ALL}/{{key}}/contacts",
    item=f"{ALL}/{{key}}/contacts/{{contact}}",
    address=("organisation", "id"),
    within="organisations",
    kind="contact",
    title="联系人 / Contacts",
    icon="mail",
    heading=("name",),
    columns=("title", "phone", "email", "updated_at"),
    primary=("revise",),
    downloads=(f"{ALL}/{{key}}/contacts/{{contact}}/export",),
)
area(
    name="cards",
    path=f"{ALL}/cards",
    title="公开机构名录 / Public register",
    icon="eye",
    order=2,
    columns=("code", "holder", "kind", "division", "sectors", "state", "received_at"),
    empty="还没有辖区公开机构名片。 / No jurisdiction has published a card of an organisation yet.",
)
area(
    name="applications",
    path=f"{ALL}/applications",
    kind="application",
    title="机构申请 / Applications",
    icon="checklist",
    order=3,
    heading=("id",),
    columns=("organisation", "purpose", "state", "created_at", "updated_at"),
    filters=("state", "purpose"),
    primary=("approve", "submit", "return", "revise", "refuse"),
    empty="没有申请。机构提交的登记和资质申请会出现在这里。"
    " / No applications. Registrations and qualifications that are applied for stand here.",
)
area(
    name="imports",
    path=f"{ALL}/imports",
    kind="import",
    title="机构导入 / Imports",
    icon="file-import",
    order=4,
    heading=("id",),
    columns=("state", "dry_run", "seen", "rows", "registered", "revised", "refused", "created_at"),
    primary=("cancel",),
    template="job.html",
    shows=job_of,
    downloads=(
        f"{ALL}/imports/template.xlsx",
        f"{ALL}/imports/template.csv",
        f"{ALL}/imports/{{key}}/errors.xlsx",
    ),
    empty="还没有任务。批量导入机构时,进度和结果会留在这里。"
    " / There is no job yet. When you import organisations, progress and result stay here.",
)
