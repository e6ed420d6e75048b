"""Routes of organisations, their contacts and imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from services.organisations.api.routes import routes
from services.organisations.commands import contacts as contact_commands
from services.organisations.commands import imports as import_commands
from services.organisations.commands import organisations as commands
from services.organisations.commands import registering, states
from services.organisations.domain.organisation import DECIDE, IMPORT, PERSONS, READ, WRITE
from services.organisations.models import PERSON, CardRow, Contact, Import, ImportFault, Organisation
from services.organisations.queries import contacts, import_files, imports, names, organisations
from services.organisations.schemas import contacts as contact_schemas
from services.organisations.schemas import imports as import_schemas
from services.organisations.schemas import organisations as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.lists.pages import PageFilter
from shared.http.names import named
from shared.http.requests import gate
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/organisations"
ONE = f"{ALL}/<uuid:key>"
PEOPLE = f"{ONE}/contacts"
PERSON_AT = f"{PEOPLE}/<uuid:contact>"
IMPORTS = f"{ALL}/imports"
AN_IMPORT = f"{IMPORTS}/<uuid:key>"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ORGANISATION = ResourceView(
    kind=Organisation,
    view=schemas.OrganisationView,
    present=organisations.present_organisations,
    url=lambda row: f"{ALL}/{row.id}",
)
CARD = ResourceView(kind=CardRow, view=schemas.CardView, present=organisations.present_cards)
CONTACT = ResourceView(
    kind=Contact,
    view=contact_schemas.ContactView,
    present=contacts.present_contacts,
    url=lambda row: f"{ALL}/{row.organisation_id}/contacts/{row.id}",
)
EXPORT = ResourceView(kind=Contact, view=contact_schemas.ContactExport, present=contacts.present_exports)
ERASED = ResourceView(kind=Contact, view=contact_schemas.ErasedView, present=contacts.present_erased)
IMPORTED = ResourceView(
    kind=Import, view=import_schemas.ImportView, present=imports.present_imports, url=lambda row: f"{IMPORTS}/{row.id}"
)
named("organisation", zh="机构", en="organisation")(names.organisation_names)
named("application", zh="申请", en="application", scope=READ)(names.application_names)
named("contact", zh="联系人", en="contact", scope=READ)(names.contact_names)
named("import", zh="机构导入", en="import of organisations", scope=IMPORT)(names.import_names)
ROW = ResourceView(kind=ImportFault, view=import_schemas.ImportRowView, present=imports.present_errors)

EXPORTED = Act("organisations.contact.exported", "导出个人信息", "Personal data exported")
CONTACT_ERASED = Act("organisations.contact.erased", "删除个人信息", "Personal data erased")
CONTACT_ADDED = Act("organisations.contact.added", "登记联系人", "Contact added")
CONTACT_CHANGED = Act("organisations.contact.changed", "修改联系人", "Contact changed")
IMPORT_STARTED = Act("organisations.import.started", "导入机构", "Import started")
IMPORT_CANCELLED = Act("organisations.import.cancelled", "取消导入", "Import cancelled")


@routes.list(ALL, ORGANISATION, scope=READ, summary="机构列表 / Organisations", query=schemas.OrganisationFilter,
             order=organisations.ORGANISATIONS)  # fmt: skip
def list_organisations(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Organisations of the caller's tenant and those introduced to it."""
    return organisations.organisations(session, filters, paging=paging)


@routes.create(
    ALL,
    ORGANISATION,
    scope=WRITE,
    summary="登记机构 / Register",
    draft=schemas.OrganisationDraft,
    audited=Act("organisations.organisation.registered", "登记机构", "Registered"),
)
def register_organisation(session: Session, **arguments: Any) -> Organisation:
    """A new organisation whose home is the caller's tenant."""
    return registering.register_organisation(session, **arguments)


routes.bulk(f"{ALL}/bulk/register", of="register_organisation", summary="批量登记机构 / Register in bulk")


@routes.get(ONE, ORGANISATION, scope=READ, summary="一个机构 / One organisation")
def show_organisation(session: Session, key: UUID) -> Organisation:
    """One organisation."""
    return session.one(Organisation, key)


@routes.get(f"{ALL}/by-code/<creditcode:code>", ORGANISATION, scope=READ, summary="按信用代码查机构 / By credit code")
def show_organisation_by_code(session: Session, code: str) -> Organisation:
    """The organisation with this code, or the one it was merged into."""
    return organisations.organisation_of(session, code)


@routes.list(f"{ALL}/cards", CARD, scope=READ, summary="公开名片 / Public cards", query=schemas.CardFilter,
             order=organisations.CARDS)  # fmt: skip
def list_cards(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Public organisations of all tenants."""
    return organisations.public_cards(session, filters, paging=paging)


for verb, at, done, run, text, draft in (
    ("PATCH", "", "revised", commands.revise_organisation, "修改机构 / Revise", schemas.OrganisationRevision),
    ("POST", "/qualify", "qualified", commands.qualify_organisation, "登记资质 / Qualify", schemas.QualificationDraft),
    ("POST", "/disqualify", "disqualified", commands.disqualify_organisation, "撤销资质 / Disqualify",
     schemas.QualificationName),
    ("POST", "/join", "joined", commands.join_alliance, "加入联盟或集群 / Join", schemas.MembershipDraft),
    ("POST", "/leave", "left", commands.leave_alliance, "退出联盟或集群 / Leave", schemas.MembershipEnd),
):  # fmt: skip
    kept = Act(f"organisations.organisation.{done}", *text.split(" / "))
    routes.act(
        verb, f"{ONE}{at}", run=run, shown=ORGANISATION, scope=WRITE, summary=text, draft=draft, audited=kept
    )  # fmt: skip
for step, past, decide, title, body in (
    ("suspend", "suspended", states.suspend_organisation, "暂停机构 / Suspend", ReasonDraft),
    ("reactivate", "reactivated", states.reactivate_organisation, "恢复机构 / Reactivate", Nothing),
    ("close", "closed", states.close_organisation, "注销机构 / Close", ReasonDraft),
    ("merge", "merged", states.merge_organisation, "并入另一机构 / Merge", schemas.MergerDraft),
    ("publish", "published", states.publish_organisation, "公开名片 / Publish the card", Nothing),
    ("conceal", "concealed", states.conceal_organisation, "撤回名片 / Recall the card", Nothing),
    ("introduce", "introduced", states.introduce_organisation, "介绍给辖区 / Introduce", schemas.PartyDraft),
    ("withdraw", "withdrawn", states.withdraw_organisation, "结束参与 / Withdraw", schemas.PartyDraft),
):
    what = Act(f"organisations.organisation.{past}", *title.split(" / "))
    routes.act(
        "POST", f"{ONE}/{step}", run=decide, shown=ORGANISATION, scope=DECIDE, summary=title, draft=body, audited=what
    )


@routes.list(PEOPLE, CONTACT, scope=PERSONS, summary="联系人 / Contacts", query=PageFilter,
             order=contacts.CONTACTS)  # fmt: skip
def list_contacts(session: Session, _filters: dict[str, Any], paging: PageRequest, key: UUID) -> Page:
    """Persons at the organisation."""
    return contacts.contacts(session, key, paging=paging)


@routes.create(
    PEOPLE,
    CONTACT,
    scope=PERSONS,
    summary="登记联系人 / Add a contact",
    draft=contact_schemas.ContactDraft,
    audited=CONTACT_ADDED,
    once=PERSON,
)
def add_contact(session: Session, key: UUID, **person: Any) -> Contact:
    """A person at the organisation."""
    return contact_commands.add_contact(session, key, **person)


@routes.get(PERSON_AT, CONTACT, scope=PERSONS, summary="一个联系人 / One contact")
def show_contact(session: Session, key: UUID, contact: UUID) -> Contact:
    """One person."""
    return contacts.contact(session, key, one=contact)


@routes.own(
    "PATCH",
    PERSON_AT,
    shown=CONTACT,
    scope=PERSONS,
    summary="修改联系人 / Change a contact",
    draft=contact_schemas.ContactChange,
    audited=CONTACT_CHANGED,
)
def revise_contact(session: Session, key: UUID, contact: UUID, **changes: Any) -> Contact:
    """What is given replaces what was."""
    return contact_commands.revise_contact(session, key, contact=contact, changes=changes)


@routes.get(
    f"{PERSON_AT}/export",
    EXPORT,
    scope=PERSONS,
    summary="导出个人信息 / Export personal data",
    audited=EXPORTED,
)
def export_contact(session: Session, key: UUID, contact: UUID) -> Contact:
    """All that is held on the person (PIPL art. 45)."""
    return contacts.contact(session, key, one=contact)


@routes.own(
    "POST",
    f"{PERSON_AT}/erase",
    shown=ERASED,
    scope=PERSONS,
    summary="删除个人信息 / Erase personal data",
    draft=Nothing,
    audited=CONTACT_ERASED,
)
def erase_contact(session: Session, key: UUID, contact: UUID) -> Contact:
    """Nothing of the person remains (PIPL art. 47)."""
    return contact_commands.erase_contact(session, key, contact=contact)


@routes.list(IMPORTS, IMPORTED, scope=IMPORT, summary="导入记录 / Imports", query=PageFilter,
             order=imports.IMPORTS)  # fmt: skip
def list_imports(session: Session, _filters: dict[str, Any], paging: PageRequest) -> Page:
    """The tenant's imports, newest first."""
    return imports.imports(session, paging=paging)


@routes.create(
    IMPORTS,
    IMPORTED,
    scope=IMPORT,
    summary="导入机构 / Import organisations",
    draft=import_schemas.ImportDraft,
    audited=IMPORT_STARTED,
)
def create_import(session: Session, **arguments: Any) -> Import:
    """Examine the file and begin."""
    return import_commands.start_import(session, **arguments)


@routes.get(AN_IMPORT, IMPORTED, scope=IMPORT, summary="导入进度 / Progress of an import")
def show_import(session: Session, key: UUID) -> Import:
    """How far it is."""
    return imports.one_import(session, key)


@routes.own(
    "POST",
    f"{AN_IMPORT}/cancel",
    shown=IMPORTED,
    scope=IMPORT,
    summary="取消导入 / Cancel an import",
    draft=Nothing,
    audited=IMPORT_CANCELLED,
)
def cancel_import(session: Session, key: UUID) -> Import:
    """What was taken stays."""
    return import_commands.cancel_import(session, key)


@routes.list(f"{AN_IMPORT}/errors", ROW, scope=IMPORT, summary="导入错误 / Errors", query=PageFilter,
             order=imports.ERRORS)  # fmt: skip
def list_import_errors(session: Session, _filters: dict[str, Any], paging: PageRequest, key: UUID) -> Page:
    """By row and column."""
    return imports.import_errors(session, key, paging=paging)


@routes.raw("GET", f"{AN_IMPORT}/errors.xlsx", scope=IMPORT, summary="错误行 / Rows with errors", media=WORKBOOK)
def download_import_errors(key: UUID) -> Response:
    """The rows that were not taken, to be corrected and imported again."""
    claims = gate.enter(IMPORT)
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope=IMPORT)
        return _download(import_files.error_workbook(session, key), "errors.xlsx")


@routes.raw("GET", f"{IMPORTS}/template.csv", scope=IMPORT, summary="导入模板(CSV) / Template", media="text/csv")
def download_import_template_csv() -> Response:
    """The columns, with an example."""
    gate.enter(IMPORT)
    return _download(import_files.template_csv(), "template.csv")


@routes.raw("GET", f"{IMPORTS}/template.xlsx", scope=IMPORT, summary="导入模板(XLSX) / Template", media=WORKBOOK)
def download_import_template_xlsx() -> Response:
    """The same as a workbook, with lists to choose from and a sheet of instructions."""
    gate.enter(IMPORT)
    return _download(import_files.template_workbook(), "template.xlsx")


def _download(content: bytes, name: str) -> Response:
    media = "text/csv; charset=utf-8" if name.endswith(".csv") else WORKBOOK
    headers = {"Content-Disposition": f'attachment; filename="organisations-{name}"'}
    return Response(content, 200, headers, content_type=media)
