"""Routes of what is said about a case, and of who works on it."""

from __future__ import annotations

from services.requests.api.cases import ALL, cases
from services.requests.api.routes import routes
from services.requests.commands import pools, ratings, threads
from services.requests.domain.scopes import FILE, READ, WRITE
from services.requests.models import Mention, Message, Note
from services.requests.queries import threads as queries
from services.requests.schemas import threads as schemas
from shared.http.declarations import Resource
from shared.http.fields.strict import Nothing
from shared.http.names import named
from shared.http.resources import ResourceView

MESSAGE = ResourceView(
    kind=Message,
    view=schemas.MessageView,
    present=queries.present_messages,
    url=lambda row: f"{ALL}/{row.case_id}/messages",
)
MENTION = ResourceView(kind=Mention, view=schemas.MentionView)
NOTE = ResourceView(kind=Note, view=schemas.NoteView)
named("message", zh="办件沟通", en="message", scope=READ)(queries.message_names)
messages = Resource(routes, f"{cases.one}/messages", MESSAGE, key="", read=READ, write=FILE)
notes = Resource(routes, f"{cases.one}/notes", NOTE, key="", read=WRITE, write=WRITE)

for run, draft, summary in (
    (pools.claim_case, Nothing, "认领 / Claim a case"),
    (pools.hand_over_case, schemas.HandOverDraft, "转交同事 / Hand a case over"),
    (pools.put_back_case, Nothing, "退回待认领 / Put a case back"),
    (pools.follow_up_case, schemas.FollowUpDraft, "设定跟进日 / Set a day to follow up"),
):
    cases.act(run, draft=draft, summary=summary, by="office")
cases.act(ratings.rate_case, draft=schemas.RatingDraft, scope=FILE, summary="评价 / Rate a case")
cases.act(ratings.reply_case, draft=schemas.ReplyDraft, scope=FILE, summary="回复评价 / Answer a rating")
messages.list(
    queries.messages,
    query=schemas.MessageFilter,
    order=queries.MESSAGES,
    summary="办件沟通 / Thread of a case",
    name="list_messages",
)
messages.create(threads.send_message, draft=schemas.MessageDraft, summary="发送消息 / Write in the thread")
notes.list(queries.notes, summary="内部备注 / Internal notes", name="list_notes")
notes.create(threads.add_note, draft=schemas.NoteDraft, summary="添加内部备注 / Add an internal note")
mentions = Resource(routes, "/v1/mentions", MENTION, key="", read=WRITE)
mentions.list(queries.mentions, summary="提及我的 / Mentions of me")
