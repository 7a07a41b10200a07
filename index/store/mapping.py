"""Between the archive's words and the database's: rows, instants, vectors, windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import ColumnElement, Row, and_, or_

from index.article import Article, DateFound, Draft, Passage, Window, instant
from index.errors import StoreError
from index.store.database import DAMAGE_REMEDY
from index.store.rows import Candidate, EmbeddedPassage, Vectors
from index.store.tables import articles
from index.text.spans import Span

_HALF = np.dtype("<f2")
_OFFSET = np.dtype("<i4")
_Given = ParamSpec("_Given")
_Read = TypeVar("_Read")


def _undamaged(read: Callable[_Given, _Read]) -> Callable[_Given, _Read]:
    """Tell what cannot be read from a row as damage, not as a fault of the program."""

    @wraps(read)
    def told(*row: _Given.args, **how: _Given.kwargs) -> _Read:
        try:
            return read(*row, **how)
        except (ValueError, OverflowError) as error:
            raise StoreError(
                "the database is damaged: it holds what nothing here wrote", DAMAGE_REMEDY
            ) from error

    return told


def article_row(draft: Draft, zone: ZoneInfo) -> dict[str, Any]:
    """Return an article's columns as a draft gives them; `zone` is that of a time without one."""
    published = draft.published
    timed = isinstance(published, datetime)
    return {
        "id": draft.id,
        "title": draft.title,
        "text": draft.text,
        "source": draft.source,
        "url": draft.url,
        "published": published.isoformat() if published else None,
        "published_on": published.isoformat() if published and not timed else None,
        "published_at": utc(instant(published, zone)) if timed and published else None,
        "date_found": draft.date_found.value,
        "language": draft.language,
    }


def within(window: Window | None, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Return conditions that keep what was published in the window, both ends included.

    A time is compared as an instant; a day without a time belongs to a window that touches it.
    """
    if window is None or (window.since is None and window.until is None):
        return []
    on: list[ColumnElement[bool]] = [articles.c.published_on.is_not(None)]
    at: list[ColumnElement[bool]] = [articles.c.published_at.is_not(None)]
    if window.since is not None:
        first = instant(window.since, zone)
        on.append(articles.c.published_on >= first.astimezone(zone).date().isoformat())
        at.append(articles.c.published_at >= utc(first))
    if window.until is not None:
        last = instant(window.until, zone, end_of_day=True)
        on.append(articles.c.published_on <= last.astimezone(zone).date().isoformat())
        at.append(articles.c.published_at <= utc(last))
    return [or_(and_(*on), and_(*at))]


def passage_row(article_key: int, passage: EmbeddedPassage) -> dict[str, Any]:
    """Return a passage's columns."""
    return {
        "article_key": article_key,
        "start": passage.span.start,
        "end": passage.span.end,
        "words": passage.words,
        "vector": passage.vector.astype(_HALF).tobytes(),
        "sentences": np.array(passage.span.sentences, _OFFSET).tobytes(),
        "sentence_vectors": passage.sentence_vectors.astype(_HALF).tobytes(),
    }


@_undamaged
def vectors(blobs: Iterable[bytes]) -> Vectors:
    """Return stored vectors as rows (n, d); (0, 0) where there are none."""
    rows = [np.frombuffer(blob, _HALF) for blob in blobs]
    return np.array(rows, np.float32) if rows else np.empty((0, 0), np.float32)


def utc(moment: datetime) -> str:
    """Write an instant so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@_undamaged
def candidates(rows: Sequence[Any]) -> dict[int, Candidate]:
    """Return candidates by id, of rows of `passages` that have their article's id.

    All offsets and vectors are decoded in one piece each: this runs at every question.
    """
    if not rows:
        return {}
    offsets = np.frombuffer(b"".join(row.sentences for row in rows), _OFFSET).reshape(-1, 2)
    halves = np.frombuffer(b"".join(row.sentence_vectors for row in rows), _HALF)
    vectors_of_all = halves.reshape(len(offsets), -1).astype(np.float32)
    spans = [Span(start, end) for start, end in offsets.tolist()]
    found, first = {}, 0
    for row in rows:
        last = first + len(row.sentences) // (2 * _OFFSET.itemsize)
        found[row.id] = Candidate(
            Passage(row.id, row.start, row.end, tuple(spans[first:last])),
            row.words,
            row.article_key,
            row.article_id,
            vectors_of_all[first:last],
        )
        first = last
    return found


@_undamaged
def article(row: Row[Any]) -> Article:
    """Return the article in a row of `articles`."""
    return Article(
        id=row.id,
        title=row.title,
        headline=row.headline,
        text=row.text,
        source=row.source,
        url=row.url,
        published=row.published,
        date_found=DateFound(row.date_found),
        language=row.language,
        added_at=datetime.fromisoformat(row.added_at),
    )
