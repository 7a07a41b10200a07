from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from index.article import Article, Passage
from index.search.dense import Hit
from index.search.quotes import choose, quote
from index.search.rank import Ranked, rank
from index.store.rows import Candidate
from index.text.spans import Span

QUESTION = np.array([1, 0], np.float32)


def candidate(passage_id: int, key: int, *cosines: float, text: str = "") -> Candidate:
    rows = [[cosine, (1 - cosine**2) ** 0.5] for cosine in cosines]
    sentences = tuple(Span(10 * n, 10 * n + 9) for n in range(len(cosines)))
    end = len(text) or 10 * len(cosines)
    passage = Passage(id=passage_id, start=0, end=end, sentences=sentences)
    return Candidate(passage, text.encode(), key, f"article-{key}", np.array(rows, np.float32))


def article(article_id: str, text: str) -> Article:
    return Article(
        id=article_id, text=text, headline="x", added_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def test_a_passage_is_ranked_by_the_mean_of_its_own_and_its_best_sentences_cosine() -> None:
    candidates = {1: candidate(1, 7, 0.2, 0.4), 2: candidate(2, 8, 0.9)}
    order = rank(QUESTION, [Hit(1, 0.8), Hit(2, 0.5)], candidates)
    assert [(each.passage_id, round(each.score, 4)) for each in order] == [(2, 0.7), (1, 0.6)]
    assert order[1].best == Span(10, 19)


def test_equal_scores_keep_the_older_passage_first() -> None:
    candidates = {1: candidate(1, 7, 0.5), 2: candidate(2, 8, 0.5)}
    order = rank(QUESTION, [Hit(2, 0.5), Hit(1, 0.5)], candidates)
    assert [each.passage_id for each in order] == [1, 2]


def test_a_passage_that_is_gone_meanwhile_is_left_out() -> None:
    assert rank(QUESTION, [Hit(3, 0.9)], {}) == []


def test_a_quote_is_the_slice_and_marks_its_best_sentence() -> None:
    passage = Passage(id=1, start=8, end=17, sentences=(Span(8, 12), Span(13, 17)))
    found = Candidate(passage, b"", 7, "a", np.empty((2, 2), np.float32))
    (choice,) = choose([Ranked(1, 7, 0.5, Span(13, 17))], {1: found}, 3)
    quoted = quote(choice, {7: article("a", "Before. One. Two. After.")})
    assert quoted.article.text[quoted.start : quoted.end] == quoted.text == "One. Two."
    assert quoted.text[slice(*quoted.highlight)] == "Two."


def ranked(*keys: int) -> list[Ranked]:
    """One passage of each of these articles, in this order; a passage's id is its article's key."""
    return [Ranked(key, key, 0.9 - n / 10, Span(0, 4)) for n, key in enumerate(keys)]


def test_copies_are_folded_into_one_quote_with_the_others_under_also() -> None:
    candidates = {key: candidate(key, key, 0.5, text="One.") for key in (7, 8)}
    (choice,) = choose(ranked(7, 8), candidates, 3)
    assert (choice.found.article_key, choice.also) == (7, (8,))


def test_a_copy_below_the_limit_is_still_named_under_also() -> None:
    texts = {7: "One.", 8: "Two.", 9: "One."}
    candidates = {key: candidate(key, key, 0.5, text=text) for key, text in texts.items()}
    (choice,) = choose(ranked(7, 8, 9), candidates, 1)
    assert choice.also == (9,)


def test_a_copy_whose_article_is_gone_meanwhile_is_left_out_of_also() -> None:
    candidates = {key: candidate(key, key, 0.5, text="One.") for key in (7, 8)}
    (choice,) = choose(ranked(7, 8), candidates, 3)
    assert quote(choice, {7: article("a", "One.")}).also == ()
