"""Asking, starting, memory and recall in archives of 10,000 and of 200,000 passages.

    python -m bench.scale.run $BRIEFING_EVAL_DIR [--passages 10000 200000] [--work FOLDER]

The archives are built by `Archive.add` of real news (scale_archive.py); with --work they are kept
for the next run, which is to be done without it where passages are divided in another way since.
Each figure is of a process of its own that opens the archive as the commands do (jobs.py);
what it reads is in the machine's page cache.

- Start: from the start of the process until the first question can be answered, from saved caches;
  the median of three. The archive's own part is to open it and prepare, with the model in memory.
- Asking: for each question the model's forward pass, and then the whole of `ask`; questions of
  arcd and libya and headlines of ntrex in turn, after a warm-up of 20. Few of them name a time, so
  these 20 are then asked again, of one month's news. Peak memory is that of this process.
- Recall@10: what dense search finds, beside the product with all vectors in the database.
- After kill -9: a process adds an article to a copy of the archive, asks, and is killed before it
  saves. It is right again where the next start, which may not embed, has all passages in both
  indexes, and answers twenty questions as a start without caches does; one asks for that article.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any

from bench.data.evaluation_sets import articles, questions

BENCH = Path(__file__).parent
PROJECT = BENCH.parents[1]
ASKED = ("arcd", "libya", "ntrex.ar", "ntrex.en", "ntrex.fr")
WARM = 20
"""So many questions are asked before any is timed."""
AGAIN = 20
"""How many questions are asked after kill -9."""
STARTS = 3
FILES = ("archive.sqlite3", "dense.cache", "lexical.cache")
CACHES = FILES[1:]
ROWS = (
    ("articles", "", "{articles:,.0f}"),
    ("passages", "", "{passages:,.0f}"),
    ("database, dense.cache, lexical.cache, MB", "", "{sizes}"),
    ("process start to ready, s", "≤ 3", "{start_s:.2f}"),
    ("of that the archive's own part, s", "", "{own_s:.2f}"),
    ("forward pass p50 / p95, ms", "", "{forward_ms[0]:.1f} / {forward_ms[1]:.1f}"),
    ("ask p50 / p95, ms", "", "{ask_ms[0]:.1f} / {ask_ms[1]:.1f}"),
    ("ask p50 / forward p50", "≤ 1.5 at 10,000, ≤ 3 at 200,000", "{p50_ratio:.2f}"),
    ("ask p95 / forward p50", "≤ 6 at 200,000", "{p95_ratio:.2f}"),
    ("ask within a month p50 / p95, ms", "", "{within_ms[0]:.1f} / {within_ms[1]:.1f}"),
    ("peak memory while asking, MB", "≤ 1,000", "{mb:,.0f}"),
    ("dense recall@10", "≥ 0.97", "{recall:.4f}"),
    ("after kill -9: right again", "yes", "{right}"),
    ("start after kill -9, s", "", "{after_kill_s:.2f}"),
    ("start without caches, s", "", "{without_caches_s:.2f}"),
)


def main() -> None:
    options = _options()
    asked = _questions(options.folder, options.questions + WARM)
    found: dict[int, dict[str, Any]] = {}
    with _work(options.work) as work:
        for wanted in options.passages:
            found[wanted] = _measured(options, work / f"passages-{wanted}", wanted, asked)
            if options.json:
                options.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    _print(found, len(asked) - WARM)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 200_000])
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--real", type=int, default=10_000, help="so many texts are embedded")
    parser.add_argument("--work", type=Path, help="keep the archives here for the next run")
    parser.add_argument("--json", type=Path, help="write the figures to this file after each size")
    return parser.parse_args()


@contextmanager
def _work(kept: Path | None) -> Iterator[Path]:
    with (
        nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="briefing-scale-")
    ) as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        yield Path(folder)


def _questions(folder: Path, count: int) -> list[str]:
    """Return questions of all sets in turn, each once, always the same."""
    chance = random.Random(11)
    drawn = []
    for name in ASKED:
        texts = list(dict.fromkeys(question.text for question in questions(folder, name)))
        drawn.append(chance.sample(texts, len(texts)))
    return [text for group in zip(*drawn, strict=False) for text in group][:count]


def _measured(
    options: argparse.Namespace, folder: Path, wanted: int, asked: Sequence[str]
) -> dict[str, Any]:
    """Build an archive, unless it is there, and measure it."""
    _note(f"an archive of {wanted:,} passages")
    build = [options.folder, folder, options.real, wanted]
    done = subprocess.run(
        [sys.executable, str(BENCH / "build_archive.py"), *map(str, build)],
        env=_environment(folder),
        stdout=subprocess.PIPE,
        check=True,
    )
    archive = folder / "archive"
    figures: dict[str, Any] = json.loads(done.stdout)
    figures["megabytes"] = [(archive / name).stat().st_size / 1e6 for name in FILES]
    with tempfile.TemporaryDirectory(prefix="copy-", dir=folder) as temporary:
        given = Path(temporary) / "given.json"
        given.write_text(json.dumps({"questions": asked, "warm": WARM}), "utf-8")
        _note("start")
        starts = [_job("start", archive, given) for _ in range(STARTS)]
        figures["start_s"] = median(seconds for seconds, _ in starts)
        figures["own_s"] = median(measured["own_s"] for _, measured in starts)
        for job in ("ask", "recall"):
            _note(job)
            figures |= _job(job, archive, given)[1]
        assert figures["compared"] == figures["passages"]
        _note("kill -9")
        figures |= _killed(options.folder, archive, Path(temporary), asked)
    figures["p50_ratio"] = figures["ask_ms"][0] / figures["forward_ms"][0]
    figures["p95_ratio"] = figures["ask_ms"][1] / figures["forward_ms"][0]
    return figures


def _killed(data: Path, archive: Path, work: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Kill a process that changed a copy of the archive; see whether the next ones are right."""
    question = next(each for each in questions(data, "libya") if each.article_id)
    draft = next(each for each in articles(data, "libya") if each.id == question.article_id)
    given = work / "given.json"
    said = {
        "questions": [question.text, *asked[: AGAIN - 1]],
        "article": draft.model_dump(mode="json", exclude={"date_found"}),
    }
    given.write_text(json.dumps(said), "utf-8")
    copy = work / "archive"
    shutil.copytree(archive, copy)
    caches = _caches(copy)
    changed = _kill_when_changed(copy, given)
    assert _caches(copy) == caches, "it was killed before it saved"
    expected = changed["before"] + changed["added"]
    assert _passages(copy) == expected > _passages(archive), "what it added is in the database"
    after_kill, one = _job("again", copy, given)
    for name in CACHES:
        (copy / name).unlink()
    without_caches, other = _job("again", copy, given)
    counts = {each[index] for each in (one, other) for index in ("dense", "lexical")}
    pairs = list(zip(one["answers"], other["answers"], strict=True))
    first = [*one["answers"][0]["quotes"], *one["answers"][0]["nearest"]]
    return {
        "counts_right": counts == {expected},
        "same_answers": sum(answer == rebuilt for answer, rebuilt in pairs),
        "added_shown": draft.id in {quote["article"]["id"] for quote in first},
        "after_kill_s": after_kill,
        "without_caches_s": without_caches,
    }


def _caches(archive: Path) -> list[tuple[int, int]]:
    """Return what tells whether the caches were written."""
    return [(at.st_mtime_ns, at.st_size) for at in ((archive / name).stat() for name in CACHES)]


def _passages(archive: Path) -> int:
    connection = sqlite3.connect(f"file:{archive / FILES[0]}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])
    finally:
        connection.close()


def _job(name: str, archive: Path, given: Path) -> tuple[float, dict[str, Any]]:
    """Run a job to its end; return the seconds until it was ready, and what it measured."""
    started = time.perf_counter()
    with _process(name, archive, given) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - started
        output = process.stdout.read()
    if process.returncode:
        sys.exit(f"the job {name} failed")
    return seconds, json.loads(output)


def _kill_when_changed(archive: Path, given: Path) -> dict[str, Any]:
    """Let a process change the archive, and kill it as soon as it says so."""
    with _process("change", archive, given) as process:
        assert process.stdout is not None
        process.stdout.readline()
        line = process.stdout.readline()
        process.kill()
    if process.returncode != -signal.SIGKILL:
        sys.exit("the job change ended before it was killed")
    changed: dict[str, Any] = json.loads(line)
    return changed


def _process(name: str, archive: Path, given: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(BENCH / "jobs.py"), name, str(given)]
    return subprocess.Popen(command, env=_environment(archive), stdout=subprocess.PIPE)


def _environment(archive: Path) -> dict[str, str]:
    own = {"BRIEFING_DATA_DIR": str(archive), "PYTHONPATH": str(PROJECT)}
    return {**os.environ, **own}


def _print(found: Mapping[int, Mapping[str, Any]], asked: int) -> None:
    """Print a table in Markdown."""
    print(f"| {asked} questions | target | {' | '.join(f'{wanted:,}' for wanted in found)} |")
    print("|---" * (2 + len(found)) + "|")
    columns = [
        {
            **figures,
            "sizes": " / ".join(f"{size:,.0f}" for size in figures["megabytes"]),
            "right": _right(figures),
        }
        for figures in found.values()
    ]
    for name, target, form in ROWS:
        cells = " | ".join(form.format(**column) for column in columns)
        print(f"| {name} | {target} | {cells} |")


def _right(figures: Mapping[str, Any]) -> str:
    """Say whether all was right again after kill -9, or what was not."""
    wrong = []
    if not figures["counts_right"]:
        wrong.append("passages are missing or too many")
    if figures["same_answers"] < AGAIN:
        wrong.append(f"{AGAIN - figures['same_answers']} of {AGAIN} answers differ")
    if not figures["added_shown"]:
        wrong.append("the added article is not found")
    return f"no: {'; '.join(wrong)}" if wrong else "yes"


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
