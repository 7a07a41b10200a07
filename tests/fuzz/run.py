"""Look for inputs that break a reader, guided by the lines that they reach.

    python -m tests.fuzz.run TARGET [--seconds 60] [--corpus FOLDER]

It needs atheris (`make fuzz` installs it; it runs on Linux x86-64). An input that raises, hangs for
ten seconds or takes more than 2 GB is written to `tests/fuzz/found/TARGET`, and the program ends
with another code than 0. Inputs that reach new lines are kept in the corpus for the next time.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import sys
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).parents[2]
FOUND = PROJECT / "tests" / "fuzz" / "found"
TARGETS = tuple(sorted(path.stem for path in (PROJECT / "tests" / "fuzz" / "targets").glob("*.py")))
_INSTRUMENTED = ("index", "bot", "feedparser", "trafilatura", "htmldate", "protego", "justext")
"""The packages whose lines guide the search."""
_MAX_INPUT_BYTES = 300_000
_HANG_SECONDS = 10
_MAX_MEGABYTES = 2_000


def main() -> None:
    """Fuzz the target that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, default=PROJECT / "var" / "fuzz")
    options = parser.parse_args()

    import atheris

    # Nothing of the project is imported before, or it would not guide the search: the seeds bring
    # what is imported only where it is needed.
    with atheris.instrument_imports(include=list(_INSTRUMENTED)):
        target = importlib.import_module(f"tests.fuzz.targets.{options.target}")
        for seed in target.SEEDS:
            target.run(seed)
    corpus = options.corpus / options.target
    _write_seeds(corpus, [*target.SEEDS, *target.evaluation_seeds()])
    found = FOUND / options.target
    found.mkdir(parents=True, exist_ok=True)
    limits = {
        "max_total_time": options.seconds,
        "timeout": _HANG_SECONDS,
        "rss_limit_mb": _MAX_MEGABYTES,
        "max_len": _MAX_INPUT_BYTES,
        "artifact_prefix": f"{found}/",
    }
    arguments = [f"-{name}={value}" for name, value in limits.items()]
    atheris.Setup([sys.argv[0], str(corpus), *arguments], target.run)
    atheris.Fuzz()


def _write_seeds(folder: Path, seeds: Iterable[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        if len(seed) <= _MAX_INPUT_BYTES:
            (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    main()
