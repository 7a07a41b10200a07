"""Decide which alerts a chat gets: one per story, ten a day, the rest in a summary.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digest.payloads import AlertPayload
from bot.digest.store.watches import PastAlert, PlannedAlert, Watch

MAX_ALERTS_PER_DAY = 10
"""Alerts per chat and local day."""
SAME_STORY_PERIOD = timedelta(days=4)
"""Suppress repeat alerts for the same story within this period."""
MAX_ALERT_DELAY = timedelta(hours=24)
"""Skip an alert that could not be sent within this time."""


def plan_alerts(
    matches: Sequence[tuple[Watch, int]],
    past_alerts: Mapping[int, Sequence[PastAlert]],
    story_articles: Mapping[int, frozenset[int]],
    zones: Mapping[int, ZoneInfo],
    now: datetime,
) -> list[PlannedAlert]:
    """Return the alerts to record for matching articles, in the order of `matches`.

    `matches` pairs a watch with the number of an article about its topic. `past_alerts` maps chats
    to their recent alerts, `story_articles` an article to all articles of its story, itself
    included, and `zones` every chat of `matches` to its time zone.
    """
    alerted_articles = {
        chat_id: {past_alert.article_number for past_alert in chat_alerts}
        for chat_id, chat_alerts in past_alerts.items()
    }
    sent_today = {
        chat_id: sum(
            not past_alert.deferred
            and _local_day(past_alert.decided_at, zones[chat_id]) == _local_day(now, zones[chat_id])
            for past_alert in past_alerts.get(chat_id, ())
        )
        for chat_id in zones
    }
    planned_alerts = []
    for watch, article_number in matches:
        chat_articles = alerted_articles.setdefault(watch.chat_id, set())
        if chat_articles & story_articles.get(article_number, frozenset((article_number,))):
            continue
        chat_articles.add(article_number)
        deferred = sent_today[watch.chat_id] >= MAX_ALERTS_PER_DAY
        sent_today[watch.chat_id] += not deferred
        payload = AlertPayload(language=watch.language, watched=watch.topic, article=article_number)
        planned_alerts.append(PlannedAlert(watch, payload, now + MAX_ALERT_DELAY, deferred))
    return planned_alerts


def _local_day(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).date().isoformat()
