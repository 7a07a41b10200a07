"""Extract the features that clustering compares: vectors, tf-idf weights and publication days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from index.models import Article, to_instant
from index.search.calibration import Calibration, language_rows
from index.storage.cluster_inputs import ClusteringInput
from index.storage.records import PassageTerms, Vectors

BACKGROUND_ARTICLES = 100
"""Added to the number of articles in idf, as if so many more articles had none of the words: among
a few articles a word that all of them share would otherwise get no weight, though it is what they
are about."""


class ArticleFeatures(NamedTuple):
    """Features of n articles, earliest first."""

    keys: NDArray[np.int64]
    """(n,): their keys in the database."""
    articles: tuple[Article, ...]
    days: NDArray[np.int64]
    """(n,): ordinal of the publication day, or of the day of addition if undated."""
    languages: NDArray[np.int64]
    """(n,): as returned by `language_rows`."""
    lead_vectors: Vectors
    """(n, d): the first passage's vector, centred on its language's mean, of unit length."""
    mean_vectors: Vectors
    """(n, d): the mean vector of all passages, centred likewise, of unit length."""
    tfidf: sp.csr_matrix
    """(n, w): tf-idf weights of the article's words, rows of unit length."""
    lead_tfidf: sp.csr_matrix
    """(n, w): tf-idf weights of the first passage with its context, rows of unit length."""
    first_passage_ids: tuple[int, ...]
    """The id of each article's first passage."""


def extract_features(
    clustering_input: ClusteringInput, calibration: Calibration, zone: ZoneInfo
) -> ArticleFeatures:
    """Sort the articles by time and compute their features relative to one another."""
    published_at = {
        key: to_instant(article.published or article.added_at, zone).astimezone(zone)
        for key, article in clustering_input.articles.items()
    }
    vectors = clustering_input.vectors.reshape(-1, calibration.dimension)
    keys = sorted(
        set(clustering_input.article_keys.tolist()), key=lambda key: (published_at[key], key)
    )
    row_by_key = {key: row for row, key in enumerate(keys)}
    passage_rows = np.array(
        [row_by_key[key] for key in clustering_input.article_keys.tolist()], np.int64
    )
    first_positions = _find_first_positions(passage_rows, len(keys))
    first_ids = clustering_input.passage_ids[first_positions].tolist()
    articles = tuple(clustering_input.articles[key] for key in keys)
    languages = language_rows([article.language for article in articles])
    sums = np.zeros((len(keys), calibration.dimension), np.float32)
    np.add.at(sums, passage_rows, vectors)
    counts, lead_counts = _count_words(clustering_input.terms, row_by_key, set(first_ids))
    idf = _compute_idf(counts)
    return ArticleFeatures(
        np.array(keys, np.int64),
        articles,
        np.array([published_at[key].toordinal() for key in keys], np.int64),
        languages,
        calibration.centre_passages(vectors[first_positions], languages),
        calibration.centre_passages(_normalise(sums), languages),
        _compute_tfidf(counts, idf),
        _compute_tfidf(lead_counts, idf),
        tuple(first_ids),
    )


def _find_first_positions(passage_rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the position of each article's first passage; passages are ordered by id."""
    first_positions = np.full(count, len(passage_rows), np.int64)
    np.minimum.at(first_positions, passage_rows, np.arange(len(passage_rows)))
    return first_positions


def _count_words(
    terms: Iterable[PassageTerms], row_by_key: dict[int, int], first_ids: set[int]
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Return word counts (n, w) of whole articles, and of their first passages."""
    rows, columns, lead_masks = [], [], []
    for batch in terms:
        is_known = np.array([key in row_by_key for key in batch.article_keys.tolist()], bool)
        passage_rows = np.array(
            [row_by_key.get(key, 0) for key in batch.article_keys.tolist()], np.int64
        )
        is_lead = np.array(
            [passage_id in first_ids for passage_id in batch.passage_ids.tolist()], bool
        )
        mask = np.repeat(is_known, batch.sizes)
        rows.append(np.repeat(passage_rows, batch.sizes)[mask])
        columns.append(batch.terms[mask])
        lead_masks.append(np.repeat(is_lead, batch.sizes)[mask])
    if not rows:
        empty = sp.csr_matrix((len(row_by_key), 1))
        return empty, empty
    row, column, in_lead = map(np.concatenate, (rows, columns, lead_masks))
    _, column = np.unique(column, return_inverse=True)
    shape = len(row_by_key), int(column.max(initial=0)) + 1
    ones = np.ones(len(row))
    counts = sp.coo_matrix((ones, (row, column)), shape).tocsr()
    return counts, sp.coo_matrix((ones[in_lead], (row[in_lead], column[in_lead])), shape).tocsr()


def _compute_idf(counts: sp.csr_matrix) -> NDArray[np.float64]:
    """Return the idf (w,) of each word: log(1 + (N - n + 0.5) / (n + 0.5)), as in BM25 search."""
    document_counts = np.bincount(counts.indices, minlength=counts.shape[1])
    total = counts.shape[0] + BACKGROUND_ARTICLES
    return np.asarray(np.log(1 + (total - document_counts + 0.5) / (document_counts + 0.5)))


def _compute_tfidf(counts: sp.csr_matrix, idf: NDArray[np.float64]) -> sp.csr_matrix:
    """Return (1 + log count) * idf, each row of unit length."""
    weights = counts.copy()
    weights.data = (1 + np.log(weights.data)) * idf[weights.indices]
    length = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(length, 1e-9)) @ weights)


def _normalise(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-6), np.float32)
