"""Feeds, and what comes from them, in a terminal: pure, the zone of every time passed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.feeds.health import FeedHealthStatus, condition, remedy
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import FeedState, FollowedFeed
from bot.feeds.store.poll_stats import FeedPollStats
from bot.i18n.catalogue import UiLanguage, shown_source, ui_language_of
from bot.i18n.phrases import dated, isolated, visible

_INDENT = "   "
_CAME = {
    "added": "added",
    "corrected": "corrected",
    "carried": "there already",
    "held": "held for approval",
    "refused": "refused",
    "failed": "could not be read",
}


def feed(of: FollowedFeed, now: datetime, zone: ZoneInfo) -> str:
    """Lay out a feed: its number and name, where it is, how it is, and what to do about it."""
    chosen, found = of.chosen, of.found
    language = chosen.language or found.language
    how = [found.kind.value, *([visible(language)] if language else [])]
    how.append("held for approval" if chosen.hold else "published at once")
    lines = [
        f"{of.number}  {name(of)} · {' · '.join(how)}",
        _INDENT + visible(found.address),
        _INDENT + " · ".join(_health(of, now, zone)),
    ]
    for said, words in (("only with", chosen.require), ("never with", chosen.refuse)):
        if words:
            lines.append(f"{_INDENT}{said}: {_runs(words)}")
    if of.health.failures or remedy(of, now):
        lines.append(failure(of, now, zone))
    return "\n".join(lines)


def failure(of: FollowedFeed, now: datetime, zone: ZoneInfo) -> str:
    """Say what was wrong with a feed the last time, and what to do about it."""
    lines, health = [], of.health
    if health.failures and health.failed_at:
        times = "once" if health.failures == 1 else f"{health.failures:,} times"
        wrong = visible(health.error_said or health.error or "it could not be read")
        lines.append(f"{_INDENT}failed {times}, last {_at(health.failed_at, zone)}: {wrong}")
    if what := remedy(of, now):
        lines.append(f"{_INDENT}→ {what}")
    return "\n".join(lines)


def origin(of: FollowedFeed, zone: ZoneInfo) -> str:
    """Say who added a feed, when, to which page it belongs, and where its changes are told."""
    lines = [f"added {_at(of.added_at, zone)} by {visible(of.added_by)}"]
    if of.found.page:
        lines.append(f"of {visible(of.found.page)}")
    lines.append(f'`briefing log --about "feed {of.number}"` tells what was changed')
    return "\n".join(_INDENT + line for line in lines)


def name(of: FollowedFeed) -> str:
    """Return the name that a feed's articles carry, or where there is none, its site."""
    return isolated(visible(of.source or of.found.host))


def held(of: PendingArticle, lang: UiLanguage) -> str:
    """Show an article that waits on one line: its number, date, source, headline and feed."""
    draft = of.brought.draft()
    own = ui_language_of(draft.language, lang)
    parts = [dated(draft, own), shown_source(draft.source or of.source, own), headline(of)]
    shown = [isolated(visible(part)) for part in parts]
    marks = " · only a summary" if of.brought.only_summary else ""
    return f"{'  '.join([str(of.number), *shown])}  (feed {of.feed}{marks})"


def headline(of: PendingArticle) -> str:
    """Return the title of an article that waits, or its first words."""
    return of.brought.title or " ".join(of.brought.text.split())[:120]


def came(of: FeedPollStats, waiting: int = 0) -> str:
    """Say what came: «2 added, 1 held for approval, 4 still to be read»."""
    parts = [f"{count:,} {_CAME[kind]}" for kind, count in of._asdict().items() if count]
    if waiting:
        parts.append(f"{waiting:,} still to be read")
    return ", ".join(parts) or "nothing new"


def next_time(feeds: Iterable[FollowedFeed], zone: ZoneInfo) -> str:
    """Say when the next feed is asked, if any is."""
    times = [each.next_at for each in feeds if each.state is FeedState.ACTIVE]
    return f"The next feed is asked {_at(min(times), zone)}." if times else "No feed is asked."


def _health(of: FollowedFeed, now: datetime, zone: ZoneInfo) -> list[str]:
    health, found = of.health, condition(of, now)
    parts = [found.value]
    if health.succeeded_at:
        parts.append(f"last read {_at(health.succeeded_at, zone)}")
    elif found is not FeedHealthStatus.NEW:
        parts.append("never read")
    if health.a_day is not None:
        parts.append(f"{health.a_day:.1f} articles a day")
    if health.waiting:
        parts.append(f"{health.waiting:,} to be read")
    if health.held:
        parts.append(f"{health.held:,} held (`briefing feeds held --feed {of.number}`)")
    if of.state is FeedState.ACTIVE:
        parts.append(f"next {_at(of.next_at, zone)}")
    return parts


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _runs(words: Iterable[str]) -> str:
    return ", ".join(isolated(visible(word)) for word in words)
