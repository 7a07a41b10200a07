"""What each part of ranking brings: R@1 and nDCG@10 with one part at a time left out.

    python -m bench.retrieval.ablation $BRIEFING_EVAL_DIR [--cache FILE] [--part NAME …]

Figures are of the half that nothing was fitted on, then of all questions.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.data.evaluation_sets import Question, articles, questions
from bench.retrieval.fit_answerability import CROWD, Bench
from index.archive import Archive
from index.evaluation import rank_articles
from index.models import DateWindow, Draft
from index.search import query_expansion, retriever, scoring, term_overlap
from index.search.calibration import Calibration

SETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "arcd": ("arcd", ("arcd",)),
    "ar→ar": ("ntrex.ar", ("ntrex.ar",)),
    "en→ar": ("ntrex.en", ("ntrex.ar",)),
    "fr→ar": ("ntrex.fr", ("ntrex.ar",)),
    "ar→en": ("ntrex.ar", ("ntrex.en",)),
    "libya": ("libya", ("libya",)),
    "libya typed": ("typed.libya", ("libya",)),
    "xquad ar→ar": ("xquad.ar-ar", ("xquad.ar",)),
    "xquad en→ar": ("xquad.en-ar", ("xquad.ar",)),
    "xquad ar→en": ("xquad.ar-en", ("xquad.en",)),
    "arcd in a crowd": ("arcd", ("arcd", "libya", CROWD)),
}
"""Columns: whose questions, over the articles of which sets."""


class _Unknown(Calibration):
    """A calibration that knows nothing of any model."""

    @classmethod
    def load_for_model(cls, fingerprint: str, dimension: int, _: Path | None = None) -> Calibration:
        return cls.neutral(fingerprint, dimension)


PARTS: Mapping[str, Mapping[tuple[object, str], object]] = {
    "everything": {},
    "without token matches": {(retriever, "TOKEN_DEPTH"): 0},
    "without the best sentence": {(scoring, "SENTENCE_WEIGHT"): 0.0},
    "without the second encoder": {(scoring, "CROSS_LINGUAL_WEIGHT"): 0.0},
    "without words": {
        (scoring, "LEXICAL_WEIGHT"): 0.0,
        (scoring, "CROSS_LINGUAL_LEXICAL_WEIGHT"): 0.0,
    },
    "without the passage before": {(term_overlap, "PRECEDING_WEIGHT"): 0.0},
    "without names by sound": {(query_expansion, "phonetic_keys"): lambda _: ()},
    "without centring": {(retriever, "Calibration"): _Unknown},
    "meaning alone": {
        (retriever, "TOKEN_DEPTH"): 0,
        (scoring, "SENTENCE_WEIGHT"): 0.0,
        (scoring, "CROSS_LINGUAL_WEIGHT"): 0.0,
        (scoring, "LEXICAL_WEIGHT"): 0.0,
        (scoring, "CROSS_LINGUAL_LEXICAL_WEIGHT"): 0.0,
        (retriever, "Calibration"): _Unknown,
    },
}
"""What is put in whose place, to leave a part out."""


@contextmanager
def without(part: str) -> Iterator[None]:
    """Leave a part of ranking out."""
    before = [(of, name, getattr(of, name)) for of, name in PARTS[part]]
    for (of, name), value in PARTS[part].items():
        setattr(of, name, value)
    try:
        yield
    finally:
        for of, name, value in before:
            setattr(of, name, value)


def figures(archive: Archive, asked: list[Question]) -> str:
    """Return R@1 of the second half, of all, and nDCG@10 of all."""
    firsts: list[tuple[int, bool]] = []
    gains = []
    for question in asked:
        found = rank_articles(archive.ask_with_trace(question.text, window=DateWindow()).retrieved)
        place = found.index(question.article_id) if question.article_id in found else None
        firsts.append((question.half, place == 0))
        gains.append(0.0 if place is None else 1 / math.log2(place + 2))
    second = [first for half, first in firsts if half]
    every = [first for _, first in firsts]
    return " ".join(f"{100 * sum(of) / len(of):.1f}" for of in (second, every, gains))


def load(of: str, over: Sequence[str], folder: Path) -> tuple[list[Draft], list[Question]]:
    """Return the articles of the sets `over` and the answerable questions of the set `of`."""
    asked = [question for question in questions(folder, of) if question.article_id]
    return [draft for each in over for draft in articles(folder, each)], asked


def print_table(
    description: str,
    sets: Mapping[str, Callable[[Path], tuple[list[Draft], list[Question]]]],
    figures: Callable[[Archive, list[Question]], str],
) -> None:
    """Print the figures of each set, by name, with one part of ranking at a time left out."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one")
    parser.add_argument("--set", action="append", choices=sets, help="only this one")
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    names = options.set or list(sets)
    rows: dict[str, list[str]] = {part: [] for part in options.part or PARTS}
    for name in names:
        drafts, asked = sets[name](options.folder)
        with bench.folder_of(drafts) as folder:
            for part, cells in rows.items():
                with without(part), bench.opened(folder) as archive:
                    cells.append(figures(archive, asked))
    bench.save()
    print("| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for part, cells in rows.items():
        print(f"| {part} | " + " | ".join(cells) + " |")


def main() -> None:
    """Print the table."""
    sets = {name: partial(load, of, over) for name, (of, over) in SETS.items()}
    print_table((__doc__ or "").split("\n", 1)[0], sets, figures)


if __name__ == "__main__":
    main()
