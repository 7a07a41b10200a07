"""Words that a feed's articles must have, or must not: pure, and compared as search does.

They are plain words and never patterns. A word stands for its other forms (الميناء, بالميناء), a
name from `config/names.toml` for all its spellings (حفتر, Haftar, Hifter); several words are looked
for as they stand, one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index.errors import InvalidInputError
from index.text.gazetteer import Gazetteer
from index.text.terms import stem, variants, word_list

MAX_WORDS = 50
_LONGEST = 100


class InvalidKeywords(InvalidInputError):
    """A word that cannot be looked for, or, where it is None, too many words."""

    def __init__(self, word: str | None = None) -> None:
        self.word = word
        if word is None:
            said = f"there are more than {MAX_WORDS} words", "Leave out those that matter least"
        else:
            remedy = "Give a word or a name, and no function word alone"
            said = f"«{word}» cannot be looked for in articles", remedy
        super().__init__(*said)


class KeywordFilter:
    """Looks for wanted words in articles."""

    def __init__(self, names: Gazetteer) -> None:
        self._names = names

    def fits(self, text: str, require: Sequence[str], refuse: Sequence[str]) -> bool:
        """Say whether a text has one of the required words, where there are any, and no refused."""
        if not require and not refuse:
            return True
        stems = [stem(word) for word in word_list(text)]
        named = frozenset(self._names.mentioned(text))
        if any(self._is_in(stems, named, each) for each in refuse):
            return False
        return not require or any(self._is_in(stems, named, each) for each in require)

    def _is_in(self, stems: Sequence[str], named: frozenset[int], wanted: str) -> bool:
        if not named.isdisjoint(self._names.mentioned(wanted)):
            return True
        forms = [frozenset(variants(word)) for word in word_list(wanted)]
        return any(
            all(stems[start + place] in form for place, form in enumerate(forms))
            for start in range(len(stems) - len(forms) + 1)
        )


def checked(words: Iterable[str]) -> tuple[str, ...]:
    """Return words to look for, each once, without spaces around them.

    Raises `InvalidKeywords` for one that has no word in it that can be looked for, and for too many.
    """
    kept = tuple(dict.fromkeys(" ".join(each.split()) for each in words if each.strip()))
    for each in kept:
        if len(each) > _LONGEST or not word_list(each):
            raise InvalidKeywords(each[:_LONGEST])
    if len(kept) > MAX_WORDS:
        raise InvalidKeywords
    return kept
