from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from index.article import Article, Passage
from index.search.choose import choose, quote
from index.search.dense import Hit
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
    quoted = quote(choice, {7: article("a", "Before. One. Two. After.")}, [7])
    assert quoted.article.text[quoted.start : quoted.end] == quoted.text == "One. Two."
    assert quoted.text[slice(*quoted.highlight)] == "Two."
    assert quoted.also == ()


def test_passages_that_say_the_same_are_chosen_once_by_the_best_placed() -> None:
    texts = {7: "One.", 8: "One.", 9: "Two.", 10: "Three."}
    candidates = {key: candidate(key, key, 0.5, text=text) for key, text in texts.items()}
    order = [Ranked(key, key, 0.9 - n / 10, Span(0, 4)) for n, key in enumerate((8, 7, 9, 10))]
    chosen = choose(order, candidates, 2)
    assert [choice.found.article_key for choice in chosen] == [8, 9]


def test_the_other_articles_that_carry_a_passage_are_named_under_also() -> None:
    found = candidate(7, 7, 0.5, text="One.")
    (choice,) = choose([Ranked(7, 7, 0.5, Span(0, 4))], {7: found}, 3)
    articles = {key: article(str(key), "One.") for key in (6, 7, 8)}
    assert [each.id for each in quote(choice, articles, [6, 7, 8]).also] == ["6", "8"]
