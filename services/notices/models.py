"""Rows of the notices service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json
from events.entry import Entry
from events.notices import NoticeRead
from services.notices.domain import CONFIRM, check_readings, unread
from shared.database.rows import Aggregate, aggregate
from shared.rules.duties import Duty, Wait, Work
from shared.rules.signed_commands import Commands, command_behind

READING = Duty("confirm", "确认已阅", "Confirm reading", "notices:write")


@aggregate
class Notice(Aggregate):
    """An announcement; its addressees become parties when it is published. `readings` are as in `domain`."""

    __tablename__ = "notices"
    __table_args__ = {"schema": "notices"}
    __mapper_args__ = {"eager_defaults": False}
    kind = "notices.notice"
    called = "公告 / notice"
    duties = (READING,)
    guarded = True
    files = ("attachments",)

    title_zh: Mapped[str]
    title_en: Mapped[str | None]
    text: Mapped[str]
    state: Mapped[str]
    addressees: Mapped[list[UUID]]
    attachments: Mapped[list[dict[str, Any]]]
    readings: Mapped[list[dict[str, Any]]]
    published_at: Mapped[datetime | None]
    reason_digest: Mapped[str | None]
    folded: Mapped[str] = mapped_column(
        Computed("shared.folded(title_zh || ' ' || coalesce(title_en, ''))", persisted=True), deferred=True
    )

    @classmethod
    def commands_in(cls, entry: Entry, _state: Mapping[str, Json]) -> Commands:
        """Whoever has read it says so itself."""
        if entry.type != NoticeRead.type:
            return ()
        found = command_behind(entry)
        if any(command["document"]["name"] != CONFIRM for _tenant, command in found):
            raise ValueError("it asked for something else")
        return found

    @classmethod
    def check_next(cls, entry: Entry, state: Mapping[str, Json], *, before: Json, here: UUID) -> None:
        """Nobody has read it by the word of its home."""
        del here
        check_readings(entry, state, before=before)

    def work(self, _beside: Any) -> Work:
        """What is published waits for those who have not confirmed."""
        waiting = unread(self.addressees, self.readings) if self.state == "published" else []
        waits = [Wait(duty=READING, parties=waiting, since=self.published_at or self.updated_at)]
        return Work(name_zh=self.title_zh, name_en=self.title_en, url=f"/v1/notices/{self.id}", waits=waits)
