"""Every input that fuzzing has found is read or refused, and a minute for each target finds none."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.sample_articles import PROJECT
from tests.fuzz.run import FOUND, TARGETS

FILES = sorted(path for path in FOUND.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name[:20]}")
@pytest.mark.usefixtures("must_end")
def test_what_was_found_is_read_or_refused(path: Path) -> None:
    importlib.import_module(f"tests.fuzz.targets.{path.parent.name}").run(path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_of_a_target_are_read_or_refused(target: str) -> None:
    module = importlib.import_module(f"tests.fuzz.targets.{target}")
    for seed in module.SEEDS:
        module.run(seed)


@pytest.mark.soak
@pytest.mark.parametrize("target", TARGETS)
def test_a_minute_of_fuzzing_finds_nothing(target: str) -> None:
    pytest.importorskip("atheris")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", target],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
