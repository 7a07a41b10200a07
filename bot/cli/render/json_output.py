"""What --json prints: the shapes that docs/operations.md and the command line's contract name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bot.feeds.health import condition, remedy
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import FeedState, FollowedFeed
from index.dedup.near_duplicates import Duplicate
from index.models import Answer, Article, DateWindow, Quote
from index.storage.records import ArticleArrival, AuditEntry
from index.stories.models import Story


def answer(found: Answer) -> dict[str, Any]:
    """Return an answer as `ask --json` prints it."""
    window = found.window
    document: dict[str, Any] = {
        "question": found.question,
        "answered": found.answered,
        "window": {"since": _iso(window.since), "until": _iso(window.until)} if window else None,
        "quotes": [quote(each) for each in found.quotes],
    }
    if not found.answered:
        document["nearest"] = [quote(each) for each in found.nearest]
    return document


def quote(quoted: Quote) -> dict[str, Any]:
    """Return a quote as JSON shows it."""
    return {
        "text": quoted.text,
        "start": quoted.start,
        "end": quoted.end,
        "highlight": list(quoted.highlight),
        "score": quoted.score,
        "article": _cited(quoted.article),
        "also": [_cited(other) for other in quoted.also],
    }


def article(of: Article) -> dict[str, Any]:
    """Return everything that is known of an article but its text."""
    return {
        **_cited(of),
        "headline": of.headline,
        "author": of.author,
        "date_found": of.date_found.value,
        "added_at": of.added_at.isoformat(),
        "characters": len(of.text),
    }


def digest(window: DateWindow, found: Sequence[Story]) -> dict[str, Any]:
    """Return the stories of a window as `digest --json` prints them."""
    return {
        "since": _iso(window.since),
        "until": _iso(window.until),
        "stories": [story(each) for each in found],
    }


def story(of: Story) -> dict[str, Any]:
    """Return a story; `published` is when the last of its articles was."""
    return {
        "headline": of.headline,
        "published": _iso(of.until),
        "first_published": _iso(of.since),
        "continues": of.continues,
        "sources": list(of.sources),
        "article_ids": [each.id for each in of.articles],
        "quotes": [quote(each) for each in of.quotes],
        "why": {
            "score": round(of.why.score, 3),
            "independent_sources": of.why.sources,
            "sources": round(of.why.carried, 3),
            "new": round(of.why.new, 3),
            "libyan": round(of.why.libyan, 3),
        },
    }


def copy(of: Duplicate) -> dict[str, Any]:
    """Return an article that the archive has already, and in what it is the same."""
    return {"how": of.how.value, **_cited(of.article)}


def arrival(of: ArticleArrival) -> dict[str, Any]:
    """Return an article that came, with the number by which whoever follows goes on."""
    return {"seq": of.seq, "quiet": of.quiet, **article(of.article)}


def feed(of: FollowedFeed, now: datetime) -> dict[str, Any]:
    """Return a feed: where it is, what was decided of it, and how it is."""
    found, chosen, health = of.found, of.chosen, of.health
    return {
        "number": of.number,
        "source": of.source,
        "address": found.address,
        "kind": found.kind.value,
        "title": found.title,
        "page": found.page,
        "language": chosen.language or found.language,
        "hold": chosen.hold,
        "require": list(chosen.require),
        "refuse": list(chosen.refuse),
        "state": of.state.value,
        "added_at": of.added_at.isoformat(),
        "added_by": of.added_by,
        "next_at": of.next_at.isoformat() if of.state is FeedState.ACTIVE else None,
        "health": {
            "condition": condition(of, now).value,
            "succeeded_at": _iso(health.succeeded_at),
            "failed_at": _iso(health.failed_at),
            "failures": health.failures,
            "error": health.error.value if health.error else None,
            "said": health.error_said,
            "remedy": remedy(of, now),
            "articles_a_day": None if health.a_day is None else round(health.a_day, 2),
            "waiting": health.waiting,
            "held": health.held,
        },
    }


def held(of: PendingArticle) -> dict[str, Any]:
    """Return an article that waits for an editor, with its text: it is read to be decided on."""
    story = of.brought
    return {
        "number": of.number,
        "feed": of.feed,
        "title": story.title,
        "source": story.source or of.source,
        "url": story.url,
        "published": _iso(story.published),
        "date_found": story.date_found.value,
        "language": story.language,
        "author": story.author,
        **({"only_summary": True} if story.only_summary else {}),
        "quiet": of.quiet,
        "made_at": of.made_at.isoformat(),
        "text": story.text,
    }


def entry(of: AuditEntry) -> dict[str, Any]:
    """Return an entry of the log as JSON shows it."""
    return of._asdict()


def _cited(of: Article) -> dict[str, Any]:
    return {
        "id": of.id,
        "title": of.title,
        "source": of.source,
        "url": of.url,
        "published": _iso(of.published),
        "language": of.language,
        **({"only_summary": True} if of.only_summary else {}),
    }


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None
