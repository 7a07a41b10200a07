"""Find mentions of known people, bodies and places in a text, in any of their spellings.

The names are in `config/names.toml`. Words are compared folded, and a name's words without spaces:
«عبد الحميد» is «عبدالحميد», "Al Sarraj" is "al-Sarraj". An Arabic name may have prefixes
(«وللدبيبة»); a Latin one its article, an elision before it ("l'UNSMIL") and an s after it
("Hifter's", "the Haftars"). A name never begins or ends inside a word. Case is ignored, because
questions are typed in lower case; only a spelling of two letters (EU, UN, IS) must be in capitals,
because in lower case it is another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from index.text.located_words import locate_words
from index.text.normalise import fold
from index.text.spans import Span, word_set

_WORD = re.compile(r"[^\W_\u02b0-\u02ff]+")
_LATIN_ARTICLES = word_set("al el ad an ar as ash at az es ez")
"""Ignored inside a name, in the list and in texts: "Fayez Sarraj" is "Fayez al-Sarraj"."""
_GLUED_ARTICLE = re.compile("^[ae]l(?=[a-z]{4})")
_ABD_PREFIX = re.compile("^abd(?:[aeo]|ou|u)l")
"""First part of Abdulhamid, also spelled Abdel Hamid and Abd al-Hamid."""
_MAX_LENGTH_WITHOUT_PREFIXES = 3
"""Names of up to this many letters lose only و and ب: «فسرت», «كسرت» are verbs, not Sirte."""
_MAX_ACRONYM_LENGTH = 2
"""A Latin spelling of up to this many letters must be in capitals."""
_MAX_SINGLE_WORD_LENGTH = 4
"""A spelling of up to this many letters must be one word in a text: "l'IA" is not LIA."""
_MAX_WORDS = 16
"""Maximum words of a name in a text, articles included."""

Spelling = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
"""A name as a newspaper prints it."""
SourceName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
"""The name or URL of an article, a gazetteer or a web page."""


class GazetteerEntry(BaseModel):
    """One person, body or place, with its spellings in each language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["person", "body", "place"]
    abroad: bool = False
    """Whether it is foreign: news that mentions only foreign names is not about Libya."""
    ar: tuple[Spelling, ...] = Field(min_length=1)
    en: tuple[Spelling, ...] = Field(min_length=1)
    fr: tuple[Spelling, ...] = Field(min_length=1)
    seen: tuple[SourceName, ...] = ()
    """Sources of the spellings, except of the `unverified` ones."""
    unverified: tuple[Spelling, ...] = ()
    """Spellings not found in print."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All spellings, in all languages, without repeats."""
        return tuple(dict.fromkeys((*self.ar, *self.en, *self.fr)))

    @model_validator(mode="after")
    def _validate_sources(self) -> Self:
        wordless = [spelling for spelling in self.spellings if not _spelling_key(spelling)]
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
    """The contents of `config/names.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: tuple[GazetteerEntry, ...] = ()

    @model_validator(mode="after")
    def _validate_unique_spellings(self) -> Self:
        owners: dict[str, GazetteerEntry] = {}
        for entry in self.name:
            for spelling in entry.spellings:
                owner = owners.setdefault(_spelling_key(spelling), entry)
                if owner is not entry:
                    raise ValueError(
                        f"«{spelling}» is given to both «{owner.ar[0]}» and «{entry.ar[0]}»"
                    )
        return self


class EntityMention(NamedTuple):
    """A mention of a known name in a text."""

    span: Span
    """Range of words in the folded text."""
    entry_index: int
    """Index of the entry in the configuration."""
    words: tuple[str, ...]
    """The words of the mention, folded."""


class LocatedMention(NamedTuple):
    """A mention of a known name, by its place in the text itself."""

    span: Span
    """Code points of the text, an Arabic prefix of the first word included."""
    mention: EntityMention


class Gazetteer:
    """An index of the known names for finding them in texts."""

    def __init__(self, config: GazetteerConfig) -> None:
        self._entries = config.name
        self._index_by_key = {
            _spelling_key(spelling): index
            for index, entry in enumerate(config.name)
            for spelling in entry.spellings
        }
        self._key_prefixes = {
            key[:length] for key in self._index_by_key for length in range(1, len(key) + 1)
        }

    def find_entry_indices(self, text: str) -> list[int]:
        """Return the indices of the entries that `text` mentions, in order of first mention."""
        return list(dict.fromkeys(mention.entry_index for mention in self.find_mentions(text)))

    def find_mentions(self, text: str) -> list[EntityMention]:
        """Return the mentions in `text`, in order; of overlapping ones the first and longest."""
        return self._find_in_words(find_words(text), _find_acronyms(text))

    def locate_mentions(self, text: str) -> list[LocatedMention]:
        """Return the mentions in `text`, as `find_mentions` does, with their places in it."""
        words = locate_words(text)
        mentions = self._find_in_words([word.folded for word in words], _find_acronyms(text))
        return [
            LocatedMention(
                Span(words[mention.span.start].span.start, words[mention.span.end - 1].span.end),
                mention,
            )
            for mention in mentions
        ]

    def _find_in_words(self, folded_words: list[str], acronyms: set[str]) -> list[EntityMention]:
        normalised_words = _normalise_abd(folded_words)
        mentions = []
        start = 0
        while start < len(normalised_words):
            mention = self._longest_mention_at(normalised_words, start, acronyms)
            if mention:
                mentions.append(mention._replace(words=tuple(folded_words[slice(*mention.span)])))
            start = mention.span.end if mention else start + 1
        return mentions

    def find_entries(self, text: str) -> list[GazetteerEntry]:
        """Return the entries that `text` mentions, in order of first mention, without repeats."""
        return [self._entries[index] for index in self.find_entry_indices(text)]

    def find_libyan_entries(self, text: str) -> list[GazetteerEntry]:
        """Return the entries that `text` mentions and that are not `abroad`, without repeats."""
        return [entry for entry in self.find_entries(text) if not entry.abroad]

    def find_entry_spelled(self, spelling: str) -> int | None:
        """Return the index of the entry with this spelling, or None; all its words must be it."""
        return self._index_by_key.get(_spelling_key(spelling))

    def find_spelling(self, mention: EntityMention) -> str:
        """Return the entry's spelling that a mention has, without its prefixes."""
        key = _spelling_key(" ".join(mention.words))
        spellings = self.spellings(mention.entry_index)
        return max(
            (spelling for spelling in spellings if _spelling_key(spelling) in key),
            key=lambda spelling: len(_spelling_key(spelling)),
            default=spellings[0],
        )

    def entry(self, entry_index: int) -> GazetteerEntry:
        """Return an entry. Raises `IndexError` if there is none."""
        return self._entries[entry_index]

    def kind(self, entry_index: int) -> str:
        """Return whether an entry is a person, a body or a place. Raises `IndexError`."""
        return self._entries[entry_index].kind

    def spellings(self, entry_index: int) -> tuple[str, ...]:
        """Return all spellings of an entry. Raises `IndexError` if there is no such entry."""
        return self._entries[entry_index].spellings

    def _longest_mention_at(
        self, normalised_words: list[str], start: int, acronyms: set[str]
    ) -> EntityMention | None:
        best: EntityMention | None = None
        for first, first_min_length in _unprefixed_forms(normalised_words[start]):
            key = ""
            next_words = normalised_words[start + 1 : start + _MAX_WORDS]
            for end, word in enumerate([first, *next_words], start + 1):
                key_part = word if end == start + 1 else _strip_inner_article(word)
                if not key_part:
                    continue
                key += key_part
                min_length = first_min_length if key == first else _MAX_SINGLE_WORD_LENGTH + 1
                entry_index = self._find_entry_index(key, min_length, acronyms)
                if entry_index is not None and (best is None or end > best.span.end):
                    best = EntityMention(Span(start, end), entry_index, ())
                if key not in self._key_prefixes:
                    break
        return best

    def _find_entry_index(self, key: str, min_length: int, acronyms: set[str]) -> int | None:
        entry_index = self._index_by_key.get(key)
        if entry_index is None and key.endswith("s") and len(key) > 5:
            entry_index = self._index_by_key.get(key[:-1])
        if entry_index is None or len(key) < min_length:
            return None
        if len(key) <= _MAX_ACRONYM_LENGTH and key not in acronyms:
            return None
        return entry_index


def find_words(text: str) -> list[str]:
    """Return the words of a text as names are compared: folded, without their punctuation."""
    return _WORD.findall(fold(text))


def _normalise_abd(words: Iterable[str]) -> list[str]:
    """Return `words` with the spellings of "Abd al-" at their beginning unified."""
    return [_ABD_PREFIX.sub("abd", word) for word in words]


def _strip_inner_article(word: str) -> str:
    """Return a word without its Latin article, or "" for an article, inside a name."""
    return "" if word in _LATIN_ARTICLES else _GLUED_ARTICLE.sub("", word)


def _spelling_key(spelling: str) -> str:
    first, *others = _normalise_abd(find_words(spelling)) or [""]
    return first + "".join(map(_strip_inner_article, others))


def _unprefixed_forms(word: str) -> Iterator[tuple[str, int]]:
    """Yield `word` with and without its prefixes, and the minimum length of a name in that form.

    In Arabic one conjunction and one preposition are removed; «لل» contains an article.
    """
    yield word, 1
    if word.isascii():
        if _GLUED_ARTICLE.match(word):
            yield word[2:], 1
        return
    for form in (word, word[1:]) if word[0] in "وف" else (word,):
        min_length = 1 if form is word or word[0] == "و" else _MAX_LENGTH_WITHOUT_PREFIXES + 1
        if form is not word:
            yield form, min_length
        if form.startswith("لل"):
            yield "ال" + form[2:], 1
            yield "ا" + form, 1
        if form.startswith("ب"):
            yield form[1:], min_length
        elif form.startswith(("ك", "ل")):
            yield form[1:], _MAX_LENGTH_WITHOUT_PREFIXES + 1


def _find_acronyms(text: str) -> set[str]:
    """Return the words of one or two capitals in `text`, unless all of `text` is in capitals."""
    if text.isupper():
        return set()
    short_words = (word for word in _WORD.findall(text) if len(word) <= _MAX_ACRONYM_LENGTH)
    return {word.casefold() for word in short_words if word.isupper()}
