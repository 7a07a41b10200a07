"""What a feed that leads to many sites stores and asks: `python -m bench.load.new_sites`.

A feed lists articles, each on a site of its own with a robots.txt of 10 MB, as large as a page may
be, in bytes that are no UTF-8. The feed is read for a number of days in virtual time. Printed are
the sites that were asked each day, and by how much the database has grown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from datetime import timedelta
from pathlib import Path

import bot.runtime.db_writer
from bot.feeds.store.feeds import DiscoveredFeed, FeedOptions
from bot.runtime.db_writer import DatabaseWriter
from bot.settings import load_boilerplate, load_settings
from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.ingest.feeds.models import FeedKind
from index.ingest.http.fetcher import MAX_PAGE_BYTES
from index.storage.database import Database
from index.urls import parse_host
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import RSS, Item, rss
from tests.fixtures.virtual_time import START, VirtualTime, run_feed_services

RULES = b"User-agent: *\n" + b"Disallow: /" + b"\xff" * 40 + b"\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=8, help="that the feed leads to each day")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    bot.runtime.db_writer._PAUSE_SECONDS = 0  # noqa: SLF001 - virtual time waits for nothing
    with tempfile.TemporaryDirectory(prefix="briefing-sites-") as folder, Site() as site:
        report = asyncio.run(_follow(Path(folder), site, options.sites, options.days))
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for name, value in report.items():
            print(f"{name:36}{value}")


async def _follow(folder: Path, site: Site, count: int, days: int) -> dict[str, object]:
    site.page(
        "/robots.txt", (RULES * (MAX_PAGE_BYTES // len(RULES)))[:MAX_PAGE_BYTES], "text/plain"
    )
    site.page("/rss", rss([], site.url("")), RSS)
    clock, settings = VirtualTime(START), load_settings()
    boilerplate = load_boilerplate(settings.config_dir)
    failures: list[BaseException] = []
    database = Database(folder)
    writer = DatabaseWriter(database)
    archive = Archive(folder, _no_model, zone=settings.zone, boilerplate=boilerplate, clock=clock)
    with run_feed_services(archive, writer, clock, folder, failures) as services:
        feed = DiscoveredFeed(site.url("/rss"), parse_host(site.url("/rss")), FeedKind.RSS)
        await services.feed_manager.feeds.add(feed, FeedOptions(), "bench")
        await services.poller.run(until=clock() + timedelta(hours=1))
        before, asked = _stored_bytes(folder), []
        for day in range(days):
            numbers = range(day * count + 1, (day + 1) * count + 1)
            items = [Item(n, clock(), link=site.url("/", f"paper{n}.noran.test")) for n in numbers]
            site.page("/rss", rss(items, site.url("")), RSS)
            site.asked.clear()
            await services.poller.run(until=clock() + timedelta(days=1))
            asked.append(len({each.headers["Host"] for each in site.asked} - {feed.host}))
    archive.close()
    await writer.close()
    grown = _stored_bytes(folder) - before
    database.close()
    if failures:
        raise SystemExit(f"something failed: {failures[0]!r}")
    return {
        "sites that the feed led to, a day": count,
        "sites asked, day by day": asked,
        "the database has grown by, MB": round(grown / 1e6, 2),
    }


def _stored_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("archive.sqlite3*"))


def _no_model() -> Embedder:
    raise SystemExit("nothing is to be embedded")


if __name__ == "__main__":
    main()
