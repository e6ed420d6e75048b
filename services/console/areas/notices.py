"""Notices between jurisdictions."""

from __future__ import annotations

from services.console.kit.areas import area

area(
    name="notices",
    path="/v1/notices",
    kind="notice",
    title="公告 / Notices",
    icon="bell",
    group="shared",
    go="n",
    order=9,
    heading=("title_zh", "title_en"),
    columns=("home", "addressees", "state", "unread", "published_at"),
    filters=("state", "home", "unread"),
    fields=("title_zh", "title_en", "text", "addressees", "attachments"),
    primary=("publish", "confirm", "revise", "withdraw"),
    empty="还没有公告。起草后先保存,核对无误再发布。"
    " / There is no notice yet. Draft one; nobody else sees it until you publish it.",
)
