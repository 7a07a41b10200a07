"""Understand a question that leans on an earlier one: "and when?", «ومن رعاه؟», "and in Derna?".

A question leans on the one before it if it says too little to be searched: a few content words and
no name, or a sign that something is missing (a conjunction at its beginning, a pronoun, "what
about"). Then the words of the earlier question are added, without its question words; a name of the
same kind as a name in the follow-up ("and in Derna?" after Benghazi) gives way to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from index.text.gazetteer import Gazetteer
from index.text.normalise import fold
from index.text.spans import word_set
from index.text.terms import content_words

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
_QUESTION_WORDS = word_set(
    "who whom whose when where why how what which many much long far is are was were did does do "
    "has have had will would can could should there it that this then so ever still "
    "qui quand ou pourquoi comment combien quel quelle quels quelles quoi que est sont etait ont a "
    "t il elle ils elles on ce c y en lui leur ca cela encore deja aussi "
    "من متي اين وين كيف كم لماذا علاش ليش شن شنو ماذا ما هل اي ايه قداش مين شكون منو امتي وقتاش "
    "كيفاش لمن ايش وش عدد كان كانت فين منين"
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


def leans_on_earlier(question: str, gazetteer: Gazetteer) -> bool:
    """Return whether a question cannot be understood without the one before it."""
    folded = _fold(question)
    words = folded.split()
    if not words or len(words) > MAX_WORDS:
        return False
    own = _own_words(question)
    starts_so = bool(_WHAT_ABOUT.match(folded) or _CONJUNCTION.match(folded))
    has_pronoun = any(word in _PRONOUNS for word in words) or any(map(_ATTACHED.match, own))
    if len(own) > MAX_CONTENT_WORDS:
        return False
    if starts_so or has_pronoun:
        return True
    asks = any(map(_is_question_word, words))
    return asks and len(own) <= MAX_NAMELESS_WORDS and not gazetteer.find_mentions(question)


def resolve_follow_up(
    question: str, earlier: Sequence[str], gazetteer: Gazetteer
) -> FollowUp | None:
    """Return a follow-up with what it lacks, or None if it stands alone.

    `earlier` are the questions before it, as they were searched, the last one last.
    """
    if not earlier or not leans_on_earlier(question, gazetteer):
        return None
    previous = earlier[-1]
    replaced_kinds = {
        gazetteer.kind(mention.entry_index) for mention in gazetteer.find_mentions(question)
    }
    replaced_words = {
        word
        for mention in gazetteer.find_mentions(previous)
        if gazetteer.kind(mention.entry_index) in replaced_kinds
        for word in mention.words
    }
    asks_anew = any(map(_is_question_word, _fold(question).split()))
    kept = [
        match[0]
        for match in _WORD.finditer(_LEADING_CONJUNCTION.sub("", previous))
        if fold(match[0]) not in replaced_words
        and not (asks_anew and _is_question_word(fold(match[0])))
    ]
    carried = " ".join(kept)
    if not content_words(carried):
        return None
    return FollowUp(f"{carried}: {question}", carried)


def _own_words(question: str) -> list[str]:
    """Return the content words of a question that are neither question words nor pronouns."""
    return [
        word
        for word in content_words(question)
        if word not in _PRONOUNS and not _is_question_word(word)
    ]


def _is_question_word(word: str) -> bool:
    """Return whether a folded word asks; of an elision ("s'est") the last part decides."""
    whole = re.split("['’]", word)[-1]
    return whole in _QUESTION_WORDS or whole.removeprefix("و") in _QUESTION_WORDS


def _fold(question: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(question)))
