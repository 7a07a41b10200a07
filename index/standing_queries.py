"""Which articles are about what readers watch: names in any script, topics by meaning.

A name of the list matches where a title or a passage mentions it under any of its spellings. One
word, or two or three that all begin with a capital, may be a name that no list has: it matches
where one passage, with what is embedded before it, holds all of them, by stem or, across scripts,
by sound and spelling (see `index.search.transliteration`). Everything else is a topic, and is
judged by the evidence rule of answers.

The rule looks at an order of passages. Here it sees an article's own passages and nothing else:
whether an article is about something does not depend on how many others are. For the same reason
it is told one size of archive for all, because in a small one the nearest need not be near, and
an alert is no search for the nearest. It must be surer than for an answer, by a margin.
`bench/stories/standing_queries.py` measured this beside other ways: see docs/evaluation.md,
"What readers watch".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from index.answering import EncodedQuestion
from index.models import Quote
from index.questions import asks_only_for_news
from index.search.answerability import evidence, features
from index.search.calibration import AnswerabilityWeights
from index.search.quote_selection import SelectedPassage, quote
from index.search.retriever import RescoreResult, Retriever
from index.search.scoring import ScoredPassage
from index.search.term_overlap import QueryTermStats, term_overlaps
from index.search.transliteration import is_written_as_a_name, spelled_alike, words_of
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot
from index.text.gazetteer import Gazetteer
from index.text.normalise import fold
from index.text.spans import Span
from index.text.terms import stem, variants, word_list

ASSUMED_ARCHIVE_SIZE = 7_000
"""An article is judged as if it were found among so many passages: about those of the archive that
the margins were chosen in."""
MARGIN = 0.75
"""How far above zero the evidence (log-odds) must lie where its passage is in the language that was
watched in."""
MARGIN_ACROSS = 0.5
"""The same where it is in another language. Both were chosen on one half of the topics of
`bench/data/watching/`, as the least that gave five false alerts in a thousand articles or fewer."""
MAX_NAME_WORDS = 3
"""More words than this are no name that the list does not have."""
_ALL = 1 - 1e-9
"""The share of words that is all of them, but for rounding."""


def matching(
    retriever: Retriever, watched: Sequence[EncodedQuestion], article_ids: Collection[str]
) -> list[dict[str, Quote]]:
    """Return for each watched thing which of these articles are about it, with what says so.

    Each match, by the article's id, is a passage word for word, its sentence marked; `also` is
    empty. Articles that are not there match nothing. Raises `ForeignVectors`.
    """
    with retriever.snapshot() as moment:
        passages = retriever.passages_of(moment, article_ids)
        if not passages:
            return [{} for _ in watched]
        news = _CandidateArticles(moment, passages, retriever.names)
    rule = retriever.calibration.evidence
    return [_matches(retriever, each, news, rule) for each in watched]


class _EntityMentions(NamedTuple):
    """Which names of the list a text mentions."""

    entries: frozenset[int]
    inside: frozenset[int]
    """Those whose spelling of one word stands inside a longer name: Haftar in Saddam Haftar."""

    def hold(self, names: frozenset[int], *, one_word: bool) -> bool:
        """Say whether all of these names are there."""
        return names <= (self.entries | self.inside if one_word else self.entries)


class _CandidateArticles:
    """The articles that are looked at, with their passages and the names that these mention."""

    def __init__(
        self, moment: Snapshot, passages: dict[int, CandidatePassage], names: Gazetteer
    ) -> None:
        self.passages = passages
        self.of_article: dict[int, list[CandidatePassage]] = defaultdict(list)
        for each in passages.values():
            self.of_article[each.article_key].append(each)
        firsts = {key: of[0].passage_id for key, of in self.of_article.items()}
        carriers = moment.carriers(firsts.values())
        self.articles = {key: carriers[first][key] for key, first in firsts.items()}
        self._names = names
        self._known: dict[str, _EntityMentions] = {}

    def text(self, passage: CandidatePassage) -> str:
        """Return what a passage says, word for word."""
        return self.articles[passage.article_key].text[passage.start : passage.end]

    def mentions(self, text: str) -> _EntityMentions:
        """Return the names that a title, passage or sentence mentions; each is read once."""
        if text not in self._known:
            found = self._names.mentions(text)
            longer = [mention for mention in found if len(mention.words) > 1]
            inside = (self._names.mentioned(word) for each in longer for word in each.words)
            self._known[text] = _EntityMentions(
                frozenset(each.entry for each in found),
                frozenset(entry for entries in inside for entry in entries),
            )
        return self._known[text]


def _matches(
    retriever: Retriever,
    watched: EncodedQuestion,
    news: _CandidateArticles,
    rule: AnswerabilityWeights | None,
) -> dict[str, Quote]:
    words = watched.sense.words
    said = word_list(words)
    names = _names_of(words, said, retriever.names)
    if not said or (not names and asks_only_for_news(watched.timed.rest)):
        return {}
    with retriever.snapshot() as moment:  # one for each: a question waits for no more than one
        compared = retriever.rescore(moment, watched.sense, news.passages, ASSUMED_ARCHIVE_SIZE)
    if names:
        found = _mentioning(compared.ranked, news, names, one_word=len(said) == 1)
    elif _may_be_a_name(words, said):
        found = _holding(compared, news, said)
    else:
        found = _about(compared.ranked, rule)
    return {
        article.id: quote(
            SelectedPassage(each, news.passages[each.passage_id]), {each.article_key: article}
        )
        for article, each in ((news.articles[each.article_key], each) for each in found)
    }


def _names_of(words: str, said: Sequence[str], names: Gazetteer) -> frozenset[int]:
    """Return the names of the list that these words are, all of them; none where one is over."""
    mentions = names.mentions(words)
    covered = {word for mention in mentions for word in mention.words}
    known = covered.issuperset(said)
    return frozenset(mention.entry for mention in mentions) if known else frozenset()


def _may_be_a_name(words: str, said: Sequence[str]) -> bool:
    """Say whether these words may be a name that no list has."""
    if len(said) == 1:
        return True
    written = [word for word in words.split() if word_list(word)]
    first = (next(filter(str.isalnum, word)) for word in written)
    capitals = all(char.isupper() or char.isdigit() for char in first) and not words.isupper()
    return capitals and len(said) <= MAX_NAME_WORDS


def _mentioning(
    ranked: Sequence[ScoredPassage],
    news: _CandidateArticles,
    names: frozenset[int],
    *,
    one_word: bool,
) -> list[ScoredPassage]:
    """Return of each article its first passage that mentions all of these names.

    Of one that only its title mentions them in, it is the first of all.
    """
    by_id = {each.passage_id: each for each in ranked}

    def holds(text: str | None) -> bool:
        return bool(text) and news.mentions(text or "").hold(names, one_word=one_word)

    found = []
    for key, passages in news.of_article.items():
        article = news.articles[key]
        for passage in passages:
            if holds(news.text(passage)):
                sentences = _spans(passage)
                says = (span for span in sentences if holds(span.of(article.text)))
                told = by_id[passage.passage_id]
                found.append(told._replace(best=next(says, told.best)))
                break
        else:
            if holds(article.title):
                found.append(by_id[passages[0].passage_id])
    return found


def _holding(
    compared: RescoreResult, news: _CandidateArticles, said: Sequence[str]
) -> list[ScoredPassage]:
    """Return of each article its first passage that holds all of the words, with its context."""
    firsts: dict[int, ScoredPassage] = {}
    for each in sorted(compared.ranked, key=lambda each: each.passage_id):
        if each.words >= _ALL and each.article_key not in firsts:
            article = news.articles[each.article_key]
            text = f"{article.headline}\n{news.text(news.passages[each.passage_id])}"
            if _says(text, said):
                firsts[each.article_key] = each
    return [
        each._replace(best=_saying(compared.wording, news.passages[each.passage_id]))
        for each in firsts.values()
    ]


def _says(text: str, said: Sequence[str]) -> bool:
    """Say whether a text has each of these words, by stem or, in the other script, as a name."""
    written = words_of(text)
    stems = {stem(word) for word in word_list(text)}
    names = {fold(word) for word in written if is_written_as_a_name(word)}
    return all(
        not stems.isdisjoint(variants(word)) or any(spelled_alike(word, name) for name in names)
        for word in said
    )


def _saying(wording: QueryTermStats, passage: CandidatePassage) -> Span:
    """Return the first of the sentences that hold most of the words."""
    (found,) = term_overlaps(wording, [passage])
    shares = found.share_by_sentence
    return _spans(passage)[shares.index(max(shares))]


def _spans(passage: CandidatePassage) -> list[Span]:
    return [Span(start, end) for start, end in passage.sentences.tolist()]


def _about(
    ranked: Sequence[ScoredPassage], rule: AnswerabilityWeights | None
) -> list[ScoredPassage]:
    """Return of each article its best passage, where that is evidence.

    For a model without a rule, only an article that holds all of the words in one passage matches:
    to tell a reader of everything is no alert.
    """
    by_article: dict[int, list[ScoredPassage]] = defaultdict(list)
    for each in ranked:
        by_article[each.article_key].append(each)
    return [own[0] for own in by_article.values() if _evident(own, rule)]


def _evident(own: Sequence[ScoredPassage], rule: AnswerabilityWeights | None) -> bool:
    best = own[0]
    if rule is None:
        return best.words >= _ALL
    margin = MARGIN if best.own_language else MARGIN_ACROSS
    return (
        evidence(features(own, ASSUMED_ARCHIVE_SIZE), rule, own_language=best.own_language) > margin
    )
