"""Find the source that a question names: "according to the BBC", «بحسب سكاي نيوز», "only Reuters:".

A phrase narrows the search only if the archive has articles of that source, under any of its names;
"according to the minister" narrows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from index.text.normalise import fold
from index.text.phonetic import consonant_keys

_ALIASES = (
    "BBC|BBC News|BBC Arabic|بي بي سي|هيئة الإذاعة البريطانية",
    "CNN|CNN Arabic|سي إن إن|سي ان ان",
    "Sky News|Sky News Arabia|سكاي نيوز|سكاي نيوز عربية",
    "Al Arabiya|alarabia|العربية|قناة العربية|العربية نت",
    "Al Jazeera|الجزيرة|الجزيرة نت",
    "France 24|فرانس 24|فرانس24",
    "Reuters|رويترز",
    "AFP|Agence France-Presse|فرانس برس|وكالة الصحافة الفرنسية",
    "AP|Associated Press|أسوشيتد برس",
    "RFI|Radio France Internationale|إذاعة فرنسا الدولية|مونت كارلو",
    "RT|Russia Today|روسيا اليوم|آر تي",
    "Sputnik|سبوتنيك",
    "Anadolu|Anadolu Agency|AA|الأناضول",
    "Asharq Al-Awsat|Aawsat|الشرق الأوسط",
    "Al-Quds Al-Arabi|القدس العربي",
    "Deutsche Welle|DW|دويتشه فيله",
    "LANA|Libyan News Agency|وكالة الأنباء الليبية|وال",
    "Al-Wasat|Alwasat|بوابة الوسط|الوسط",
    "Libya Al-Ahrar|ليبيا الأحرار",
    "Libya Observer|ليبيا أوبزرفر",
    "Libya Herald|ليبيا هيرالد",
    "Libya 218|218|قناة 218",
    "Jawhara FM|جوهرة|جوهرة إف إم|جوهرة اف ام",
    "The Guardian|Guardian|الغارديان",
    "New York Times|نيويورك تايمز",
    "Washington Post|واشنطن بوست",
    "Le Monde|لوموند",
    "Le Figaro|لوفيغارو",
)
"""Names of one source in each, in any language."""
_GENERIC = frozenset(
    map(
        fold,
        [
            "news",
            "agency",
            "channel",
            "tv",
            "the",
            "le",
            "la",
            "les",
            "al",
            "el",
            "journal",
            "قناة",
            "وكالة",
            "صحيفة",
            "موقع",
            "شبكة",
        ],
    )
)
"""Words that say what kind of source it is."""
_INTRODUCTION = re.compile(
    r"(?<!\w)(?:"
    r"what (?:did|does|do)(?= .{2,30} (?:say|report|write|publish)\b)"
    r"|according to|as (?:reported|told) by|reported by|(?:said|says) the news of|quoting|only"
    r"|from (?=[A-Z])|selon|d['’]apres|d['’]après|rapporté par|uniquement|seulement"
    r"|[وف]?(?:بحسب|حسب|وفقا? ?ل|وفقًا ?ل|نقلا عن|نقلًا عن|على لسان|من مصدر|فقط"
    r"|ماذا (?:قالت|ذكرت|نشرت))"
    r")\s*",
    re.IGNORECASE,
)
_REPORTING_VERB = re.compile(r"^ (?:say|report|write|publish)(?: about| on)?\b")
_WORD = re.compile(r"[^\W_]+")
_MAX_WORDS = 5
_MIN_KEY_LENGTH = 3
_ARTICLE = "ال"


class SourceMention(NamedTuple):
    """The sources that a question names, as the archive spells them, and the rest of it."""

    sources: tuple[str, ...]
    remaining_text: str


def mentions_source(question: str) -> bool:
    """Return whether a question has words that introduce a source."""
    return _INTRODUCTION.search(question) is not None


def find_source(question: str, stored_sources: Sequence[str]) -> SourceMention | None:
    """Return the sources that a question names, or None if it names none of the archive's."""
    for introduction in _INTRODUCTION.finditer(question):
        words = list(_WORD.finditer(question, introduction.end()))[:_MAX_WORDS]
        for count in range(len(words), 0, -1):
            end = words[count - 1].end()
            sources = match_sources(question[introduction.end() : end], stored_sources)
            if sources:
                before = question[: introduction.start()].rstrip(" ,،;:–-(")
                after = _REPORTING_VERB.sub("", question[end:]).lstrip(" ,،;:–-)")
                return SourceMention(sources, f"{before} {after}".strip())
    return None


def match_sources(name: str, stored_sources: Iterable[str]) -> tuple[str, ...]:
    """Return the stored sources that a name stands for, in any language and spelling."""
    wanted = _identities(name)
    return tuple(source for source in stored_sources if wanted & _identities(source))


def _identities(name: str) -> set[str]:
    """Return what two names of one source have in common: letters, a known source, or sounds."""
    spellings = _compact(name)
    known = {f"#{number}" for number, names in enumerate(_compact_aliases()) if names & spellings}
    sounds = {
        f"~{key.lower()}{''.join(filter(str.isdigit, letters))}"
        for letters in spellings
        for key in consonant_keys(letters)
        if len(key) >= _MIN_KEY_LENGTH and " " not in name.strip()
    }
    return spellings | known | sounds


def _compact(name: str) -> set[str]:
    """Return a name's folded letters without articles, with and without its generic words."""
    words = [word.removeprefix(_ARTICLE) for word in _WORD.findall(fold(name))]
    specific = [word for word in words if word not in _GENERIC]
    return {"".join(specific), "".join(words) if specific else ""} - {""}


@cache
def _compact_aliases() -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset().union(*(_compact(name) for name in names.split("|"))) for names in _ALIASES
    )
