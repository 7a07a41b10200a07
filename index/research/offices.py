"""Find the office or rank with which a text names a person (pure functions).

Only what surely belongs to the name counts. In Arabic an office stands before a full name, with the
words that complete it: «قائد الجيش الوطني الليبي المشير خليفة حفتر». In English and French it
stands directly before the name, or after it between commas: "Khalifa Haftar, commander of the
army,". After a comma it may also follow in Arabic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.located_words import LocatedWord, locate_words
from index.text.normalise import fold
from index.text.spans import Span, word_set
from index.text.terms import STOP_WORDS, is_arabic, unprefixed_forms

_OFFICES = frozenset(
    fold(word)
    for word in word_set(
        "رئيس رئيسة وزير وزيرة قائد مشير لواء فريق عميد عقيد مقدم رائد نقيب جنرال مبعوث مبعوثة "
        "ممثل ممثلة سفير سفيرة قنصل نائب نائبة عضو ناطق ناطقة متحدث متحدثة أمين أمينة مدير مديرة "
        "محافظ مستشار مستشارة منسق منسقة مفتي شيخ زعيم ملك أمير مفوض مفوضة وكيل مندوب مندوبة "
        "مرشح عمدة حاكم مراقب",
        "president prime minister premier chairman chairwoman chief commander marshal general "
        "colonel major brigadier lieutenant admiral envoy representative ambassador spokesman "
        "spokeswoman spokesperson speaker head leader governor mayor secretary director adviser "
        "advisor deputy senator king prince sheikh mufti commissioner coordinator "
        "candidate mr mrs dr",
        "présidente ministre premier chef commandant maréchal général colonel amiral envoyé "
        "envoyée émissaire représentant représentante ambassadeur ambassadrice porte parole "
        "gouverneur maire secrétaire directeur directrice conseiller conseillère député roi "
        "cheikh commissaire coordinateur candidat dirigeant m mme",
    )
)
_ARABIC_PREPOSITIONS = frozenset(map(fold, word_set("في فى من إلى الى لدى")))
_ARABIC_VERBS = frozenset(map(fold, word_set("التقى التقت التزم التحق الذي التي")))
"""Words that begin like those with the article, and complete no office."""
_DETERMINERS = word_set("the a an le la les l un une its his former ex new libya s")
_LATIN_CONNECTIVES = word_set("of the to for in de du des la le les l d en")
_MAX_WORDS = 10
_MIN_LENGTH_WITH_PREFIX = 5
"""Shorter words that begin with ب, such as «بحث», are mostly verbs."""
_COMMA = re.compile(r"\s*[،,]\s*$")
_PAUSE = re.compile(r"\s*[،,]\s*")
_PHRASE_END = re.compile(r"[،,؛;.:!?؟()«»\"\n]")


def is_office_word(folded: str) -> bool:
    """Return whether a folded word, with or without a prefix, is that of an office or a rank."""
    return not _OFFICES.isdisjoint(unprefixed_forms(folded))


def find_office(text: str, name: Span) -> Span | None:
    """Return the span of a full name with its office in a sentence; None without an office."""
    before = locate_words(text[: name.start])[-_MAX_WORDS:]
    if is_arabic(fold(name.slice(text))):
        start = _find_arabic_start(text, before, name)
    else:
        start = _find_latin_start(text, before, name)
    if start is not None:
        return Span(start, name.end)
    end = _find_end(text, name)
    return None if end is None else Span(name.start, end)


def _find_arabic_start(text: str, before: Sequence[LocatedWord], name: Span) -> int | None:
    start, next_start = None, name.start
    for index in range(len(before) - 1, -1, -1):
        word, is_next_to_name = before[index], index == len(before) - 1
        gap = text[word.span.end : next_start]
        may_pause = is_next_to_name or start == next_start
        if gap.strip() and not (may_pause and _COMMA.fullmatch(gap)):
            break
        if is_office_word(word.folded):
            start = word.span.start
        elif not _completes_office(before, index, is_next_to_name=is_next_to_name):
            break
        next_start = word.span.start
    return start


def _completes_office(before: Sequence[LocatedWord], index: int, *, is_next_to_name: bool) -> bool:
    """Return whether a word may stand between an office and the name."""
    word = before[index].folded
    if word in _ARABIC_PREPOSITIONS:
        return not is_next_to_name
    if word in STOP_WORDS or word in _ARABIC_VERBS:
        return False
    previous = before[index - 1].folded if index else ""
    return (
        word.startswith(("ال", "ل", "وال"))
        or (word.startswith("ب") and len(word) >= _MIN_LENGTH_WITH_PREFIX)
        or word.endswith(("ي", "يه"))
        or previous in _ARABIC_PREPOSITIONS
        or is_office_word(previous)
    )


def _find_latin_start(text: str, before: Sequence[LocatedWord], name: Span) -> int | None:
    start, next_start = None, name.start
    for word in reversed(before):
        if text[word.span.end : next_start].strip(" -'’"):
            break
        if is_office_word(word.folded):
            start = word.span.start
        elif not (text[word.span.start].isupper() or word.folded in _LATIN_CONNECTIVES):
            break
        next_start = word.span.start
    return start


def _find_end(text: str, name: Span) -> int | None:
    """Return the end of an office that follows a name after a comma; None if none does."""
    pause = _PAUSE.match(text, name.end)
    if pause is None:
        return None
    phrase_end = _PHRASE_END.search(text, pause.end())
    end = phrase_end.start() if phrase_end else len(text)
    words = locate_words(text[pause.end() : end])
    opening = next((word for word in words if word.folded not in _DETERMINERS), None)
    if opening is None or len(words) > _MAX_WORDS or not is_office_word(opening.folded):
        return None
    return pause.end() + words[-1].span.end
