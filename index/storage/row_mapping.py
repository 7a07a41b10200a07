"""Between the archive's words and the database's: rows, instants, vectors, windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, and_, or_

from index.errors import StoreError
from index.models import Article, DateProvenance, DateWindow, Draft, to_instant
from index.storage.database import DAMAGE_REMEDY
from index.storage.records import CandidatePassage, NewPassage, PassageTerms, Vectors
from index.storage.schema import articles
from index.urls import canonical

_HALF = np.dtype("<f2")
_NUMBER = np.dtype("<i4")
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
        "published_at": utc(to_instant(published, zone)) if timed and published else None,
        "date_found": draft.date_found.value,
        "language": draft.language,
        "author": draft.author,
        "only_summary": draft.only_summary,
        "address": address(draft),
    }


def address(draft: Draft) -> str | None:
    """Return the address by which other links to the same page are known."""
    return canonical(draft.url) if draft.url else None


def moment_of(said: str | None) -> datetime | None:
    """Return the instant that a column holds, if it holds one."""
    return datetime.fromisoformat(said) if said else None


def within(window: DateWindow | None, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Return conditions that keep what was published in the window, both ends included.

    A time is compared as an instant; a day without a time belongs to a window that touches it.
    """
    if window is None or (window.since is None and window.until is None):
        return []
    on: list[ColumnElement[bool]] = [articles.c.published_on.is_not(None)]
    at: list[ColumnElement[bool]] = [articles.c.published_at.is_not(None)]
    if window.since is not None:
        first = to_instant(window.since, zone)
        on.append(articles.c.published_on >= first.astimezone(zone).date().isoformat())
        at.append(articles.c.published_at >= utc(first))
    if window.until is not None:
        last = to_instant(window.until, zone, end_of_day=True)
        on.append(articles.c.published_on <= last.astimezone(zone).date().isoformat())
        at.append(articles.c.published_at <= utc(last))
    return [or_(and_(*on), and_(*at))]


def passage_row(article_key: int, passage: NewPassage) -> dict[str, Any]:
    """Return a passage's columns."""
    return {
        "article_key": article_key,
        "start": passage.span.start,
        "end": passage.span.end,
        "words": passage.words,
        "vector": to_float16_blob(passage.vector),
        "sentences": np.array(passage.span.sentences, _NUMBER).tobytes(),
        "sentence_vectors": to_float16_blob(passage.sentence_vectors),
    }


def to_float16_blob(vector: NDArray[np.float32]) -> bytes:
    """Return a vector, or rows of them, as they are stored."""
    return vector.astype(_HALF).tobytes()


@_undamaged
def vectors(blobs: Iterable[bytes]) -> Vectors:
    """Return stored vectors as rows (n, d); (0, 0) where there are none."""
    rows = [np.frombuffer(blob, _HALF) for blob in blobs]
    return np.array(rows, np.float32) if rows else np.empty((0, 0), np.float32)


def utc(moment: datetime) -> str:
    """Write an instant so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@_undamaged
def candidates(rows: Sequence[Sequence[Any]]) -> dict[int, CandidatePassage]:
    """Return candidates by id, of rows as `moment` reads them.

    All numbers are decoded in one piece each: this runs at every question.
    """
    if not rows:
        return {}
    ids, keys, starts, ends, words, own, spans, halves, said, counts, *of_articles = zip(
        *rows, strict=True
    )
    count = len(rows)
    offsets = np.frombuffer(b"".join(spans), _NUMBER).reshape(-1, 2)
    numbers = np.frombuffer(b"".join(said), _NUMBER)
    shares = np.frombuffer(b"".join(counts), _NUMBER)
    decoded = np.frombuffer(b"".join((*own, *halves)), _HALF).astype(np.float32)
    decoded = decoded.reshape(count + len(offsets), -1)
    decoded.flags.writeable = False
    found = {}
    first_sentence = first_word = 0
    for row in range(count):
        last_sentence = first_sentence + len(spans[row]) // (2 * _NUMBER.itemsize)
        last_word = first_word + len(said[row]) // _NUMBER.itemsize
        found[ids[row]] = CandidatePassage(
            ids[row],
            starts[row],
            ends[row],
            words[row],
            keys[row],
            of_articles[0][row],
            of_articles[1][row],
            of_articles[2][row],
            decoded[row],
            offsets[first_sentence:last_sentence],
            decoded[count + first_sentence : count + last_sentence],
            numbers[first_word:last_word],
            shares[first_sentence + row : last_sentence + row + 1],
        )
        first_sentence, first_word = last_sentence, last_word
    return found


@_undamaged
def passage_terms(rows: Sequence[Sequence[Any]]) -> PassageTerms:
    """Return the words of passages, of rows (passage's id, article's key, words, counts)."""
    ids, keys, said, counts = zip(*rows, strict=True)
    sizes = np.array([len(blob) // _NUMBER.itemsize for blob in said], np.int32)
    before = b"".join([blob[: _NUMBER.itemsize] for blob in counts])
    return PassageTerms(
        np.array(ids, np.int64),
        np.array(keys, np.int64),
        np.frombuffer(b"".join(said), _NUMBER),
        sizes,
        sizes - np.frombuffer(before, _NUMBER),
    )


@_undamaged
def article(row: Row[Any]) -> Article:
    """Return the article in a row of `articles`."""
    return Article(
        number=row.key,
        id=row.id,
        title=row.title,
        headline=row.headline,
        text=row.text,
        source=row.source,
        url=row.url,
        published=row.published,
        date_found=DateProvenance(row.date_found),
        only_summary=bool(row.only_summary),
        language=row.language,
        author=row.author,
        added_at=datetime.fromisoformat(row.added_at),
    )
