"""Routes of organisations, their contacts and imports."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from services.organisations.api.routes import routes
from services.organisations.commands import contacts as contact_commands
from services.organisations.commands import imports as import_commands
from services.organisations.commands import organisations as commands
from services.organisations.commands import registering, states
from services.organisations.domain.organisation import DECIDE, IMPORT, PERSONS, READ, WRITE
from services.organisations.models import PERSON, CardRow, Contact, Import, ImportFault, Organisation
from services.organisations.queries import contacts as contact_queries
from services.organisations.queries import import_files, names
from services.organisations.queries import imports as import_queries
from services.organisations.queries import organisations as queries
from services.organisations.schemas import contacts as contact_schemas
from services.organisations.schemas import imports as import_schemas
from services.organisations.schemas import organisations as schemas
from shared.http.declarations import Resource
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.names import named
from shared.http.requests import gate
from shared.http.resources import ResourceView
from shared.rules.acts import Act

ALL = "/v1/organisations"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ORGANISATION = ResourceView(
    kind=Organisation,
    view=schemas.OrganisationView,
    present=queries.present_organisations,
    url=lambda row: f"{ALL}/{row.id}",
)
CARD = ResourceView(kind=CardRow, view=schemas.CardView, present=queries.present_cards)
CONTACT = ResourceView(
    kind=Contact,
    view=contact_schemas.ContactView,
    present=contact_queries.present_contacts,
    url=lambda row: f"{ALL}/{row.organisation_id}/contacts/{row.id}",
)
EXPORT = ResourceView(kind=Contact, view=contact_schemas.ContactExport, present=contact_queries.present_exports)
ERASED = ResourceView(kind=Contact, view=contact_schemas.ErasedView, present=contact_queries.present_erased)
IMPORTED = ResourceView(
    kind=Import,
    view=import_schemas.ImportView,
    present=import_queries.present_imports,
    url=lambda row: f"{ALL}/imports/{row.id}",
)
ROW = ResourceView(kind=ImportFault, view=import_schemas.ImportRowView, present=import_queries.present_errors)
organisations = Resource(routes, ALL, ORGANISATION, read=READ, write=WRITE)
cards = Resource(routes, f"{ALL}/cards", CARD, read=READ)
contacts = Resource(
    routes, f"{organisations.one}/contacts", CONTACT, key="/<uuid:contact>", read=PERSONS, write=PERSONS
)
imports = Resource(routes, f"{ALL}/imports", IMPORTED, read=IMPORT, write=IMPORT)
import_errors = Resource(routes, f"{imports.one}/errors", ROW, read=IMPORT)
named("organisation", zh="机构", en="organisation")(names.organisation_names)
named("application", zh="申请", en="application", scope=READ)(names.application_names)
named("contact", zh="联系人", en="contact", scope=READ)(names.contact_names)
named("import", zh="机构导入", en="import of organisations", scope=IMPORT)(names.import_names)

REGISTERED = Act("organisations.organisation.registered", "登记机构", "Registered")
EXPORTED = Act("organisations.contact.exported", "导出个人信息", "Personal data exported")
CONTACT_ERASED = Act("organisations.contact.erased", "删除个人信息", "Personal data erased")
CONTACT_ADDED = Act("organisations.contact.added", "登记联系人", "Contact added")
CONTACT_CHANGED = Act("organisations.contact.changed", "修改联系人", "Contact changed")
IMPORT_STARTED = Act("organisations.import.started", "导入机构", "Import started")
IMPORT_CANCELLED = Act("organisations.import.cancelled", "取消导入", "Import cancelled")

organisations.list(
    queries.organisations,
    query=schemas.OrganisationFilter,
    order=queries.LISTED.order,
    summary="机构列表 / Organisations",
)
organisations.create(
    registering.register_organisation,
    draft=schemas.OrganisationDraft,
    by="office",
    summary="登记机构 / Register",
    audited=REGISTERED,
)
organisations.bulk("register_organisation", summary="批量登记机构 / Register in bulk")
organisations.get(summary="一个机构 / One organisation")
organisations.get(
    queries.organisation_of,
    rule=f"{ALL}/by-code/<creditcode:code>",
    name="show_organisation_by_code",
    summary="按信用代码查机构 / By credit code",
)
cards.list(queries.public_cards, query=schemas.CardFilter, summary="公开名片 / Public cards")
organisations.revise(
    commands.revise_organisation, draft=schemas.OrganisationRevision, summary="修改机构 / Revise", audited="revised"
)
for run, draft, scope, summary, past in (
    (commands.qualify_organisation, schemas.QualificationDraft, WRITE, "登记资质 / Qualify", "qualified"),
    (commands.disqualify_organisation, schemas.QualificationName, WRITE, "撤销资质 / Disqualify", "disqualified"),
    (commands.join_alliance, schemas.MembershipDraft, WRITE, "加入联盟或集群 / Join", "joined"),
    (commands.leave_alliance, schemas.MembershipEnd, WRITE, "退出联盟或集群 / Leave", "left"),
    (states.suspend_organisation, ReasonDraft, DECIDE, "暂停机构 / Suspend", "suspended"),
    (states.reactivate_organisation, Nothing, DECIDE, "恢复机构 / Reactivate", "reactivated"),
    (states.close_organisation, ReasonDraft, DECIDE, "注销机构 / Close", "closed"),
    (states.merge_organisation, schemas.MergerDraft, DECIDE, "并入另一机构 / Merge", "merged"),
    (states.publish_organisation, Nothing, DECIDE, "公开名片 / Publish the card", "published"),
    (states.conceal_organisation, Nothing, DECIDE, "撤回名片 / Recall the card", "concealed"),
    (states.introduce_organisation, schemas.PartyDraft, DECIDE, "介绍给辖区 / Introduce", "introduced"),
    (states.withdraw_organisation, schemas.PartyDraft, DECIDE, "结束参与 / Withdraw", "withdrawn"),
):
    organisations.act(run, draft=draft, scope=scope, summary=summary, audited=past)

contacts.list(contact_queries.contacts, summary="联系人 / Contacts")
contacts.create(
    contact_commands.add_contact,
    draft=contact_schemas.ContactDraft,
    summary="登记联系人 / Add a contact",
    audited=CONTACT_ADDED,
    once=PERSON,
)
contacts.get(contact_queries.contact, summary="一个联系人 / One contact")
contacts.revise(
    contact_commands.revise_contact,
    draft=contact_schemas.ContactChange,
    summary="修改联系人 / Change a contact",
    audited=CONTACT_CHANGED,
)
contacts.get(
    contact_queries.contact,
    shown=EXPORT,
    rule=f"{contacts.one}/export",
    name="export_contact",
    summary="导出个人信息 / Export personal data",
    audited=EXPORTED,
)
contacts.act(
    contact_commands.erase_contact, shown=ERASED, summary="删除个人信息 / Erase personal data", audited=CONTACT_ERASED
)

imports.list(
    import_queries.imports,
    query=import_schemas.ImportFilter,
    order=import_queries.LISTED.order,
    summary="导入记录 / Imports",
)
imports.create(
    import_commands.start_import,
    draft=import_schemas.ImportDraft,
    name="create_import",
    summary="导入机构 / Import organisations",
    audited=IMPORT_STARTED,
)
imports.get(import_queries.one_import, summary="导入进度 / Progress of an import")
imports.act(import_commands.cancel_import, summary="取消导入 / Cancel an import", audited=IMPORT_CANCELLED)
import_errors.list(
    import_queries.import_errors, order=import_queries.ERRORS, name="list_import_errors", summary="导入错误 / Errors"
)


@routes.raw("GET", f"{imports.one}/errors.xlsx", scope=IMPORT, summary="错误行 / Rows with errors", media=WORKBOOK)
def download_import_errors(key: UUID) -> Response:
    """The rows that were not taken, to be corrected and imported again."""
    claims = gate.enter(IMPORT)
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope=IMPORT)
        return _download(import_files.error_workbook(session, key), "errors.xlsx")


@routes.raw("GET", f"{imports.url}/template.csv", scope=IMPORT, summary="导入模板(CSV) / Template", media="text/csv")
def download_import_template_csv() -> Response:
    """The columns, with an example."""
    gate.enter(IMPORT)
    return _download(import_files.template_csv(), "template.csv")


@routes.raw("GET", f"{imports.url}/template.xlsx", scope=IMPORT, summary="导入模板(XLSX) / Template", media=WORKBOOK)
def download_import_template_xlsx() -> Response:
    """The same as a workbook, with lists to choose from and a sheet of instructions."""
    gate.enter(IMPORT)
    return _download(import_files.template_workbook(), "template.xlsx")


def _download(content: bytes, name: str) -> Response:
    media = "text/csv; charset=utf-8" if name.endswith(".csv") else WORKBOOK
    headers = {"Content-Disposition": f'attachment; filename="organisations-{name}"'}
    return Response(content, 200, headers, content_type=media)
