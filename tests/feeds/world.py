"""Newspapers over weeks: what each publishes when, and how its site behaves. Time is the reader's."""

from __future__ import annotations

import asyncio
import json
import mmap
import struct
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from tests.feeds.press import Item, brief, page, rss, story
from tests.feeds.virtual import START
from tests.web.site import Site

KINDS = 17
DAY = timedelta(days=1)
WHOLE = (0, 2, 3, 16)
"""Kinds of papers whose feeds carry their articles whole."""
CORRECTION = " A correction was made."
SHOWN = 24
"""So many articles stand in a feed."""
PAST = 22
"""So many of the largest feed's had been published before it was followed: more than are brought."""


class SharedTime:
    """A time in a file that two processes have in memory: one moves it, one reads it."""

    def __init__(self, path: Path, now: datetime | None = None) -> None:
        if now is not None:
            path.write_bytes(struct.pack("<d", now.timestamp()))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(struct.unpack("<d", self._memory[:8])[0], UTC)

    def set(self, now: datetime) -> None:
        self._memory[:8] = struct.pack("<d", now.timestamp())


class Asked(NamedTuple):
    """A request, by the reader's time."""

    at: datetime
    host: str
    path: str
    status: int


class Paper:
    """One newspaper: its articles, and what is wrong with its site."""

    def __init__(self, number: int, days: int) -> None:
        self.number = number
        self.kind = number % KINDS
        self.host = f"h{number // 2}.noran.test" if self.kind < 4 else f"p{number}.noran.test"
        past = PAST if number == 0 else 2
        times = [START - (n + 1) * DAY / 5 for n in range(past)]
        stop = 2 * DAY if self.kind == 9 else (days - 3) * DAY
        times += [START + stop * (n + 0.3 + number % 7 / 10) / 4 for n in range(4)]
        first = 1_000 * (number + 1)
        self.articles = [(first + n, at) for n, at in enumerate(sorted(times))]

    def published(self, now: datetime) -> list[tuple[int, datetime]]:
        return [each for each in reversed(self.articles) if each[1] <= now][:SHOWN]

    @property
    def corrected(self) -> int:
        """The article that the paper corrects, where it does so."""
        return next(number for number, at in self.articles if at > START)

    @property
    def wanted(self) -> list[int]:
        """The articles that have to come into the archive: none that another paper has."""
        if self.kind == 15:
            return []
        before = [number for number, at in self.articles if at <= START]
        return [number for number, at in self.articles if at > START or number in before[-20:]]


class World(Site):
    """All the newspapers, on all their hosts."""

    def __init__(self, papers: int, days: int, time: Callable[[], datetime]) -> None:
        super().__init__()
        self.papers = {each.number: each for each in (Paper(n, days) for n in range(papers))}
        self.journal: list[Asked] = []
        self.together: Counter[str] = Counter()
        self.most_together = 0
        self.reads = Counter[int]()
        self._time = time

    def address(self, number: int) -> str:
        return self.url(f"/feed/{number}", self.papers[number].host)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        host = request.headers["Host"].partition(":")[0]
        self.together[host] += 1
        self.most_together = max(self.most_together, self.together[host])
        at, status = self._time(), 0
        try:
            response = await self._answer(request, host)
            status = response.status
            return response
        finally:
            self.together[host] -= 1
            self.journal.append(Asked(at, host, request.path, status))

    async def _answer(self, request: web.BaseRequest, host: str) -> web.StreamResponse:
        _, what, *rest = request.path.split("/")
        if what == "robots.txt":
            wait = "Crawl-delay: 7\n" if host.startswith("h") else ""
            return web.Response(text=f"User-agent: *\n{wait}Disallow: /private/\n")
        if what == "feed":
            return await self._feed(request, self.papers[int(rest[0])])
        number = int(rest[-1])
        if self.papers[number // 1_000 - 1].kind == 5:
            return web.Response(status=403)
        title = f"News number {number} of the ledger"
        text = brief(_of_the_wire(number))
        return web.Response(text=page(title, text), content_type="text/html")

    async def _feed(self, request: web.BaseRequest, paper: Paper) -> web.StreamResponse:
        now, kind = self._time(), paper.kind
        trouble = START + 2 * DAY <= now < START + 3 * DAY
        self.reads[paper.number] += 1
        if kind == 9 and now >= START + 3 * DAY:
            return web.Response(status=410)
        if kind == 10 and trouble:
            by_date = format_datetime(now + timedelta(hours=6), usegmt=True)
            wait = "21600" if paper.number % 2 else by_date
            return web.Response(status=429, headers={"Retry-After": wait})
        if kind == 11 and not request.path.endswith("/on"):
            to = self.url(f"/feed/{paper.number}/on", f"other{paper.number}.noran.test")
            return web.Response(status=302, headers={"Location": to})
        if kind == 12 and not request.path.endswith("/new") and now >= START + 2 * DAY:
            to = self.url(f"/feed/{paper.number}/new", f"new{paper.number}.noran.test")
            return web.Response(status=301, headers={"Location": to})
        if kind == 13 and trouble:
            await asyncio.sleep(2)
        body, content_type = self._body(paper, now)
        if kind == 14 and self.reads[paper.number] % 2 == 0:
            body = body[: len(body) // 2]
        shown = paper.published(now)
        etag = f'"{shown[0][0] if shown else 0}-{now >= START + 2 * DAY}"'
        if kind not in (6, 7, 8) and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=body, content_type=content_type, headers={"ETag": etag})

    def _body(self, paper: Paper, now: datetime) -> tuple[bytes, str]:
        base = self.url("", paper.host).rstrip("/")
        items = [self._item(paper, number, at, now, base) for number, at in paper.published(now)]
        if paper.kind == 2:
            return _atom(items, base).encode(), "application/atom+xml"
        if paper.kind == 3:
            return _json(items, base).encode(), "application/feed+json"
        if paper.kind == 16:
            said = rss(items, base, title="صحيفة نوران").replace("utf-8", "windows-1256")
            return said.encode("windows-1256"), "application/rss+xml"
        return rss(items, base, title=f"Paper {paper.number}").encode(), "application/rss+xml"

    def _item(self, paper: Paper, number: int, at: datetime, now: datetime, base: str) -> Item:
        day = (now - START).days
        summary = f"A summary of news number {number}: the council of Noran met about it again."
        item = Item(number, at, link=f"{base}/news/{number}", guid=f"id-{number}", summary=summary)
        if paper.kind in WHOLE:
            corrected = number == paper.corrected and now >= START + 2 * DAY
            text = story(number) * 2 + (CORRECTION if corrected else "")
            return item._replace(content=text, summary="")
        if paper.kind == 6:
            return item._replace(guid=f"id-{number}-{day}")
        if paper.kind == 7:
            return item._replace(link=f"{base}/{day}/news/{number}")
        if paper.kind == 8:
            return item._replace(at=now)
        return item


def _of_the_wire(number: int) -> int:
    """Return whose article an article is: papers of one kind have those of the paper beside them."""
    return number - 14_000 if (number // 1_000 - 1) % KINDS == 15 else number


def _atom(items: list[Item], base: str) -> str:
    entries = "".join(
        f"<entry><id>{each.guid}</id><title>News number {each.number} of the ledger</title>"
        f'<link href="{each.link}"/><updated>{each.at:%Y-%m-%dT%H:%M:%SZ}</updated>'
        f'<content type="text">{each.content}</content></entry>'
        for each in items
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom of Noran</title>{entries}</feed>'


def _json(items: list[Item], base: str) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "JSON of Noran",
            "home_page_url": base,
            "items": [
                {
                    "id": each.guid,
                    "url": each.link,
                    "title": f"News number {each.number} of the ledger",
                    "content_text": each.content,
                    "date_published": f"{each.at:%Y-%m-%dT%H:%M:%SZ}",
                }
                for each in items
            ],
        }
    )
