"""Ask questions as people type them: where the answer stands, and whether silence is kept.

    python -m bench.retrieval.typed_questions $BRIEFING_EVAL_DIR [--cache FILE] [--half 0|1]

The questions are those of `bench/data/questions/typed-*.jsonl` and `close-*.jsonl`. A quote answers
if it holds at least half of one of the labelled slices. Prints, by language, the share of
answerable questions whose first quote answers and with an answer among the first three, in the
order in which the archive ranks them, whether it answers or not; the share of sure answers, and of
these the share whose first quote answers; the share of refused ones; how many quotes are shown; and
for close questions without an answer the share that is refused, or gets no more than a possible
answer.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.data.evaluation_sets import LANGUAGES, Question, articles, questions
from bench.retrieval.fit_answerability import Bench
from bot.settings import SEEDS
from index.archive import Archive
from index.ingest.text.files import load_draft
from index.models import Answer, Confidence, Draft

SETS = {
    "libya": ("libya", "typed.libya", "close.libya"),
    "seed": ("seed", "typed.seed", "close.seed"),
    "ntrex.ar": ("ntrex.ar", None, "close.ntrex"),
    "ntrex.en": ("ntrex.en", None, "close.ntrex"),
    "ntrex.fr": ("ntrex.fr", None, "close.ntrex"),
}
"""By name: the set of articles, the answerable questions and the close ones."""


class AskedQuestion(NamedTuple):
    """A question and what the archive said."""

    question: Question
    answer: Answer
    rights: tuple[bool, ...]
    """Whether each of the first three quotes, or nearest passages, answers."""


def load_articles(folder: Path, name: str) -> list[Draft]:
    """Return the articles of a set; `seed` is the article that the archive begins with."""
    if name != "seed":
        return articles(folder, name)
    drafts = [load_draft(path, root=SEEDS) for path in sorted(SEEDS.glob("*.txt"))]
    return [draft.model_copy(update={"id": f"seed:{draft.id}"}) for draft in drafts]


def ask(archive: Archive, asked: Sequence[Question]) -> Iterator[AskedQuestion]:
    """Ask each question and judge the first three quotes."""
    for question in asked:
        answer = archive.ask(question.text)
        shown = (answer.quotes + answer.nearest)[:3]
        yield AskedQuestion(
            question, answer, tuple(question.is_answered_by(each) for each in shown)
        )


def print_answerable(name: str, found: Sequence[AskedQuestion]) -> None:
    """Print where the answers stand, by language."""
    by_language = defaultdict(list)
    for each in found:
        by_language[each.question.language].append(each)
    for language, rows in [*((lang, by_language[lang]) for lang in LANGUAGES), ("all", found)]:
        if not rows:
            continue
        first = np.mean([each.rights[:1] == (True,) for each in rows])
        three = np.mean([any(each.rights) for each in rows])
        sure = [each for each in rows if each.answer.confidence is Confidence.SURE]
        right = np.mean([each.rights[0] for each in sure]) if sure else math.nan
        quotes = np.mean([len(each.answer.quotes) for each in rows])
        print(
            f"| {name} | {language} | {len(rows)} | {100 * first:.1f} | {100 * three:.1f} |"
            f" {100 * len(sure) / len(rows):.1f} | {100 * right:.1f} | {_refused(rows):.1f} |"
            f" {quotes:.1f} |"
        )


def _refused(found: Sequence[AskedQuestion]) -> float:
    return 100 * float(np.mean([not each.answer.answered for each in found]))


def main() -> None:
    """Ask and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    parser.add_argument("--half", type=int, choices=(0, 1), help="only this half")
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    answerable: dict[str, list[AskedQuestion]] = {}
    close: dict[str, list[AskedQuestion]] = {}
    for name, (over, typed, unanswerable) in SETS.items():
        with bench.archive(load_articles(options.folder, over)) as archive:
            for file, into in ((typed, answerable), (unanswerable, close)):
                if file:
                    asked = questions(options.folder, file)
                    chosen = [q for q in asked if options.half in (None, q.half)]
                    into[name] = list(ask(archive, chosen))
    bench.save()
    print(
        "| articles | questions in | n | answer first | among three | sure | of these answer |"
        " refused | quotes |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, found in answerable.items():
        print_answerable(name, found)
    print("\n| articles | close questions | refused | refused or only possible |")
    print("|---|---|---|---|")
    for name, found in close.items():
        if not found:
            continue
        sure = np.mean([each.answer.confidence is Confidence.SURE for each in found])
        print(f"| {name} | {len(found)} | {_refused(found):.1f} | {100 * (1 - sure):.1f} |")


if __name__ == "__main__":
    main()
