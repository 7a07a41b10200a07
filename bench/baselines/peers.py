"""The project beside txtai, LangChain and Haystack: the same articles, questions and model.

The libraries live in an environment of their own, which `make` never installs:

    python -m venv .venv-peers
    .venv-peers/bin/pip install -r bench/baselines/peers-requirements.txt

Then, with the project's own python:

    BRIEFING_EVAL_DIR=… python -m bench.baselines.peers --peers .venv-peers/bin/python

Every library has what its documentation gives to E5 models: the prefixes "query: " and "passage: ",
vectors of length 1, the title before each chunk. Articles are divided by its defaults (txtai does
not divide them; Haystack does by 200 words) or as in its tutorial (LangChain, by 1,000 characters
of which 200 are shared). Two figures in a cell are of search by vectors alone and of the library's
own hybrid with BM25. An article's place is that of its best chunk.

Each job has a process of its own, and the sides take turns. Speed and memory are those of the first
set; while asking, memory is that of the process that gives the first answer from a saved index.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.settings import load_settings
from index.embeddings.build.prepare import prepare

BENCH = Path(__file__).parent
PROJECT = BENCH.parents[1]
OURS = "this project"
LIBRARIES = ("txtai", "langchain", "haystack")
MODES = ("dense", "hybrid")
SETS = {
    "arcd": ("arcd/articles.jsonl", {"arcd": "arcd/questions.jsonl"}),
    "ntrex-ar": (
        "ntrex/articles.ar.jsonl",
        {f"ntrex {asked}→ar": f"ntrex/questions.{asked}.jsonl" for asked in ("ar", "en", "fr")},
    ),
    "ntrex-en": ("ntrex/articles.en.jsonl", {"ntrex ar→en": "ntrex/questions.ar.jsonl"}),
}
"""Articles, and the questions about them by direction (question → article)."""
ALONE = {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
"""No library has anything to fetch or to tell."""

Figures = dict[str, float]
"""The rows of one column, by name."""


class Ended(NamedTuple):
    """A process that has ended: its JSON, the seconds until it printed that, its peak in MB."""

    output: Any
    seconds: float
    megabytes: float


def main() -> None:
    options = _options()
    model = prepare(load_settings().model_dir)
    columns: dict[str, Figures] = {}
    for number, name in enumerate(options.sets):
        with tempfile.TemporaryDirectory(prefix="briefing-peers-") as folder:
            work = Path(folder)
            directions = _write(work, options.data, name, options.limit)
            _note(f"{name}: {OURS}")
            found = {OURS: _ours(work, directions, speed=number == 0)}
            for library in options.only:
                _note(f"{name}: {library}")
                command = [options.peers, str(BENCH / "peer_job.py"), library, str(model), folder]
                found |= _peer(library, command, speed=number == 0)
        columns = {side: columns.get(side, {}) | each for side, each in found.items()}
        if options.json:
            written = json.dumps(columns, indent=2, ensure_ascii=False)
            options.json.write_text(f"{written}\n", "utf-8")
    _print(columns, options.only)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers", required=True, help="the python that has the libraries")
    parser.add_argument("--data", type=Path, default=load_settings().eval_dir)
    parser.add_argument("--only", nargs="*", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--limit", type=int, help="so many articles of each set, for a quick run")
    parser.add_argument("--json", type=Path, help="write the figures to this file after each set")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of arcd and ntrex: --data FOLDER, or BRIEFING_EVAL_DIR")
    return options


def _write(work: Path, data: Path, name: str, limit: int | None) -> list[str]:
    """Write what all sides read, articles and the questions about them; return the directions."""
    articles, asked = SETS[name]
    lines = (data / articles).read_text("utf-8").splitlines()[:limit]
    (work / "articles.jsonl").write_text("\n".join(lines), "utf-8")
    known = {json.loads(line)["id"] for line in lines}
    directions = {}
    for direction, questions in asked.items():
        rows = map(json.loads, (data / questions).read_text("utf-8").splitlines())
        directions[direction] = [row for row in rows if row["article_id"] in known]
        written = "\n".join(map(json.dumps, directions[direction]))
        (work / f"{direction}.jsonl").write_text(written, "utf-8")
    (work / "questions.json").write_text(json.dumps(directions), "utf-8")
    return list(directions)


def _ours(work: Path, directions: Sequence[str], *, speed: bool) -> Figures:
    articles = work / "articles.jsonl"
    evaluated = {
        direction: _briefing(
            work, "eval", "--articles", articles, "--questions", work / f"{direction}.jsonl"
        ).output
        for direction in directions
    }
    if not speed:
        return _recalls(evaluated)
    figures = evaluated[directions[0]]
    chunks = figures["passages"]
    indexed = _briefing(work, "import", articles)._replace(
        output={
            "articles": len(articles.read_text("utf-8").splitlines()),
            "chunks": chunks,
            "seconds": chunks / figures["index_passages_per_s"],
        }
    )
    questions = json.loads((work / "questions.json").read_text("utf-8"))
    first = _briefing(work, "ask", "--", questions[directions[0]][0]["question"])
    return _recalls(evaluated) | _speed(evaluated, indexed, first)


def _briefing(work: Path, name: str, *arguments: str | Path) -> Ended:
    """Run a command over an archive in `work`."""
    command = [sys.executable, "-m", "bot", name, "--json", *map(str, arguments)]
    settings = {"BRIEFING_DATA_DIR": str(work / "archive"), "PYTHONPATH": str(PROJECT)}
    return _run(command, settings)


def _peer(library: str, command: Sequence[str], *, speed: bool) -> dict[str, Figures]:
    """Return the library's columns, one for each mode; what is indexed serves both."""
    indexed = _run([*command, "index"], ALONE)
    evaluated = _run([*command, "ask" if speed else "recall"], ALONE).output
    columns = {}
    for mode in MODES:
        figures = _recalls(evaluated[mode])
        if speed:
            first = _run([*command, f"first-{mode}"], ALONE)
            figures |= _speed(evaluated[mode], indexed, first)
        columns[f"{library}, {mode}"] = figures
    return columns


def _recalls(evaluated: Mapping[str, Any]) -> Figures:
    return {
        f"R@{k}, {direction}, %": 100 * found[f"recall@{k}"]
        for k in (1, 5)
        for direction, found in evaluated.items()
    }


def _speed(evaluated: Mapping[str, Any], indexed: Ended, first: Ended) -> Figures:
    milliseconds = next(iter(evaluated.values()))["ask_ms"]
    counts = indexed.output
    return {
        "ask p50, ms": milliseconds["p50"],
        "ask p95, ms": milliseconds["p95"],
        "articles indexed per s": counts["articles"] / counts["seconds"],
        "chunks indexed per s": counts["chunks"] / counts["seconds"],
        "peak memory while indexing, MB": indexed.megabytes,
        "peak memory while asking, MB": first.megabytes,
        "process start to first answer, s": first.seconds,
    }


def _run(command: Sequence[str], settings: Mapping[str, str]) -> Ended:
    """Run a process to its end. Exits, with the end of its stderr, where it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=errors
        )
        assert process.stdout is not None
        output = process.stdout.readline()
        seconds = time.perf_counter() - started
        output += process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            errors.seek(0)
            sys.exit(f"{errors.read()[-2000:]}\n{' '.join(command)} failed")
    megabytes = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return Ended(json.loads(output), seconds, megabytes)


def _print(columns: Mapping[str, Figures], libraries: Sequence[str]) -> None:
    """Print a table in Markdown: recall first, then speed and memory."""
    print(f"| | {' | '.join([OURS, *libraries])} |")
    print("|---" * (2 + len(libraries)) + "|")
    for row in sorted(columns[OURS], key=lambda row: row[:3] if row.startswith("R@") else "S"):
        modes = MODES[:1] if "index" in row else MODES
        cells = [
            " / ".join(f"{columns[f'{library}, {mode}'][row]:,.1f}" for mode in modes)
            for library in libraries
        ]
        print(f"| {row} | {columns[OURS][row]:,.1f} | {' | '.join(cells)} |")


def _note(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
