"""Match articles with readers' standing queries: names in any script, topics by meaning.

A query of gazetteer names matches where a title or a passage mentions them in any spelling. One
word, or two or three that all begin with a capital, may be a name missing from the gazetteer: it
matches where one passage with its context contains all words, by stem or, across scripts, by sound
and spelling (`index.search.transliteration`). Any other query is a topic, and is decided by the
answerability model.

That model scores a ranking of passages. Here the ranking contains only one article's passages,
because whether an article is about a topic does not depend on other articles. For the same reason
the model gets a constant archive size: in a small archive the nearest passages need not be near,
and an alert is not a search for the nearest. The log-odds must exceed a margin, so that an alert
is more certain than an answer. `bench/stories/standing_queries.py` compared this with
alternatives: see docs/evaluation.md, "What readers watch".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from index.answering import EncodedQuestion
from index.models import Quote
from index.questions import asks_only_for_news
from index.search.answerability import answer_log_odds, extract_features
from index.search.calibration import AnswerabilityWeights
from index.search.quote_selection import SelectedPassage, build_quote
from index.search.retriever import RescoreResult, Retriever
from index.search.scoring import ScoredPassage
from index.search.term_overlap import QueryTermStats, term_overlaps
from index.search.transliteration import is_transliteration, looks_like_name, split_words
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot
from index.text.gazetteer import Gazetteer
from index.text.normalise import fold
from index.text.spans import Span
from index.text.terms import content_words, stem, stem_variants

ASSUMED_ARCHIVE_SIZE = 7_000
"""Articles are scored as if found among this many passages: about the size of the archive in which
the margins were chosen."""
SAME_LANGUAGE_MARGIN = 0.75
"""Minimum log-odds for a match if the passage is in the query's language."""
CROSS_LINGUAL_MARGIN = 0.5
"""Minimum log-odds for a match across languages. Both margins were chosen on one half of the topics
of `bench/data/watching/`, as the lowest with at most five false alerts in a thousand articles."""
MAX_NAME_WORDS = 3
"""Maximum number of words of a name that is missing from the gazetteer."""
_FULL_COVERAGE = 1 - 1e-9
"""A term coverage from this on counts as complete, allowing for rounding."""


def match_standing_queries(
    retriever: Retriever, queries: Sequence[EncodedQuestion], article_ids: Collection[str]
) -> list[dict[str, Quote]]:
    """Return, for each query, the matching articles' ids, each with the quote that matches best.

    The quotes' `also` is empty. Unknown articles match nothing. Raises `EmbeddingModelMismatch`.
    """
    with retriever.snapshot() as snapshot:
        passages = retriever.load_passages(snapshot, article_ids)
        if not passages:
            return [{} for _ in queries]
        candidates = _CandidateArticles(snapshot, passages, retriever.gazetteer)
    weights = retriever.calibration.evidence
    return [_match_query(retriever, query, candidates, weights) for query in queries]


def is_same_query(first: str, second: str, gazetteer: Gazetteer) -> bool:
    """Return whether two queries are spellings of the same names, or the same words.

    A name of one word is not the same as a longer one, because it matches whoever bears it.
    """
    if fold(first) == fold(second):
        return True
    words, other_words = content_words(first), content_words(second)
    if len(words) != len(other_words) and 1 in (len(words), len(other_words)):
        return False
    entries = _find_entries(first, words, gazetteer)
    if entries:
        return entries == _find_entries(second, other_words, gazetteer)
    return (
        0 < len(words) == len(other_words) <= MAX_NAME_WORDS
        and (_may_be_unlisted_name(first, words) or _may_be_unlisted_name(second, other_words))
        and all(
            word == other or is_transliteration(word, other)
            for word, other in zip(words, other_words, strict=True)
        )
    )


class _EntityMentions(NamedTuple):
    """The gazetteer entries that a text mentions."""

    entries: frozenset[int]
    nested: frozenset[int]
    """Entries whose one-word spelling is part of a longer name: Haftar in Saddam Haftar."""

    def contains_all(self, required: frozenset[int], *, one_word: bool) -> bool:
        """Return whether all required entries are mentioned; with `one_word`, nested ones count."""
        return required <= (self.entries | self.nested if one_word else self.entries)


class _CandidateArticles:
    """The articles to match, with their passages and a cache of the names mentioned in texts."""

    def __init__(
        self, snapshot: Snapshot, passages: dict[int, CandidatePassage], gazetteer: Gazetteer
    ) -> None:
        self.passages = passages
        self.passages_by_article: dict[int, list[CandidatePassage]] = defaultdict(list)
        for passage in passages.values():
            self.passages_by_article[passage.article_key].append(passage)
        first_ids = {
            key: article_passages[0].passage_id
            for key, article_passages in self.passages_by_article.items()
        }
        carriers = snapshot.articles_by_passage(first_ids.values())
        self.articles = {key: carriers[first][key] for key, first in first_ids.items()}
        self._gazetteer = gazetteer
        self._mentions_cache: dict[str, _EntityMentions] = {}

    def passage_text(self, passage: CandidatePassage) -> str:
        """Return a passage's verbatim text."""
        return self.articles[passage.article_key].text[passage.start : passage.end]

    def find_mentions(self, text: str) -> _EntityMentions:
        """Return the entries mentioned in a title, passage or sentence; results are cached."""
        if text not in self._mentions_cache:
            mentions = self._gazetteer.find_mentions(text)
            multiword = [mention for mention in mentions if len(mention.words) > 1]
            nested = (
                self._gazetteer.find_entry_indices(word)
                for mention in multiword
                for word in mention.words
            )
            self._mentions_cache[text] = _EntityMentions(
                frozenset(mention.entry_index for mention in mentions),
                frozenset(entry for entries in nested for entry in entries),
            )
        return self._mentions_cache[text]


def _match_query(
    retriever: Retriever,
    query: EncodedQuestion,
    candidates: _CandidateArticles,
    weights: AnswerabilityWeights | None,
) -> dict[str, Quote]:
    text = query.embedding.text
    words = content_words(text)
    entries = _find_entries(text, words, retriever.gazetteer)
    if not words or (not entries and asks_only_for_news(query.timed_question.remaining_text)):
        return {}
    with retriever.snapshot() as snapshot:  # per query, so that questions wait for only one query
        rescored = retriever.rescore(
            snapshot, query.embedding, candidates.passages, ASSUMED_ARCHIVE_SIZE
        )
    if entries:
        matches = _match_entries(rescored.ranked, candidates, entries, one_word=len(words) == 1)
    elif _may_be_unlisted_name(text, words):
        matches = _match_words(rescored, candidates, words)
    else:
        matches = _match_topic(rescored.ranked, weights)
    return {
        article.id: build_quote(
            SelectedPassage(scored, candidates.passages[scored.passage_id]),
            {scored.article_key: article},
        )
        for article, scored in (
            (candidates.articles[scored.article_key], scored) for scored in matches
        )
    }


def _find_entries(text: str, words: Sequence[str], gazetteer: Gazetteer) -> frozenset[int]:
    """Return the gazetteer entries mentioned in a query if they cover all its words, else none."""
    mentions = gazetteer.find_mentions(text)
    covered = {word for mention in mentions for word in mention.words}
    is_covered = covered.issuperset(words)
    return frozenset(mention.entry_index for mention in mentions) if is_covered else frozenset()


def _may_be_unlisted_name(text: str, words: Sequence[str]) -> bool:
    """Return whether these words may be a name that is missing from the gazetteer."""
    if len(words) == 1:
        return True
    written_words = [word for word in text.split() if content_words(word)]
    first_letters = (next(filter(str.isalnum, word)) for word in written_words)
    is_capitalised = (
        all(char.isupper() or char.isdigit() for char in first_letters) and not text.isupper()
    )
    return is_capitalised and len(words) <= MAX_NAME_WORDS


def _match_entries(
    ranked: Sequence[ScoredPassage],
    candidates: _CandidateArticles,
    entries: frozenset[int],
    *,
    one_word: bool,
) -> list[ScoredPassage]:
    """Return each article's first passage that mentions all of these entries.

    If only the title mentions them, return the article's first passage.
    """
    by_id = {scored.passage_id: scored for scored in ranked}

    def has_entries(text: str | None) -> bool:
        return bool(text) and candidates.find_mentions(text or "").contains_all(
            entries, one_word=one_word
        )

    matches = []
    for key, passages in candidates.passages_by_article.items():
        article = candidates.articles[key]
        for passage in passages:
            if has_entries(candidates.passage_text(passage)):
                sentences = _sentence_spans(passage)
                matching_spans = (
                    span for span in sentences if has_entries(span.slice(article.text))
                )
                scored = by_id[passage.passage_id]
                matches.append(
                    scored._replace(best_sentence=next(matching_spans, scored.best_sentence))
                )
                break
        else:
            if has_entries(article.title):
                matches.append(by_id[passages[0].passage_id])
    return matches


def _match_words(
    rescored: RescoreResult, candidates: _CandidateArticles, words: Sequence[str]
) -> list[ScoredPassage]:
    """Return each article's first passage that, with its headline, contains all of the words."""
    first_matches: dict[int, ScoredPassage] = {}
    for scored in sorted(rescored.ranked, key=lambda scored: scored.passage_id):
        if scored.term_coverage >= _FULL_COVERAGE and scored.article_key not in first_matches:
            headline = candidates.articles[scored.article_key].headline
            passage_text = candidates.passage_text(candidates.passages[scored.passage_id])
            if _contains_words(f"{headline}\n{passage_text}", words):
                first_matches[scored.article_key] = scored
    return [
        scored._replace(
            best_sentence=_find_best_sentence(
                rescored.term_stats, candidates.passages[scored.passage_id]
            )
        )
        for scored in first_matches.values()
    ]


def _contains_words(text: str, words: Sequence[str]) -> bool:
    """Return whether a text contains all words, by stem or as transliterated names."""
    text_words = split_words(text)
    stems = {stem(word) for word in content_words(text)}
    name_words = {fold(word) for word in text_words if looks_like_name(word)}
    return all(
        not stems.isdisjoint(stem_variants(word))
        or any(is_transliteration(word, name) for name in name_words)
        for word in words
    )


def _find_best_sentence(stats: QueryTermStats, passage: CandidatePassage) -> Span:
    """Return the first sentence with the highest coverage of the query's words."""
    (overlap,) = term_overlaps(stats, [passage])
    coverages = overlap.sentence_coverages
    return _sentence_spans(passage)[coverages.index(max(coverages))]


def _sentence_spans(passage: CandidatePassage) -> list[Span]:
    return [Span(start, end) for start, end in passage.sentences.tolist()]


def _match_topic(
    ranked: Sequence[ScoredPassage], weights: AnswerabilityWeights | None
) -> list[ScoredPassage]:
    """Return the best passage of each article that matches the topic.

    For an embedding model without fitted weights, only an article with all of the words in one
    passage matches: otherwise every article would raise an alert.
    """
    by_article: dict[int, list[ScoredPassage]] = defaultdict(list)
    for scored in ranked:
        by_article[scored.article_key].append(scored)
    return [
        article_passages[0]
        for article_passages in by_article.values()
        if _is_evident(article_passages, weights)
    ]


def _is_evident(ranked: Sequence[ScoredPassage], weights: AnswerabilityWeights | None) -> bool:
    best = ranked[0]
    if weights is None:
        return best.term_coverage >= _FULL_COVERAGE
    margin = SAME_LANGUAGE_MARGIN if best.same_language else CROSS_LINGUAL_MARGIN
    return (
        answer_log_odds(
            extract_features(ranked, best, ASSUMED_ARCHIVE_SIZE, lacks_requested=False),
            weights,
            same_language=best.same_language,
        )
        > margin
    )
