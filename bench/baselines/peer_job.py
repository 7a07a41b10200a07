"""One job of peers.py in a process of its own: `peer_job.py LIBRARY MODEL_FOLDER WORK JOB`.

WORK holds `articles.jsonl` and `questions.json`, by direction. JOB is `index`; `recall`, or `ask`,
which is timed too; `first-dense` or `first-hybrid`. Run by the interpreter that has the library.
Prints JSON, by the names of `briefing eval`.

A library is a module beside this one. Its `indexer(model, folder)` loads the model and returns what
indexes articles (id, title, text) in `folder` for both modes and counts their chunks; its
`searcher(model, folder, hybrid)` returns what finds, for a question and a limit, the articles of
the best chunks, best first.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

MODES = ("dense", "hybrid")
SHOWN = 3
"""Quotes in an answer: what is timed."""
DEPTH = 50
"""Chunks found where recall is counted, so that five articles are among them."""
WARM_UP = 5


Search = Callable[[str, int], list[str]]


def main(library: str, model: Path, work: Path, job: str) -> None:
    with contextlib.redirect_stdout(sys.stderr):
        report = _done(library, model, work, job)
    print(json.dumps(report), flush=True)


def _done(library: str, model: Path, work: Path, job: str) -> dict[str, Any]:
    peer, folder = importlib.import_module(f"peer_{library}"), work / library
    if job == "index":
        return _index(peer, model, work, folder)
    directions = json.loads((work / "questions.json").read_text("utf-8"))
    if job.startswith("first-"):
        search = peer.searcher(model, folder, job == "first-hybrid")
        return {"found": search(next(iter(directions.values()))[0]["question"], SHOWN)}
    searches = {mode: peer.searcher(model, folder, mode == "hybrid") for mode in MODES}
    return {
        mode: {
            direction: _recall(search, questions)
            | (_times(search, questions) if job == "ask" else {})
            for direction, questions in directions.items()
        }
        for mode, search in searches.items()
    }


def _index(peer: Any, model: Path, work: Path, folder: Path) -> dict[str, Any]:
    lines = (work / "articles.jsonl").read_text("utf-8").splitlines()
    articles = [(each["id"], each["title"] or "", each["text"]) for each in map(json.loads, lines)]
    index = peer.indexer(model, folder)
    started = time.perf_counter()
    chunks = index(articles)
    seconds = time.perf_counter() - started
    return {"articles": len(articles), "chunks": chunks, "seconds": seconds}


def _recall(search: Search, questions: Sequence[dict[str, str]]) -> dict[str, float]:
    places = []
    for question in questions:
        articles = list(dict.fromkeys(search(question["question"], DEPTH)))
        right = question["article_id"]
        places.append(articles.index(right) if right in articles else DEPTH)
    return {f"recall@{k}": sum(place < k for place in places) / len(places) for k in (1, 5)}


def _times(search: Search, questions: Sequence[dict[str, str]]) -> dict[str, dict[str, float]]:
    """Return p50 and p95 in ms: a question's text in, the articles of the best chunks out."""
    for question in questions[:WARM_UP]:
        search(question["question"], SHOWN)
    milliseconds = []
    for question in questions:
        started = time.perf_counter()
        search(question["question"], SHOWN)
        milliseconds.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return {"ask_ms": {"p50": float(p50), "p95": float(p95)}}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
