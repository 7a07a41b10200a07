"""Fit what ranking and abstaining need to know of a model, and report how well it does.

    python -m bench.retrieval.fit_answerability $BRIEFING_EVAL_DIR [--cache FILE] [--write]

Fitted on one half of the articles and reported on the other: the rules of `Calibration` and, with
`--means`, the mean vectors of each language. The bias of a rule is set so that in the half that it
is fitted on 4 % of the answerable questions over all of `libya` are refused. `--write` stores them
in index/search/fitted/.

Each case is a real archive, asked through `Archive.examine`. Answerable: the article is there.
Unanswerable: (a) the question's own article is taken out, its neighbours left in; (b) the question
is of another corpus; (c) it asks what no article of its own subject tells (`bench/questions`).
Archives have 1, 20, all the articles of a set, and these with 400 or 800 others
(which are asked every second question).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.data.evaluation_sets import LANGUAGES, Question, Remembering, articles, half, questions
from bot.settings import load_boilerplate, load_gazetteer, load_settings
from index.archive import Archive
from index.embeddings.embedder import load_embedder
from index.embeddings.use_encoder import UniversalSentenceEncoder
from index.models import DateWindow, Draft
from index.passage_embedding import embed_story
from index.search.answerability import (
    AnswerabilityFeatures,
    answer_log_odds,
    extract_features,
    name_features,
)
from index.search.calibration import AnswerabilityWeights, Calibration
from index.search.question_type import detect_question_types, holds_requested
from index.text.boilerplate import find_story_body
from index.text.gazetteer import Gazetteer

FITTED = Path(__file__).parents[2] / "index" / "search" / "fitted"
REFUSED = 0.042
"""The share of the answerable questions over all of `libya` that may be refused in the half that is
fitted on."""
TOKEN_SHARE = 0.67
"""What the rule with token features counts for in the mean with the rule without."""
SURE_CLOSE = 0.2
"""The share of the close questions without an answer that may get a sure one, in the half that is
fitted on."""
CLOSENESS = 0.3
"""The strength of the pull towards small weights (1/C)."""
PAIRS = [
    ("arcd", "arcd"),
    ("libya", "libya"),
    ("typed.libya", "libya"),
    ("close.libya", "libya"),
    *(("close.ntrex", f"ntrex.{over}") for over in LANGUAGES),
    *((f"xquad.{of}-{over}", f"xquad.{over}") for of in ("ar", "en") for over in ("ar", "en")),
    *((f"ntrex.{of}", f"ntrex.{over}") for of in LANGUAGES for over in LANGUAGES),
]
"""Questions of the first, over the articles of the second."""
RULES: Mapping[str, Sequence[str]] = {
    "answers": (),
    "sure": (),
    "evidence": ("token", "token_sentence", "token_least", "lacks_requested"),
}
"""The features that a rule of `Calibration` does without."""
OTHERS = {
    "arcd": ("ntrex.ar", "ntrex.en", "ntrex.fr"),
    "libya": ("ntrex.ar", "ntrex.en", "ntrex.fr", "arcd"),
    "ntrex.ar": ("arcd", "libya"),
    "ntrex.en": ("arcd", "libya"),
    "ntrex.fr": ("arcd", "libya"),
    "xquad.ar": ("libya", "ntrex.ar"),
    "xquad.en": ("libya", "ntrex.en"),
}
"""Whose questions have no answer in a set."""
CROWD = "news:400"

MeanVectors = dict[str, tuple[float, ...]]
"""Mean vectors (d,) by language."""


class Case(NamedTuple):
    """One question to one archive, and what the evidence rule sees of it."""

    pair: str
    size: str
    kind: str
    question: Question
    found: AnswerabilityFeatures
    own_language: bool
    right: bool
    """Whether the quote answers the question."""
    is_first: bool
    """Whether it is the first quote; the next ones are only fitted on."""

    @property
    def answerable(self) -> bool:
        """Whether the archive has the answer."""
        return self.kind == "yes"

    @property
    def key(self) -> tuple[str, str, str]:
        """What is weighed alike: the pair, the size of the archive, the kind of case."""
        return self.pair, self.size, self.kind


class Bench:
    """Archives made of sets, with an embedder that embeds each text once."""

    def __init__(self, folder: Path, cache: Path | None) -> None:
        settings = load_settings()
        self.folder = folder
        chosen = settings.embedding
        embedder = load_embedder(chosen.model, settings.model_dir, runtime=chosen.runtime)
        self.embedder = Remembering(embedder, cache)
        beside = cache.with_suffix(f".second{cache.suffix}") if cache else None
        self.second = Remembering(UniversalSentenceEncoder(), beside)
        self.boilerplate = load_boilerplate(settings.config_dir)
        self.names = load_gazetteer(settings.config_dir)

    def save(self) -> None:
        """Keep what was embedded for the next run."""
        self.embedder.save()
        self.second.save()

    def opened(self, folder: Path) -> Archive:
        """Open the archive in a folder."""
        return Archive(
            folder,
            lambda: self.embedder,
            lambda: self.second,
            zone=ZoneInfo("Africa/Tripoli"),
            boilerplate=self.boilerplate,
            gazetteer_config=self.names,
        )

    @contextmanager
    def folder_of(self, drafts: Iterable[Draft]) -> Iterator[Path]:
        """Give a folder that holds an archive of these articles, and take it away afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            with self.opened(Path(folder)) as archive:
                for draft in drafts:
                    archive.add(draft)
            yield Path(folder)

    @contextmanager
    def archive(self, drafts: Iterable[Draft]) -> Iterator[Archive]:
        """Give an archive of these articles, and take it away afterwards."""
        with self.folder_of(drafts) as folder, self.opened(folder) as archive:
            yield archive

    def means(self) -> tuple[MeanVectors, MeanVectors]:
        """Return the mean question and the mean passage of each language, over the first half."""
        asked, passage_means = defaultdict(list), defaultdict(list)
        for name in ("arcd", "libya", "ntrex.ar", "ntrex.en", "ntrex.fr"):
            for language in LANGUAGES:
                said = [
                    q.text
                    for q in questions(self.folder, name)
                    if q.half == 0 and q.language == language
                ]
                if said:
                    asked[language].append(self.embedder.embed_questions(said).mean(axis=0))
            vectors = [
                passage.vector
                for draft in articles(self.folder, name)
                if half(draft.id) == 0
                for passage in embed_story(
                    draft, find_story_body(draft.text, self.boilerplate), self.embedder
                ).passages
            ]
            language = name.partition(".")[2] or "ar"
            passage_means[language].append(np.mean(vectors, axis=0))
        return _mean_of_means(asked), _mean_of_means(passage_means)


def cases(bench: Bench) -> Iterator[Case]:
    """Ask every question of every archive."""
    crowd = articles(bench.folder, CROWD)
    libya = articles(bench.folder, "libya")
    for over, others in OTHERS.items():
        print(f"asking {over} …", file=sys.stderr)
        drafts = articles(bench.folder, over)
        asked = [(of, questions(bench.folder, of)) for of, there in PAIRS if there == over]
        strange = [q for other in others for q in _thinned(questions(bench.folder, other))]
        around = crowd if over == "libya" else [*libya, *crowd]
        for size, there in (("all", drafts), ("many", [*drafts, *around])):
            with bench.archive(there) as archive:
                for of, own in asked:
                    some = own if size == "all" else own[::2]
                    yield from _own(archive, f"{of}>{over}", size, some)
                # Others' questions on the news may have answers among other news.
                if size == "all":
                    yield from _asked(archive, f">{over}", size, "b", strange)
        yield from _small(bench, over, drafts, asked, strange)


def _own(archive: Archive, pair: str, size: str, own: Sequence[Question]) -> Iterator[Case]:
    """Ask a set's own questions: with their articles there, and with them taken out."""
    yield from _asked(archive, pair, size, "yes", [q for q in own if q.article_id])
    yield from _asked(archive, pair, size, "c", [q for q in own if not q.article_id])
    by_article = defaultdict(list)
    for question in own:
        if question.article_id and len({place[0] for place in question.places}) <= 1:
            by_article[question.article_id].append(question)
    for article_id, on_it in by_article.items():
        archive.remove(article_id)
        yield from _asked(archive, pair, size, "a", on_it)
        archive.restore(article_id)


def _small(
    bench: Bench,
    over: str,
    drafts: Sequence[Draft],
    asked: Sequence[tuple[str, Sequence[Question]]],
    strange: Sequence[Question],
) -> Iterator[Case]:
    """Ask archives of one article and of twenty, drawn by chance."""
    chance = random.Random(5)
    for size, times in ((1, 50), (20, 10)):
        for _ in range(times):
            there = chance.sample(list(drafts), size)
            ids = {draft.id for draft in there}
            with bench.archive(there) as archive:
                for of, own in asked:
                    pair = f"{of}>{over}"
                    right = [q for q in own if q.article_id in ids]
                    others = [q for q in own if q.article_id and q.article_id not in ids]
                    yield from _asked(archive, pair, str(size), "yes", right)
                    some = chance.sample(others, min(len(others), 2 * size))
                    yield from _asked(archive, pair, str(size), "a", some)
                some = chance.sample(list(strange), 2 * size)
                yield from _asked(archive, f">{over}", str(size), "b", some)


def _asked(
    archive: Archive, pair: str, size: str, kind: str, asked: Iterable[Question]
) -> Iterator[Case]:
    gazetteer = Gazetteer(load_gazetteer(load_settings().config_dir))
    for question in asked:
        trace = archive.ask_with_trace(question.text, window=DateWindow())
        found = trace.retrieved
        quotes = {
            (quote.article.id, quote.start): quote
            for quote in trace.answer.quotes + trace.answer.nearest
        }
        question_types = detect_question_types(question.text)
        for place, scored in enumerate(found.ranked):
            candidate = found.candidates[scored.passage_id]
            quote = quotes.pop((candidate.article_id, candidate.start), None)
            if quote is None:
                continue
            lacks = not holds_requested(question_types, quote.text, gazetteer)
            yield Case(
                f"{question.language} {pair}",
                size,
                kind,
                question,
                extract_features(found.ranked, scored, found.searched_count, lacks_requested=lacks),
                scored.same_language,
                kind == "yes" and question.is_answered_by(quote),
                place == 0,
            )
            if kind != "yes" or not (question.answer or question.places):
                break  # of other questions it is not known which further quotes answer


def _thinned(of: Sequence[Question]) -> list[Question]:
    answerable = [question for question in of if question.article_id]
    return answerable[:: max(1, len(answerable) // 100)]


def fit(found: Sequence[Case], rule: str, evidence: AnswerabilityWeights) -> AnswerabilityWeights:
    """Fit a rule of `Calibration`.

    Every group of cases weighs the same, and answerable cases as much as unanswerable ones. `sure`
    is fitted on whether the first quote is right, the others on whether the archive has the answer
    (a further quote: whether it is right). `answers` is the mean of what is fitted and of the rule
    `evidence`, because the latter tells the questions of another corpus apart better within Arabic.
    """
    if rule == "sure":
        found = [case for case in found if case.is_first]
    rows = [
        {
            name: value
            for name, value in name_features(case.found, same_language=case.own_language).items()
            if name.partition(".")[2] not in RULES[rule]
        }
        for case in found
    ]
    names = sorted({name for row in rows for name in row})
    values = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    scale = values.std(axis=0)
    scale[scale == 0] = 1
    is_positive = np.array(
        [case.answerable if case.is_first and rule != "sure" else case.right for case in found]
    )
    weight = _weights(found)
    model = LogisticRegression(C=1 / CLOSENESS, max_iter=5_000)
    model.fit(values / scale, is_positive, sample_weight=weight * 1_000)
    weights = dict(zip(names, (model.coef_[0] / scale).tolist(), strict=True))
    if rule == "answers":
        weights = {
            name: TOKEN_SHARE * weights[name] + (1 - TOKEN_SHARE) * evidence.weights.get(name, 0.0)
            for name in names
        }
    scores = values @ np.array([weights[name] for name in names])
    if rule == "sure":
        close = np.array([case.kind == "c" and case.size == "all" for case in found])
        bias = -float(np.quantile(scores[close], 1 - SURE_CLOSE))
    else:
        own_news = np.array(
            [
                case.answerable
                and case.is_first
                and case.size == "all"
                and case.pair.endswith(">libya")
                for case in found
            ]
        )
        bias = -float(np.quantile(scores[own_news], REFUSED))
    return AnswerabilityWeights(
        bias=round(bias, 4), weights={name: round(value, 4) for name, value in weights.items()}
    )


def _weights(found: Sequence[Case]) -> np.ndarray:
    count: dict[object, int] = defaultdict(int)
    groups: dict[bool, set[object]] = {True: set(), False: set()}
    for case in found:
        count[case.key] += 1
        groups[case.answerable].add(case.key)
    return np.array([1 / count[case.key] / len(groups[case.answerable]) for case in found])


def report(found: Sequence[Case], rule: AnswerabilityWeights) -> None:
    """Print, for each group, how many are refused, and how well the rule tells them apart."""
    score = np.array([answer_log_odds(c.found, rule, same_language=c.own_language) for c in found])
    plain = np.array([c.found.plain for c in found])
    keys = sorted({(c.pair, c.size) for c in found})
    print(
        "| question language, set > archive | articles | refused though there | kind | n |", end=""
    )
    print(" refused | AUROC | best sentence's AUROC |\n|---|---|---|---|---|---|---|---|")
    overall: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for pair, size in keys:
        yes = np.array([(c.pair, c.size, c.kind) == (pair, size, "yes") for c in found])
        there = f"{100 * (score[yes] <= 0).mean():.1f} %" if yes.any() else "–"
        if yes.any():
            overall["yes"].append(((score[yes] <= 0).mean(), 0, 0))
        else:  # another corpus's questions: beside all that the same archive answers
            over = pair.partition(">")[2]
            yes = np.array(
                [c.size == size and c.answerable and c.pair.endswith(f">{over}") for c in found]
            )
        for kind in "abc":
            no = np.array([(c.pair, c.size, c.kind) == (pair, size, kind) for c in found])
            if not no.any():
                continue
            truth = np.r_[np.ones(yes.sum()), np.zeros(no.sum())]
            areas = [roc_auc_score(truth, np.r_[s[yes], s[no]]) for s in (score, plain)]
            refused = (score[no] <= 0).mean()
            overall[kind].append((refused, *areas))
            print(
                f"| {pair} | {size} | {there} | {kind} | {no.sum()} | {100 * refused:.1f} % |"
                f" {areas[0]:.3f} | {areas[1]:.3f} |"
            )
    yes = np.array([case.answerable for case in found])
    for kind, rows in sorted(overall.items()):
        refused, area, by_sentence = np.mean(rows, axis=0)
        no = np.array([case.kind == kind for case in found])
        if kind != "yes":
            weight = np.r_[_weights(found)[yes], _weights(found)[no]]
            truth = np.r_[np.ones(yes.sum()), np.zeros(no.sum())]
            pooled = [
                roc_auc_score(truth, np.r_[s[yes], s[no]], sample_weight=weight)
                for s in (score, plain)
            ]
            print(
                f"| all, one rule over all groups | | | {kind} | {no.sum()} | |"
                f" {pooled[0]:.3f} | {pooled[1]:.3f} |"
            )
        print(
            f"| all, every group alike | | | {kind} | {len(rows)} groups | {100 * refused:.1f} % |"
            f" {area:.3f} | {by_sentence:.3f} |"
        )


def report_confidence(
    found: Sequence[Case], answers: AnswerabilityWeights, sure: AnswerabilityWeights
) -> None:
    """Print, for each set asked over itself, how often an answer is sure, and how often rightly."""
    print("\n| set | n | sure | of these right | possible | of these right | refused |")
    print("|---|---|---|---|---|---|---|")
    groups = defaultdict(list)
    for case in found:
        if case.size == "all" and case.kind in ("yes", "c"):
            groups[case.pair.partition(" ")[2], case.kind].append(case)
    for (pair, kind), cases_of_group in sorted(groups.items()):
        right = np.array([case.right for case in cases_of_group])
        odds, sure_odds = (
            np.array(
                [
                    answer_log_odds(case.found, rule, same_language=case.own_language)
                    for case in cases_of_group
                ]
            )
            for rule in (answers, sure)
        )
        is_sure = (odds > 0) & (sure_odds > 0)
        cells = [
            f"{100 * part.mean():.1f} | {100 * right[part].mean() if part.any() else 0:.1f}"
            for part in (is_sure, (odds > 0) & ~is_sure)
        ]
        refused = 100 * (odds <= 0).mean()
        print(f"| {pair} {kind} | {len(right)} | {' | '.join(cells)} | {refused:.1f} |")


def _mean_of_means(means: dict[str, list[NDArray[np.float32]]]) -> MeanVectors:
    return {
        language: tuple(np.stack(vectors).mean(axis=0).round(5).tolist())
        for language, vectors in means.items()
    }


def main() -> None:
    """Fit, report, and store where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    parser.add_argument("--means", action="store_true", help="fit the mean vectors, too")
    parser.add_argument(
        "--rule",
        nargs="+",
        choices=RULES,
        default=["answers", "sure"],
        help="which rules of `Calibration` to fit",
    )
    parser.add_argument("--write", action="store_true", help="store what was fitted")
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    path = FITTED / f"{bench.embedder.name.replace('/', '--')}.json"
    calibration = Calibration.load_for_model(bench.embedder.fingerprint, bench.embedder.dimension)
    if options.means:
        asked, passage_means = bench.means()
        means = {"questions": asked, "passages": passage_means}
        calibration = calibration.model_copy(update=means)
        if options.write:
            path.write_text(calibration.model_dump_json() + "\n", "utf-8")
    found = list(cases(bench))
    bench.save()
    half_0 = [case for case in found if case.question.half == 0]
    evidence = calibration.evidence or AnswerabilityWeights(bias=0, weights={})
    rules = {rule: fit(half_0, rule, evidence) for rule in options.rule}
    reported = [case for case in found if case.question.half == 1 and case.is_first]
    for name, rule in rules.items():
        print(f"\nThe rule {name}:\n")
        report(reported, rule)
    if {"answers", "sure"} <= rules.keys():
        report_confidence(reported, rules["answers"], rules["sure"])
    if options.write:
        path.write_text(calibration.model_copy(update=rules).model_dump_json() + "\n", "utf-8")


if __name__ == "__main__":
    main()
