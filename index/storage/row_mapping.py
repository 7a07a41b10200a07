"""Convert between models and database rows: articles, passages, instants, vectors, windows."""

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
from index.urls import canonicalise_url

_FLOAT16 = np.dtype("<f2")
_INT32 = np.dtype("<i4")
_Params = ParamSpec("_Params")
_Result = TypeVar("_Result")


def _translate_damage(decode: Callable[_Params, _Result]) -> Callable[_Params, _Result]:
    """Report a value that cannot be decoded as damage (`StoreError`), not as a bug."""

    @wraps(decode)
    def wrapper(*args: _Params.args, **kwargs: _Params.kwargs) -> _Result:
        try:
            return decode(*args, **kwargs)
        except (ValueError, OverflowError) as error:
            raise StoreError(
                "the database is damaged: a stored value cannot be decoded", DAMAGE_REMEDY
            ) from error

    return wrapper


def article_row(draft: Draft, zone: ZoneInfo) -> dict[str, Any]:
    """Return a draft's columns of `articles`; `zone` applies to a time without a zone."""
    published = draft.published
    has_time = isinstance(published, datetime)
    return {
        "id": draft.id,
        "title": draft.title,
        "text": draft.text,
        "source": draft.source,
        "url": draft.url,
        "published": published.isoformat() if published else None,
        "published_on": published.isoformat() if published and not has_time else None,
        "published_at": format_utc(to_instant(published, zone)) if has_time and published else None,
        "date_found": draft.date_found.value,
        "language": draft.language,
        "author": draft.author,
        "only_summary": draft.only_summary,
        "address": canonical_address(draft),
    }


def canonical_address(draft: Draft) -> str | None:
    """Return the draft's URL in canonical form, equal for all links to the same page."""
    return canonicalise_url(draft.url) if draft.url else None


def parse_instant(value: str | None) -> datetime | None:
    """Return the instant in an ISO 8601 column; None for null."""
    return datetime.fromisoformat(value) if value else None


def published_within(window: DateWindow | None, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Return conditions on articles published in the window, both ends included.

    A publication time is compared as an instant; a day without a time matches if the window
    overlaps it.
    """
    if window is None or (window.since is None and window.until is None):
        return []
    day_conditions: list[ColumnElement[bool]] = [articles.c.published_on.is_not(None)]
    instant_conditions: list[ColumnElement[bool]] = [articles.c.published_at.is_not(None)]
    if window.since is not None:
        first = to_instant(window.since, zone)
        day_conditions.append(articles.c.published_on >= first.astimezone(zone).date().isoformat())
        instant_conditions.append(articles.c.published_at >= format_utc(first))
    if window.until is not None:
        last = to_instant(window.until, zone, end_of_day=True)
        day_conditions.append(articles.c.published_on <= last.astimezone(zone).date().isoformat())
        instant_conditions.append(articles.c.published_at <= format_utc(last))
    return [or_(and_(*day_conditions), and_(*instant_conditions))]


def passage_row(article_key: int, passage: NewPassage) -> dict[str, Any]:
    """Return a passage's columns of `passages`."""
    return {
        "article_key": article_key,
        "start": passage.span.start,
        "end": passage.span.end,
        "words": passage.text_digest,
        "vector": to_float16_blob(passage.vector),
        "sentences": np.array(passage.span.sentences, _INT32).tobytes(),
        "sentence_vectors": to_float16_blob(passage.sentence_vectors),
    }


def to_float16_blob(vector: NDArray[np.float32]) -> bytes:
    """Return a vector (d,) or rows of vectors (n, d) as little-endian float16."""
    return vector.astype(_FLOAT16).tobytes()


@_translate_damage
def decode_vectors(blobs: Iterable[bytes]) -> Vectors:
    """Return stored vectors as rows (n, d); shape (0, 0) if there are none."""
    rows = [np.frombuffer(blob, _FLOAT16) for blob in blobs]
    return np.array(rows, np.float32) if rows else np.empty((0, 0), np.float32)


def format_utc(instant: datetime) -> str:
    """Return an instant as ISO 8601 in UTC with microseconds, so that text order is time order."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@_translate_damage
def decode_candidates(rows: Sequence[Sequence[Any]]) -> dict[int, CandidatePassage]:
    """Return candidates by passage id, from rows of the query in `Snapshot.candidates`.

    Each kind of blob is joined and decoded at once, because this runs for every question.
    """
    if not rows:
        return {}
    (
        ids,
        keys,
        starts,
        ends,
        text_digests,
        vector_blobs,
        sentence_blobs,
        sentence_vector_blobs,
        term_blobs,
        count_blobs,
        *article_columns,
    ) = zip(*rows, strict=True)
    count = len(rows)
    offsets = np.frombuffer(b"".join(sentence_blobs), _INT32).reshape(-1, 2)
    term_ids = np.frombuffer(b"".join(term_blobs), _INT32)
    term_counts = np.frombuffer(b"".join(count_blobs), _INT32)
    vectors = np.frombuffer(b"".join((*vector_blobs, *sentence_vector_blobs)), _FLOAT16).astype(
        np.float32
    )
    vectors = vectors.reshape(count + len(offsets), -1)
    vectors.flags.writeable = False
    candidates = {}
    first_sentence = first_word = 0
    for index in range(count):
        last_sentence = first_sentence + len(sentence_blobs[index]) // (2 * _INT32.itemsize)
        last_word = first_word + len(term_blobs[index]) // _INT32.itemsize
        candidates[ids[index]] = CandidatePassage(
            ids[index],
            starts[index],
            ends[index],
            text_digests[index],
            keys[index],
            article_columns[0][index],
            article_columns[1][index],
            article_columns[2][index],
            vectors[index],
            offsets[first_sentence:last_sentence],
            vectors[count + first_sentence : count + last_sentence],
            term_ids[first_word:last_word],
            term_counts[first_sentence + index : last_sentence + index + 1],
        )
        first_sentence, first_word = last_sentence, last_word
    return candidates


@_translate_damage
def decode_passage_terms(rows: Sequence[Sequence[Any]]) -> PassageTerms:
    """Return the terms of passages, from rows (passage id, article key, words, counts)."""
    ids, keys, term_blobs, count_blobs = zip(*rows, strict=True)
    sizes = np.array([len(blob) // _INT32.itemsize for blob in term_blobs], np.int32)
    context_counts = b"".join([blob[: _INT32.itemsize] for blob in count_blobs])
    return PassageTerms(
        np.array(ids, np.int64),
        np.array(keys, np.int64),
        np.frombuffer(b"".join(term_blobs), _INT32),
        sizes,
        sizes - np.frombuffer(context_counts, _INT32),
    )


@_translate_damage
def to_article(row: Row[Any]) -> Article:
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
