"""What run.py measures in fresh processes: `jobs.py JOB FILE` over BRIEFING_DATA_DIR.

FILE has the questions, how many of them are to warm up with, and an article to add. A job prints a
line when the archive is ready to answer, and then a line of JSON with what it measured.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from bot.cli.context import Console
from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.models import DateWindow, Draft
from index.text.language import detect_language

ENCODERS = ("embedder", "cross_lingual_embedder")
"""What an archive loads; the second where there is one."""
DEPTH = 10
MONTH = DateWindow(since=date(2018, 3, 1), until=date(2018, 3, 31))
"""A seventh of the articles are of this month."""
SAME = 1e-5
"""Cosines that differ by less are equal: copies have no order."""

Given = dict[str, Any]


def main(job: str, file: Path) -> None:
    jobs: dict[str, Callable[[Given], Given]] = {
        each.__name__: each for each in (start, ask, recall, change, again)
    }
    print(json.dumps(jobs[job](json.loads(file.read_text("utf-8")))), flush=True)


@contextmanager
def _prepared() -> Iterator[Archive]:
    """Open the archive as the commands do; tell when it is ready."""
    with Console(as_json=True).open_archive() as archive:
        archive.warm_up()
        print("ready", flush=True)
        yield archive


def start(_given: Given) -> Given:
    """Start, and then do the archive's own part again, with the model in memory."""
    with _prepared() as archive:
        loaded = {name: getattr(archive, name) for name in ENCODERS if hasattr(archive, name)}
    started = time.perf_counter()
    with Console(as_json=True).open_archive() as archive:
        vars(archive).update(loaded)
        archive.warm_up()
        return {"own_s": time.perf_counter() - started}


def ask(given: Given) -> Given:
    """Time a forward pass and the whole of `ask`, question by question; the first do not count.

    These are asked again afterwards, of a month's news.
    """
    forward, whole, within, warm = [], [], [], given["warm"]
    with _prepared() as archive:
        for question in given["questions"]:
            started = time.perf_counter()
            archive.embedder.embed_questions([question])
            embedded = time.perf_counter()
            archive.ask(question)
            forward.append(1000 * (embedded - started))
            whole.append(1000 * (time.perf_counter() - embedded))
        for question in given["questions"][:warm]:
            started = time.perf_counter()
            archive.ask(question, window=MONTH)
            within.append(1000 * (time.perf_counter() - started))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "forward_ms": np.percentile(forward[warm:], [50, 95]).tolist(),
        "ask_ms": np.percentile(whole[warm:], [50, 95]).tolist(),
        "within_ms": np.percentile(within, [50, 95]).tolist(),
        "mb": peak / (1e6 if sys.platform == "darwin" else 1e3),
    }


def recall(given: Given) -> Given:
    """Compare dense search with the product of the question and every vector in the database.

    What dense search finds counts by the cosine that it has in the database: at least that of the
    tenth there.
    """
    import sqlite3

    from bench.scale.vectors import stored

    shares = []
    with _prepared() as archive:
        database = archive._folder / "archive.sqlite3"  # noqa: SLF001
        vectors = stored([database])
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            ids = np.array(connection.execute("SELECT id FROM passages ORDER BY id").fetchall())
        retriever = archive._retriever  # noqa: SLF001
        for question in given["questions"]:
            (vector,) = archive.embedder.embed_questions([question])
            centred = retriever.calibration.centre_question(vector, detect_language(question))
            exact = vectors @ centred
            tenth = np.partition(exact, -DEPTH)[-DEPTH]
            hits = {hit.passage_id for hit in retriever._dense.search(centred, DEPTH)}  # noqa: SLF001
            found = exact[np.isin(ids[:, 0], list(hits))]
            shares.append(np.count_nonzero(found >= tenth - SAME) / DEPTH)
    return {"recall": float(np.mean(shares)), "compared": len(vectors)}


def change(given: Given) -> Given:
    """Add an article, ask, tell, and wait to be killed."""
    with _prepared() as archive:
        before = archive.stats().passages
        archive.add(Draft.model_validate(given["article"]))
        archive.ask(given["questions"][0])
        added = archive.stats().passages - before
        print(json.dumps({"before": before, "added": added}), flush=True)
        signal.pause()
    raise AssertionError("nothing but SIGKILL ends this")


def again(given: Given) -> Given:
    """Start without embedding a passage; say how much there is, and what is answered."""
    with Console(as_json=True).open_archive() as archive:
        for name in ENCODERS:
            if getattr(archive, name, None):
                setattr(archive, name, Refusing(getattr(archive, name)))
        archive.warm_up()
        print("ready", flush=True)
        retriever = archive._retriever  # noqa: SLF001
        return {
            "dense": retriever._dense.size,  # noqa: SLF001
            "lexical": retriever._bm25.size,  # noqa: SLF001
            "answers": [archive.ask(each).model_dump(mode="json") for each in given["questions"]],
        }


class Refusing:
    """An encoder that takes questions only."""

    def __init__(self, encoder: Embedder) -> None:
        self._encoder = encoder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def embed_passages(self, _texts: object) -> NoReturn:
        """Refuse."""
        raise AssertionError("a start embeds nothing")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
