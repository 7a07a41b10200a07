"""Correct a question's spelling by the archive's own words and names.

A word is corrected if neither the archive nor the dictionary has it, in any form, and a word of the
archive is one edit away (two for frequent words). If none is, the word may be several words without
spaces. An Arabic question in Latin letters is written in Arabic, by the archive's words as well.
What stands between quotation marks stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log
from typing import NamedTuple

from index.search.lexicon import Lexicon, LexiconWord
from index.storage.snapshot import Snapshot
from index.text.dictionary import (
    frequent_spelling,
    is_dictionary_word,
    load_dictionary,
    usual_spelling,
)
from index.text.gazetteer import Gazetteer
from index.text.language import detect_language
from index.text.normalise import fold
from index.text.phonetic import cross_script_key, phonetic_keys
from index.text.romanised_arabic import (
    alignment_cost,
    has_digit_letter,
    romanised_keys,
    transliterate,
)
from index.text.spans import Span, word_set
from index.text.temporal_lexicon import MONTH_NUMBERS
from index.text.terms import STOP_WORDS, is_arabic, stem_variants

MAX_CHECKED_WORDS = 40
"""Only this many words at the beginning of a question are looked up."""
MAX_CORRECTIONS = 8
"""At most this many words of a question are corrected."""
_MIN_LENGTH = 4
"""Shorter words are not corrected: they have too many neighbours."""
_MIN_LENGTH_FOR_TWO_EDITS = 5
_EDIT_COST, _OTHER_INITIAL_COST, _SLIP_BONUS, _MAX_COST = 6.0, 4.0, 2.0, 7.0
"""A similar word is taken if its edits, less the logarithm of the number of passages that hold it,
cost less than this. Swapped and doubled letters are likelier than others. Of 1,200 misspelled words
of `arcd` this rights some 84 % and gets 6 % wrong."""

_MIN_LENGTH_TO_SPLIT = 6
_MAX_PIECE_LENGTH = 16
_PASSAGE_FREQUENCY = 30
"""What a passage that holds a word adds to the word's frequency in the dictionary."""
_DICTIONARY_SIZE = 60_000_000
"""The sum of the frequencies in the Arabic dictionary, roughly."""
_MAX_SPLIT_COST_PER_LETTER = 2.4
"""Of 500 pairs of words of `arcd` without the space this rights 406 and gets 25 wrong; of 353 words
of `libya` that neither `arcd` nor the dictionary has it splits 19."""
_LONGEST_WORD = 14
"""Letters of the longest Arabic words: anything longer is several words, whatever it costs."""

_LATIN_SHARE, _ROMANISED_SHARE = 0.34, 0.5
"""A question is Arabic in Latin letters if no more of its words than the first share are English or
French, and if at least the second share of them is found in the archive."""
_MIN_LATIN_LENGTH, _MIN_LATIN_FREQUENCY = 5, 3_000
"""A shorter word is evidence for English or French only if it is this frequent."""
_MAX_ROMANISED_WORDS, _MAX_ALIGNED_WORDS = 24, 150
"""A question of more words is not taken for romanised. Each word is aligned with at most so many
of the archive's, the most frequent ones: aligning takes 50 microseconds."""
_MAX_ALIGNMENT_COST, _MAX_COST_PER_LETTER = 0.35, 0.2
_FREQUENCY_WEIGHT = 0.12
"""What the logarithm of a word's number of passages takes off the cost of its alignment."""
_STOP_WORD_PASSAGES = 5_000
"""Function words are not indexed; they count as if this many passages held them."""
_ARABIC_STOP_WORDS = tuple(word for word in STOP_WORDS if is_arabic(word))
_ROMANISED_STOP_WORDS = frozenset("man min fi ma an la ala hal kam wa men fe".split())  # noqa: SIM905
"""Romanised function words that are also English or French words: no evidence for a language."""

_DIALECT_WORDS = word_set(
    "علاش علاه علايش شكون شنو شنوا شني وقتاش امتي ايمتا قداش قديش شحال وين منين كيفاش كيف "
    "متاع متاعه متاعها بتاع تبع توا توه اللي يبي يبو نبي هلبا ياسر باش"
)
"""Frequent words of spoken Arabic, Libyan and Tunisian, folded, that no newspaper prints."""

_QUOTED = re.compile(r"«[^»]*»?|“[^”]*”?|\"[^\"]*\"?")
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0640"
_VOWEL_MARK = re.compile("[\u064b-\u0652]")
"""Who writes the vowels of a word knows its spelling."""
_ARABIC_LETTERS = "\u0620-\u064a\u0671-\u06d3"
_WORD = re.compile(rf"[{_ARABIC_LETTERS}{_MARKS}]+|(?:[^\W_{_ARABIC_LETTERS}]|[{_MARKS}])+")


class _Token(NamedTuple):
    """A word of the question and where it stands."""

    span: Span
    folded: str


class SpellingCorrector:
    """Corrects questions by the words of one archive. Not thread-safe."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._gazetteer = gazetteer
        self._lexicon = lexicon

    def correct(self, question: str, snapshot: Snapshot) -> str | None:
        """Return the question as it should be searched, or None if nothing is misspelled."""
        replacements = self._find_replacements(question, snapshot)
        spelled = {
            span: " ".join(map(frequent_spelling, words.split()))
            for span, words in replacements.items()
        }
        return _replace(question, spelled) if spelled else None

    def _find_replacements(self, question: str, snapshot: Snapshot) -> dict[Span, str]:
        """Return folded words of the archive by the words of the question that they replace."""
        tokens = _tokenize(question)
        if self._may_be_romanised(question, tokens) and not _has_all_words(tokens, snapshot):
            self._lexicon.catch_up(snapshot)
            if romanised := self._romanised_words(tokens, snapshot):
                return romanised
        unknown = self._find_unknown(question, tokens, snapshot)
        if not unknown:
            return {}
        self._lexicon.catch_up(snapshot)
        return self._correct_words(unknown[:MAX_CORRECTIONS], snapshot)

    def _find_unknown(
        self, question: str, tokens: Sequence[_Token], snapshot: Snapshot
    ) -> list[_Token]:
        """Return the words that neither the archive nor the gazetteer has in any form."""
        name_words = {
            word for mention in self._gazetteer.find_mentions(question) for word in mention.words
        }
        checked = [
            token
            for token in tokens[:MAX_CHECKED_WORDS]
            if token.folded not in name_words and _is_correctable(token.folded)
        ]
        similar = snapshot.similar_terms(
            {stem for token in checked for stem in stem_variants(token.folded)},
            {cross_script_key(key) for token in checked for key in phonetic_keys(token.folded)},
        )
        return [
            token
            for token in checked
            if similar.by_stem.keys().isdisjoint(stem_variants(token.folded))
            and (
                is_arabic(token.folded)
                or has_digit_letter(token.folded)
                or similar.by_sound.keys().isdisjoint(
                    map(cross_script_key, phonetic_keys(token.folded))
                )
            )
        ]

    def _correct_words(self, unknown: Sequence[_Token], snapshot: Snapshot) -> dict[Span, str]:
        corrections = {}
        for token in unknown:
            if has_digit_letter(token.folded):
                correction = self._find_arabic(token.folded, snapshot)
            else:
                correction = self._correct_word(token.folded, snapshot)
            if correction:
                corrections[token.span] = correction
        return corrections

    def _correct_word(self, word: str, snapshot: Snapshot) -> str | None:
        if len(word) < _MIN_LENGTH or is_dictionary_word(word):
            return None
        if not self._lexicon.is_main_script(arabic=is_arabic(word)):
            return None
        max_edits = 1 if len(word) < _MIN_LENGTH_FOR_TWO_EDITS else 2
        similar = [
            found
            for found in self._lexicon.find_similar(word, max_edits)
            if is_arabic(found.word) == is_arabic(word)
        ]
        best = min(similar, key=lambda found: _correction_cost(word, found), default=None)
        if best and best.edits == 1 and _correction_cost(word, best) < _MAX_COST:
            return best.word
        if pieces := self._split(word, snapshot):
            return pieces
        return best.word if best and _correction_cost(word, best) < _MAX_COST else None

    def _split(self, word: str, snapshot: Snapshot) -> str | None:
        """Return an Arabic word as several words with spaces between them, if it is such."""
        if not is_arabic(word) or len(word) < _MIN_LENGTH_TO_SPLIT:
            return None
        pieces = {
            word[start:end]
            for start in range(len(word))
            for end in range(start + 2, min(len(word), start + _MAX_PIECE_LENGTH) + 1)
        }
        counts = self._lexicon.counts(pieces, snapshot)
        frequencies = load_dictionary(arabic=True).frequencies

        def piece_cost(piece: str) -> float | None:
            frequency = frequencies[piece] + _PASSAGE_FREQUENCY * counts[piece]
            if piece in STOP_WORDS:
                frequency += _PASSAGE_FREQUENCY * _STOP_WORD_PASSAGES
            elif len(piece) < _MIN_LENGTH - 1:
                return None
            return log(_DICTIONARY_SIZE / frequency) if frequency else None

        best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ())]
        for end in range(1, len(word) + 1):
            ways = []
            for start in range(max(0, end - _MAX_PIECE_LENGTH), end - 1):
                before, cost = best[start], piece_cost(word[start:end])
                if before and cost is not None:
                    ways.append((before[0] + cost, (*before[1], word[start:end])))
            best.append(min(ways, default=None))
        way = best[-1]
        is_too_costly = way is None or way[0] > _MAX_SPLIT_COST_PER_LETTER * len(word)
        if way is None or (is_too_costly and len(word) <= _LONGEST_WORD):
            return None
        return " ".join(way[1])

    def _may_be_romanised(self, question: str, tokens: Sequence[_Token]) -> bool:
        """Return whether a question in Latin letters has too few English or French words."""
        is_long = len(tokens) > _MAX_ROMANISED_WORDS
        if is_long or any(is_arabic(token.folded) for token in tokens):
            return False
        has_digit_letters = any(has_digit_letter(token.folded) for token in tokens)
        if detect_language(question) and not has_digit_letters:
            return False
        names = {
            word for mention in self._gazetteer.find_mentions(question) for word in mention.words
        }
        telling = [
            token.folded
            for token in tokens
            if token.folded not in _ROMANISED_STOP_WORDS | names and not token.folded.isdigit()
        ]
        known = [word for word in telling if _is_latin_word(word)]
        return len(known) <= _LATIN_SHARE * len(telling) and len(telling) > 0

    def _romanised_words(self, tokens: Sequence[_Token], snapshot: Snapshot) -> dict[Span, str]:
        """Return the Arabic words of a question in Latin letters; none if too few are found."""
        words = [token for token in tokens if not token.folded.isdigit()]
        found = {token.span: self._find_arabic(token.folded, snapshot) for token in words}
        if sum(map(bool, found.values())) < _ROMANISED_SHARE * len(words):
            return {}
        return {
            token.span: found[token.span] or transliterate(token.folded)
            for token in words
            if found[token.span] or transliterate(token.folded)
        }

    def _find_arabic(self, latin: str, snapshot: Snapshot) -> str | None:
        """Return the Arabic word of the archive, or function word, that a Latin one stands for."""
        keys = [cross_script_key(key) for key in romanised_keys(latin)]
        similar = snapshot.similar_terms((), keys)
        ids = {word_id for found in similar.by_sound.values() for word_id in found}
        by_frequency = sorted(self._lexicon.find(ids), key=lambda found: -found.passage_count)
        candidates = [
            *by_frequency[:_MAX_ALIGNED_WORDS],
            *(LexiconWord(word, _STOP_WORD_PASSAGES) for word in _ARABIC_STOP_WORDS),
        ]
        costs = {found: alignment_cost(latin, found.word) for found in candidates}
        allowed = _MAX_ALIGNMENT_COST + _MAX_COST_PER_LETTER * len(latin)
        possible = [found for found in candidates if costs[found] <= allowed]
        best = min(
            possible,
            key=lambda found: costs[found] - _FREQUENCY_WEIGHT * log(found.passage_count),
            default=None,
        )
        return best.word if best else None


def _has_all_words(tokens: Sequence[_Token], snapshot: Snapshot) -> bool:
    """Return whether the archive has all words in Latin letters, such as a name, as written."""
    variants = {token.folded: stem_variants(token.folded) for token in tokens}
    stems = {stem for stems in variants.values() for stem in stems}
    written = snapshot.similar_terms(stems, set()).by_stem.keys()
    return all(not written.isdisjoint(stems) for stems in variants.values())


def _tokenize(question: str) -> list[_Token]:
    quoted = [Span(*match.span()) for match in _QUOTED.finditer(question)]
    return [
        _Token(Span(*match.span()), fold(match[0]))
        for match in _WORD.finditer(question)
        if not _VOWEL_MARK.search(match[0])
        and not any(span.start <= match.start() < span.end for span in quoted)
    ]


def _is_latin_word(word: str) -> bool:
    """Return whether a folded word is evidence for English or French."""
    frequency = load_dictionary(arabic=False).frequencies[word]
    return frequency >= _MIN_LATIN_FREQUENCY or (frequency > 0 and len(word) >= _MIN_LATIN_LENGTH)


def _is_correctable(word: str) -> bool:
    return (
        word not in _DIALECT_WORDS
        and (word.isalpha() or has_digit_letter(word))
        and word not in STOP_WORDS
        and word not in MONTH_NUMBERS
    )


def _correction_cost(word: str, found: LexiconWord) -> float:
    has_other_runs = _undouble(word) == _undouble(found.word)
    cost = _EDIT_COST * (1 if has_other_runs else found.edits) - log(found.passage_count)
    if word[0] != found.word[0]:
        cost += _OTHER_INITIAL_COST
    if has_other_runs or sorted(word) == sorted(found.word):
        cost -= _SLIP_BONUS
    return cost


def _undouble(word: str) -> str:
    """Return a word with one letter for each run of equal letters."""
    return "".join(letter for letter, _ in groupby(word))


def _replace(question: str, replacements: Mapping[Span, str]) -> str:
    """Return the question with words replaced, and set apart from their neighbours."""
    for span in sorted(replacements, reverse=True):
        before, after = question[: span.start], question[span.end :]
        before += " " if before[-1:].isalnum() else ""
        question = before + replacements[span] + (" " if after[:1].isalnum() else "") + after
    return question


def normalise_spelling(question: str) -> str:
    """Return a question with the hamzas and endings that its Arabic words usually have.

    Only the embedding depends on them: words are matched folded.
    """
    written = {
        token.span: token.span.slice(question)
        for token in _tokenize(question)
        if is_arabic(token.folded)
    }
    usual = {span: usual_spelling(word) for span, word in written.items()}
    return _replace(question, {span: word for span, word in usual.items() if word != written[span]})
