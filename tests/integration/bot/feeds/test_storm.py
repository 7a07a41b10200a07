"""Many feeds over weeks, with everything that goes wrong, and a reader that is killed."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from bot.feeds.poller import MAX_CONCURRENCY
from bot.feeds.store.feeds import DiscoveredFeed, FeedOptions, FeedStore
from bot.runtime.db_writer import DatabaseWriter
from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.ingest.feeds.models import FeedKind
from index.models import Article
from index.storage.database import Database
from index.storage.records import ArticleArrival
from index.text.boilerplate import BoilerplateRules
from tests.fixtures.sample_articles import PROJECT, TRIPOLI
from tests.fixtures.simulated_newspapers import CORRECTION, KINDS, WHOLE, SharedTime, SimulatedWeb
from tests.fixtures.virtual_time import START

pytestmark = pytest.mark.usefixtures("unmeasured")

_KINDS = {2: FeedKind.ATOM, 3: FeedKind.JSON}
_A_RUN_TAKES = 7_200
"""Seconds; only what hangs takes longer."""


class Storm:
    """What was asked, and what came of it."""

    def __init__(
        self, web_sites: SimulatedWeb, articles: list[Article], arrivals: list[ArticleArrival]
    ) -> None:
        self.web_sites = web_sites
        self.articles = articles
        self.arrivals = arrivals


async def _follow(web_sites: SimulatedWeb, folder: Path) -> None:
    database = Database(folder)
    writing = DatabaseWriter(database)
    feeds = FeedStore(writing, lambda: START)
    for number, paper in web_sites.papers.items():
        kind = _KINDS.get(paper.kind, FeedKind.RSS)
        host = f"{paper.host}:{web_sites.port}"
        await feeds.add(
            DiscoveredFeed(web_sites.address(number), host, kind), FeedOptions(), "nadia"
        )
    await writing.close()
    database.close()


def storm(
    papers: int,
    days: int,
    kills: int,
    folder: Path,
    models: Path,
    embedder: Embedder,
    boilerplate: BoilerplateRules,
) -> Storm:
    """Let feeds be followed for days of their time, and kill who follows them so many times."""
    archive, shared = folder / "archive", folder / "time"
    time = SharedTime(shared, START)
    chance, longest = random.Random(papers), max(5.0, papers / 4)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "tests.fixtures.feed_poll_process",
        archive,
        models,
        shared,
        str(days),
    ]
    with SimulatedWeb(papers, days, time) as web_sites:
        asyncio.run(_follow(web_sites, archive))
        for kill in range(kills + 1):
            with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE) as reader:
                wait = chance.uniform(1.5, longest) if kill < kills else _A_RUN_TAKES
                try:
                    _, said = reader.communicate(timeout=wait)
                except subprocess.TimeoutExpired:
                    reader.send_signal(signal.SIGKILL)
                    reader.communicate()
                    web_sites.together.clear()
                else:
                    assert reader.returncode == 0, said.decode()
                    break
        else:
            pytest.fail("it did not end")
        with Archive(archive, lambda: embedder, zone=TRIPOLI, boilerplate=boilerplate) as read:
            return Storm(web_sites, read.articles(), read.arrivals(limit=99_999))


def number_of(article: Article) -> int:
    """Which article of which paper it is, by its words."""
    found = re.search(r"quarter (\d+)|news number (\d+)", article.text)
    assert found, article.text
    return int(found[1] or found[2])


def holds(of: Storm, kills: int) -> None:
    """Hold a storm to what must be true after it."""
    papers = of.web_sites.papers
    wanted = Counter(number for paper in papers.values() for number in paper.wanted)
    there = Counter(map(number_of, of.articles))
    assert there - wanted == Counter(), "what came twice, or should not have come"
    assert wanted - there == Counter(), "what was lost"
    assert len(of.arrivals) == len(of.articles), "each is told of once"
    for article, quiet in ((each.article, each.suppress_alerts) for each in of.arrivals):
        number = number_of(article)
        paper = papers[number // 1_000 - 1]
        at = dict(paper.articles)[number]
        assert quiet == (at <= START), "what was there before the feed was is no news"
        assert article.only_summary == (paper.kind == 5)
        corrected = paper.kind in WHOLE and number == paper.corrected
        assert article.text.endswith(CORRECTION) == corrected
        if paper.kind != 8:
            assert article.published == at.replace(microsecond=0)
    nobody_is_asked_too_often(of.web_sites, kills)


def nobody_is_asked_too_often(web_sites: SimulatedWeb, kills: int) -> None:
    assert web_sites.most_together == 1
    by_host, by_feed, again = defaultdict(list), defaultdict(list), 0
    for each in web_sites.journal:
        by_host[each.host].append(each)
        if "/feed/" in each.path:
            by_feed[each.host, each.path].append(each)
    for host, asked in by_host.items():
        robots = [each.at for each in asked if each.path == "/robots.txt"]
        day = timedelta(days=1) - timedelta(seconds=1)
        again += sum(other - one < day for one, other in itertools.pairwise(robots))
        gap = timedelta(seconds=7 if host.startswith("h") else 2)
        for one, other in itertools.pairwise(asked):
            least = gap if one.path != "/robots.txt" else timedelta(seconds=2)
            assert other.at - one.at >= least - timedelta(seconds=0.001), (one, other)
    assert again <= kills * MAX_CONCURRENCY, "but for an answer that was lost with who had asked"
    for asked in by_feed.values():
        for one, other in itertools.pairwise(asked):
            assert other.at - one.at >= timedelta(minutes=5), (one, other)
            if one.status == 429:
                # A date of HTTP has no parts of a second.
                assert other.at - one.at >= timedelta(hours=6, seconds=-1), (one, other)
        gone = [each for each in asked if each.status == 410]
        assert len(gone) <= 1


def test_feeds_bring_exactly_what_is_new_through_faults_and_kills(
    tmp_path: Path, models_folder: Path, embedder: Embedder, boilerplate: BoilerplateRules
) -> None:
    """A paper of each kind for a week, killed three times; `make soak` has many for longer."""
    holds(storm(KINDS, 7, 3, tmp_path, models_folder, embedder, boilerplate), 3)


@pytest.mark.soak
def test_two_hundred_feeds_bring_exactly_what_is_new_for_three_weeks(
    tmp_path: Path, models_folder: Path, embedder: Embedder, boilerplate: BoilerplateRules
) -> None:
    """Killed ten times."""
    holds(storm(200, 21, 10, tmp_path, models_folder, embedder, boilerplate), 10)
