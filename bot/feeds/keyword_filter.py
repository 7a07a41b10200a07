"""Filter articles by the words that a feed requires or refuses; pure, with the search's stemming.

Keywords are plain words, never patterns. A word matches its inflected forms (الميناء, بالميناء), a
name from `config/names.toml` matches all its spellings (حفتر, Haftar, Hifter), and several words
match as a phrase.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index.errors import InvalidInputError
from index.text.gazetteer import Gazetteer
from index.text.terms import content_words, stem, stem_variants

MAX_KEYWORDS = 50
_MAX_KEYWORD_LENGTH = 100


class InvalidKeywords(InvalidInputError):
    """A keyword that cannot be searched for, or too many keywords if `keyword` is None."""

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
    """Matches keywords against the text of articles."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def accepts(self, text: str, require: Sequence[str], refuse: Sequence[str]) -> bool:
        """Return whether a text has a required word, if there are any, and no refused word."""
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
    """Return the keywords without duplicates and with normalised spaces.

    Raises `InvalidKeywords` for a keyword that is too long or has no content word, and for more
    than `MAX_KEYWORDS` keywords.
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
