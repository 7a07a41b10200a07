"""Words that a feed's articles must have, or must not: pure, and compared as search does.

They are plain words and never patterns. A word stands for its other forms (الميناء, بالميناء), a
name from `config/names.toml` for all its spellings (حفتر, Haftar, Hifter); several words are looked
for as they stand, one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index.errors import InvalidInputError
from index.text.gazetteer import Gazetteer
from index.text.terms import content_words, stem, stem_variants

MAX_KEYWORDS = 50
_MAX_KEYWORD_LENGTH = 100


class InvalidKeywords(InvalidInputError):
    """A word that cannot be looked for, or, where it is None, too many words."""

    def __init__(self, keyword: str | None = None) -> None:
        self.keyword = keyword
        if keyword is None:
            arguments = (
                f"there are more than {MAX_KEYWORDS} words",
                "Leave out those that matter least",
            )
        else:
            remedy = "Give a word or a name, and no function word alone"
            arguments = f"«{keyword}» cannot be looked for in articles", remedy
        super().__init__(*arguments)


class KeywordFilter:
    """Looks for wanted words in articles."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def accepts(self, text: str, require: Sequence[str], refuse: Sequence[str]) -> bool:
        """Say whether a text has one of the required words, where there are any, and no refused."""
        if not require and not refuse:
            return True
        stems = [stem(word) for word in content_words(text)]
        entities = frozenset(self._gazetteer.find_entry_indices(text))
        if any(self._contains(stems, entities, keyword) for keyword in refuse):
            return False
        return not require or any(self._contains(stems, entities, keyword) for keyword in require)

    def _contains(self, stems: Sequence[str], entities: frozenset[int], keyword: str) -> bool:
        if not entities.isdisjoint(self._gazetteer.find_entry_indices(keyword)):
            return True
        forms = [frozenset(stem_variants(word)) for word in content_words(keyword)]
        return any(
            all(stems[start + offset] in form for offset, form in enumerate(forms))
            for start in range(len(stems) - len(forms) + 1)
        )


def validate_keywords(keywords: Iterable[str]) -> tuple[str, ...]:
    """Return words to look for, each once, without spaces around them.

    Raises `InvalidKeywords` for one that has no word in it that can be looked for, and for too
    many.
    """
    unique = tuple(
        dict.fromkeys(" ".join(keyword.split()) for keyword in keywords if keyword.strip())
    )
    for keyword in unique:
        if len(keyword) > _MAX_KEYWORD_LENGTH or not content_words(keyword):
            raise InvalidKeywords(keyword[:_MAX_KEYWORD_LENGTH])
    if len(unique) > MAX_KEYWORDS:
        raise InvalidKeywords
    return unique
