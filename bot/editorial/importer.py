"""From what an editor sent to stories: pages are fetched, documents read in a process apart.

Nothing of this is in the archive, and nothing is left of what fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from telegram.error import TelegramError

from bot.editorial.import_request import ImportRequest
from bot.telegram.message_content import FileRef, ForwardOrigin
from index.clock import Clock
from index.ingest.documents import DocumentHints, ExtractedDocument
from index.ingest.extracted_article import MAX_STORY_LENGTH, ExtractedArticle
from index.ingest.http.fetcher import MAX_PAGE_BYTES, fetch
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.sandbox import read_in_sandbox
from index.models import DateProvenance
from index.text.boilerplate import BoilerplateRules

MAX_LINKS = 20
"""So many links of one message are followed."""
_MAX_CONCURRENCY = 2
"""Documents that are read at the same time; their processes take a core each."""

Download = Callable[[str], Awaitable[bytes]]
"""Fetches a document from Telegram by its id. May raise `TelegramError`."""


class ImportFailure(NamedTuple):
    """What could not be read, by its address or name, and why."""

    label: str
    refused: SourceRejected


class ImportResult(NamedTuple):
    """What came of one message: the stories, and what could not be read."""

    stories: tuple[ExtractedArticle, ...]
    failed: tuple[ImportFailure, ...]


class SourceImporter:
    """Reads what editors send."""

    def __init__(
        self,
        download: Download,
        rules: BoilerplateRules,
        zone: ZoneInfo,
        clock: Clock,
        *,
        allow_loopback: bool,
    ) -> None:
        self._download = download
        self._rules = rules
        self._zone = zone
        self._clock = clock
        self._allow_loopback = allow_loopback
        self._readers = ThreadPoolExecutor(_MAX_CONCURRENCY, "reading")

    def close(self) -> None:
        """Begin nothing more; what is being read is read to its end, which is near."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def bring(self, wanted: ImportRequest) -> ImportResult:
        """Return the stories in what is wanted, in its order."""
        if wanted.links:
            links = wanted.links[:MAX_LINKS]
            hauls = await asyncio.gather(*map(self._page, links))
            left = (_too_many(link) for link in wanted.links[MAX_LINKS:])
            return ImportResult(
                tuple(story for haul in hauls for story in haul.stories),
                (*(failed for haul in hauls for failed in haul.failed), *left),
            )
        if wanted.file:
            return await self._document(wanted.file, wanted.origin)
        text = wanted.text or ""
        given = self._given(name="message.txt", content_type="text/plain", charset="utf-8")
        haul = await self._read(text.strip()[:40], text.encode(errors="replace"), given)
        return _from(haul, wanted.origin, self._zone)

    async def content(self, file: FileRef) -> bytes:
        """Return a document that was sent. Raises `SourceRejected`."""
        if file.size is not None and file.size > MAX_PAGE_BYTES:
            raise SourceRejected(RejectReason.TOO_LARGE, f"the file has {file.size / 1e6:.1f} MB")
        try:
            return await self._download(file.id)
        except TelegramError as error:
            said = f"Telegram gave no file: {error}"
            raise SourceRejected(RejectReason.NOT_DELIVERED, said) from None

    async def _page(self, address: str) -> ImportResult:
        try:
            page = await fetch(address, allow_loopback=self._allow_loopback)
        except SourceRejected as refused:
            return _failed(address, refused)
        given = self._given(url=page.url, content_type=page.content_type, charset=page.charset)
        return await self._read(address, page.content, given)

    async def _document(self, file: FileRef, origin: ForwardOrigin | None) -> ImportResult:
        name = file.name or "document"
        try:
            content = await self.content(file)
        except SourceRejected as refused:
            return _failed(name, refused)
        haul = await self._read(name, content, self._given(name=file.name))
        return _completed(haul, origin, self._zone)

    async def _read(self, label: str, content: bytes, given: DocumentHints) -> ImportResult:
        try:
            document: ExtractedDocument = await asyncio.get_running_loop().run_in_executor(
                self._readers, read_in_sandbox, content, given
            )
        except SourceRejected as refused:
            return _failed(label, refused)
        too_long = [
            ImportFailure(
                label,
                SourceRejected(RejectReason.TOO_LONG, f"it has {len(each.text):,} characters"),
            )
            for each in document.stories
            if len(each.text) > MAX_STORY_LENGTH
        ]
        bad = (
            ImportFailure(
                f"{label}, {number}",
                SourceRejected(RejectReason.BAD_LINE, f"line {number}: {reason}"),
            )
            for number, reason in document.bad_lines
        )
        stories = tuple(each for each in document.stories if len(each.text) <= MAX_STORY_LENGTH)
        return ImportResult(stories, (*too_long, *bad))

    def _given(
        self,
        name: str | None = None,
        url: str | None = None,
        content_type: str | None = None,
        charset: str | None = None,
    ) -> DocumentHints:
        now: datetime = self._clock()
        return DocumentHints(
            name=name,
            url=url,
            content_type=content_type,
            charset=charset,
            now=now.astimezone(self._zone),
            rules=self._rules,
        )


def _failed(label: str, refused: SourceRejected) -> ImportResult:
    return ImportResult((), (ImportFailure(label, refused),))


def _too_many(link: str) -> ImportFailure:
    return ImportFailure(
        link, SourceRejected(RejectReason.TOO_MANY, f"more than {MAX_LINKS} links at once")
    )


def _completed(haul: ImportResult, origin: ForwardOrigin | None, zone: ZoneInfo) -> ImportResult:
    """Give the stories of a forwarded document what they leave open, of the post it came in."""
    if origin is None:
        return haul
    alone = len(haul.stories) == 1
    stories = []
    for story in haul.stories:
        first = _first_sent(story, origin, zone)
        known: dict[str, Any] = {"source": story.source or first.source}
        known |= {"url": story.url or (first.url if alone else None)}
        if story.published is None:
            known |= {"published": first.published, "date_found": first.date_found}
        stories.append(story.model_copy(update=known))
    return haul._replace(stories=tuple(stories))


def _from(haul: ImportResult, origin: ForwardOrigin | None, zone: ZoneInfo) -> ImportResult:
    """Give stories the source and the date of the post that was forwarded."""
    if origin is None:
        return haul
    return haul._replace(stories=tuple(_first_sent(each, origin, zone) for each in haul.stories))


def _first_sent(story: ExtractedArticle, origin: ForwardOrigin, zone: ZoneInfo) -> ExtractedArticle:
    known = {
        "source": origin.source or story.source,
        "url": origin.link or story.url,
        "published": origin.at.astimezone(zone),
        "date_found": DateProvenance.MESSAGE,
        "printed": None,
        "otherwise": (),
    }
    return ExtractedArticle.model_validate({**story.model_dump(), **known})
