"""Fit the weights of ranking on one half of the articles, and report on the other.

    python -m bench.retrieval.fit_ranking $BRIEFING_EVAL_DIR [--cache FILE]

Prints what `index/search/scoring.py` keeps, rounded, as its constants: what words count for in the
question's language and in another, what the second encoder counts for, and its typical cosine, and
what the token match counts for, and its typical values. The
weights are those under which the right article is the likeliest, where an article is as likely as
its passages together and a passage as likely as exp(score / temperature) says. Every pair of
questions' and articles' languages weighs the same. Beside them stands R@1 under these weights and
under those in use, for each pair, on the half that nothing was fitted on.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from bench.data.evaluation_sets import Question, articles, questions
from bench.retrieval.fit_answerability import PAIRS, Bench
from index.archive import Archive
from index.models import DateWindow
from index.search import scoring

START = (
    scoring.LEXICAL_WEIGHT,
    scoring.CROSS_LINGUAL_LEXICAL_WEIGHT,
    scoring.CROSS_LINGUAL_WEIGHT,
    scoring.TOKEN_WEIGHT,
    scoring.CROSS_LINGUAL_TOKEN_WEIGHT,
    0.05,
)
"""Where fitting begins; the last is the temperature."""


class Case(NamedTuple):
    """A question, and for each of n passages found what is known of it."""

    half: int
    meaning: NDArray[np.float64]
    words: NDArray[np.float64]
    second: NDArray[np.float64]
    """(n,): how far above the typical cosine"""
    tokens: NDArray[np.float64]
    """(n,): how far above the typical token match"""
    own: NDArray[np.bool_]
    right: NDArray[np.bool_]
    """(n,): whether it is of the right article"""
    article: NDArray[np.int64]

    def scores(self, weights: Sequence[float]) -> NDArray[np.float64]:
        """Return the passages' scores under weights as in `START`."""
        words = np.where(self.own, weights[0], weights[1]) * self.words
        tokens = np.where(self.own, weights[3], weights[4]) * self.tokens
        second = weights[2] * self.second
        return self.meaning + words + second + tokens + scoring.SAME_LANGUAGE_BONUS * self.own

    def is_first(self, weights: Sequence[float]) -> bool:
        """Say whether the right article has the best passage."""
        return bool(self.right[np.argmax(self.scores(weights))])


def cases(bench: Bench) -> Iterator[tuple[str, Case]]:
    """Ask every question of every set, each pair under its name."""
    for of, over in PAIRS:
        drafts = articles(bench.folder, over)
        with bench.archive(drafts) as archive:
            for question in questions(bench.folder, of):
                found = _case(archive, question) if question.article_id else None
                if found:
                    yield f"{question.language} {of}→{over}", found


def _case(archive: Archive, question: Question) -> Case | None:
    """Return what was found for a question, or None where the right article is not among it."""
    retrieved = archive.ask_with_trace(question.text, window=DateWindow()).retrieved
    rows = retrieved.ranked
    right = [retrieved.candidates[row.passage_id].article_id == question.article_id for row in rows]
    if not any(right):
        return None
    sentence = scoring.SENTENCE_WEIGHT
    return Case(
        question.half,
        np.array([(1 - sentence) * r.passage_cosine + sentence * r.sentence_cosine for r in rows]),
        np.array([row.relevance for row in rows]),
        np.array([row.cross_lingual_cosine for row in rows]),
        np.array([row.token_match for row in rows]),
        np.array([row.same_language for row in rows]),
        np.array(right),
        np.array([row.article_key for row in rows]),
    )


def fitted(found: Mapping[str, Sequence[Case]]) -> list[float]:
    """Return the weights, as in `START`, for these cases."""

    def loss(weights: NDArray[np.float64]) -> float:
        return float(np.mean([np.mean([_loss(c, weights) for c in of]) for of in found.values()]))

    bounds = [*[(0, 5)] * (len(START) - 1), (0.005, 1)]
    return [float(value) for value in minimize(loss, START, method="L-BFGS-B", bounds=bounds).x]


def _loss(case: Case, weights: NDArray[np.float64]) -> float:
    likely = case.scores(list(weights[:-1])) / weights[-1]
    return float(logsumexp(likely) - logsumexp(likely[case.right]))


def _typical_tokens(found: Mapping[str, Sequence[Case]], *, own: bool) -> float:
    """Return the mean token match of the best passage that is right, over the typical one."""
    means = []
    for of in found.values():
        best = [c.tokens[c.right].max() for c in of if c.own[c.right].all() == own]
        if best:
            means.append(np.mean(best))
    return float(np.mean(means))


def _typical(found: Mapping[str, Sequence[Case]]) -> float:
    """Return the mean cosine that the second encoder gives to the best passage that is right."""
    means = []
    for of in found.values():
        best = [c.second[c.right].max() for c in of if not c.own[c.right].any()]
        if best:
            means.append(np.mean(best))
    return float(np.mean(means)) + scoring.TYPICAL_CROSS_LINGUAL_COSINE


def main() -> None:
    """Fit and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    halves: tuple[dict[str, list[Case]], ...] = (defaultdict(list), defaultdict(list))
    for name, case in cases(bench):
        halves[case.half][name].append(case)
    bench.save()
    weights = fitted(halves[0])
    names = (
        "LEXICAL_WEIGHT",
        "CROSS_LINGUAL_LEXICAL_WEIGHT",
        "CROSS_LINGUAL_WEIGHT",
        "TOKEN_WEIGHT",
        "CROSS_LINGUAL_TOKEN_WEIGHT",
        "temperature",
    )
    for name, value in zip(names, weights, strict=True):
        print(f"{name} {value:.3f}")
    print(f"TYPICAL_CROSS_LINGUAL_COSINE {_typical(halves[0]):.3f}")
    own, other = (_typical_tokens(halves[0], own=own) for own in (True, False))
    print(f"TYPICAL_TOKEN_MATCH {scoring.TYPICAL_TOKEN_MATCH + own:.3f}")
    other += scoring.TYPICAL_CROSS_LINGUAL_TOKEN_MATCH
    print(f"TYPICAL_CROSS_LINGUAL_TOKEN_MATCH {other:.3f}\n")
    print("| | questions | in use | fitted |\n|---|---|---|---|")
    for name, of in halves[1].items():
        first = [100 * np.mean([c.is_first(w) for c in of]) for w in (START, weights)]
        print(f"| {name} | {len(of)} | {first[0]:.1f} | {first[1]:.1f} |")


if __name__ == "__main__":
    main()
