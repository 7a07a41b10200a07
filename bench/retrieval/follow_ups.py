"""Ask follow-up questions after the questions that they lean on, and written out.

    python -m bench.retrieval.follow_ups $BRIEFING_EVAL_DIR [--cache FILE] [--half 0|1] [--fitting]
        [--show]

The questions are those of `bench/data/questions/follow-ups.jsonl`, over `libya`; with `--fitting`
those of `follow-ups-fitting.jsonl`, which parameters are chosen on. Prints, by
language and of all, the share with an answer in the first place (and among the first three): as
written alone, after the earlier question, and written out. Then every typed question is asked after
another one that has nothing to do with it: the share that is changed.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from bench.data.evaluation_sets import QUESTIONS, Question, articles, half, questions
from bench.retrieval.fit_answerability import Bench
from index.archive import Archive


def places_of(archive: Archive, question: Question, after: tuple[str, ...]) -> list[bool]:
    """Return whether each of the first three quotes, or nearest passages, answers."""
    answer = archive.ask(question.text, after=after)
    return [question.is_answered_by(quote) for quote in (answer.quotes + answer.nearest)[:3]]


def main() -> None:
    """Ask and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="remember vectors here between runs")
    parser.add_argument("--half", type=int, choices=(0, 1), help="only this half")
    parser.add_argument("--fitting", action="store_true", help="ask those for fitting instead")
    parser.add_argument("--show", action="store_true", help="print what was searched")
    options = parser.parse_args()
    bench = Bench(options.folder, options.cache)
    name = "follow-ups-fitting.jsonl" if options.fitting else "follow-ups.jsonl"
    lines = [json.loads(line) for line in (QUESTIONS / name).read_text("utf-8").splitlines()]
    lines = [line for line in lines if options.half in (None, half(line["first"]))]
    found: dict[tuple[str, str], list[list[bool]]] = defaultdict(list)
    with bench.archive(articles(options.folder, "libya")) as archive:
        for line in lines:
            places = tuple(
                (f"libya:{each['article_id']}", each["words"]) for each in line["answers"]
            )
            for way, text, after in (
                ("alone", line["question"], ()),
                ("after", line["question"], (line["first"],)),
                ("written out", line["written_out"], ()),
            ):
                question = Question(text, line["language"], places[0][0], None, places)
                rights = places_of(archive, question, after)
                for group in (line["language"], "all"):
                    found[group, way].append(rights)
                if options.show and way == "after":
                    searched = archive.ask(text, after=after).after
                    print(f"    {rights} {line['first']} | {text} -> {searched}")
        typed = questions(options.folder, "typed.libya")
        others = [question.text for question in typed]
        random.Random(3).shuffle(others)
        changed = [
            question.text
            for question, other in zip(typed, others, strict=True)
            if archive.ask(question.text, after=(other,)).after is not None
        ]
    bench.save()
    print("| questions | n | alone | after | written out |\n|---|---|---|---|---|")
    for group in sorted({group for group, _ in found}):
        cells = []
        for way in ("alone", "after", "written out"):
            rows = found[group, way]
            first = 100 * np.mean([row[:1] == [True] for row in rows])
            cells.append(f"{first:.1f} ({100 * np.mean([any(row) for row in rows]):.1f})")
        print(f"| {group} | {len(rows)} | {' | '.join(cells)} |")
    print(f"\n{len(changed)} of {len(typed)} unrelated questions changed: {changed}")


if __name__ == "__main__":
    main()
