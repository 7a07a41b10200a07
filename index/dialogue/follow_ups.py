"""Understand a question that leans on an earlier one: "and when?", «ومن رعاه؟», "and in Derna?".

A question leans on the one before it if it says too little to be searched: a few content words and
no name, or a sign that something is missing (a conjunction at its beginning, a pronoun, "what
about").

If it asks something ("and when?"), the words of the earlier question are added without its question
words. If it asks nothing itself it is a *contrast*: it asks the earlier question about something
else. Then it takes the place of a name of the same kind ("and in Derna?" after Benghazi), and the
time of the earlier question is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from index.text.gazetteer import Gazetteer
from index.text.normalise import fold
from index.text.spans import word_set
from index.text.terms import content_words
from index.text.time_expressions.resolver import extract_time_window

MAX_WORDS = 9
"""A longer question stands alone."""
MAX_CONTENT_WORDS = 3
"""A question with more content words stands alone."""
MAX_NAMELESS_WORDS = 2
"""A question without a name leans on the one before it if it has no more content words."""
_WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f\u064b-\u065f\u0670\u0640]|(?<=\\w)['’](?=\\w))+")
_LEADING_CONJUNCTION = re.compile(r"(?<=: )(?:and|but|so|then|et|mais|alors|puis)\b", re.IGNORECASE)

_WHAT_ABOUT = re.compile(
    r"^(?:and |et |و ?)?(?:what about|how about|what of|and (?:in|for|on|off|with|at|the)"
    r"|et (?:a|au|aux|en|pour|dans|les?|la|l)|qu en est il"
    r"|وماذا عن|ماذا عن|و?شن عن|وفي|وعن|طيب و)\b"
)
_CONJUNCTION = re.compile(
    r"^(?:and|but|so|then|also|et|mais|alors|puis|donc|طيب|وبعدين|بعدين|ثم)\b"
    r"|^و(?=(?:من|منو|متي|اين|وين|كيف|كم|لماذا|علاش|ليش|شن|شنو|ماذا|ما|هل|في|عن|اي|قداش|مين|شكون|"
    r"علي|مع|لمن|باش|امتي|وقتاش|يوم|ال\w+)\b)|^و\w+(?: \w+)?$"
)
_LEADING_WORDS = re.compile(
    r"^\W*(?:(?:and|but|so|then|also|et|mais|alors|puis|donc|طيب|ثم|و?بعدين)\s+)?"
    r"(?:what about|how about|what of|qu['’ ]en est[- ]il (?:de |du |des )?|و?ماذا عن|و?شن عن)?\s*",
    re.IGNORECASE,
)
_END_MARKS = " ?؟.!"
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_INTERROGATIVES = word_set(
    "who whom whose when where why how what which is are was were did does do has have had will "
    "would can could should qui quand ou pourquoi comment combien quel quelle quels quelles quoi "
    "que qu est sont etait ont من متي اين وين كيف كم لماذا علاش ليش شن شنو ماذا ما هل اي ايه قداش "
    "مين شكون منو امتي وقتاش كيفاش لمن ايش وش فين منين"
)
_QUESTION_WORDS = _INTERROGATIVES | word_set(
    "many much long far there it that this then so ever still a t il elle ils elles on ce c y en "
    "lui leur ca cela encore deja aussi عدد كان كانت"
)
_SPEECH_WORDS = word_set(
    "say said says tell told dit dire disent قال قالت قالوا يقول صرح صرحت رد ردت"
)
"""Words of questions about what somebody said: they name no subject."""
_PREPOSITIONS = word_set(
    "in at off on near from to for with by of about au aux en a dans sur pres de du des d vers "
    "pour في من عن عند علي الي مع حول قرب قبل"
)
_PRONOUNS = word_set(
    "he she they it him her them his its their hers theirs there that this those these then so "
    "il elle ils elles lui leur leurs y ca cela ce celui celle ceux son sa ses "
    "هو هي هم هن هما هناك ذلك تلك هذا هذه هذي هدا ذاك منه منها فيه فيها عليه عليها عنه عنها له لها "
    "لهم معه معها به بها بيه بيها عليهم منهم فيهم معهم عندهم عنده عندها هذاك"
)
_ATTACHED = re.compile(r"^[\u0621-\u064a]{3,}(?:ه|ها|هم|هما)$")
"""An Arabic word with an attached pronoun: «رعاه», «عددهم»; many words end so anyway."""


class FollowUp(NamedTuple):
    """A follow-up with what was carried over to it."""

    question: str
    """What is searched."""
    carried: str
    """The words of the earlier question that were added."""
    names_time: bool = False
    """Whether the follow-up itself names a time: the earlier question's time is no longer asked."""
    is_contrast: bool = False
    """Whether it asks the earlier question about something else."""
    own_words: frozenset[str] = frozenset()
    """Its own content words, folded, without its time: they count more than those carried over."""


def depends_on_earlier(question: str, gazetteer: Gazetteer, today: date) -> bool:
    """Return whether a question cannot be understood without the one before it."""
    folded = _fold(question)
    words = folded.split()
    if not words or len(words) > MAX_WORDS:
        return False
    own = _own_words(extract_time_window(question, today).remaining_text)
    starts_so = bool(_WHAT_ABOUT.match(folded) or _CONJUNCTION.match(folded))
    if len(own) > MAX_CONTENT_WORDS:
        return False
    if starts_so or _has_pronoun(words) or any(map(_ATTACHED.match, own)):
        return True
    subjects = [word for word in own if word not in _SPEECH_WORDS]
    is_short = len(subjects) <= MAX_NAMELESS_WORDS
    asks = any(_is_among(word, _QUESTION_WORDS) for word in words)
    return asks and is_short and not gazetteer.find_mentions(question)


def resolve_follow_up(
    question: str, earlier: Sequence[str], gazetteer: Gazetteer, today: date
) -> FollowUp | None:
    """Return a follow-up with what it lacks, or None if it stands alone.

    `earlier` are the questions before it, as they were searched, the last one last. `today` is the
    day in Libya.
    """
    if not earlier or not depends_on_earlier(question, gazetteer, today):
        return None
    words = _fold(_LEADING_WORDS.sub("", question, count=1)).split()
    asks = any(_is_among(word, _INTERROGATIVES) for word in words)
    has_pronoun = _has_pronoun(words)
    is_contrast = not (asks or has_pronoun)
    previous = _LEADING_CONJUNCTION.sub("", earlier[-1])
    timed = extract_time_window(question, today)
    names_time = timed.period is not None
    if timed.year_is_implied and (year := _YEAR.search(previous)):
        question = f"{question.rstrip(_END_MARKS)} {year[0]}"
    if is_contrast or names_time:
        previous = extract_time_window(previous, today).remaining_text
    slots: frozenset[str] = frozenset()
    if not has_pronoun:  # It stands for what was named: "how far is it from Tripoli?"
        slots = _words_of_same_kind(question, previous, gazetteer)
    before, after = _divide(previous, slots, asks=asks)
    carried = " ".join(before + after)
    if not content_words(carried):
        return None
    if is_contrast and slots:
        searched = _put_between(before, _without_conjunction(question, gazetteer), after)
    else:
        searched = f"{carried}: {question}"
    own_words = frozenset(_own_words(timed.remaining_text))
    return FollowUp(searched, carried, names_time, is_contrast, own_words)


def find_own_spans(follow_up: FollowUp, text: str) -> list[tuple[int, int]]:
    """Return where the own words of a follow-up stand in a text."""
    return [match.span() for match in _WORD.finditer(text) if fold(match[0]) in follow_up.own_words]


def _words_of_same_kind(question: str, previous: str, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the words of the names in the earlier question of a kind that a follow-up names."""
    kinds = {gazetteer.kind(mention.entry_index) for mention in gazetteer.find_mentions(question)}
    return frozenset(
        word
        for mention in gazetteer.find_mentions(previous)
        if gazetteer.kind(mention.entry_index) in kinds
        for word in mention.words
    )


def _divide(previous: str, slots: frozenset[str], *, asks: bool) -> tuple[list[str], list[str]]:
    """Return the words before and after the last of `slots`, without these.

    Question words are left out if the follow-up asks something itself.
    """
    words = [match[0] for match in _WORD.finditer(previous)]
    end = max((index for index, word in enumerate(words) if fold(word) in slots), default=0)
    kept = [
        [
            word
            for word in part
            if fold(word) not in slots and not (asks and _is_among(fold(word), _QUESTION_WORDS))
        ]
        for part in (words[:end], words[end:])
    ]
    return kept[0], kept[1]


def _without_conjunction(question: str, gazetteer: Gazetteer) -> str:
    """Return a follow-up that has a name without "and", "what about" or «و» before it."""
    stripped = _LEADING_WORDS.sub("", question, count=1).strip(_END_MARKS)
    is_joined = stripped.startswith("و") and bool(gazetteer.find_mentions(stripped[1:]))
    return stripped[1:] if is_joined else stripped


def _put_between(before: list[str], text: str, after: list[str]) -> str:
    """Put a text between words; of two prepositions that meet there, the first one is left out."""
    own = text.split()
    is_double = bool(before and own) and {fold(before[-1]), fold(own[0])} <= _PREPOSITIONS
    return " ".join((before[:-1] if is_double else before) + own + after)


def _own_words(question: str) -> list[str]:
    """Return the content words of a question that are neither question words nor pronouns."""
    return [
        word
        for word in content_words(question)
        if word not in _PRONOUNS and not _is_among(word, _QUESTION_WORDS)
    ]


def _has_pronoun(words: Sequence[str]) -> bool:
    return not _PRONOUNS.isdisjoint(words)


def _is_among(word: str, question_words: frozenset[str]) -> bool:
    """Return whether a folded word asks; of an elision ("s'est") the last part decides."""
    whole = re.split("['’]", word)[-1]
    return whole in question_words or whole.removeprefix("و") in question_words


def _fold(question: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(question)))
