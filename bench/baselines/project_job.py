"""Run one job of this project for compare.py: `project_job.py WORK JOB` on BRIEFING_DATA_DIR."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from bot.cli.context import Console
from index.evaluation import rank_articles, read_drafts


def main(work: Path, job: str) -> None:
    with Console(as_json=True).open_archive() as archive:
        _ = archive.embedder  # loaded before anything is timed, as in the baseline
        if job == "index":
            drafts = read_drafts(work / "articles.jsonl")
            started = time.perf_counter()
            for draft in drafts:
                archive.add(draft)
            seconds = time.perf_counter() - started
            print(json.dumps({"per_s": archive.stats().passages / seconds}))
            return
        questions = json.loads((work / "questions.json").read_text("utf-8"))
        milliseconds, found = [], []
        for question in questions[: 1 if job == "first" else None]:
            started = time.perf_counter()
            examined = archive.ask_with_trace(question)
            milliseconds.append(1000 * (time.perf_counter() - started))
            found.append(rank_articles(examined.retrieved))
    p50, p95 = np.percentile(milliseconds, [50, 95])
    print(json.dumps({"p50": p50, "p95": p95, "found": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
