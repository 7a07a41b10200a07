"""Detect near-duplicate stories: the same text, or the same text lightly edited.

The rule prefers false negatives. A duplicate that is missed is in the archive twice, and answers
show the same words only once; news that is taken for a duplicate may be discarded. So numbers must
agree, no sentence may be rewritten, and in doubt the story is no duplicate.

A replaced name is recognised where both words are capitalised within a sentence. Arabic has no
capitals, so there a replaced name is a changed word, of which a short text may have none and a
long one some.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.dedup.shared_text import are_different_articles
from index.models import Article, Draft
from index.text.diff import DiffHunk, diff_hunks
from index.text.number_words import is_number_token, same_numbers, words_and_numbers
from index.text.phonetic import phonetic_keys
from index.text.spans import Span, word_set
from index.text.terms import MAX_WORD_LENGTH

_SHINGLE_SIZE = 3
_BANDS, _ROWS = 43, 3
_SEED = 2018
_SHINGLE_BATCH_SIZE = 4_096
"""Bounds the memory for a huge text to 2 MB per pass."""
_ODD_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)

MIN_CONTAINMENT = 0.88
"""Minimum share of the shorter text's words that the other has, in the same order."""
MIN_CONTAINMENT_SUM = 1.6
"""Minimum sum of that share and the share of the longer text's words. Without other changes 40 % of
a text may be cut or added; with every tenth word changed, 20 %."""
MAX_REWRITTEN_WORDS = 12
"""Where each text has more unmatched words in one place, the place is rewritten."""
MAX_BRIEF_WORDS, MAX_FLASH_WORDS = 40, 16
"""Below these text lengths, in words, a single word may be the news: a place may have at most one
unmatched word (brief) or none (flash), and may not add or drop a denial."""
MAX_OTHER_LEAD_WORDS = 40
"""A duplicate may lack up to this many words at the beginning; a longer new lead is the news."""
MIN_WORDS_WITHOUT_TITLE = 8
"""Shorter texts («للمزيد شاهدوا الفيديو») must share half of their titles' words, if both have
titles."""
_DENIAL_WORDS = word_set(
    "لا لم لن ليس ليست ليسوا غير عدم دون بدون نفي ينفي تنفي نفت نفي الاخفاق اخفاق الفشل فشل",
    "not no never without denies denied deny denying cannot fails failed",
    "ne pas non sans jamais aucun aucune dement dementi nie",
)
_CAPITALISED_WORD = re.compile(r"(?<=[^\W_][ ,])[ ]?[A-ZÀ-Þ][^\W_]+")
_LOWERCASE_WORD = re.compile(r"(?<![^\W_])[a-zß-ÿ][^\W_]+")
MAX_DIFF_STEPS = 25_000_000
"""Texts with more than 5,000 words from the first difference to the last are not compared: that is
more than any light edit, and comparing takes 30 ms."""


class DuplicateKind(StrEnum):
    """How a story duplicates another: the same URL, the same text, or an edited text."""

    ADDRESS = "address"
    TEXT = "text"
    EDITED = "edited"


class Duplicate(NamedTuple):
    """An article of the archive that a draft duplicates."""

    article: Article
    kind: DuplicateKind


class DuplicateCandidate(Protocol):
    """An article that may be a duplicate of a draft."""

    @property
    def article(self) -> Article:
        """The article."""

    @property
    def body(self) -> Span:
        """The span of the story in the article's text."""

    @property
    def same_address(self) -> bool:
        """Whether its URL is the draft's."""


class DedupTokens(NamedTuple):
    """The words of a story for comparison: folded, without punctuation, numbers as tokens."""

    title: list[str]
    body: list[str]
    names: frozenset[str]
    """Words that are always capitalised within sentences."""


class MinHashSignature(NamedTuple):
    """MinHash bands for finding duplicates among many texts, as signed 64-bit integers."""

    text_hash: int
    """Hash of all words."""
    bands: list[int]
    """The more three-word shingles two texts share, the more bands they share."""


def tokenize_story(title: str | None, body: str) -> DedupTokens:
    """Return the words of a story for comparison."""
    return DedupTokens(words_and_numbers(title or ""), words_and_numbers(body), _find_names(body))


def _find_names(body: str) -> frozenset[str]:
    capitalised = {
        word for match in _CAPITALISED_WORD.finditer(body) for word in words_and_numbers(match[0])
    }
    lowercase = {
        word for match in _LOWERCASE_WORD.finditer(body) for word in words_and_numbers(match[0])
    }
    return frozenset(capitalised - lowercase)


def minhash_signature(words: Sequence[str]) -> MinHashSignature | None:
    """Return the signature of a story's words, or None if there are none.

    The signature has 43 bands of three rows of a MinHash of 129 values (Leskovec, Rajaraman,
    Ullman, "Mining of Massive Datasets", 3.4). Two texts with a Jaccard similarity of shingles of
    1/2 share a band with a probability of 0.997, of 1/3 with 0.80, of 1/100 with 0.00004.
    """
    if not words:
        return None
    word_hashes = np.fromiter((zlib.crc32(word.encode()) for word in words), np.uint64, len(words))
    if len(word_hashes) < _SHINGLE_SIZE:
        word_hashes = np.concatenate(
            [word_hashes, np.zeros(_SHINGLE_SIZE - len(word_hashes), np.uint64)]
        )
    count = len(word_hashes) - _SHINGLE_SIZE + 1
    mixed = sum(
        (
            word_hashes[offset : offset + count] * multiplier
            for offset, multiplier in enumerate(_ODD_MULTIPLIERS)
        ),
        np.zeros(count, np.uint64),
    )
    shingles = np.unique(mixed >> np.uint64(32))
    minhash = _empty_minhash().copy()
    for first in range(0, len(shingles), _SHINGLE_BATCH_SIZE):
        minhash.update_batch(shingles[first : first + _SHINGLE_BATCH_SIZE])
    text_digest = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
    return MinHashSignature(
        int.from_bytes(text_digest, "little", signed=True), _band_hashes(minhash.hashvalues)
    )


@lru_cache(1)
def _empty_minhash() -> Any:
    from datasketch import MinHash

    return MinHash(_BANDS * _ROWS, seed=_SEED, hashfunc=int, scheme="affine32")


def _band_hashes(values: NDArray[np.uint32]) -> list[int]:
    rows = values.astype(np.uint64).reshape(_BANDS, _ROWS)
    mixed = (rows * _ODD_MULTIPLIERS).sum(axis=1, dtype=np.uint64) ^ (rows[:, 0] >> np.uint64(7))
    numbered = (mixed + np.arange(_BANDS, dtype=np.uint64)) * _ODD_MULTIPLIERS[0]
    return [int(band) for band in numbered.view(np.int64)]


def classify_duplicate(first: DedupTokens, second: DedupTokens) -> DuplicateKind | None:
    """Return how two stories duplicate one another, or None if they do not.

    The result does not depend on the order of the arguments.
    """
    one, other = sorted((first.body, second.body))
    shorter_length, longer_length = sorted((len(one), len(other)))
    if shorter_length == 0 or (
        shorter_length < MIN_WORDS_WITHOUT_TITLE and _titles_differ(first.title, second.title)
    ):
        return None
    if one == other:
        return DuplicateKind.TEXT
    if shorter_length < (MIN_CONTAINMENT_SUM - 1) * longer_length:
        return None
    if (Counter(one) & Counter(other)).total() < MIN_CONTAINMENT * shorter_length:
        return None
    hunks = diff_hunks(one, other, MAX_DIFF_STEPS)
    if hunks is None:
        return None
    common_count = len(one) - sum(hunk.first_end - hunk.first_start for hunk in hunks)
    if (
        common_count < MIN_CONTAINMENT * shorter_length
        or common_count / shorter_length + common_count / longer_length < MIN_CONTAINMENT_SUM
    ):
        return None
    names = (first.names - set(second.body)) | (second.names - set(first.body))
    if any(_is_different_news(hunk, one, other, names) for hunk in hunks):
        return None
    return DuplicateKind.EDITED


def _titles_differ(one: Sequence[str], other: Sequence[str]) -> bool:
    shared = (Counter(one) & Counter(other)).total()
    return 2 * shared < min(len(one), len(other))


def _is_different_news(
    hunk: DiffHunk, first: list[str], second: list[str], names: frozenset[str]
) -> bool:
    """Say whether a difference is a new lead, number, name or denial, or a rewritten sentence."""
    if hunk.first_start == hunk.second_start == 0 and hunk.size > MAX_OTHER_LEAD_WORDS:
        return True
    one, other = (
        first[hunk.first_start : hunk.first_end],
        second[hunk.second_start : hunk.second_end],
    )
    if not same_numbers(one, other):
        return True
    shorter_length = min(len(first), len(second))
    if shorter_length < MAX_BRIEF_WORDS and _DENIAL_WORDS.isdisjoint(
        one
    ) != _DENIAL_WORDS.isdisjoint(other):
        return True
    only_in_first, only_in_second = _unmatched_words(one, other), _unmatched_words(other, one)
    max_rewritten = (
        0
        if shorter_length < MAX_FLASH_WORDS
        else 1
        if shorter_length < MAX_BRIEF_WORDS
        else MAX_REWRITTEN_WORDS
    )
    return min(len(only_in_first), len(only_in_second)) > max_rewritten or not (
        names.isdisjoint(only_in_first) or names.isdisjoint(only_in_second)
    )


def _unmatched_words(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return the `words` that `others` have in no spelling (ترامب, ترمب; Hifter, Haftar).

    Numbers are left out: `same_numbers` compares them.
    """
    keys = {key for other in others for key in _word_keys(other)}
    return [
        word for word in words if not is_number_token(word) and keys.isdisjoint(_word_keys(word))
    ]


def _word_keys(word: str) -> tuple[str, ...]:
    return phonetic_keys(word[:MAX_WORD_LENGTH]) or (word,)


def find_duplicates(
    draft: Draft, tokens: DedupTokens, candidates: Iterable[DuplicateCandidate]
) -> list[Duplicate]:
    """Return the `candidates` that the draft, whose story has `tokens`, duplicates, surest first.

    The same text under another title, address and day is no duplicate.
    """
    duplicates = []
    for candidate in candidates:
        candidate_tokens = tokenize_story(
            candidate.article.title, candidate.body.slice(candidate.article.text)
        )
        kind = (
            DuplicateKind.ADDRESS
            if candidate.same_address
            else classify_duplicate(tokens, candidate_tokens)
        )
        if kind is DuplicateKind.ADDRESS or (
            kind and not are_different_articles(draft, candidate.article, tokens.body)
        ):
            duplicates.append(Duplicate(candidate.article, kind))
    return sorted(duplicates, key=lambda duplicate: list(DuplicateKind).index(duplicate.kind))
