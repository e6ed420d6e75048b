"""Routes of the notices service."""

from __future__ import annotations

from services.notices import commands, queries
from services.notices.models import Notice
from services.notices.schemas import NoticeDraft, NoticeFilter, NoticeRevision, NoticeView
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.names import named
from shared.http.resources import ResourceView
from shared.http.routes import Routes

READ, WRITE, PUBLISH = "notices:read", "notices:write", "notices:decide"
routes = Routes("notices")
NOTICE = ResourceView(
    kind=Notice, view=NoticeView, present=queries.present_notices, url=lambda row: f"/v1/notices/{row.id}"
)
named("notice", zh="公告", en="notice", scope=READ)(queries.notice_names)

notices = Resource(routes, "/v1/notices", NOTICE, read=READ, write=WRITE)
notices.list(queries.notices, query=NoticeFilter, summary="公告列表 / Notices")
notices.create(commands.draft_notice, draft=NoticeDraft, summary="起草公告 / Draft a notice")
notices.get(summary="一则公告 / One notice")
notices.revise(commands.revise_notice, draft=NoticeRevision, summary="修改公告 / Revise a notice")
notices.act(commands.publish_notice, scope=PUBLISH, summary="发布公告 / Publish a notice")
notices.act(commands.confirm_notice, summary="确认已阅 / Confirm reading")
notices.act(commands.withdraw_notice, draft=ReasonDraft, scope=PUBLISH, summary="撤回公告 / Withdraw a notice")
notices.history()
