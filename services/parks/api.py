"""Routes of the parks service."""

from __future__ import annotations

from services.parks.commands import agreements as agreeing
from services.parks.commands import dissolving, entry_rules
from services.parks.commands import parks as commands
from services.parks.models import Agreement, Park, ParkCardRow
from services.parks.queries import cards, names
from services.parks.queries import parks as queries
from services.parks.schemas import agreements as agreement_schemas
from services.parks.schemas import cards as card_schemas
from services.parks.schemas import parks as schemas
from shared.http.countersigned import SignatureDraft
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.names import named
from shared.http.resources import ResourceView
from shared.http.routes import Routes
from shared.http.sharing import counts_shared, groups_shared

routes = Routes("parks")
ALL = "/v1/parks"
READ, WRITE, SIGN = "parks:read", "parks:write", "parks:sign"
PARK = ResourceView(kind=Park, view=schemas.ParkView, present=queries.present_parks, url=lambda row: f"{ALL}/{row.id}")
OWN_PARK = ResourceView(kind=Park, view=schemas.OwnParkView, present=queries.present_own_parks)
AGREEMENT = ResourceView(
    kind=Agreement,
    view=agreement_schemas.AgreementView,
    present=queries.present_agreements,
    url=lambda row: f"{ALL}/{row.park_id}/agreements/{row.revision}",
)
PUBLIC_PARK = ResourceView(kind=ParkCardRow, view=card_schemas.PublicParkView, present=cards.present_public_parks)
parks = Resource(routes, ALL, PARK, read=READ, write=WRITE)
own_parks = Resource(routes, "/v1/own/parks", OWN_PARK, read="own:read")
agreements = Resource(
    routes,
    f"{parks.one}/agreements",
    AGREEMENT,
    key="/<number:revision>",
    read=READ,
    write=WRITE,
    find=queries.agreement_key,
)
all_agreements = Resource(routes, "/v1/agreements", AGREEMENT, read=READ)
named("park", zh="园区", en="park", scope=READ)(names.park_names)
named("agreement", zh="协议", en="agreement", scope=READ)(names.agreement_names)

parks.list(queries.parks, query=schemas.ParkFilter, summary="园区列表 / Parks")
own_parks.list(
    queries.own_parks,
    query=schemas.OwnParkFilter,
    name="list_own_parks",
    summary="可供本组织入驻的园区 / Parks open to the own organisation",
)
parks.create(commands.draft_park, draft=schemas.ParkDraft, name="create_park", summary="起草园区 / Draft a park")
parks.get(summary="一个园区 / One park")
parks.revise(commands.revise_park, draft=schemas.ParkRevision, summary="修改园区 / Revise a park")
parks.act(commands.suspend_park, draft=ReasonDraft, summary="暂停园区 / Suspend a park")
parks.act(commands.resume_park, summary="同意恢复 / Agree to resume")
parks.act(commands.withdraw_park, draft=ReasonDraft, summary="撤回草案 / Withdraw a draft")
parks.act(
    dissolving.dissolve_park, draft=schemas.DissolutionDraft, summary="提议或同意解散 / Propose or agree to dissolve"
)
parks.act(dissolving.call_off_dissolution, summary="撤销解散 / Call a dissolution off")
parks.act(
    entry_rules.set_entry_rules,
    draft=schemas.EntryRulesDraft,
    rule=f"{parks.one}/entry-rules",
    summary="设定入园规则 / Set the entry rules",
)

agreements.list(queries.agreements, query=agreement_schemas.AgreementFilter, summary="协议各版 / Revisions")
all_agreements.list(
    queries.all_agreements,
    query=agreement_schemas.AllAgreementsFilter,
    name="list_all_agreements",
    summary="各园区的协议 / Agreements of all parks",
)
agreements.get(queries.agreement, summary="一版协议 / One revision")
parks.act(
    agreeing.propose_agreement,
    draft=agreement_schemas.AgreementDraft,
    rule=agreements.url,
    shown=AGREEMENT,
    summary="提出协议 / Propose",
)
agreements.revise(agreeing.amend_agreement, draft=agreement_schemas.AgreementAmendment, summary="修改协议 / Amend")
agreements.act(agreeing.sign_agreement, draft=SignatureDraft, scope=SIGN, summary="签署 / Sign")
agreements.act(agreeing.refuse_agreement, draft=ReasonDraft, scope=SIGN, summary="拒绝 / Refuse")
agreements.act(agreeing.withdraw_agreement, draft=ReasonDraft, summary="撤回 / Withdraw")
parks.history(queries.history)
routes.public_list(
    "/v1/public/parks",
    cards.public_parks,
    query=card_schemas.PublicParkFilter,
    shown=PUBLIC_PARK,
    name="list_public_parks",
    summary="已生效的园区 / Parks in force",
)
counts_shared("parks", cards.parks_shared)
groups_shared("parks", cards.parks_of_groups)
