"""Render feeds and their articles for a terminal. Pure: callers pass the time and time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.feeds.health import FeedHealthStatus, find_remedy, health_status
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import FeedState, FollowedFeed
from bot.feeds.store.poll_stats import FeedPollStats
from bot.feeds.store.sites import MAX_NEW_SITES
from bot.i18n.formats import source_text
from bot.i18n.languages import UiLanguage, match_ui_language
from bot.i18n.phrases import isolate, publication_date_text, strip_controls

_INDENT = "   "
_STAT_LABELS = {
    "added": "added",
    "corrected": "corrected",
    "carried": "there already",
    "held": "held for approval",
    "refused": "refused",
    "failed": "could not be read",
}


def render_feed(feed: FollowedFeed, now: datetime, zone: ZoneInfo) -> str:
    """Render a feed: its number, name, options, address, health, and the remedy if it fails."""
    options, discovered = feed.options, feed.discovered
    language = options.language or discovered.language
    attributes = [discovered.kind.value, *([strip_controls(language)] if language else [])]
    attributes.append("held for approval" if options.hold else "published at once")
    lines = [
        f"{feed.number}  {feed_name(feed)} · {' · '.join(attributes)}",
        _INDENT + strip_controls(discovered.address),
        _INDENT + " · ".join(_health_parts(feed, now, zone)),
    ]
    for label, words in (("only with", options.require), ("never with", options.refuse)):
        if words:
            lines.append(f"{_INDENT}{label}: {_join_words(words)}")
    if site_limit_at := feed.health.site_limit_at:
        lines.append(
            f"{_INDENT}led to more than {MAX_NEW_SITES} new sites in a day, last "
            f"{_format_time(site_limit_at, zone)}: articles on others waited"
        )
    if feed.health.failures or find_remedy(feed, now):
        lines.append(render_failure(feed, now, zone))
    return "\n".join(lines)


def render_failure(feed: FollowedFeed, now: datetime, zone: ZoneInfo) -> str:
    """Render the last failure of a feed and its remedy."""
    lines, health = [], feed.health
    if health.failures and health.failed_at:
        times_text = "once" if health.failures == 1 else f"{health.failures:,} times"
        error_text = strip_controls(health.error_message or health.error or "it could not be read")
        failed_at = _format_time(health.failed_at, zone)
        lines.append(f"{_INDENT}failed {times_text}, last {failed_at}: {error_text}")
    if advice := find_remedy(feed, now):
        lines.append(f"{_INDENT}→ {advice}")
    return "\n".join(lines)


def render_origin(feed: FollowedFeed, zone: ZoneInfo) -> str:
    """Render who added a feed and when, the page it belongs to, and the command for its log."""
    lines = [f"added {_format_time(feed.added_at, zone)} by {strip_controls(feed.added_by)}"]
    if feed.discovered.page:
        lines.append(f"of {strip_controls(feed.discovered.page)}")
    lines.append(f'`briefing log --about "feed {feed.number}"` tells what was changed')
    return "\n".join(_INDENT + line for line in lines)


def feed_name(feed: FollowedFeed) -> str:
    """Return the source name of a feed, or the host of its address if it has none."""
    return isolate(strip_controls(feed.source or feed.discovered.host))


def render_pending_article(pending_article: PendingArticle, lang: UiLanguage) -> str:
    """Render a pending article on one line: its number, date, source, headline and feed."""
    draft = pending_article.extracted.to_draft()
    article_lang = match_ui_language(draft.language, lang)
    parts = [
        publication_date_text(draft, article_lang),
        source_text(draft.source or pending_article.source, article_lang),
        pending_headline(pending_article),
    ]
    visible_parts = [isolate(strip_controls(part)) for part in parts]
    suffix = " · only a summary" if pending_article.extracted.only_summary else ""
    line = "  ".join([str(pending_article.number), *visible_parts])
    return f"{line}  (feed {pending_article.feed_number}{suffix})"


def pending_headline(pending_article: PendingArticle) -> str:
    """Return the title of a pending article, or the first 120 characters of its text."""
    return pending_article.extracted.title or " ".join(pending_article.extracted.text.split())[:120]


def poll_stats_text(stats: FeedPollStats, waiting: int = 0, queued: int = 0) -> str:
    """Summarise a poll: «2 added, 1 held for approval, 4 still to be read»."""
    parts = [f"{count:,} {_STAT_LABELS[kind]}" for kind, count in stats._asdict().items() if count]
    if waiting:
        parts.append(f"{waiting:,} still to be read")
    if queued:
        parts.append(f"{queued:,} left to later polls")
    return ", ".join(parts) or "nothing new"


def next_poll_text(feeds: Iterable[FollowedFeed], zone: ZoneInfo) -> str:
    """Say when the next feed is polled, if any is active."""
    times = [feed.next_at for feed in feeds if feed.state is FeedState.ACTIVE]
    return (
        f"The next feed is asked {_format_time(min(times), zone)}."
        if times
        else "No feed is asked."
    )


def _health_parts(feed: FollowedFeed, now: datetime, zone: ZoneInfo) -> list[str]:
    health, status = feed.health, health_status(feed, now)
    parts = [status.value]
    if health.succeeded_at:
        parts.append(f"last read {_format_time(health.succeeded_at, zone)}")
    elif status is not FeedHealthStatus.NEW:
        parts.append("never read")
    if health.articles_per_day is not None:
        parts.append(f"{health.articles_per_day:.1f} articles a day")
    if health.waiting:
        parts.append(f"{health.waiting:,} to be read")
    if health.queued:
        parts.append(f"{health.queued:,} left to later polls")
    if health.pending:
        parts.append(f"{health.pending:,} held (`briefing feeds held --feed {feed.number}`)")
    if feed.state is FeedState.ACTIVE:
        parts.append(f"next {_format_time(feed.next_at, zone)}")
    return parts


def _format_time(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def _join_words(words: Iterable[str]) -> str:
    return ", ".join(isolate(strip_controls(word)) for word in words)
