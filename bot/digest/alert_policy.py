"""Which alerts a chat gets: one of a story, ten a day, the rest in a summary. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digest.payloads import AlertPayload
from bot.digest.store.watches import PastAlert, PlannedAlert, Watch

A_DAY = 10
"""Alerts of a chat in one of its days."""
SAME_STORY = timedelta(days=4)
"""For so long a story of which a chat was told is known."""
STILL_NEWS = timedelta(hours=24)
"""An alert that could not be sent for so long is not sent."""


def alerts(
    found: Sequence[tuple[Watch, int]],
    alerted: Mapping[int, Sequence[PastAlert]],
    story: Mapping[int, frozenset[int]],
    zones: Mapping[int, ZoneInfo],
    now: datetime,
) -> list[PlannedAlert]:
    """Return the alerts to be sent of articles that match, in their order.

    `found` has what is watched and the number of each article that is about it; `alerted` what each
    chat was told lately; `story` the numbers of the articles of each one's story, itself among
    them; `zones` the zone of each chat.
    """
    told = {chat: {each.article for each in lately} for chat, lately in alerted.items()}
    count = {
        chat: sum(
            not each.gathered and _day(each.at, zones[chat]) == _day(now, zones[chat])
            for each in alerted.get(chat, ())
        )
        for chat in zones
    }
    made = []
    for watch, article in found:
        there = told.setdefault(watch.chat, set())
        if there & story.get(article, frozenset((article,))):
            continue
        there.add(article)
        gathered = count[watch.chat] >= A_DAY
        count[watch.chat] += not gathered
        of = AlertPayload(language=watch.language, watched=watch.said, article=article)
        made.append(PlannedAlert(watch, of, now + STILL_NEWS, gathered))
    return made


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()
