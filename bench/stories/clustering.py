"""Measure how well articles are clustered into stories.

    python -m bench.stories.clustering fit|report --work FOLDER

`fit` chooses the rule on the first half of the days in bench/data/stories/pairs.jsonl (and, across
languages, of the documents of `ntrex`) and writes index/stories/fitted.json. `report` prints
precision, recall and F1 over pairs of the other halves, beside two baselines whose thresholds were
chosen on the same first half: TF-IDF with agglomerative clustering (scikit-learn, average linkage)
and the model's vectors with a fixed threshold. `headline-pairs` is reported as it is: *agree* is
one story, *other* two; *disagree*, one event contradicted, apart. `cost` measures 2,000 articles of
one day. Archives are made in FOLDER at the first run, from the sets in BRIEFING_EVAL_DIR.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.cli.context import Console
from bot.settings import load_settings
from index.archive import Archive
from index.models import Draft
from index.search.calibration import Calibration
from index.storage.cluster_inputs import ClusteringInput
from index.stories.features import ArticleFeatures, extract_features
from index.stories.linkage import average_linkage
from index.stories.similarity import (
    FittedModels,
    LogisticWeights,
    SimilarityModel,
    likely_pairs,
    pair_similarities,
    select_model,
)
from index.text.normalise import fold

PAIRS = Path(__file__).parents[1] / "data" / "stories" / "pairs.jsonl"
JOINED = Path(__file__).parents[1] / "data" / "stories" / "joined.jsonl"
FITTED = Path(__file__).parents[2] / "index" / "stories" / "fitted.json"
NAMES = ("lead", "mean", "words", "lead_words")
THRESHOLDS = np.arange(0.05, 0.96, 0.01)


class Day(NamedTuple):
    """The articles of a day (or of a set without days), and its labelled pairs, by place."""

    half: int
    reports: ArticleFeatures
    raw: NDArray[np.float32]
    """(n, d): the mean of each article's passages, as the model gives them, of unit length."""
    pairs: list[tuple[int, int]]
    same: list[bool]
    joined: Sequence[tuple[int, int]] = ()
    joined_same: Sequence[bool] = ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "report", "cost"))
    parser.add_argument("--work", type=Path, required=True, help="where archives are made")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = load_settings().eval_dir
    if folder is None:
        raise SystemExit("BRIEFING_EVAL_DIR names no folder of evaluation sets")
    report = {"fit": fit, "report": report_all, "cost": cost}[options.what](folder, options.work)
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for name, value in report.items():
        print(f"{name:46}{_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "  ".join(f"{each:7.3f}" for each in value)
    return f"{value:7.3f}" if isinstance(value, float) else str(value)


# What is measured


def news(folder: Path, work: Path) -> list[Day]:
    """Return the labelled days of `arabic-news-2018`."""
    labelled = [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]
    days = sorted({each["day"] for each in labelled})

    def drafts() -> Iterator[Draft]:
        seen = set()
        with gzip.open(
            folder / "arabic-news-2018" / "articles.jsonl.gz", "rt", encoding="utf-8"
        ) as lines:
            for line in map(json.loads, lines):
                if (line["published"] or "")[:10] in days and line["id"] not in seen:
                    seen.add(line["id"])
                    yield Draft.model_validate(line)

    read, calibration, zone = _archive(work / "days", drafts())
    joined = [json.loads(line) for line in JOINED.read_text("utf-8").splitlines()]
    found = []
    for place, day in enumerate(days):
        of_day = {k: a for k, a in read.articles.items() if str(a.published)[:10] == day}
        pairs = [each for each in labelled if each["day"] == day and each["same"] is not None]
        made = _day(place % 2, _part(read, of_day), calibration, zone, pairs)
        drawn = [each for each in joined if each["day"] == day and each["same"] is not None]
        places = {each.id: n for n, each in enumerate(made.reports.articles)}
        found.append(
            made._replace(
                joined=[(places[each["a"]], places[each["b"]]) for each in drawn],
                joined_same=[each["same"] for each in drawn],
            )
        )
    return found


def headlines(folder: Path, work: Path) -> tuple[Day, list[str]]:
    """Return all headlines of `headline-pairs` as articles, and what each pair is called."""
    lines = [
        json.loads(line)
        for part in ("train", "dev")
        for line in (folder / "headline-pairs" / f"{part}.jsonl").read_text("utf-8").splitlines()
    ]
    ids: dict[str, str] = {}
    for line in lines:
        for text in (line["s1"], line["s2"]):
            ids.setdefault(" ".join(text.split()), f"h{len(ids)}")
    drafts = (Draft(id=name, text=text, language="ar") for text, name in ids.items())
    read, calibration, zone = _archive(work / "headlines", drafts)
    kept = [line for line in lines if line["s1"].split() != line["s2"].split()]
    pairs = [
        {
            "a": ids[" ".join(line["s1"].split())],
            "b": ids[" ".join(line["s2"].split())],
            "same": line["stance"] == "agree",
        }
        for line in kept
    ]
    return _day(1, read, calibration, zone, pairs), [line["stance"] for line in kept]


def languages(folder: Path, work: Path) -> list[Day]:
    """Return `ntrex` in two halves: each document in three languages, all of one day."""

    def drafts() -> Iterator[Draft]:
        for language in ("ar", "en", "fr"):
            path = folder / "ntrex" / f"articles.{language}.jsonl"
            for line in map(json.loads, path.read_text("utf-8").splitlines()):
                kept = {name: line[name] for name in ("title", "text", "source")}
                yield Draft(
                    id=f"{language}:{line['id']}",
                    published=date(2020, 1, 1),
                    language=language,
                    **kept,
                )

    read, calibration, zone = _archive(work / "ntrex", drafts())
    names = sorted({each.id.partition(":")[2] for each in read.articles.values()})
    found = []
    for half in (0, 1):
        mine = set(names[half::2])
        part = {k: a for k, a in read.articles.items() if a.id.partition(":")[2] in mine}
        keys = sorted(each.id for each in part.values())
        pairs = [
            {"a": one, "b": other, "same": one.partition(":")[2] == other.partition(":")[2]}
            for place, one in enumerate(keys)
            for other in keys[place + 1 :]
            if one[:2] != other[:2]
        ]
        found.append(_day(half, _part(read, part), calibration, zone, pairs))
    return found


def _archive(folder: Path, drafts: Iterator[Draft]) -> tuple[ClusteringInput, Calibration, Any]:
    """Return all of an archive in `folder`, made of `drafts` where it is not there."""
    console = Console(as_json=True)
    with console.open_archive(folder) as archive:
        if not archive.stats().articles:
            for draft in drafts:
                archive.add(draft)
        embedder = archive.embedder
        calibration = Calibration.load_for_model(embedder.fingerprint, embedder.dimension)
        return _read(archive), calibration, console.settings.zone


def _read(archive: Archive) -> ClusteringInput:
    store = archive._store  # noqa: SLF001 - what stories are made of, with their labels
    return store.clustering_input(None, archive.embedder.fingerprint)


def _part(read: ClusteringInput, articles: dict[int, Any]) -> ClusteringInput:
    kept = np.isin(read.article_keys, list(articles))
    return read._replace(
        articles=articles,
        passage_ids=read.passage_ids[kept],
        article_keys=read.article_keys[kept],
        vectors=read.vectors[kept],
    )


def _day(
    half: int, read: ClusteringInput, calibration: Calibration, zone: Any, labelled: Sequence[Any]
) -> Day:
    reports = extract_features(read, calibration, zone)
    place = {article.id: n for n, article in enumerate(reports.articles)}
    owner = {key: n for n, key in enumerate(reports.keys.tolist())}
    raw = np.zeros((len(owner), read.vectors.shape[1]), np.float32)
    np.add.at(raw, [owner[key] for key in read.article_keys.tolist()], read.vectors)
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    pairs = [(place[each["a"]], place[each["b"]]) for each in labelled]
    return Day(half, reports, raw, pairs, [each["same"] for each in labelled])


# How it is decided


def rule_groups(day: Day, rule: SimilarityModel) -> list[int]:
    """Return the group of each article, as the product makes them."""
    groups = average_linkage(len(day.reports.keys), likely_pairs(day.reports, rule), rule.joined)
    return _labels(groups, len(day.reports.keys))


def tfidf_groups(day: Day, threshold: float) -> list[int]:
    """TF-IDF and agglomerative clustering, as scikit-learn has them."""
    texts = [fold(f"{each.title or ''}\n{each.text}") for each in day.reports.articles]
    made = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    apart = 1 - (made @ made.T).toarray()
    clusters = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - threshold
    )
    return list(clusters.fit_predict(np.maximum(apart, 0)))


def dense_groups(day: Day, threshold: float) -> list[int]:
    """Take what is nearer than a fixed threshold in the model's vectors for one story."""
    near = day.raw @ day.raw.T >= threshold
    labels = list(range(len(near)))
    for one, other in zip(*np.nonzero(near), strict=True):
        old, new = labels[other], labels[one]
        if old != new:
            labels = [new if each == old else each for each in labels]
    return labels


def _labels(groups: Sequence[Sequence[int]], count: int) -> list[int]:
    labels = [0] * count
    for label, group in enumerate(groups):
        for each in group:
            labels[each] = label
    return labels


def scores(
    days: Sequence[Day], group: Callable[[Day], list[int]], *, joined: bool = False
) -> tuple[float, float, float]:
    """Return precision, recall and F1 over the labelled pairs of days.

    Or, with `joined`, over those that were drawn from all that any of the methods joins.
    """
    said: list[bool] = []
    truth: list[bool] = []
    for day in days:
        labels = group(day)
        pairs, same = (day.joined, day.joined_same) if joined else (day.pairs, day.same)
        said += [labels[one] == labels[other] for one, other in pairs]
        truth += same
    return figures(np.array(said), np.array(truth))


def figures(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> tuple[float, float, float]:
    both = float((said & truth).sum())
    precision, recall = both / max(said.sum(), 1), both / max(truth.sum(), 1)
    return precision, recall, 2 * both / max(said.sum() + truth.sum(), 1)


# What is run


def fit(folder: Path, work: Path) -> dict[str, Any]:
    """Fit the rule on the first halves, and write it."""
    days = [day for day in news(folder, work) if day.half == 0]
    across = next(day for day in languages(folder, work) if day.half == 0)
    same = np.concatenate([_features(day) for day in days])
    truth = np.concatenate([day.same for day in days])
    other, other_truth = _features(across), np.array(across.same)
    rules = {}
    for name, feature_names, with_across in (
        ("rule", NAMES, True),
        ("words_alone", NAMES[2:], False),
    ):
        rule = SimilarityModel(
            same_language=_weights(same, truth, feature_names),
            across=_weights(other, other_truth, NAMES[:2]) if with_across else None,
            joined=0.5,
        )
        rules[name] = _level(across, _joined(days, rule))
    fingerprint = _fingerprint(work)
    fitted = FittedModels(
        fingerprint=fingerprint,
        fitted_on="the first halves of bench/data/stories/pairs.jsonl and of ntrex: "
        "bench/stories/clustering.py",
        **rules,
    )
    FITTED.write_text(json.dumps(fitted.model_dump(), indent=2) + "\n", "utf-8")
    return {
        "fitted": str(FITTED),
        **{f"{name}: joined": rule.joined for name, rule in rules.items()},
        "precision, recall, F1 on the first half": scores(
            days, lambda day: rule_groups(day, rules["rule"])
        ),
    }


def _fingerprint(work: Path) -> str:
    with Console(as_json=True).open_archive(work / "days") as archive:
        return archive.embedder.fingerprint


def _joined(days: Sequence[Day], rule: SimilarityModel) -> SimilarityModel:
    """Choose `joined` by F1, smoothed over a tenth: single pairs make it jump."""
    rules = [rule.model_copy(update={"joined": round(float(t), 2)}) for t in THRESHOLDS]
    found = [scores(days, partial(rule_groups, rule=each))[2] for each in rules]
    return rules[int(_smooth(found, 5).argmax())]


def _level(day: Day, rule: SimilarityModel) -> SimilarityModel:
    """Shift the bias across languages to where `joined` groups best, by F1, smoothed likewise.

    Both models are fitted on pairs of which other shares are one story, so their levels differ.
    """
    if rule.across is None:
        return rule
    biases = [round(rule.across.bias + shift, 4) for shift in np.arange(0, 8, 0.25)]
    rules = [
        rule.model_copy(update={"across": rule.across.model_copy(update={"bias": bias})})
        for bias in biases
    ]
    found = [scores([day], partial(rule_groups, rule=each))[2] for each in rules]
    return rules[int(_smooth(found, 2).argmax())]


def _smooth(values: Sequence[float], reach: int) -> NDArray[np.float64]:
    kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
    return np.convolve(np.pad(values, reach, "edge"), kernel, "valid")


def _features(day: Day) -> NDArray[np.float64]:
    whole = slice(0, len(day.reports.keys))
    of = pair_similarities(day.reports, whole, whole)
    return np.array([[of[name][pair] for name in NAMES] for pair in day.pairs])


def _weights(
    given: NDArray[np.float64], truth: NDArray[np.bool_], feature_names: Sequence[str]
) -> LogisticWeights:
    """Fit a logistic model of some likenesses; C = 1 on likenesses of equal spread."""
    columns = [NAMES.index(name) for name in feature_names]
    spread = given[:, columns].std(axis=0)
    model = LogisticRegression(C=1.0).fit(given[:, columns] / spread, truth)
    weights = dict(zip(feature_names, (model.coef_[0] / spread).round(4).tolist(), strict=True))
    return LogisticWeights(bias=round(float(model.intercept_[0]), 4), **weights)


def report_all(folder: Path, work: Path) -> dict[str, Any]:
    """Report all sets, the first halves only for choosing the baselines' thresholds."""
    days = news(folder, work)
    first, second = ([day for day in days if day.half == half] for half in (0, 1))
    rule = select_model(_fingerprint(work))
    report: dict[str, Any] = {"pairs reported": sum(len(day.pairs) for day in second)}
    report["same day: stories"] = scores(second, lambda day: rule_groups(day, rule))
    report["joined: stories"] = scores(second, partial(rule_groups, rule=rule), joined=True)
    alone = FittedModels.model_validate_json(FITTED.read_bytes()).words_alone
    report["same day: stories, words alone"] = scores(second, lambda day: rule_groups(day, alone))
    for name, groups, grid in (
        ("TF-IDF, agglomerative", tfidf_groups, THRESHOLDS),
        ("dense, fixed threshold", dense_groups, np.arange(0.8, 0.99, 0.005)),
    ):
        f1 = {t: scores(first, partial(groups, threshold=t))[2] for t in grid}
        best = max(f1, key=f1.__getitem__)
        report[f"same day: {name}"] = scores(second, partial(groups, threshold=best))
        report[f"joined: {name}"] = scores(second, partial(groups, threshold=best), joined=True)
        report[f"same day: {name}, largest"] = _largest(second, partial(groups, threshold=best))
        report[f"baseline {name}"] = float(best)
    half = languages(folder, work)[1]
    report["ntrex, across languages: stories"] = scores([half], lambda day: rule_groups(day, rule))
    report["same day: stories, largest"] = _largest(second, partial(rule_groups, rule=rule))
    return report | _headlines(folder, work, rule, report)


def _largest(days: Sequence[Day], group: Callable[[Day], list[int]]) -> str:
    """Say how many articles the largest story of each day has."""
    return ", ".join(str(np.unique(group(day), return_counts=True)[1].max()) for day in days)


def _headlines(
    folder: Path, work: Path, rule: SimilarityModel, known: dict[str, Any]
) -> dict[str, Any]:
    """Decide each pair of headlines on its own: what is likelier than `joined` is one story."""
    day, stances = headlines(folder, work)
    of, stance = _features(day), np.array(stances)
    weights = rule.same_language
    odds = weights.bias + sum(getattr(weights, n) * of[:, c] for c, n in enumerate(NAMES))
    said = {"stories": 1 / (1 + np.exp(-odds)) >= rule.joined}
    raw = np.array([day.raw[one] @ day.raw[other] for one, other in day.pairs])
    said["dense, fixed threshold"] = raw >= known["baseline dense, fixed threshold"]
    texts = [fold(each.text) for each in day.reports.articles]
    made = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    alike_ = np.array([(made[one] @ made[other].T)[0, 0] for one, other in day.pairs])
    said["TF-IDF, agglomerative"] = alike_ >= known["baseline TF-IDF, agglomerative"]
    plain = stance != "disagree"
    report: dict[str, Any] = {"headline pairs": int(plain.sum())}
    for name, decided in said.items():
        report[f"headlines: {name}"] = figures(decided[plain], stance[plain] == "agree")
        report[f"headlines: {name}, disagree as one"] = float(decided[~plain].mean())
    return report


def cost(folder: Path, work: Path) -> dict[str, Any]:
    """Measure embedding 2,000 articles, and finding the stories of them as of one day."""

    def drafts() -> Iterator[Draft]:
        with gzip.open(
            folder / "arabic-news-2018" / "articles.jsonl.gz", "rt", encoding="utf-8"
        ) as lines:
            for place, line in zip(range(2_000), map(json.loads, lines), strict=False):
                yield Draft.model_validate(line | {"id": f"n{place}", "published": "2018-03-04"})

    console = Console(as_json=True)
    with console.open_archive(work / "cost") as archive:
        archive.warm_up()
        if archive.stats().articles:
            raise SystemExit(f"{work / 'cost'} is there already: remove it, to embed again")
        began = time.perf_counter()
        for draft in drafts():
            archive.add(draft)
        embedded = time.perf_counter()
        found = archive.stories(None)
        ended = time.perf_counter()
    return {
        "articles": sum(len(each.articles) for each in found),
        "stories": len(found),
        "embedding and adding, s": embedded - began,
        "stories, s": ended - embedded,
        "stories, share of it": (ended - embedded) / (embedded - began),
    }


if __name__ == "__main__":
    main()
