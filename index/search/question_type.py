"""What a question asks for, and whether a text holds such things (pure functions).

A number and a time are told from other words by a lexicon. A person, body or place is told by the
known names, by nouns that stand beside names («رئيس», "mayor", "ville"), and in Latin script by
capitals. A name that none of them reveals is missed.
"""

from __future__ import annotations

import re
from enum import StrEnum

from index.text.gazetteer import Gazetteer, find_words
from index.text.normalise import fold
from index.text.number_words import NUMBER_TOKEN_PREFIX, words_and_numbers
from index.text.spans import word_set


class QuestionType(StrEnum):
    """What a question asks for."""

    NUMBER = "number"
    TIME = "time"
    PERSON = "person"
    """A person or a body."""
    PLACE = "place"


_QUESTION_WORDS = {
    QuestionType.NUMBER: re.compile(
        r"\b(?:how (?:many|much|old|long|far|often)|what (?:number|percentage|share)|number of"
        r"|combien|quel age|quel nombre|nombre de"
        r"|[وف]?كم|[وب]?قداش|شحال|قديش|عدد)\b"
    ),
    QuestionType.TIME: re.compile(
        r"(?:^|\b(?:and|et|since|until|till|depuis|c.est) )(?:when|quand)\b|\b(?:when|quand)$"
        r"|\bwhen (?:was|were|did|is|are|will|do|does|has|have|had|can|should)\b"
        r"|\b(?:what (?:day|date|year|month|time)|which (?:day|date|year|month)"
        r"|quelle? (?:jour|date|annee|mois|heure)"
        r"|[وف]?متي|[وا]?متا|امتي|وقتاش|[وف]?ايمتا|اي (?:يوم|تاريخ|عام|سنه|شهر))\b"
    ),
    QuestionType.PERSON: re.compile(
        r"^(?:and |but |so )?(?:(?:with|by|to|from|for|against) )?whom?\b|\bwhose\b|[,;] whom?\b"
        r"|\b(?:which|what) (?:person|minister|leader|official|group|body|company|party)\b"
        r"|^(?:et |mais )?(?:(?:a|avec|par|de|pour|contre|chez|qu.est|c.est) )?qui\b"
        r"|^[وف]?من (?!اين|متي|اي |كم|خلال|قبل|بعد|بين|اجل)"
        r"|\b(?:(?:مع|عن|علي|الي) من|[ولب]?منو|منهو|شكون|مين|لمن|بمن)\b"
    ),
    QuestionType.PLACE: re.compile(
        r"\bwhere\b|\b(?:which|what) (?:city|town|country|place|region|port|village|airport)\b"
        r"|^(?:et |d.)?ou\b|\bquelle? (?:ville|pays|lieu|endroit|region|port|village|aeroport)\b"
        r"|\b(?:[وف]?(?:اين|وين|فين)|منين"
        r"|اي (?:مدينه|بلد|دوله|بلده|مكان|منطقه|ميناء|قريه|مطار))\b"
    ),
}
_AROUND = " -–—«»“”\"'?؟!.…:"
"""What stands around a question and is no part of it."""
_CLOCK_OR_YEAR = re.compile(r"\b(?:\d{1,2}:\d\d|(?:19|20)\d\d)\b")
_RELATIVE_DAYS = re.compile(
    r"\b(?:today|yesterday|tomorrow|aujourd.hui|hier|demain|[وب]?ال[يب]وم|اليوم|امس|البارحه|غدا)\b"
)
_PERSON_NOUNS = word_set(
    "رئيس وزير قائد نائب متحدث ناطق مبعوث سفير مدير عضو عميد لواء مشير فريق عقيد امين محافظ شيخ"
    " زعيم ملك امير مرشح كاتب طبيب مستشار محامي قاضي بعثه وزاره حكومه مجلس هيئه لجنه شركه مؤسسه"
    " منظمه حزب جيش كتيبه ميليشيا جماعه شرطه محكمه مفوضيه"
    " president minister commander deputy spokesman spokeswoman spokesperson envoy ambassador"
    " director member mayor general colonel governor leader king prince judge candidate government"
    " ministry council committee company organisation organization party army militia police court"
    " ministre commandant adjoint maire colonel gouverneur chef roi juge candidat gouvernement"
    " ministere conseil comite societe parti armee milice tribunal envoye ambassadeur"
)
_PLACE_NOUNS = word_set(
    "مدينه منطقه قريه بلده ميناء مطار عاصمه ضاحيه محافظه حي شارع طريق حدود دوله ساحل جنوب شمال شرق"
    " غرب واحه جزيره سجن معسكر قاعده حقل"
    " city town village region port airport capital district suburb street road border country "
    " coast south north east west oasis island prison camp base field"
    " ville village quartier aeroport capitale banlieue rue route frontiere pays cote sud nord est"
    " ouest ile camp champ"
)
_ARABIC_PREFIX = re.compile("^[وف]?(?:[بكل]?ال|لل|[بلك])?")
_CAPITALISED_PAIR = re.compile(r"\b[A-ZÀ-Þ][\w'’-]+ (?:(?:al|el|bin|ibn|de|von)[ -])?[A-ZÀ-Þ]\w+")
_CAPITALISED_AFTER_PREPOSITION = re.compile(
    r"\b(?:in|at|near|from|to|outside|à|au|en|dans|vers|depuis) [A-ZÀ-Þ]\w+"
)


def detect_question_types(question: str) -> frozenset[QuestionType]:
    """Return all that a question in Arabic, English or French asks for; empty if nothing of it."""
    folded = fold(question).strip(_AROUND)
    return frozenset(kind for kind, words in _QUESTION_WORDS.items() if words.search(folded))


def holds_requested(
    question_types: frozenset[QuestionType], text: str, gazetteer: Gazetteer
) -> bool:
    """Return whether a text holds all that a question asks for."""
    return all(_holds(kind, text, gazetteer) for kind in question_types)


def _holds(question_type: QuestionType, text: str, gazetteer: Gazetteer) -> bool:
    if question_type is QuestionType.PERSON:
        return _holds_person(text, gazetteer)
    if question_type is QuestionType.PLACE:
        return _holds_place(text, gazetteer)
    tokens = [
        word.removeprefix(NUMBER_TOKEN_PREFIX)
        for word in words_and_numbers(text)
        if word.startswith(NUMBER_TOKEN_PREFIX)
    ]
    if question_type is QuestionType.NUMBER:
        return any(not token.startswith(("day", "month")) for token in tokens)
    folded = fold(text)
    return any(token.startswith(("day", "month")) for token in tokens) or bool(
        _CLOCK_OR_YEAR.search(folded) or _RELATIVE_DAYS.search(folded)
    )


def _holds_person(text: str, gazetteer: Gazetteer) -> bool:
    return (
        any(entry.kind != "place" for entry in gazetteer.find_entries(text))
        or bool(_CAPITALISED_PAIR.search(text))
        or not _PERSON_NOUNS.isdisjoint(_bare_words(text))
    )


def _holds_place(text: str, gazetteer: Gazetteer) -> bool:
    return (
        any(entry.kind == "place" for entry in gazetteer.find_entries(text))
        or bool(_CAPITALISED_AFTER_PREPOSITION.search(text))
        or not _PLACE_NOUNS.isdisjoint(_bare_words(text))
    )


def _bare_words(text: str) -> set[str]:
    """Return the folded words of a text, and those of Arabic without their prefixes."""
    words = set(find_words(text))
    return words | {_ARABIC_PREFIX.sub("", word) for word in words}
