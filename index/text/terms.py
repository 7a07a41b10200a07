"""Extract index terms: folded words without function words, and their stems.

A stem unites the forms of a word (الميناء, بالميناء; port, ports). It depends on the word alone and
is computed alike for passages and questions: that both agree matters more than correctness.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from snowballstemmer.english_stemmer import EnglishStemmer

from index.text.normalise import fold
from index.text.spans import Span, word_set

MAX_WORD_LENGTH = 64
"""Longer words are truncated: they occur only in hostile texts."""
LEAD_LENGTH = 300
"""Maximum characters of the lead that replaces a missing title."""

STOP_WORDS = frozenset(
    fold(word)
    for word in word_set(
        "من في فى على إلى الى عن مع ضد دون سوى نحو لدى عبر ضمن خلال حول بين بعد قبل عند عندما "
        "حيث هذا هذه ذلك تلك هنا هناك التي التى الذي الذين اللذان ما مما عما لم لن لا ولا وما "
        "ليس ليست قد وقد فقد لقد كان كانت يكون تكون هو هي هم وهو وهي أن إن أنه أنها إنه إنها أو "
        "او ثم إذا اذا لو كما حتى غير كل أي أية أيها به بها له لها لهم منه منها فيه فيها عليه "
        "عليها إليه إليها يتم تم ماذا متى أين كيف كم هل لماذا اسم سبب",
        "the of and to in that is was for on with as by at from it its are were has have had be "
        "been he they his their not or an this these those will would can could there about "
        "after before into than then whose many much who whom what when where why which how did "
        "does do",
        "le la les de des du et en un une que qui qu dans pour sur au aux est par ou où ce "
        "cette ces sont été avec il elle ils elles pas ne se sa son ses leur leurs plus mais "
        "avoir fait dont sous après avant entre quand comment pourquoi quel quelle quels "
        "quelles combien quoi",
    )
)
"""Function and question words of Arabic, English and French, folded. Single letters are dropped
too: the remains of «l'eau», «qu'il» and "Noran's"."""
_WORD = re.compile(rf"([^\W_]{{1,{MAX_WORD_LENGTH}}})[^\W_]*")
_DIGIT = re.compile(r"\d")
_ARABIC = re.compile("[\u0621-\u064a]")

_PREFIXES = ("وبال", "وال", "فال", "بال", "كال", "ولل", "ال", "لل")
_PREFIX_LETTERS = ("و", "ف", "ب", "ل", "ك")
"""«and», «so», «in», «for», «like», attached to the word; many words begin with them anyway."""
_SUFFIXES = ("هما", "كما", "ها", "هم", "هن", "نا", "ات", "ون", "ين", "ان", "يه", "ه", "ي")
_MIN_STEM_LENGTH = 3
_MIN_STEM_LENGTH_AFTER_PREFIX = 4

_STEMMER = EnglishStemmer()
_STEMMER_LOCK = Lock()
"""The stemmer is stateful, and threads that embed and threads that search share it."""


class PassageTokens(NamedTuple):
    """The terms of a passage: of its context (the title) and of each of its sentences."""

    context: list[str]
    sentences: list[list[str]]


def content_words(text: str) -> list[str]:
    """Return the folded words of `text` in order, without function words and single letters."""
    return [
        word
        for word in _WORD.findall(fold(text))
        if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]


def passage_tokens(
    text: str, context: str, passages: Sequence[Sequence[Span]], lead_start: int | None
) -> list[PassageTokens]:
    """Return the terms of `passages`, each a sequence of sentence spans in `text`.

    `context` belongs to every passage except the one that starts at `lead_start`, which contains
    it.
    """
    context_words = content_words(context)
    return [
        PassageTokens(
            [] if sentences[0].start == lead_start else context_words,
            [content_words(sentence.slice(text)) for sentence in sentences],
        )
        for sentences in passages
    ]


@lru_cache(20_000)
def stem(word: str) -> str:
    """Return the stem of a folded word: light stemming for Arabic, Snowball English for Latin.

    English rules apply to all Latin words, because a word alone does not show its language. A
    word with a digit is its own stem.
    """
    if _DIGIT.search(word):
        return word
    if _ARABIC.search(word):
        return _strip_suffix(_strip_prefix(word))
    with _STEMMER_LOCK:
        return str(_STEMMER.stemWord(word))


@lru_cache(20_000)
def stem_variants(word: str) -> tuple[str, ...]:
    """Return the stems under which a query word may be indexed, its own first.

    `stem` takes the ب of باريس for the prefix «in», which the word alone cannot show. So the
    stems of the word after each prefix letter, and without its own first letter, are included.
    """
    if _DIGIT.search(word) or not _ARABIC.search(word):
        return (stem(word),)
    forms = [word, *(letter + word for letter in _PREFIX_LETTERS)]
    if word.startswith(_PREFIX_LETTERS) and len(word) > _MIN_STEM_LENGTH:
        forms.append(word[1:])
    return tuple(dict.fromkeys(map(stem, forms)))


def _strip_prefix(word: str) -> str:
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_STEM_LENGTH:
            return word[len(prefix) :]
    if word.startswith(_PREFIX_LETTERS) and len(word) > _MIN_STEM_LENGTH_AFTER_PREFIX:
        return word[1:]
    return word


def _strip_suffix(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM_LENGTH:
            return word[: -len(suffix)]
    return word


def is_arabic(word: str) -> bool:
    """Say whether a word contains Arabic letters."""
    return _ARABIC.search(word) is not None


def unprefixed_forms(word: str) -> tuple[str, ...]:
    """Return a folded word and its forms without possible prefixes, for phonetic keys."""
    if not is_arabic(word):
        return (word,)
    forms = dict.fromkeys(_strip_each_prefix(word))
    return tuple(form for form in forms if len(form) >= _MIN_STEM_LENGTH)


def _strip_each_prefix(word: str) -> list[str]:
    prefixes = (*_PREFIXES, *_PREFIX_LETTERS)
    return [word, *(word[len(prefix) :] for prefix in prefixes if word.startswith(prefix))]


def without_affix(word: str) -> list[str]:
    """Return a folded Arabic word's forms without one possible prefix or one possible suffix."""
    shorter = [word[: -len(suffix)] for suffix in _SUFFIXES if word.endswith(suffix)]
    return [
        form for form in _strip_each_prefix(word)[1:] + shorter if len(form) >= _MIN_STEM_LENGTH
    ]
