"""What a message is for, by a lexicon of greetings, thanks and other small talk.

A message whose words are all in the lexicon is small talk. What else may be small talk is decided
by a fitted rule, from the message's vector and the features given here (`intent_rule.py`).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.text.normalise import fold


class Intent(StrEnum):
    """What a message is for. Only a question, and the latest news, are searched."""

    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    HELP = "help"
    IDENTITY = "identity"
    LATEST = "latest"
    SMALLTALK = "smalltalk"


class _Lexicon(BaseModel):
    """The phrases of `small_talk.toml`, folded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latest: tuple[str, ...]
    identity: tuple[str, ...]
    help: tuple[str, ...]
    thanks: tuple[str, ...]
    greeting: tuple[str, ...]
    smalltalk: tuple[str, ...]
    fillers: frozenset[str]
    """Words that change nothing in a message of such phrases."""
    news_fillers: frozenset[str]
    """Words that change nothing in a message that asks for the latest news."""


_LEXICON = _Lexicon.model_validate(
    tomllib.loads((Path(__file__).parent / "small_talk.toml").read_text("utf-8"))
)
_ALL_FILLERS = _LEXICON.fillers | _LEXICON.news_fillers
_PHRASES: Mapping[Intent, tuple[str, ...]] = {
    Intent.LATEST: _LEXICON.latest,
    Intent.IDENTITY: _LEXICON.identity,
    Intent.HELP: _LEXICON.help,
    Intent.THANKS: _LEXICON.thanks,
    Intent.GREETING: _LEXICON.greeting,
    Intent.SMALLTALK: _LEXICON.smalltalk,
}
"""Where a message has phrases of several intents, the first intent of this order counts."""
MAX_WORDS = 14
"""A longer message is a question."""
_MIN_SIMILAR_LENGTH = 4
_MAX_PHRASE_WORDS = 8
_WORD = re.compile(r"[^\W_]+")
_LENGTHENED = re.compile(r"(\w)\1{2,}")
"""A letter written three times or more: «شكراااا», "hellooo"."""


class IntentFeatures(NamedTuple):
    """What the lexicon says of a message. The field names are keys in `fitted/*.json`."""

    unknown_share: float
    """The share of words that are in no phrase of the lexicon."""
    unknown_words: float
    """Their number, at most four, divided by four."""
    similar_share: float
    """The share of words that are one letter away from a word of the lexicon."""
    phrase_share: float
    """The share of words in phrases of the lexicon."""
    length: float
    """The number of words, at most twelve, divided by twelve."""
    has_question_mark: float
    latest: float
    """Whether it holds a phrase of this intent; so with the following ones."""
    identity: float
    help: float
    thanks: float
    greeting: float
    smalltalk: float


def detect_intent(message: str) -> Intent:
    """Return what a message is for by the lexicon alone: small talk only if every word is in it.

    A message without any word is small talk.
    """
    words = _split_words(message)
    if not words:
        return Intent.SMALLTALK
    if len(words) > MAX_WORDS:
        return Intent.QUESTION
    phrases, others = _find_phrases(words)
    if any(word not in _ALL_FILLERS for word in others):
        return Intent.QUESTION
    intent = next((each for each in _PHRASES if each in phrases), Intent.QUESTION)
    names_country = any(word in _LEXICON.news_fillers for word in others)
    return Intent.QUESTION if names_country and intent is not Intent.LATEST else intent


def extract_intent_features(message: str, *, is_in_lexicon: bool = False) -> IntentFeatures:
    """Return the features of a message.

    With `is_in_lexicon` the message is a phrase of the lexicon, and its features are those that it
    would have if it were not: a rule is fitted on such.
    """
    words = _split_words(message)
    left_out = tuple(words) if is_in_lexicon else None
    phrases, others = _find_phrases(words, left_out)
    min_count = 2 if is_in_lexicon else 1
    unknown = [
        word for word in words if _PHRASES_BY_WORD[word] < min_count and word not in _ALL_FILLERS
    ]
    similar = [word for word in unknown if _is_similar(word)]
    count = max(len(words), 1)
    strange = len(unknown) - len(similar)
    return IntentFeatures(
        strange / count,
        min(strange, 4) / 4,
        len(similar) / count,
        (len(words) - len(others)) / count,
        min(len(words), 12) / 12,
        float("?" in message or "؟" in message),
        *(float(intent in phrases) for intent in _PHRASES),
    )


def strip_small_talk(message: str) -> str:
    """Return a message without the greeting or thanks before its question."""
    words = list(_WORD.finditer(message))
    folded = [_shorten(fold(word[0])) for word in words]
    position = 0
    while position < len(words):
        found = _longest_phrase(folded, position, (Intent.GREETING, Intent.THANKS))
        if not found:
            break
        position += found[0]
    if not 0 < position < len(words):
        return message
    separator = message[words[position - 1].end() : words[position].start()]
    # «سلام ليبيا» is a topic: only a mark ends a greeting.
    return message[words[position].start() :] if separator.strip() else message


def _split_words(message: str) -> list[str]:
    return [_shorten(word) for word in _WORD.findall(fold(message))]


def _shorten(word: str) -> str:
    return _LENGTHENED.sub(r"\1", word)


def _find_phrases(
    words: Sequence[str], left_out: tuple[str, ...] | None = None
) -> tuple[set[Intent], list[str]]:
    """Return the intents of the phrases in a message, and the words outside phrases."""
    intents, others = set(), []
    position = 0
    while position < len(words):
        found = _longest_phrase(words, position, left_out=left_out)
        if found:
            intents.add(found[1])
        else:
            others.append(words[position])
        position += found[0] if found else 1
    return intents, others


def _longest_phrase(
    words: Sequence[str],
    start: int,
    among: Container[Intent] = frozenset(Intent),
    left_out: tuple[str, ...] | None = None,
) -> tuple[int, Intent] | None:
    for length in range(min(_MAX_PHRASE_WORDS, len(words) - start), 0, -1):
        phrase = tuple(words[start : start + length])
        intent = _INTENT_BY_PHRASE.get(phrase)
        if intent is not None and intent in among and phrase != left_out:
            return length, intent
    return None


def _is_similar(word: str) -> bool:
    """Return whether a word is one letter away from another word of the lexicon."""
    if len(word) < _MIN_SIMILAR_LENGTH:
        return False
    matches = process.extract(word, _WORDS, scorer=OSA.distance, score_cutoff=1, limit=2)
    return any(match != word for match, _, _ in matches)


_INTENT_BY_PHRASE = {
    tuple(_split_words(phrase)): intent
    for intent, phrases in reversed(list(_PHRASES.items()))
    for phrase in phrases
}
_PHRASES_BY_WORD = Counter(word for phrase in _INTENT_BY_PHRASE for word in set(phrase))
_WORDS = list(_PHRASES_BY_WORD)


def lexicon_phrases() -> Iterator[tuple[str, Intent]]:
    """Yield the phrases of the lexicon with their intents."""
    for intent, phrases in _PHRASES.items():
        yield from ((phrase, intent) for phrase in phrases)
