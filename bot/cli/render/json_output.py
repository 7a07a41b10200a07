"""The JSON objects that --json prints. docs/operations.md documents their keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bot.feeds.health import find_remedy, health_status
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import FeedState, FollowedFeed
from index.dedup.near_duplicates import Duplicate
from index.dialogue.intents import Intent
from index.models import Answer, Article, Confidence, DateWindow, Quote
from index.storage.records import ArticleArrival, AuditEntry
from index.stories.models import Story


def serialize_answer(answer: Answer) -> dict[str, Any]:
    """Return an answer as `ask --json` prints it."""
    window = answer.window
    document: dict[str, Any] = {
        "question": answer.question,
        "intent": answer.intent.value,
        "corrected": answer.corrected,
        "after": answer.after,
        "answered": answer.answered,
        "confidence": answer.confidence.value,
        "window": {"since": _isoformat(window.since), "until": _isoformat(window.until)}
        if window
        else None,
        "sources": list(answer.sources) if answer.sources else None,
        "quotes": [_serialize_answer_quote(quote) for quote in answer.quotes],
    }
    if not answer.answered and answer.intent is Intent.QUESTION:
        document["nearest"] = [_serialize_answer_quote(quote) for quote in answer.nearest]
    return document


def serialize_answers(question: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the answers to the questions of one message as `ask --json` prints them.

    One answer is printed as it is. Of several, `parts` has each; their quotes stand together, and
    the confidence is the lowest of those that are answered.
    """
    parts = [serialize_answer(answer) for answer in answers]
    if len(parts) == 1:
        return parts[0]
    answered = [part for part in parts if part["answered"]]
    confidences = [confidence.value for confidence in Confidence]
    combined = {
        **parts[0],
        "question": question,
        "answered": bool(answered),
        "confidence": max(
            (part["confidence"] for part in answered or parts), key=confidences.index
        ),
        "quotes": [quote for part in parts for quote in part["quotes"]],
        "parts": parts,
    }
    combined.pop("nearest", None)
    if not answered:
        combined["nearest"] = [quote for part in parts for quote in part["nearest"]]
    return combined


def _serialize_answer_quote(quote: Quote) -> dict[str, Any]:
    return {**serialize_quote(quote), "answers": quote.answers, "event": quote.event}


def serialize_quote(quote: Quote) -> dict[str, Any]:
    """Return a quote as a JSON object."""
    return {
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "highlight": list(quote.highlight),
        "score": quote.score,
        "article": _serialize_citation(quote.article),
        "also": [_serialize_citation(article) for article in quote.also],
    }


def serialize_article(article: Article) -> dict[str, Any]:
    """Return all fields of an article except its text."""
    return {
        **_serialize_citation(article),
        "headline": article.headline,
        "author": article.author,
        "date_found": article.date_found.value,
        "added_at": article.added_at.isoformat(),
        "characters": len(article.text),
    }


def serialize_digest(window: DateWindow, stories: Sequence[Story]) -> dict[str, Any]:
    """Return the stories of a window as `digest --json` prints them."""
    return {
        "since": _isoformat(window.since),
        "until": _isoformat(window.until),
        "stories": [serialize_story(story) for story in stories],
    }


def serialize_story(story: Story) -> dict[str, Any]:
    """Return a story; `published` is the date of its latest article."""
    return {
        "headline": story.headline,
        "published": _isoformat(story.until),
        "first_published": _isoformat(story.since),
        "continues": story.continues,
        "sources": list(story.sources),
        "article_ids": [article.id for article in story.articles],
        "quotes": [serialize_quote(quote) for quote in story.quotes],
        "why": {
            "score": round(story.rank_explanation.score, 3),
            "independent_sources": story.rank_explanation.independent_sources,
            "sources": round(story.rank_explanation.source_score, 3),
            "new": round(story.rank_explanation.recency_score, 3),
            "libyan": round(story.rank_explanation.libya_score, 3),
        },
    }


def serialize_duplicate(duplicate: Duplicate) -> dict[str, Any]:
    """Return a duplicate of an article: how it matches, and the archived article."""
    return {"how": duplicate.kind.value, **_serialize_citation(duplicate.article)}


def serialize_arrival(arrival: ArticleArrival) -> dict[str, Any]:
    """Return a new article with its sequence number, after which a client continues."""
    return {
        "seq": arrival.seq,
        "quiet": arrival.suppress_alerts,
        **serialize_article(arrival.article),
    }


def serialize_feed(feed: FollowedFeed, now: datetime) -> dict[str, Any]:
    """Return a feed: its address, options and health."""
    discovered, options, health = feed.discovered, feed.options, feed.health
    return {
        "number": feed.number,
        "source": feed.source,
        "address": discovered.address,
        "kind": discovered.kind.value,
        "title": discovered.title,
        "page": discovered.page,
        "language": options.language or discovered.language,
        "hold": options.hold,
        "require": list(options.require),
        "refuse": list(options.refuse),
        "state": feed.state.value,
        "added_at": feed.added_at.isoformat(),
        "added_by": feed.added_by,
        "next_at": feed.next_at.isoformat() if feed.state is FeedState.ACTIVE else None,
        "health": {
            "condition": health_status(feed, now).value,
            "succeeded_at": _isoformat(health.succeeded_at),
            "failed_at": _isoformat(health.failed_at),
            "failures": health.failures,
            "error": health.error.value if health.error else None,
            "said": health.error_message,
            "remedy": find_remedy(feed, now),
            "articles_a_day": None
            if health.articles_per_day is None
            else round(health.articles_per_day, 2),
            "waiting": health.waiting,
            "held": health.pending,
            "site_limit_at": _isoformat(health.site_limit_at),
        },
    }


def serialize_pending_article(pending_article: PendingArticle) -> dict[str, Any]:
    """Return a pending article, with the text that an editor needs for the decision."""
    extracted = pending_article.extracted
    return {
        "number": pending_article.number,
        "feed": pending_article.feed_number,
        "title": extracted.title,
        "source": extracted.source or pending_article.source,
        "url": extracted.url,
        "published": _isoformat(extracted.published),
        "date_found": extracted.date_found.value,
        "language": extracted.language,
        "author": extracted.author,
        **({"only_summary": True} if extracted.only_summary else {}),
        "quiet": pending_article.suppress_alerts,
        "made_at": pending_article.made_at.isoformat(),
        "text": extracted.text,
    }


def serialize_audit_entry(audit_entry: AuditEntry) -> dict[str, Any]:
    """Return an entry of the audit log as a JSON object."""
    return {
        "number": audit_entry.number,
        "at": audit_entry.recorded_at,
        "by": audit_entry.actor,
        "what": audit_entry.action,
        "about": audit_entry.subject_id,
        "before": audit_entry.before,
        "after": audit_entry.after,
    }


def _serialize_citation(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": _isoformat(article.published),
        "language": article.language,
        **({"only_summary": True} if article.only_summary else {}),
    }


def _isoformat(value: date | None) -> str | None:
    return value.isoformat() if value else None
