"""Whether a story is a copy of another: the same text, or the same lightly edited.

Of its two possible mistakes the rule prefers to miss a copy. A copy that is missed is in the
archive twice, and answers show the same words only once; news that is taken for a copy may be
discarded. So figures must agree, no sentence may be written anew, and in doubt it is no copy.

A name changed within a sentence is told where it is written as one: both words in capitals, within
a sentence. Arabic has no capitals, so there one name for another is a word changed, of which a
short text may have none and a long one some.
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

from index.models import Article
from index.text.diff import DiffHunk, hunks
from index.text.number_words import is_mark, marked_words, same_numbers
from index.text.phonetic import phonetic_keys
from index.text.spans import Span
from index.text.spans import words as listed
from index.text.terms import MAX_WORD_LENGTH

_SHINGLE = 3
_BANDS, _ROWS = 43, 3
_SEED = 2018
_SHINGLES_AT_ONCE = 4_096
"""Bounds the memory that a huge text takes: 2 MB for each of the passes over them."""
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)

MIN_CONTAINMENT = 0.88
"""The share of the shorter text's words that must stand, in order, in the other as well."""
MIN_CONTAINMENT_SUM = 1.6
"""That share, and the share of the longer text's words, together: of a text without other changes
40 % may be cut or added, of one with every tenth word changed 20 %."""
MAX_REWRITTEN_WORDS = 12
"""Where each text has more words in one place that the other has not, it was written anew."""
BRIEF, FLASH = 40, 16
"""In a text of fewer words than these one word more or less may be the news: in one place it has at
most one word for another, or none, and denies nothing that the other says."""
MAX_OTHER_LEAD_WORDS = 40
"""A copy may begin later by so many words; a new lead is longer, and it is the news."""
SHORT = 8
"""Of a text of fewer words («للمزيد شاهدوا الفيديو») the titles must have half their words in
common, where both have one."""
_DENIALS = listed(
    "لا لم لن ليس ليست ليسوا غير عدم دون بدون نفي ينفي تنفي نفت نفي الاخفاق اخفاق الفشل فشل",
    "not no never without denies denied deny denying cannot fails failed",
    "ne pas non sans jamais aucun aucune dement dementi nie",
)
_CAPITAL = re.compile(r"(?<=[^\W_][ ,])[ ]?[A-ZÀ-Þ][^\W_]+")
_SMALL = re.compile(r"(?<![^\W_])[a-zß-ÿ][^\W_]+")
MAX_STEPS = 25_000_000
"""Texts that differ in more than 5,000 words, from the first difference to the last, are not
compared: more than any light edit, at 30 ms each."""


class DuplicateKind(StrEnum):
    """How a text is a copy of another."""

    ADDRESS = "address"
    TEXT = "text"
    EDITED = "edited"


class Duplicate(NamedTuple):
    """An article of the archive that a draft is a copy of."""

    article: Article
    how: DuplicateKind


class DuplicateCandidate(Protocol):
    """An article that may be a copy: where its story stands, and whether its address is it."""

    @property
    def article(self) -> Article:
        """The article."""

    @property
    def body(self) -> Span:
        """Where its story stands in its text."""

    @property
    def same_address(self) -> bool:
        """Whether its address is the draft's."""


class DedupTokens(NamedTuple):
    """What of a story is compared: folded words without punctuation, numbers as their marks."""

    title: list[str]
    body: list[str]
    names: frozenset[str]
    """Words that are written with a capital within sentences, and never without."""


class MinHashSignature(NamedTuple):
    """Numbers by which copies are found among any number of texts, signed, of 64 bits."""

    whole: int
    """The same for the same words."""
    bands: list[int]
    """Texts share the more of them, the more groups of three words they share."""


def wording(title: str | None, body: str) -> DedupTokens:
    """Return what is compared of a story."""
    return DedupTokens(marked_words(title or ""), marked_words(body), _names(body))


def _names(body: str) -> frozenset[str]:
    within = {word for match in _CAPITAL.finditer(body) for word in marked_words(match[0])}
    small = {word for match in _SMALL.finditer(body) for word in marked_words(match[0])}
    return frozenset(within - small)


def signature(words: Sequence[str]) -> MinHashSignature | None:
    """Return the signature of a story's words; None where it has none.

    The bands are those of a MinHash of 129 numbers (Leskovec, Rajaraman, Ullman, "Mining of
    Massive Datasets", 3.4), 43 of three each. Two texts that share half of their groups of words
    have a band in common with a chance of 0.997, a third of them with 0.80, a hundredth with
    0.00004.
    """
    if not words:
        return None
    codes = np.fromiter((zlib.crc32(word.encode()) for word in words), np.uint64, len(words))
    if len(codes) < _SHINGLE:
        codes = np.concatenate([codes, np.zeros(_SHINGLE - len(codes), np.uint64)])
    count = len(codes) - _SHINGLE + 1
    mixed = sum(
        (codes[at : at + count] * odd for at, odd in enumerate(_ODD)), np.zeros(count, np.uint64)
    )
    shingles = np.unique(mixed >> np.uint64(32))
    minhash = _empty().copy()
    for first in range(0, len(shingles), _SHINGLES_AT_ONCE):
        minhash.update_batch(shingles[first : first + _SHINGLES_AT_ONCE])
    whole = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
    return MinHashSignature(
        int.from_bytes(whole, "little", signed=True), _bands(minhash.hashvalues)
    )


@lru_cache(1)
def _empty() -> Any:
    from datasketch import MinHash

    return MinHash(_BANDS * _ROWS, seed=_SEED, hashfunc=int, scheme="affine32")


def _bands(values: NDArray[np.uint32]) -> list[int]:
    rows = values.astype(np.uint64).reshape(_BANDS, _ROWS)
    mixed = (rows * _ODD).sum(axis=1, dtype=np.uint64) ^ (rows[:, 0] >> np.uint64(7))
    numbered = (mixed + np.arange(_BANDS, dtype=np.uint64)) * _ODD[0]
    return [int(band) for band in numbered.view(np.int64)]


def likeness(first: DedupTokens, second: DedupTokens) -> DuplicateKind | None:
    """Say whether two stories are one text, and whether it was edited; None where they are not.

    It is the same whichever is named first.
    """
    one, other = sorted((first.body, second.body))
    shorter, longer = sorted((len(one), len(other)))
    if shorter == 0 or (shorter < SHORT and _titles_differ(first.title, second.title)):
        return None
    if one == other:
        return DuplicateKind.TEXT
    if shorter < (MIN_CONTAINMENT_SUM - 1) * longer:
        return None
    if (Counter(one) & Counter(other)).total() < MIN_CONTAINMENT * shorter:
        return None
    found = hunks(one, other, MAX_STEPS)
    if found is None:
        return None
    kept = len(one) - sum(hunk.end - hunk.start for hunk in found)
    if kept < MIN_CONTAINMENT * shorter or kept / shorter + kept / longer < MIN_CONTAINMENT_SUM:
        return None
    names = (first.names - set(second.body)) | (second.names - set(first.body))
    if any(_is_other_news(hunk, one, other, names) for hunk in found):
        return None
    return DuplicateKind.EDITED


def _titles_differ(one: Sequence[str], other: Sequence[str]) -> bool:
    shared = (Counter(one) & Counter(other)).total()
    return 2 * shared < min(len(one), len(other))


def _is_other_news(
    hunk: DiffHunk, first: list[str], second: list[str], names: frozenset[str]
) -> bool:
    """Say so of another lead, of another number or name, of a denial, and of words written anew."""
    if hunk.start == hunk.begin == 0 and hunk.size > MAX_OTHER_LEAD_WORDS:
        return True
    one, other = first[hunk.start : hunk.end], second[hunk.begin : hunk.stop]
    if not same_numbers(one, other):
        return True
    shorter = min(len(first), len(second))
    if shorter < BRIEF and _DENIALS.isdisjoint(one) != _DENIALS.isdisjoint(other):
        return True
    new, old = _unmatched_words(one, other), _unmatched_words(other, one)
    most = 0 if shorter < FLASH else 1 if shorter < BRIEF else MAX_REWRITTEN_WORDS
    return min(len(new), len(old)) > most or not (names.isdisjoint(new) or names.isdisjoint(old))


def _unmatched_words(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return the words that are not among the others in any spelling (ترامب, ترمب; Hifter, Haftar).

    Numbers are left out: they have been compared.
    """
    keys = {key for other in others for key in _heard(other)}
    return [word for word in words if not is_mark(word) and keys.isdisjoint(_heard(word))]


def _heard(word: str) -> tuple[str, ...]:
    return phonetic_keys(word[:MAX_WORD_LENGTH]) or (word,)


def copies_among(words: DedupTokens, others: Iterable[DuplicateCandidate]) -> list[Duplicate]:
    """Return which of these articles the story with these words is a copy of, surest first."""
    found = []
    for each in others:
        other = wording(each.article.title, each.body.of(each.article.text))
        how = DuplicateKind.ADDRESS if each.same_address else likeness(words, other)
        if how:
            found.append(Duplicate(each.article, how))
    return sorted(found, key=lambda copy: list(DuplicateKind).index(copy.how))
