"""The guard of the tests' own memory fails a session that takes too much."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.town import PROJECT

pytestmark = pytest.mark.usefixtures("unmeasured")

CONFTEST = """
import sys
sys.path.insert(0, {project!r})
from tests.peak_memory import PeakMemory

def pytest_configure(config):
    config.pluginmanager.register(PeakMemory(300_000_000))
"""
LARGE = "def test_large():\n    assert len(b'x' * 400_000_000)\n"
SMALL = "def test_small():\n    pass\n"


@pytest.mark.parametrize(
    ("options", "large", "status"),
    [((), LARGE, 1), (("-n", "1"), LARGE, 1), (("-n", "1"), SMALL, 0)],
    ids=["alone", "a worker", "small"],
)
def test_a_process_above_the_limit_fails_the_session_and_its_file_is_named(
    tmp_path: Path, options: tuple[str, ...], large: str, status: int
) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST.format(project=str(PROJECT)))
    (tmp_path / "test_1.py").write_text(SMALL)
    (tmp_path / "test_2.py").write_text(large)
    (tmp_path / "test_3.py").write_text(SMALL)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist", "--rootdir", str(tmp_path), *options],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert "MB, reached in" in done.stdout
    assert ("MB more memory than the 300 MB it may, in test_2.py" in done.stdout) == bool(status)
