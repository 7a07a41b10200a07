"""What feeds cost: `python -m bench.load.feeds idle`, and `python -m bench.load.feeds questions`.

`idle`: 200 feeds without anything new are asked every five minutes, the most often that there is,
for an hour of their time; half of their sites answer 304, half send the same feed again. Given is
the time of a core that took, and its share of that hour. The sites are a process of their own, and
nothing is waited for.

`questions`: the real bot answers the questions of `arcd` in BRIEFING_EVAL_DIR from a stand-in for
Telegram, one after another, without feeds and with 200 of them, in turns. Within each such minute
every feed is asked once (five times as often as ever happens), and some have a new article. Given
is how long an answer takes, and the ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from aiohttp import web
from sqlalchemy import update

import bot.runtime.db_writer
from bot.feeds.store.feeds import DiscoveredFeed, FeedOptions, FeedStore
from bot.feeds.store.schema import feeds as feeds_table
from bot.runtime.db_writer import DatabaseWriter
from bot.settings import load_boilerplate, load_settings
from index.archive import Archive
from index.evaluation import read_questions
from index.ingest.feeds.models import FeedKind
from index.storage.database import Database
from index.storage.row_mapping import format_utc
from tests.fakes.telegram.server import Double
from tests.fixtures.newspaper_pages import Item, rss, story
from tests.fixtures.virtual_time import START, VirtualTime, run_feed_services

PROJECT = Path(__file__).parents[2]
PORT = 8799
ENTRIES = 20
NOTHING = FeedOptions(require=("nothingofthekind",))


def main() -> None:
    options = _options()
    report = idle(options) if options.what == "idle" else questions(options)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for name, value in report.items():
            print(f"{name:44}{value:10.4f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("idle", "questions"))
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=60, help="of the feeds' time, for idle")
    parser.add_argument("--rounds", type=int, default=2, help="of a minute each, for questions")
    parser.add_argument("--articles", type=int, default=12, help="new ones in each such minute")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _address(number: int) -> str:
    """Every feed is on a host of its own: 127.0.0.1 has sixteen million neighbours."""
    return f"http://127.0.{number // 250 + 1}.{number % 250 + 1}:{PORT}/feed/{number}"


def _sites(ready: Event, news: Any) -> None:
    """Serve all feeds until killed; `news[n]` is how many articles feed n has had since."""
    bodies: dict[tuple[int, int], str] = {}

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        parts = request.path.split("/")
        if len(parts) < 3:
            return web.Response(status=404)
        number = int(parts[2])
        etag = f'"{news[number]}"'
        if number % 2 == 0 and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        key = number, news[number]
        if key not in bodies:
            first = 1_000 * (number + 1)
            items = [
                Item(first + n, START - timedelta(hours=30 - n), content=story(first + n) * 3)
                for n in range(ENTRIES + news[number])
            ]
            bodies[key] = rss(items[::-1], "http://127.0.0.1")
        headers = {"ETag": etag} if number % 2 == 0 else {}
        return web.Response(text=bodies[key], content_type="application/rss+xml", headers=headers)

    async def run() -> None:
        runner = web.ServerRunner(web.Server(serve, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", PORT).start()
        ready.set()
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def _served(count: int) -> Iterator[Any]:
    context = multiprocessing.get_context("spawn")
    ready, news = context.Event(), context.Array("i", count, lock=False)
    sites = context.Process(target=_sites, args=(ready, news), daemon=True)
    sites.start()
    ready.wait(30)
    try:
        yield news
    finally:
        sites.kill()
        sites.join()


async def _follow(folder: Path, count: int, now: datetime) -> None:
    """Follow all feeds, and let nothing fit that is in them."""
    database = Database(folder)
    writing = DatabaseWriter(database)
    following = FeedStore(writing, lambda: now)
    for number in range(count):
        address = _address(number)
        host = address.split("/")[2]
        await following.add(DiscoveredFeed(address, host, FeedKind.RSS), NOTHING, "bench")
    await writing.close()
    database.close()


def _spread(folder: Path, now: datetime, seconds: float) -> None:
    """Have every feed asked once within so many seconds."""
    database = Database(folder)
    with database.write_transaction() as connection:
        count = 200
        for number in range(1, count + 1):
            at = now + timedelta(seconds=seconds * number / count)
            this = update(feeds_table).where(feeds_table.c.number == number)
            connection.execute(this.values(next_at=format_utc(at)))
    database.close()


def idle(options: argparse.Namespace) -> dict[str, float]:
    """Measure what it costs to ask feeds that have nothing new."""
    bot.runtime.db_writer._PAUSE_SECONDS = 0  # noqa: SLF001 - virtual time waits for nothing
    with tempfile.TemporaryDirectory(prefix="briefing-feeds-") as work:
        folder = Path(work) / "archive"
        asyncio.run(_follow(folder, options.feeds, START))
        with _served(options.feeds):
            return asyncio.run(_idle(folder, options))


async def _idle(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    settings = load_settings()
    time_ = VirtualTime(START)
    failures: list[BaseException] = []
    database = Database(folder)
    writing = DatabaseWriter(database)
    archive = Archive(
        folder,
        _no_model,
        zone=settings.zone,
        boilerplate=load_boilerplate(settings.config_dir),
        clock=time_,
    )
    with run_feed_services(archive, writing, time_, folder, failures) as services:
        await services.poller.run(until=time_() + timedelta(minutes=2))
        began, children = _spent(), resource.getrusage(resource.RUSAGE_CHILDREN)
        rounds = options.minutes // 5
        start = time_()
        for each in range(1, rounds + 1):
            time_.move(seconds=(start + each * timedelta(minutes=5) - time_()).total_seconds())
            with database.write_transaction() as connection:
                connection.execute(update(feeds_table).values(next_at=format_utc(time_())))
            await services.poller.run(until=time_())
        spent = _spent() - began
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent += ended.ru_utime + ended.ru_stime - children.ru_utime - children.ru_stime
        waiting = [feed.health for feed in await services.feed_manager.feeds.list_all()]
    archive.close()
    await writing.close()
    database.close()
    if failures or any(health.failures or health.waiting for health in waiting):
        raise SystemExit(f"something failed: {failures[:1]}")
    asks = rounds * options.feeds
    return {
        "feeds": options.feeds,
        "times that a feed was asked": asks,
        "core time of one, ms": 1000 * spent / asks,
        "share of a core": spent / (rounds * 300),
    }


def _no_model() -> Any:
    raise SystemExit("nothing is to be embedded")


def _spent() -> float:
    return time.process_time()


def questions(options: argparse.Namespace) -> dict[str, float]:
    """Measure how long answers take without feeds and with them."""
    folder = load_settings().eval_dir
    if folder is None:
        raise SystemExit("BRIEFING_EVAL_DIR names no folder of evaluation sets")
    asked = [each.question for each in read_questions(folder / "arcd" / "questions.jsonl")]
    rounds: list[tuple[list[float], list[float]]] = []
    with tempfile.TemporaryDirectory(prefix="briefing-feeds-") as work, _served(200) as news:
        filled = Path(work) / "filled"
        environment = {
            **os.environ,
            "BRIEFING_DATA_DIR": str(filled),
            "BRIEFING_LIMITS_QUESTIONS_PER_MINUTE": "6000",
            "BRIEFING_LIMITS_BURST": "1000",
            "BRIEFING_FETCHING_ALLOW_LOOPBACK": "true",
            "PYTHONPATH": str(PROJECT),
        }
        command = [sys.executable, "-m", "bot", "import", str(folder / "arcd" / "articles.jsonl")]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        asyncio.run(_follow(filled, 200, datetime.now(UTC)))
        _known(filled)
        for number in range(options.rounds):
            pair = []
            for enabled in (number % 2 == 1, number % 2 == 0):
                copy = Path(work) / f"archive-{number}-{enabled}"
                shutil.copytree(filled, copy)
                pair.append((enabled, _minute(environment, copy, asked, news, options, enabled)))
            rounds.append((dict(pair)[False], dict(pair)[True]))
    without = [each for pair in rounds for each in pair[0]]
    with_feeds = [each for pair in rounds for each in pair[1]]
    report: dict[str, float] = {"answers": len(without) + len(with_feeds)}
    for name, share in (("p50", 50), ("p95", 95)):
        one, other = (float(np.percentile(each, share)) for each in (without, with_feeds))
        report |= {f"{name} without feeds, ms": 1000 * one, f"{name} with feeds, ms": 1000 * other}
        report[f"{name}, ratio"] = other / one
    ratios = [np.percentile(pair[1], 95) / np.percentile(pair[0], 95) for pair in rounds]
    report["p95, ratio, median of rounds"] = float(median(ratios))
    return report


def _known(folder: Path) -> None:
    """Let the feeds be read once; what comes from now on fits."""
    time_ = VirtualTime(datetime.now(UTC))

    async def read() -> None:
        database = Database(folder)
        writing = DatabaseWriter(database)
        archive = Archive(
            folder,
            _no_model,
            zone=load_settings().zone,
            boilerplate=load_boilerplate(load_settings().config_dir),
        )
        with run_feed_services(archive, writing, time_, folder, []) as services:
            await services.poller.run(until=time_() + timedelta(minutes=2))
        with database.write_transaction() as connection:
            connection.execute(update(feeds_table).values(require="[]"))
        archive.close()
        await writing.close()
        database.close()

    asyncio.run(read())


def _minute(
    environment: dict[str, str],
    folder: Path,
    asked: list[str],
    news: Any,
    options: argparse.Namespace,
    enabled: bool,
) -> list[float]:
    """Return how long each answer of a minute took, in seconds."""
    for number in range(0, 200, 200 // options.articles):
        news[number] += enabled
    with Double(check=False) as double:
        environment = {
            **environment,
            "BRIEFING_DATA_DIR": str(folder),
            "BRIEFING_TELEGRAM_TOKEN": double.token,
            "BRIEFING_TELEGRAM_BASE_URL": double.base_url,
            "BRIEFING_FEEDS_ENABLED": str(enabled).lower(),
        }
        _spread(folder, datetime.now(UTC) + timedelta(days=1), 60)
        process = subprocess.Popen([sys.executable, "-m", "bot", "bot"], env=environment)
        try:
            return _ask(double, asked, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _ask(double: Double, asked: list[str], folder: Path) -> list[float]:
    user = double.user()
    took: list[float] = []
    seen = 0
    began: float | None = None
    for number, question in enumerate(itertools.cycle(asked)):
        started = time.monotonic()
        if number == 20:  # the models are loaded, and the caches warm
            _spread(folder, datetime.now(UTC), 60)
            began = time.monotonic()
        double.say(user, question)
        answered = None
        while answered is None:
            double.wait_for(partial(_has_come, double, seen), what="a call", seconds=120)
            calls = double.journal[seen:]
            seen += len(calls)
            answered = next(
                (call for call in calls if call.method == "sendMessage" and call.accepted), None
            )
        if began is not None:
            took.append(answered.at - started)
            if time.monotonic() - began > 62:
                return took
        time.sleep(1.05 if number < 20 else 0.15)  # a chat gets a message a second
    return took


def _has_come(double: Double, known: int) -> bool:
    return len(double.journal) > known


if __name__ == "__main__":
    main()
