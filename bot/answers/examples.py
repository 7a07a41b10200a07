"""Example questions about what the archive's newest articles mention, each of which is answered."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, zip_longest
from threading import Lock

from bot.i18n.languages import UiLanguage
from index.archive import Archive
from index.entity_counts import EntityCount, EntityCounts
from index.questions import MAX_QUESTION_LENGTH, split_questions
from index.text.gazetteer import GazetteerEntry

MAX_EXAMPLES = 3
_CANDIDATES_PER_KIND = 4
"""How many names of each kind are tried until enough examples have an answer."""
_TEMPLATES: Mapping[str, Mapping[UiLanguage, str]] = {
    "person": {
        "ar": "ما الجديد عن {name}؟",
        "en": "What is new about {name}?",
        "fr": "Quoi de neuf sur {name}\u202f?",
    },
    "place": {
        "ar": "ماذا حدث في {name}؟",
        "en": "What happened in {name}?",
        "fr": "Que s'est-il passé à {name}\u202f?",
    },
    "body": {
        "ar": "ماذا نُشر عن {name}؟",
        "en": "What was reported about {name}?",
        "fr": "Qu'a-t-on publié sur {name}\u202f?",
    },
}
"""Questions by the kind of a name. None has a word whose form depends on the name."""


class ExampleQuestions:
    """Draws example questions from an archive; they are drawn again when the archive changes."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lock = Lock()
        self._drawn: dict[UiLanguage, tuple[int, tuple[str, ...]]] = {}

    def draw(self, lang: UiLanguage) -> tuple[str, ...]:
        """Return up to three questions in `lang` that the archive answers, none if it is empty."""
        last_change = self._archive.last_change()
        with self._lock:
            drawn_at, questions = self._drawn.get(lang, (-1, ()))
            if drawn_at != last_change:
                questions = self._draw(lang)
                self._drawn[lang] = last_change, questions
        return questions

    def _draw(self, lang: UiLanguage) -> tuple[str, ...]:
        counts = self._archive.count_newest_entities(_CANDIDATES_PER_KIND)
        drawn: list[str] = []
        for entry in _alternate_kinds(counts):
            question = _TEMPLATES[entry.kind][lang].format(name=getattr(entry, lang)[0])
            if len(question) <= MAX_QUESTION_LENGTH and self._archive.ask(question).answered:
                drawn.append(question)
            if len(drawn) == MAX_EXAMPLES:
                break
        return tuple(drawn) if split_questions("\n".join(drawn)) == drawn else tuple(drawn[:1])


def _alternate_kinds(counts: EntityCounts) -> list[GazetteerEntry]:
    """Return the names that are mentioned most: a person, a place and a body in turn."""
    people = [count for count in counts.names if count.name.kind == "person"]
    bodies = [count for count in counts.names if count.name.kind == "body"]
    places = [count for count in counts.places if not count.name.abroad]
    turns: list[tuple[EntityCount | None, ...]] = list(zip_longest(people, places, bodies))
    return [count.name for count in chain.from_iterable(turns) if count]
