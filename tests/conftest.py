"""What the tests of several rooms share: the real model, a clock, and archives in passing folders."""

from __future__ import annotations

import os

# Before torch and faiss load OpenMP: their threads would spin against each other.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import ctypes
import gc
import signal
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from index.archive import EMPTY_GAZETTEER, Archive
from index.embeddings.build.prepare import DEFAULT_MODEL
from index.embeddings.embedder import Embedder, load_embedder
from index.embeddings.use_encoder import UniversalSentenceEncoder
from index.text.boilerplate import BoilerplateRules
from index.text.gazetteer import GazetteerConfig
from tests.fakes.telegram.server import Double
from tests.fixtures.peak_memory import PeakMemory
from tests.fixtures.sample_articles import PROJECT, TRIPOLI, OpenArchive, SetClock

# No test judges how long something took; `must_end` catches what hangs.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(PeakMemory())


SLOW_FIXTURES = {"double", "embedder", "models_folder", "second"}
"""What loads a model or starts a server: tests/unit, which must be quick, may not use them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in tests/integration and tests/e2e with the name of their folder.

    Raises UsageError where a test in tests/unit uses a fixture of `SLOW_FIXTURES`.
    """
    for item in items:
        folder = item.path.relative_to(PROJECT / "tests").parts[0]
        if folder in {"integration", "e2e"}:
            item.add_marker(folder)
        elif slow := SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            raise pytest.UsageError(
                f"{item.nodeid} uses {', '.join(sorted(slow))}: move it to tests/integration"
            )


def pytest_collection_finish() -> None:
    """Leave what stays for the whole session out of garbage collections, which makes them quick."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(nextitem: pytest.Item | None, item: pytest.Item) -> Iterator[None]:
    """Return to the system, after each file of tests, the memory that it has freed.

    Otherwise glibc keeps 300 MB of every model that was loaded and dropped.
    """
    result = yield
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim and (nextitem is None or nextitem.path != item.path):
        gc.collect()
        trim(0)
    return result


@pytest.fixture
def must_end() -> Iterator[None]:
    """Fail a test that hangs: what takes a second or two where it is linear takes hours else."""

    def give_up(*_: object) -> None:
        pytest.fail("it did not end within five minutes")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(300)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The folder of models: prepared once, shared with `make run` unless a variable names another."""
    return Path(os.environ.get("BRIEFING_MODEL_DIR") or PROJECT / "var" / "models")


@pytest.fixture(scope="session")
def embedder(models_folder: Path) -> Embedder:
    return load_embedder(DEFAULT_MODEL, models_folder)


@pytest.fixture(scope="session")
def second() -> Embedder:
    return UniversalSentenceEncoder()


@pytest.fixture(scope="session")
def evaluation_sets() -> Path:
    """The folder that BRIEFING_EVAL_DIR names; where it names none, the test is skipped."""
    named = os.environ.get("BRIEFING_EVAL_DIR")
    if not named:
        pytest.skip("BRIEFING_EVAL_DIR names no folder of evaluation sets")
    return Path(named)


@pytest.fixture(scope="session")
def boilerplate() -> BoilerplateRules:
    rules = tomllib.loads((PROJECT / "config" / "boilerplate.toml").read_text("utf-8"))
    return BoilerplateRules.model_validate(rules)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def open_archive(
    tmp_path: Path, embedder: Embedder, boilerplate: BoilerplateRules, clock: SetClock
) -> Iterator[OpenArchive]:
    """Open archives; the same folder again is what a second process would see."""
    opened: list[Archive] = []

    def open_one(
        folder: str = "archive",
        model: Embedder = embedder,
        second: Embedder | None = None,
        names: GazetteerConfig = EMPTY_GAZETTEER,
    ) -> Archive:
        archive = Archive(
            tmp_path / folder,
            lambda: model,
            (lambda: second) if second else None,
            zone=TRIPOLI,
            boilerplate=boilerplate,
            gazetteer_config=names,
            clock=clock,
        )
        opened.append(archive)
        return archive

    yield open_one
    for archive in opened:
        archive.close()


@pytest.fixture
def archive(open_archive: OpenArchive) -> Archive:
    return open_archive()


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the processes that a long test starts out of coverage: it costs two fifths of their time."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def double() -> Iterator[Double]:
    """A Bot API of the test's own; calls that Telegram would not bear fail the test at its end."""
    with Double() as running:
        yield running
        running.check()
