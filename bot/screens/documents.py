"""What --json prints: the shapes that docs/operations.md and the command line's contract name."""

from __future__ import annotations

from datetime import date
from typing import Any

from index.article import Answer, Article, Quote
from index.copies import Copy
from index.store.rows import Entry


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


def copy(of: Copy) -> dict[str, Any]:
    """Return an article that the archive has already, and in what it is the same."""
    return {"how": of.how.value, **_cited(of.article)}


def entry(of: Entry) -> dict[str, Any]:
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
    }


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None
