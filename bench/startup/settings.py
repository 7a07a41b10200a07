"""Measure what reading the settings costs at the start of every command.

    python -m bench.startup.settings

Medians of ten processes: the import of `bot.settings`, `load_settings` with three variables set,
and, where pydantic-settings is installed, its import after that of pydantic, which `bot.settings`
needs anyway.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median

RUNS = 10
_LOAD = """
import resource, time
start = time.perf_counter()
from bot.settings import load_settings
imported = time.perf_counter()
load_settings({"BRIEFING_LANGUAGE": "fr", "BRIEFING_LIMITS_BURST": "5",
               "BRIEFING_TELEGRAM_OWNERS": "1, 2"})
loaded = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print((imported - start) * 1e3, (loaded - imported) * 1e3, peak)
"""
_IMPORT = """
import resource, time
import dotenv, pydantic
class Model(pydantic.BaseModel):
    field: int = 0
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
import pydantic_settings
added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024
print((time.perf_counter() - start) * 1e3, added)
"""


def run(script: str) -> list[float]:
    """Return the medians of the figures that the script prints."""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(RUNS)
    ]
    return [median(map(float, column)) for column in zip(*outputs, strict=True)]


if __name__ == "__main__":
    imported, loaded, peak = run(_LOAD)
    lines = len(Path("bot/settings.py").read_text("utf-8").splitlines())
    print(f"bot/settings.py: {lines} lines")
    print(f"import {imported:.0f} ms, load {loaded:.1f} ms, peak memory {peak:.0f} MB")
    if find_spec("pydantic_settings"):
        seconds, added = run(_IMPORT)
        print(f"import of pydantic_settings after pydantic: {seconds:.0f} ms, +{added:.1f} MB")
