"""Fetch feeds and pages, and parse them in a separate process."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aiohttp.abc import AbstractResolver

from bot.runtime.executors import Worker
from index.clock import Clock
from index.ingest.documents import DocumentHints, ExtractedDocument
from index.ingest.extracted_article import MAX_STORY_LENGTH, ExtractedArticle
from index.ingest.feeds.models import Feed
from index.ingest.http.fetcher import (
    MAX_WAIT_SECONDS,
    NO_VALIDATORS,
    CacheValidators,
    FetchResult,
    RequestSlot,
    fetch,
)
from index.ingest.http.robots import MAX_ROBOTS_BYTES
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.sandbox import read_feed_in_sandbox, read_in_sandbox
from index.text.boilerplate import BoilerplateRules


class SandboxReaders(NamedTuple):
    """Functions that parse fetched content. Both raise `SourceRejected`."""

    feed: Callable[[bytes, DocumentHints], Feed]
    document: Callable[[bytes, DocumentHints], ExtractedDocument]


SANDBOXED = SandboxReaders(read_feed_in_sandbox, read_in_sandbox)
"""Parsers that run in a process that can be killed."""


class HttpOptions(NamedTuple):
    """Options of HTTP requests."""

    allow_loopback: bool = False
    contact: str | None = None
    """Contact of the operator, sent to sites in the user agent."""
    resolver: AbstractResolver | None = None
    """Resolves host names; tests replace it."""
    timeout: float = MAX_WAIT_SECONDS
    """Maximum time for a response, in seconds."""


class WebReader:
    """Fetches and parses what feeds need from the web."""

    def __init__(
        self,
        rules: BoilerplateRules,
        zone: ZoneInfo,
        clock: Clock,
        worker: Worker,
        http: HttpOptions,
        readers: SandboxReaders = SANDBOXED,
    ) -> None:
        self._rules = rules
        self._zone = zone
        self._clock = clock
        self._allow_loopback, contact, self._resolver, self._timeout = http
        self._worker = worker
        self._readers = readers
        self._agent = "follows feeds" + (f"; {contact}" if contact else "")

    async def get(
        self, url: str, request_slot: RequestSlot, validators: CacheValidators = NO_VALIDATORS
    ) -> FetchResult:
        """Fetch an address. Raises `SourceRejected`."""
        return await self._fetch(url, request_slot, validators)

    async def get_robots(self, url: str, request_slot: RequestSlot) -> FetchResult:
        """Fetch the part of a robots.txt that is read. Raises `SourceRejected`."""
        return await self._fetch(url, request_slot, max_bytes=MAX_ROBOTS_BYTES)

    async def read_feed(self, page: FetchResult) -> Feed:
        """Parse a fetched feed. Raises `SourceRejected`."""
        return await self._worker.run(
            lambda: self._readers.feed(page.content, self._build_hints(page))
        )

    async def read_article(self, url: str, request_slot: RequestSlot) -> ExtractedArticle:
        """Fetch and parse the article at an address. Raises `SourceRejected`."""
        page = await self.get(url, request_slot)
        document = await self._worker.run(
            lambda: self._readers.document(page.content, self._build_hints(page))
        )
        article = document.stories[0]
        if len(article.text) > MAX_STORY_LENGTH:
            raise SourceRejected(RejectReason.TOO_LONG, f"it has {len(article.text):,} characters")
        return article

    async def _fetch(
        self,
        url: str,
        request_slot: RequestSlot,
        validators: CacheValidators = NO_VALIDATORS,
        max_bytes: int | None = None,
    ) -> FetchResult:
        return await fetch(
            url,
            allow_loopback=self._allow_loopback,
            resolver=self._resolver,
            timeout=self._timeout,
            request_slot=request_slot,
            validators=validators,
            purpose=self._agent,
            max_bytes=max_bytes,
        )

    def _build_hints(self, page: FetchResult) -> DocumentHints:
        return DocumentHints(
            url=page.url,
            content_type=page.content_type,
            charset=page.charset,
            now=self._clock().astimezone(self._zone),
            rules=self._rules,
        )
