"""Which known people, bodies and places a text mentions, under any of their usual spellings.

The list is `config/names.toml`, edited without code. Words are compared folded, and a name's words
as if they were written in one: «عبد الحميد» is «عبدالحميد», "Al Sarraj" is "al-Sarraj". An Arabic
name may carry light prefixes («وللدبيبة»), a Latin one its article, an elision before it
("l'UNSMIL") and an s after it ("Hifter's", "the Haftars"). A name never begins or ends inside a
word. Lower case is enough, because questions are typed in it; only a spelling of two letters
(EU, UN, IS) must stand in capitals, because in lower case it is another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from index.text.normalise import fold
from index.text.spans import Span, words

_WORD = re.compile(r"[^\W_\u02b0-\u02ff]+")
_LATIN_ARTICLES = words("al el ad an ar as ash at az es ez")
"""Left out inside a name, in the list as in a text: "Fayez Sarraj" is "Fayez al-Sarraj"."""
_GLUED_ARTICLE = re.compile("^[ae]l(?=[a-z]{4})")
_SERVANT = re.compile("^abd(?:[aeo]|ou|u)l")
"""The start of Abdulhamid, which is also written Abdel Hamid and Abd al-Hamid."""
_TOO_SHORT_FOR_PREFIXES = 3
"""Only و and ب are taken off a name of so few letters: «فسرت» and «كسرت» are verbs, not Sirte."""
_CAPITALS = 2
"""A Latin spelling of so many letters must stand in capitals."""
_ONE_WORD = 4
"""A spelling of so many letters is one word in a text too: "l'IA" is not LIA."""
_MAX_WORDS = 16
"""A name is looked for in so many words, its articles included."""

Spelling = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
"""A name as a newspaper prints it."""
Place = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
"""An article, a gazetteer or a page, by its public name or address."""


class GazetteerEntry(BaseModel):
    """One person, body or place, and how it is written in each language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["person", "body", "place"]
    abroad: bool = False
    """It is no name of Libya: news that names nothing else is not of Libya."""
    ar: tuple[Spelling, ...] = Field(min_length=1)
    en: tuple[Spelling, ...] = Field(min_length=1)
    fr: tuple[Spelling, ...] = Field(min_length=1)
    seen: tuple[Place, ...] = ()
    """Where its spellings were seen, all but the `unverified` ones."""
    unverified: tuple[Spelling, ...] = ()
    """Those of its spellings that nobody has found in print."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling once, in all languages."""
        return tuple(dict.fromkeys((*self.ar, *self.en, *self.fr)))

    @model_validator(mode="after")
    def _says_where_it_was_seen(self) -> Self:
        wordless = [spelling for spelling in self.spellings if not _key(spelling)]
        if wordless:
            raise ValueError(f"«{wordless[0]}» has no word in it")
        unknown = [spelling for spelling in self.unverified if spelling not in self.spellings]
        if unknown:
            raise ValueError(f"«{unknown[0]}» is unverified, but is not one of its spellings")
        verified = set(self.spellings) - set(self.unverified)
        if verified and not self.seen:
            raise ValueError(f"say where «{self.ar[0]}» was seen, or list what is unverified")
        if self.seen and not verified:
            raise ValueError(f"«{self.ar[0]}» was seen somewhere, but all of it is unverified")
        return self


class GazetteerConfig(BaseModel):
    """What `config/names.toml` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: tuple[GazetteerEntry, ...] = ()

    @model_validator(mode="after")
    def _gives_no_spelling_twice(self) -> Self:
        owners: dict[str, GazetteerEntry] = {}
        for name in self.name:
            for spelling in name.spellings:
                owner = owners.setdefault(_key(spelling), name)
                if owner is not name:
                    raise ValueError(
                        f"«{spelling}» is given to both «{owner.ar[0]}» and «{name.ar[0]}»"
                    )
        return self


class EntityMention(NamedTuple):
    """A known name in a text."""

    span: Span
    """Where it stands, counted in the words of the folded text."""
    entry: int
    """Which of the rules' names it is."""
    words: tuple[str, ...]
    """What stands there, folded."""


class Gazetteer:
    """The known names, ready to be looked for in any number of texts."""

    def __init__(self, rules: GazetteerConfig) -> None:
        self._names = rules.name
        self._entries = {
            _key(spelling): entry
            for entry, name in enumerate(rules.name)
            for spelling in name.spellings
        }
        self._beginnings = {
            key[:length] for key in self._entries for length in range(1, len(key) + 1)
        }

    def mentioned(self, text: str) -> list[int]:
        """Return which names `text` mentions, each once, in the order of their first mention."""
        return list(dict.fromkeys(mention.entry for mention in self.mentions(text)))

    def mentions(self, text: str) -> list[EntityMention]:
        """Return every mention in `text`, in order; where they overlap, the first and longest."""
        plain = _WORD.findall(fold(text))
        said = _alike(plain)
        capitals = _in_capitals(text)
        found = []
        start = 0
        while start < len(said):
            mention = self._longest_at(said, start, capitals)
            if mention:
                found.append(mention._replace(words=tuple(plain[slice(*mention.span)])))
            start = mention.span.end if mention else start + 1
        return found

    def at_home(self, text: str) -> list[GazetteerEntry]:
        """Return the names of Libya, and of no other country, that `text` mentions, each once."""
        return [self._names[each] for each in self.mentioned(text) if not self._names[each].abroad]

    def spellings(self, entry: int) -> tuple[str, ...]:
        """Return every spelling of a name, in all languages. Raises `IndexError`."""
        return self._names[entry].spellings

    def _longest_at(self, said: list[str], start: int, capitals: set[str]) -> EntityMention | None:
        best: EntityMention | None = None
        for first, shortest in _without_prefixes(said[start]):
            glued = ""
            following = said[start + 1 : start + _MAX_WORDS]
            for end, word in enumerate([first, *following], start + 1):
                added = word if end == start + 1 else _inner(word)
                if not added:
                    continue
                glued += added
                at_least = shortest if glued == first else _ONE_WORD + 1
                entry = self._entry(glued, at_least, capitals)
                if entry is not None and (best is None or end > best.span.end):
                    best = EntityMention(Span(start, end), entry, ())
                if glued not in self._beginnings:
                    break
        return best

    def _entry(self, glued: str, shortest: int, capitals: set[str]) -> int | None:
        entry = self._entries.get(glued)
        if entry is None and glued.endswith("s") and len(glued) > 5:
            entry = self._entries.get(glued[:-1])
        if entry is None or len(glued) < shortest:
            return None
        if len(glued) <= _CAPITALS and glued not in capitals:
            return None
        return entry


def _alike(plain: Iterable[str]) -> list[str]:
    """Write in one way what names are begun with in several."""
    return [_SERVANT.sub("abd", word) for word in plain]


def _inner(word: str) -> str:
    """Return what a word adds to a name that it does not begin."""
    return "" if word in _LATIN_ARTICLES else _GLUED_ARTICLE.sub("", word)


def _key(spelling: str) -> str:
    first, *others = _alike(_WORD.findall(fold(spelling))) or [""]
    return first + "".join(map(_inner, others))


def _without_prefixes(word: str) -> Iterator[tuple[str, int]]:
    """Yield `word` as it is and without what is written before it, and how short a name may be.

    In Arabic one conjunction and one preposition are taken off; «لل» hides an article.
    """
    yield word, 1
    if word.isascii():
        if _GLUED_ARTICLE.match(word):
            yield word[2:], 1
        return
    for rest in (word, word[1:]) if word[0] in "وف" else (word,):
        usual = 1 if rest is word or word[0] == "و" else _TOO_SHORT_FOR_PREFIXES + 1
        if rest is not word:
            yield rest, usual
        if rest.startswith("لل"):
            yield "ال" + rest[2:], 1
            yield "ا" + rest, 1
        if rest.startswith("ب"):
            yield rest[1:], usual
        elif rest.startswith(("ك", "ل")):
            yield rest[1:], _TOO_SHORT_FOR_PREFIXES + 1


def _in_capitals(text: str) -> set[str]:
    """Return the shortest words that `text` has in capitals, where it has small letters too."""
    if text.isupper():
        return set()
    short = (word for word in _WORD.findall(text) if len(word) <= _CAPITALS)
    return {word.casefold() for word in short if word.isupper()}
