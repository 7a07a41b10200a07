"""`make bench`: this project beside plain sentence-transformers + FAISS, with the same model.

Both index the same articles and answer the same questions, in turn, in processes of their own, so
that what else the machine does meets both alike; the ratios of each round are what to read. The
articles and questions are those of `arcd` in BRIEFING_EVAL_DIR, or what --articles and --questions
name (the formats of `briefing eval`); without either, the seed and three questions.

The baseline embeds one vector per passage of the same passages, title before text, for its speed,
and one per article, title before text, for its R@1.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bot.settings import SEEDS, load_boilerplate, load_settings
from index.embeddings.build.prepare import prepare
from index.evaluation import EvalQuestion, read_drafts, read_questions
from index.ingest.text.files import load_draft
from index.models import Draft
from index.text.boilerplate import find_story_body
from index.text.segmentation.passages import split_passages

BENCH = Path(__file__).parent
PROJECT = BENCH.parents[1]
FIGURES = (
    ("ask p50, ms", "ask", "p50"),
    ("ask p95, ms", "ask", "p95"),
    ("passages indexed per s", "index", "per_s"),
    ("peak memory while indexing, MB", "index", "mb"),
    ("peak memory while asking, MB", "ask", "mb"),
    ("process start to first answer, s", "first", "s"),
)


def main() -> None:
    options = _options()
    drafts, questions = _sets(options)
    model = prepare(load_settings().model_dir)
    with tempfile.TemporaryDirectory(prefix="briefing-bench-") as folder:
        work = Path(folder)
        passages = _write(work, drafts, questions)
        rounds = []
        for number in range(options.rounds):
            _note(f"round {number + 1} of {options.rounds}: {len(passages)} passages")
            rounds.append((_ours(work), _plain(work, model, passages)))
        report = _report(rounds) | _quality(work, model, drafts, questions, rounds)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        _print(report, len(drafts), len(passages), len(questions))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _sets(options: argparse.Namespace) -> tuple[list[Draft], list[EvalQuestion]]:
    evaluation = load_settings().eval_dir
    articles, questions = options.articles, options.questions
    if evaluation and not articles:
        arcd = evaluation / "arcd"
        articles, questions = arcd / "articles.jsonl", arcd / "questions.jsonl"
    if articles:
        return read_drafts(articles), read_questions(questions)
    seed = load_draft(next(SEEDS.glob("*.txt")))
    asked = ("who met in Paris?", "من التقى في باريس؟", "Qui s'est rencontré à Paris ?")
    return [seed], [EvalQuestion(question=each, article_id=seed.id) for each in asked]


def _write(work: Path, drafts: Sequence[Draft], questions: Sequence[EvalQuestion]) -> list[str]:
    """Write what both sides read; return the passages, title before text."""
    lines = (draft.model_dump_json(exclude={"date_found"}) for draft in drafts)
    (work / "articles.jsonl").write_text("\n".join(lines), "utf-8")
    asked = [question.question for question in questions]
    (work / "questions.json").write_text(json.dumps(asked), "utf-8")
    rules = load_boilerplate(load_settings().config_dir)
    stories = [(draft, find_story_body(draft.text, rules)) for draft in drafts]
    return [
        _titled(draft, draft.text[span.start : span.end])
        for draft, story in stories
        for span in split_passages(draft.text, story.body, story.teasers)
    ]


def _titled(draft: Draft, text: str) -> str:
    return f"{draft.title}\n{text}" if draft.title else text


def _ours(work: Path) -> dict[str, Any]:
    archive = work / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    environment = {**os.environ, "BRIEFING_DATA_DIR": str(archive)}
    return {
        job: _timed([sys.executable, str(BENCH / "project_job.py"), str(work), job], environment)
        for job in ("index", "ask", "first")
    }


def _plain(work: Path, model: Path, texts: Sequence[str]) -> dict[str, Any]:
    (work / "texts.json").write_text(json.dumps(texts), "utf-8")
    return {
        job: _timed(
            [sys.executable, str(BENCH / "plain_job.py"), str(model), str(work), job], os.environ
        )
        for job in ("index", "ask", "first")
    }


def _timed(command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Run a process; add its wall-clock seconds and the most memory it held, in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**environment, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return {**json.loads(output), "s": seconds, "mb": _megabytes(usage)}


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _report(rounds: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    report = {}
    for name, job, figure in FIGURES:
        pairs = [(ours[job][figure], plain[job][figure]) for ours, plain in rounds]
        report[name] = {
            "ours": median(ours for ours, _ in pairs),
            "plain": median(plain for _, plain in pairs),
            "ratio": median(ours / plain for ours, plain in pairs),
        }
    return report


def _quality(
    work: Path,
    model: Path,
    drafts: Sequence[Draft],
    questions: Sequence[EvalQuestion],
    rounds: Sequence[tuple[dict[str, Any], dict[str, Any]]],
) -> dict[str, Any]:
    """Compare R@1 and nDCG@10 with one vector per article, title before text."""
    _note("recall of the baseline: one vector per article")
    plain = _plain(work, model, [_titled(draft, draft.text) for draft in drafts])
    ids = [draft.id for draft in drafts]
    orders = {
        "ours": rounds[-1][0]["ask"]["found"],
        "plain": [[ids[row] for row in rows if row >= 0] for rows in plain["ask"]["found"]],
    }
    report: dict[str, Any] = {"R@1, %": {}, "nDCG@10, %": {}}
    for side, found in orders.items():
        places = [
            order.index(question.article_id)
            for question, order in zip(questions, found, strict=True)
            if question.article_id in order
        ]
        asked = sum(question.article_id is not None for question in questions)
        report["R@1, %"][side] = 100 * sum(place == 0 for place in places) / asked
        report["nDCG@10, %"][side] = 100 * sum(1 / math.log2(p + 2) for p in places) / asked
    return report


def _print(report: dict[str, Any], articles: int, passages: int, questions: int) -> None:
    print(f"{articles:,} articles, {passages:,} passages, {questions:,} questions")
    print(f"{'':34}{'this project':>14}{'plain':>10}{'ratio':>8}")
    for name, row in report.items():
        ratio = f"{row['ratio']:8.2f}" if "ratio" in row else ""
        print(f"{name:34}{row['ours']:14.1f}{row['plain']:10.1f}{ratio}")


def _note(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
