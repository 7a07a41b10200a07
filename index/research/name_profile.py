"""Describe a name by the archive's own sentences: where it occurs first, last and with whom.

A surname alone is not a name: it counts only in an article that also names the person in full and
nobody else who bears it. So no sentence is taken for one about a namesake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from index.models import Article, Quote
from index.research.offices import find_office, is_office_word
from index.search.retriever import Retriever
from index.search.transliteration import is_transliteration, looks_like_name, split_words
from index.text.boilerplate import BoilerplateRules, find_story_body
from index.text.gazetteer import (
    EntityMention,
    Gazetteer,
    GazetteerConfig,
    GazetteerEntry,
    find_words,
)
from index.text.located_words import locate_words
from index.text.normalise import fold
from index.text.segmentation.passages import PassageSpan, split_passages
from index.text.spans import Span

MAX_ARTICLES = 600
"""Maximum number of articles that are read for a name: the oldest and the newest."""
OLDEST_ARTICLES = 100
"""How many of them are the oldest."""
MAX_NEWEST = 3
"""Maximum number of newest sentences."""
MAX_COMPANIONS = 6
"""Maximum number of people named together with a name."""
MIN_TRANSLITERATED_WORDS = 2
"""A name of fewer words is not looked for in the other script: many words are like it."""
MAX_PREFIX_LETTERS = 2
"""An Arabic conjunction and preposition, attached to a name."""
MAX_SIMILAR_NAMES = 4
MIN_SIMILARITY = 75
"""Similarity, of 100, from which a known name is offered for an unknown one."""
_MIN_NAME_WORD_LENGTH = 3
"""A word of fewer letters is an article or an initial, not a part of a full name."""


class CoMention(NamedTuple):
    """A known person, and the number of passages that name them together with another name."""

    entry: GazetteerEntry
    passage_count: int


class NameProfile(NamedTuple):
    """What the archive's articles say of a name, word for word."""

    name: str
    """As it was asked."""
    entry: GazetteerEntry | None
    """None if it is not among the known names; then only its own words are looked for."""
    article_count: int = 0
    first: Quote | None = None
    """The first sentence with the name in the oldest dated article."""
    newest: tuple[Quote, ...] = ()
    """Sentences of the newest articles, the newest first, without those above."""
    companions: tuple[CoMention, ...] = ()
    """In descending order."""
    spellings: tuple[str, ...] = ()
    """Those that occur in the articles, the most frequent first."""
    namesakes: tuple[GazetteerEntry, ...] = ()
    """Other known people who bear the name, if it is one word."""
    similar: tuple[GazetteerEntry, ...] = ()
    """The nearest known names, if no article has the name."""
    office: Quote | None = None
    """The oldest sentence that gives the name with an office, if `first` gives none."""

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All quotes: the first, that with an office, then the newest."""
        return (*(quote for quote in (self.first, self.office) if quote), *self.newest)


def find_name_profile(
    retriever: Retriever, config: GazetteerConfig, boilerplate: BoilerplateRules, name: str
) -> NameProfile:
    """Return the profile of a name. Raises `EmbeddingModelMismatch`."""
    name = strip_offices(name, retriever.gazetteer)
    profile = build_name_profile(
        name, _load_articles(retriever, name, by_sound=False), config, boilerplate
    )
    if profile.article_count or profile.entry or profile.namesakes:
        return profile
    articles = _load_articles(retriever, name, by_sound=True)
    spellings = find_transliterations(name, articles)
    if not spellings:
        return profile
    return build_name_profile(name, articles, config, boilerplate, spellings)


def _load_articles(retriever: Retriever, name: str, *, by_sound: bool) -> list[Article]:
    """Return the articles that may have a name, the oldest first, but of many not those between."""
    with retriever.snapshot() as snapshot:
        dated_keys = retriever.find_articles_naming(snapshot, name, by_sound=by_sound)
        keys = [key for key, _ in dated_keys]
        if len(keys) > MAX_ARTICLES:
            keys = keys[:OLDEST_ARTICLES] + keys[OLDEST_ARTICLES - MAX_ARTICLES :]
        articles = snapshot.articles(keys)
    return [articles[key] for key in keys if key in articles]


def strip_offices(name: str, gazetteer: Gazetteer) -> str:
    """Return a known name without the offices and ranks before it: «المشير خليفة حفتر».

    Another name stays as it is: «قائد» and «أمير» are parts of names, too.
    """
    words = name.split()
    for first, word in enumerate(words):
        rest = " ".join(words[first:])
        if gazetteer.find_entry_spelled(rest) is not None:
            return rest
        if not is_office_word(fold(word)):
            break
    return name


def find_transliterations(name: str, articles: Iterable[Article]) -> tuple[str, ...]:
    """Return how articles in the other script write a name of several words.

    All words must be spellings of one another, letter by letter: by sound alone they would be of
    other people.
    """
    words = find_words(name)
    if len(words) < MIN_TRANSLITERATED_WORDS:
        return ()
    written = {
        span.slice(article.text): None
        for article in articles
        for span in _find_transliterated_spans(words, article.text)
    }
    return tuple(
        spelling
        for spelling in written
        if not any(spelling[length:] in written for length in range(1, MAX_PREFIX_LETTERS + 1))
    )


def _find_transliterated_spans(words: Sequence[str], text: str) -> Iterator[Span]:
    located = locate_words(text)
    for first in range(len(located) - len(words) + 1):
        found = located[first : first + len(words)]
        span = Span(found[0].span.start, found[-1].span.end)
        written = span.slice(text)
        if (
            all(
                is_transliteration(word, other.folded)
                for word, other in zip(words, found, strict=True)
            )
            and all(map(looks_like_name, split_words(written)))
            and "\n" not in written
        ):
            yield span


def build_name_profile(
    name: str,
    articles: Sequence[Article],
    config: GazetteerConfig,
    boilerplate: BoilerplateRules,
    spellings: Sequence[str] = (),
) -> NameProfile:
    """Return the profile of a name in these articles, the oldest first.

    `spellings` are further ones of a name that is not known. A single word that is not known as a
    name, and is a part of known ones, is nobody's in particular: its bearers alone are named.
    """
    name = " ".join(name.split())
    known = Gazetteer(config)
    entry_index = known.find_entry_spelled(name)
    entry = None if entry_index is None else config.name[entry_index]
    namesakes = _find_namesakes(name, config, entry)
    if entry is None and namesakes:
        return NameProfile(name, None, namesakes=namesakes)
    gazetteer = known
    if entry_index is None:
        entry_index = len(config.name)
        written = (name, *spellings)
        literal = GazetteerEntry(
            kind="person", ar=written, en=written, fr=written, unverified=written
        )
        gazetteer = Gazetteer(GazetteerConfig(name=(*config.name, literal)))
    found = [
        named
        for article in articles
        if (named := _read_article(article, entry_index, gazetteer, boilerplate)).passages
    ]
    if not found:
        similar = () if entry else find_similar_names(name, config)
        return NameProfile(name, entry, namesakes=namesakes, similar=similar)
    companions: Counter[int] = Counter()
    counted_spellings: Counter[str] = Counter()
    counted_texts = set()
    for named in found:
        for passage in named.passages:
            counted_spellings.update(passage.spellings)
            if passage.text not in counted_texts:
                counted_texts.add(passage.text)
                companions.update(passage.companions)
    dated = [named for named in found if named.quote.article.published]
    first = dated[0].quote if dated else None
    office = next((named.office for named in dated if named.office), None)
    if office == first:
        office = None
    return NameProfile(
        name,
        entry,
        len(found),
        first,
        _choose_newest([named.quote for named in reversed(found)], first, office),
        tuple(
            CoMention(gazetteer.entry(index), count)
            for index, count in companions.most_common(MAX_COMPANIONS)
        ),
        tuple(spelling for spelling, _ in counted_spellings.most_common())
        if entry or spellings
        else (),
        namesakes,
        office=office,
    )


def find_similar_names(name: str, config: GazetteerConfig) -> tuple[GazetteerEntry, ...]:
    """Return the known people and bodies whose spellings are nearest to a name."""
    owners = {
        fold(spelling): index
        for index, entry in enumerate(config.name)
        if entry.kind != "place"
        for spelling in entry.spellings
    }
    matches = process.extract(
        fold(name), owners.keys(), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=20
    )
    indices = dict.fromkeys(owners[spelling] for spelling, _, _ in matches)
    return tuple(config.name[index] for index in indices)[:MAX_SIMILAR_NAMES]


def quote_name(
    article: Article, entry_index: int, gazetteer: Gazetteer, boilerplate: BoilerplateRules
) -> Quote | None:
    """Return the sentence of an article that names a known person best, or None without one."""
    named = _read_article(article, entry_index, gazetteer, boilerplate)
    return named.quote if named.passages else None


class _NamingPassage(NamedTuple):
    """A passage that names the person, and whom it names beside."""

    text: str
    companions: frozenset[int]
    spellings: tuple[str, ...]


class _NamingArticle(NamedTuple):
    """The passages of an article that name the person, and its best sentence with the name."""

    quote: Quote
    office: Quote | None
    """The first sentence that gives the name with an office."""
    passages: list[_NamingPassage]


def _read_article(
    article: Article, entry_index: int, gazetteer: Gazetteer, boilerplate: BoilerplateRules
) -> _NamingArticle:
    story = find_story_body(article.text, boilerplate)
    spans = split_passages(article.text, story.body, story.teasers)
    mentions = [gazetteer.find_mentions(article.text[span.start : span.end]) for span in spans]
    certain = _certain_mentions(mentions, gazetteer)
    naming = [
        (span, passage_mentions)
        for span, passage_mentions in zip(spans, certain, strict=True)
        if any(mention.entry_index == entry_index for mention in passage_mentions)
    ]
    passages = [
        _NamingPassage(
            article.text[span.start : span.end],
            frozenset(
                mention.entry_index
                for mention in passage_mentions
                if mention.entry_index != entry_index
                and gazetteer.kind(mention.entry_index) == "person"
            ),
            tuple(
                gazetteer.find_spelling(mention)
                for mention in passage_mentions
                if mention.entry_index == entry_index
            ),
        )
        for span, passage_mentions in naming
    ]
    naming_spans = [span for span, _ in naming]
    return _NamingArticle(
        _choose_quote(article, naming_spans or spans, entry_index, gazetteer),
        _find_office_quote(article, naming_spans, entry_index, gazetteer),
        passages,
    )


def _find_office_quote(
    article: Article, spans: Sequence[PassageSpan], entry_index: int, gazetteer: Gazetteer
) -> Quote | None:
    """Return the first sentence that names the person in full with an office; None without one."""
    sentences = [(span, sentence) for span in spans for sentence in span.sentences]
    for span, sentence in sentences:
        text = sentence.slice(article.text)
        for located in gazetteer.locate_mentions(text):
            if (
                located.mention.entry_index == entry_index
                and _is_full(located.mention)
                and find_office(text, located.span) is not None
            ):
                return _quote_sentence(article, span, sentence)
    return None


def _quote_sentence(article: Article, span: PassageSpan, sentence: Span) -> Quote:
    return Quote(
        text=article.text[span.start : span.end],
        start=span.start,
        end=span.end,
        highlight=(sentence.start - span.start, sentence.end - span.start),
        score=1.0,
        article=article,
    )


def _choose_quote(
    article: Article, spans: Sequence[PassageSpan], entry_index: int, gazetteer: Gazetteer
) -> Quote:
    """Return the first sentence that names the person in full, or else the first that does."""
    sentences = [(span, sentence) for span in spans for sentence in span.sentences]
    naming = [
        (span, sentence, any(_is_full(mention) for mention in mentions))
        for span, sentence in sentences
        if (
            mentions := [
                mention
                for mention in gazetteer.find_mentions(sentence.slice(article.text))
                if mention.entry_index == entry_index
            ]
        )
    ]
    chosen = [found for found in naming if found[2]] or naming
    span, sentence = chosen[0][:2] if chosen else sentences[0]
    return _quote_sentence(article, span, sentence)


def _certain_mentions(
    passages: Sequence[Sequence[EntityMention]], gazetteer: Gazetteer
) -> list[list[EntityMention]]:
    """Return the mentions of an article's passages without surnames that may be someone else's."""
    mentions = [mention for passage in passages for mention in passage]
    named = {mention.entry_index for mention in mentions}
    named_in_full = {mention.entry_index for mention in mentions if _is_full(mention)}
    surnames = {index: _surnames(gazetteer.entry(index)) for index in named}

    def is_certain(mention: EntityMention) -> bool:
        index = mention.entry_index
        if _is_full(mention) or gazetteer.kind(index) != "person":
            return True
        if index not in named_in_full and _has_full_spelling(gazetteer.entry(index)):
            return False
        return not any(
            surname in mention.words[-1]
            for other in named - {index}
            if gazetteer.kind(other) == "person"
            for surname in surnames[other]
        )

    return [[mention for mention in passage if is_certain(mention)] for passage in passages]


def _is_full(mention: EntityMention) -> bool:
    """Return whether a mention has more than a surname."""
    return len(_name_words(mention.words)) > 1


def _has_full_spelling(entry: GazetteerEntry) -> bool:
    return any(len(_name_words(find_words(spelling))) > 1 for spelling in entry.spellings)


def _surnames(entry: GazetteerEntry) -> set[str]:
    """Return the last words of a person's spellings, folded."""
    return {words[-1] for spelling in entry.spellings if (words := find_words(spelling))}


def _name_words(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) >= _MIN_NAME_WORD_LENGTH]


def _find_namesakes(
    name: str, config: GazetteerConfig, entry: GazetteerEntry | None
) -> tuple[GazetteerEntry, ...]:
    """Return the other known people of whose names a single word is a part."""
    words = find_words(name)
    if len(words) != 1:
        return ()
    return tuple(
        other
        for other in config.name
        if other is not entry
        and other.kind == "person"
        and any(words[0] in find_words(spelling) for spelling in other.spellings)
    )


def _choose_newest(newest_first: Iterable[Quote], *shown: Quote | None) -> tuple[Quote, ...]:
    """Return the newest quotes that are different sentences, and none of those `shown`."""
    seen = {_sentence_words(quote) for quote in shown if quote}
    chosen: list[Quote] = []
    for quote in newest_first:
        words = _sentence_words(quote)
        if words not in seen and len(chosen) < MAX_NEWEST:
            seen.add(words)
            chosen.append(quote)
    return tuple(chosen)


def _sentence_words(quote: Quote) -> str:
    return fold(Span(*quote.highlight).slice(quote.text))
