"""Every input that fuzzing has found is read or refused, and a minute for each target finds none."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from tests.fixtures.sample_articles import PROJECT
from tests.fuzz.run import FOUND, TARGETS


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.usefixtures("must_end")
def test_the_seeds_of_a_target_and_what_was_found_are_read_or_refused(target: str) -> None:
    module = importlib.import_module(f"tests.fuzz.targets.{target}")
    found = {path.name: path.read_bytes() for path in sorted((FOUND / target).glob("*"))}
    for name, content in [*found.items(), *(("a seed", seed) for seed in module.SEEDS)]:
        try:
            module.run(content)
        except Exception as error:
            error.add_note(f"the input is {name}")
            raise


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
