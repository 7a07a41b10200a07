"""Articles as grouping needs them: their vectors, their words, and the day they are of."""

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

ELSEWHERE = 100
"""So many more articles are thought of that hold none of the words: among a handful of articles a
word that all of them have would say nothing, and it is what they are about."""


class ArticleFeatures(NamedTuple):
    """n articles, the earliest first."""

    keys: NDArray[np.int64]
    """(n,): by which the database knows them."""
    articles: tuple[Article, ...]
    days: NDArray[np.int64]
    """(n,): the day of publication, or where that is not known of arrival, as an ordinal."""
    languages: NDArray[np.int64]
    """(n,): as `language_rows` gives them."""
    leads: Vectors
    """(n, d): what the first passage says, from its language's mean, of unit length."""
    means: Vectors
    """(n, d): what all its passages say, likewise."""
    words: sp.csr_matrix
    """(n, w): how much each word says of the article, of unit length: tf-idf."""
    lead_words: sp.csr_matrix
    """(n, w): of its first passage, with what is embedded before it."""
    firsts: tuple[int, ...]
    """The id of each one's first passage."""
    digests: tuple[bytes, ...]
    """Of the words of each one's first passage: equal where two say the same."""


def reports_of(read: ClusteringInput, calibration: Calibration, zone: ZoneInfo) -> ArticleFeatures:
    """Put articles in order, and weigh what they say among one another."""
    when = {
        key: to_instant(each.published or each.added_at, zone).astimezone(zone)
        for key, each in read.articles.items()
    }
    vectors = read.vectors.reshape(-1, calibration.dimension)
    keys = sorted(set(read.owners.tolist()), key=lambda key: (when[key], key))
    place = {key: row for row, key in enumerate(keys)}
    owners = np.array([place[key] for key in read.owners.tolist()], np.int64)
    firsts = _first_of_each(owners, len(keys))
    first_ids = read.passage_ids[firsts].tolist()
    articles = tuple(read.articles[key] for key in keys)
    languages = language_rows([each.language for each in articles])
    sums = np.zeros((len(keys), calibration.dimension), np.float32)
    np.add.at(sums, owners, vectors)
    whole, lead = _counted(read.terms, place, set(first_ids))
    rarity = _rarity(whole)
    return ArticleFeatures(
        np.array(keys, np.int64),
        articles,
        np.array([when[key].toordinal() for key in keys], np.int64),
        languages,
        calibration.centred_passages(vectors[firsts], languages),
        calibration.centred_passages(_unit(sums), languages),
        _weighed(whole, rarity),
        _weighed(lead, rarity),
        tuple(first_ids),
        tuple(read.digests[each] for each in first_ids),
    )


def _first_of_each(owners: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return where each owner's first passage stands; passages are in the order of their ids."""
    firsts = np.full(count, len(owners), np.int64)
    np.minimum.at(firsts, owners, np.arange(len(owners)))
    return firsts


def _counted(
    terms: Iterable[PassageTerms], place: dict[int, int], firsts: set[int]
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Count the words (n, w) of whole articles, and of their first passages."""
    rows, columns, led = [], [], []
    for some in terms:
        known = np.array([key in place for key in some.article_keys.tolist()], bool)
        owners = np.array([place.get(key, 0) for key in some.article_keys.tolist()], np.int64)
        leading = np.array([each in firsts for each in some.passage_ids.tolist()], bool)
        kept = np.repeat(known, some.sizes)
        rows.append(np.repeat(owners, some.sizes)[kept])
        columns.append(some.terms[kept])
        led.append(np.repeat(leading, some.sizes)[kept])
    if not rows:
        nothing = sp.csr_matrix((len(place), 1))
        return nothing, nothing
    row, column, lead = map(np.concatenate, (rows, columns, led))
    _, column = np.unique(column, return_inverse=True)
    shape = len(place), int(column.max(initial=0)) + 1
    ones = np.ones(len(row))
    whole = sp.coo_matrix((ones, (row, column)), shape).tocsr()
    return whole, sp.coo_matrix((ones[lead], (row[lead], column[lead])), shape).tocsr()


def _rarity(counts: sp.csr_matrix) -> NDArray[np.float64]:
    """Return how much each word says: log(1 + (N - n + 0.5) / (n + 0.5)), as search has it."""
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    total = counts.shape[0] + ELSEWHERE
    return np.asarray(np.log(1 + (total - holders + 0.5) / (holders + 0.5)))


def _weighed(counts: sp.csr_matrix, rarity: NDArray[np.float64]) -> sp.csr_matrix:
    """Return (1 + log count) x rarity, each row of unit length."""
    weighed = counts.copy()
    weighed.data = (1 + np.log(weighed.data)) * rarity[weighed.indices]
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(length, 1e-9)) @ weighed)


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-6), np.float32)
