"""What the tests of the bot in Telegram share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.text.boilerplate import BoilerplateRules
from tests.fakes.telegram.server import Double
from tests.fakes.web.site import Site
from tests.fixtures.bot_process import NEWS, BotProcess, Meet, Person, StartBot
from tests.fixtures.editors import OWNER, invited, start_editorial_bot
from tests.fixtures.sample_articles import TRIPOLI


@pytest.fixture(scope="session")
def noran_archive(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, boilerplate: BoilerplateRules
) -> Path:
    """An archive with the news of Noran, to be copied and never opened."""
    folder = tmp_path_factory.mktemp("noran") / "archive"
    with Archive(folder, lambda: embedder, zone=TRIPOLI, boilerplate=boilerplate) as archive:
        for draft in NEWS:
            archive.add(draft)
    return folder


@pytest.fixture
def start_bot(
    double: Double, noran_archive: Path, tmp_path: Path, models_folder: Path
) -> Iterator[StartBot]:
    """Start the bot's process against `double` over the news of Noran (or `empty=True`).

    It is ready when this returns, but for `ready=False`; all other keywords are settings.
    """
    with ExitStack() as running:

        def start(*, empty: bool = False, ready: bool = True, **settings: Any) -> BotProcess:
            if not (empty or (tmp_path / "archive").exists()):
                shutil.copytree(noran_archive, tmp_path / "archive")
            bot = running.enter_context(BotProcess(double, tmp_path, models_folder, **settings))
            if ready:
                bot.wait_ready()
            return bot

        yield start


@pytest.fixture(scope="module")
def shared_double() -> Iterator[Double]:
    """A Bot API for all tests of a module; each of them brings users of its own."""
    with Double() as running:
        yield running
        running.check()


@pytest.fixture(scope="module")
def shared_bot(
    shared_double: Double,
    noran_archive: Path,
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
) -> Iterator[BotProcess]:
    """One running bot, against `shared_double`, for all tests of a module."""
    folder = tmp_path_factory.mktemp("bot")
    shutil.copytree(noran_archive, folder / "archive")
    with BotProcess(shared_double, folder, models_folder, telegram_poll_seconds=5) as bot:
        bot.wait_ready()
        yield bot


@pytest.fixture
def meet(shared_double: Double, shared_bot: BotProcess) -> Meet:
    """Make the acquaintance of somebody whose Telegram speaks that language."""
    assert shared_bot.running, f"the bot has ended:\n{shared_bot.log}"
    return lambda language: Person(shared_double, language)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def editorial_bot(
    shared_double: Double,
    noran_archive: Path,
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
) -> Iterator[BotProcess]:
    """A bot with an owner, that may fetch pages from this machine."""
    folder = tmp_path_factory.mktemp("editorial")
    with start_editorial_bot(
        noran_archive, folder, shared_double, models_folder, telegram_poll_seconds=5
    ) as running:
        yield running


@pytest.fixture(scope="module")
def owner(shared_double: Double, editorial_bot: BotProcess) -> Person:
    return Person(shared_double, "en", "Nadia", OWNER)


@pytest.fixture
def editor(shared_double: Double, editorial_bot: BotProcess) -> Person:
    return invited(editorial_bot, shared_double)


@pytest.fixture
def reader(shared_double: Double, editorial_bot: BotProcess) -> Person:
    return Person(shared_double, "en", "Huda")
