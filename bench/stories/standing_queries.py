"""Whether an article is about what a reader watches: what is found, and what is told for nothing.

    python -m bench.stories.standing_queries $BRIEFING_EVAL_DIR [--cache FILE] [--folder DIR]
        [--news N]

One archive holds `ntrex` in its three languages, `libya`, the seed and N others (`news:N`).
`watching/topics.jsonl` gives topics with the articles that are about them, judged over a whole set,
and those that only touch on them, which count neither way; `watching/names.jsonl` gives names, with
how English articles of `ntrex` have them. The headlines of `ntrex` are watched as well, as topics.

Every watched thing is held against every article. A match of any article that is not labelled is a
false alert, though some of the news is about the topic: what is printed is the most it can be.
Topics and headlines fall into two halves by their (first) article; what is chosen is chosen on the
first. The ways of judging an article by the evidence rule:

alone    its own passages are the order, and the size is one for all (`index.standing_queries`)
sized    the same, with the archive's own size
joined   its passages join those that a question would find, and its best is taken for the first
below    the same, without the articles that lie above it
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.data.evaluation_sets import LANGUAGES, articles, half, questions
from bench.retrieval.fit_answerability import Bench
from index.archive import Archive
from index.models import DateWindow, Draft
from index.search import cross_lingual, retriever
from index.search.answerability import AnswerabilityFeatures, answer_log_odds, extract_features
from index.search.scoring import ScoredPassage
from index.standing_queries import ASSUMED_ARCHIVE_SIZE, CROSS_LINGUAL_MARGIN, SAME_LANGUAGE_MARGIN

WATCHING = Path(__file__).parents[1] / "data" / "watching"
SEEDS = Path(__file__).parents[2] / "seeds"
MARGINS = [(0.0, 0.0), (0.5, 0.25), (0.75, 0.25), (0.75, 0.5), (1.0, 0.5), (1.0, 1.0), (2.0, 1.0)]
"""In the language that was watched in, and in others."""
NEAREST = 10
_LANGUAGES = {"ntrex.en": "en", "ntrex.fr": "fr"}


class Topic(NamedTuple):
    """What is watched, in which language, and which articles of which set are about it."""

    text: str
    language: str
    set: str
    about: frozenset[str]
    touches: frozenset[str]
    half: int


class Judged(NamedTuple):
    """An article held against a topic."""

    topic: str
    same_language: bool
    about: bool
    own_language: bool
    evidence: dict[str, float]
    """By the way that it was judged."""


def drafts(folder: Path, news: int) -> list[Draft]:
    """Return all articles; their ids begin with the set and, for ntrex, the language."""
    found = [
        draft.model_copy(update={"id": draft.id.replace("ntrex:", f"ntrex.{language}:")})
        for language in LANGUAGES
        for draft in articles(folder, f"ntrex.{language}")
    ]
    found += [*articles(folder, "libya"), *articles(folder, f"news:{news}")]
    for path in sorted(SEEDS.glob("*.txt")):
        found.append(Draft(id=f"seed:{path.stem}", text=path.read_text("utf-8"), language="ar"))
    return found


def topics() -> list[Topic]:
    """Return our own topics."""
    lines = (WATCHING / "topics.jsonl").read_text("utf-8").splitlines()
    return [
        Topic(
            given["topic"],
            given["language"],
            given["set"],
            frozenset(given["about"]),
            frozenset(given["touches"]),
            half(f"{given['set']}:{given['about'][0]}"),
        )
        for given in map(json.loads, lines)
    ]


def headlines(folder: Path) -> list[Topic]:
    """Return every second headline of ntrex, each about one article."""
    return [
        Topic(q.text, q.language, "ntrex", frozenset({q.article_id[6:]}), frozenset(), q.half)
        for language in LANGUAGES
        for q in questions(folder, f"ntrex.{language}")[::2]
        if q.article_id
    ]


def judged(archive: Archive, watched: Sequence[Topic], ids: Sequence[str]) -> Iterator[Judged]:
    """Hold every topic against every article, in every way."""
    search = archive._retriever  # noqa: SLF001
    for topic in watched:
        understood = archive.encode_question(topic.text)
        found = archive.ask_with_trace(topic.text, window=DateWindow()).retrieved
        with search.snapshot() as storage_snapshot:
            passages = search.load_passages(storage_snapshot, ids)
            ranked = search.rescore(
                storage_snapshot, understood.embedding, passages, ASSUMED_ARCHIVE_SIZE
            ).ranked
        own: dict[int, list[ScoredPassage]] = defaultdict(list)
        for each in ranked:
            own[each.article_key].append(each)
        for its in own.values():
            article_id = passages[its[0].passage_id].article_id
            name, _, document = article_id.partition(":")
            its_set = name.partition(".")[0]
            if its_set == topic.set and document in topic.touches:
                continue
            rule = search.calibration.evidence
            assert rule, "a rule was fitted for the model"
            yield Judged(
                topic.text,
                _LANGUAGES.get(name, "ar") == topic.language,
                its_set == topic.set and document in topic.about,
                its[0].same_language,
                {
                    way: answer_log_odds(seen, rule, same_language=its[0].same_language)
                    for way, seen in _ways(its, found.ranked, found.searched_count).items()
                },
            )


def _ways(
    own: Sequence[ScoredPassage], order: Sequence[ScoredPassage], searched: int
) -> dict[str, AnswerabilityFeatures]:
    others = [each for each in order if each.article_key != own[0].article_key]
    below = [each for each in others if each.score <= own[0].score]
    return {
        "alone": _features(own, ASSUMED_ARCHIVE_SIZE),
        "sized": _features(own, searched),
        "joined": _as_the_first(own, [*own, *others], searched),
        "below": _as_the_first(own, [*own, *below], searched),
    }


def _features(ranked: Sequence[ScoredPassage], searched: int) -> AnswerabilityFeatures:
    return extract_features(ranked, ranked[0], searched, lacks_requested=False)


def _as_the_first(
    own: Sequence[ScoredPassage], order: Sequence[ScoredPassage], searched: int
) -> AnswerabilityFeatures:
    top = sorted((each.score for each in order), reverse=True)[:NEAREST]
    lead = _features([own[0], *(each for each in order if each not in own)], searched).lead
    height = own[0].score - sum(top) / len(top)
    return _features(own, searched)._replace(lead=lead, height=height)


def table(found: Sequence[Judged]) -> None:
    """Print, for each way and margin, the share of right articles and the false alerts."""
    topic = np.array([each.topic for each in found])
    same = np.array([each.same_language for each in found])
    about = np.array([each.about for each in found])
    own = np.array([each.own_language for each in found])
    print("| way | margins | found, same language | other languages | false in 1,000 | median |")
    print("|---|---|---|---|---|---|")
    for way in found[0].evidence:
        values = np.array([each.evidence[way] for each in found])
        for margin, over in MARGINS:
            hit = values > np.where(own, margin, over)
            right = [_mean_by(topic, hit, about & which) for which in (same, ~same)]
            false = _by(topic, hit, ~about)
            print(
                f"| {way} | {margin}, {over} | {100 * right[0]:.1f} % | {100 * right[1]:.1f} % |"
                f" {1_000 * np.mean(false):.2f} | {1_000 * np.median(false):.1f} |"
            )


def _by(topic: np.ndarray, hit: np.ndarray, which: np.ndarray) -> list[float]:
    return [hit[which & (topic == each)].mean() for each in np.unique(topic[which])]


def _mean_by(topic: np.ndarray, hit: np.ndarray, which: np.ndarray) -> float:
    return float(np.mean(_by(topic, hit, which)))


def names(archive: Archive, ids: Sequence[str], english: dict[str, str]) -> None:
    """Print how names are found in the three languages of ntrex, and how often elsewhere."""
    lines = (WATCHING / "names.jsonl").read_text("utf-8").splitlines()
    print("| name | articles | found ar | en | fr | false of ntrex | matches in 1,000 others |")
    print("|---|---|---|---|---|---|---|")
    for given in map(json.loads, lines):
        said = re.compile(rf"\b(?:{given['in_english']})\b")
        right = {document for document, text in english.items() if said.search(text)}
        (found,) = archive.match_standing_queries([archive.encode_question(given["name"])], ids)
        by_set = defaultdict(set)
        for article_id in found:
            name, _, document = article_id.partition(":")
            by_set[name].add(document)
        there = [len(by_set[f"ntrex.{each}"] & right) for each in LANGUAGES]
        false = sum(len(by_set[f"ntrex.{each}"] - right) for each in LANGUAGES)
        others = len(by_set["libya"]) + len(by_set["news"])
        rest = sum(not each.startswith("ntrex") for each in ids)
        print(
            f"| {given['name']} | {len(right)} | {there[0]} | {there[1]} | {there[2]} | {false} |"
            f" {1_000 * others / rest:.1f} |"
        )


def speed(archive: Archive, watched: Sequence[Topic], ids: Sequence[str]) -> None:
    """Print how long fifty watched things take over twenty articles."""
    understood = [archive.encode_question(each.text) for each in watched[:50]]
    times = []
    for first in range(0, 200, 20):
        start = time.perf_counter()
        archive.match_standing_queries(understood, ids[first : first + 20])
        times.append(time.perf_counter() - start)
    print(f"{len(understood)} watched, 20 articles: {np.median(times):.2f} s, {max(times):.2f} s")


def report(name: str, found: Sequence[Sequence[Judged]]) -> None:
    """Print both halves' tables."""
    for part, what in enumerate(("chosen on", "reported")):
        print(f"\n{name}, {what}\n")
        table(found[part])


def main() -> None:
    """Make or open the archive and print everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    parser.add_argument("--folder", dest="kept", type=Path, help="keep the archive here")
    parser.add_argument("--news", type=int, default=1_000)
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    given = drafts(options.folder, options.news)
    ids = [draft.id for draft in given]
    english = {draft.id[9:]: draft.text for draft in given if draft.id.startswith("ntrex.en:")}
    retriever.CACHE_SIZE = cross_lingual.CACHE_SIZE = 1_000_000
    with (
        tempfile.TemporaryDirectory() as passing,
        bench.opened(options.kept or Path(passing)) as archive,
    ):
        for draft in given:
            archive.add(draft)
        bench.save()
        print(
            f"margins as they are: {SAME_LANGUAGE_MARGIN} and, "
            f"across languages, {CROSS_LINGUAL_MARGIN}\n"
        )
        speed(archive, topics(), ids)
        names(archive, ids, english)
        for name, watched in (("topics", topics()), ("headlines", headlines(options.folder))):
            parts = [[each for each in watched if each.half == part] for part in (0, 1)]
            report(name, [list(judged(archive, part, ids)) for part in parts])


if __name__ == "__main__":
    main()
