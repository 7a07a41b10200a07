"""Extract articles from what editors send: fetch pages, parse documents in a separate process.

Nothing of this is stored in the archive, and failures leave nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.editorial.import_request import ImportRequest
from bot.runtime.executors import Worker
from bot.telegram.api import DownloadFailed
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
"""Number of links of one message that are fetched."""

Download = Callable[[str], Awaitable[bytes]]
"""Downloads a file from Telegram by its id. May raise `DownloadFailed`."""


class ImportFailure(NamedTuple):
    """A source that could not be read, by its address or name, and why."""

    label: str
    rejection: SourceRejected


class ImportResult(NamedTuple):
    """The result of importing one message: its articles and its failures."""

    stories: tuple[ExtractedArticle, ...]
    failures: tuple[ImportFailure, ...]


class SourceImporter:
    """Extracts articles from links, files and texts."""

    def __init__(
        self,
        download: Download,
        rules: BoilerplateRules,
        zone: ZoneInfo,
        clock: Clock,
        worker: Worker,
        *,
        allow_loopback: bool,
    ) -> None:
        self._download = download
        self._rules = rules
        self._zone = zone
        self._clock = clock
        self._allow_loopback = allow_loopback
        self._worker = worker

    async def import_sources(self, request: ImportRequest) -> ImportResult:
        """Return the articles of a request, in its order."""
        if request.links:
            links = request.links[:MAX_LINKS]
            results = await asyncio.gather(*map(self._import_page, links))
            overflow = (_too_many_links(link) for link in request.links[MAX_LINKS:])
            return ImportResult(
                tuple(story for result in results for story in result.stories),
                (*(failure for result in results for failure in result.failures), *overflow),
            )
        if request.file:
            return await self._import_document(request.file, request.origin)
        text = request.text or ""
        hints = self._build_hints(name="message.txt", content_type="text/plain", charset="utf-8")
        result = await self._read_in_sandbox(
            text.strip()[:40], text.encode(errors="replace"), hints
        )
        return _override_from_origin(result, request.origin, self._zone)

    async def download_file(self, file: FileRef) -> bytes:
        """Return the content of a file. Raises `SourceRejected`."""
        if file.size is not None and file.size > MAX_PAGE_BYTES:
            raise SourceRejected(RejectReason.TOO_LARGE, f"the file has {file.size / 1e6:.1f} MB")
        try:
            return await self._download(file.id)
        except DownloadFailed as error:
            message = f"Telegram gave no file: {error}"
            raise SourceRejected(RejectReason.DOWNLOAD_FAILED, message) from None

    async def _import_page(self, address: str) -> ImportResult:
        try:
            page = await fetch(address, allow_loopback=self._allow_loopback)
        except SourceRejected as error:
            return _failure_result(address, error)
        hints = self._build_hints(
            url=page.url, content_type=page.content_type, charset=page.charset
        )
        return await self._read_in_sandbox(address, page.content, hints)

    async def _import_document(self, file: FileRef, origin: ForwardOrigin | None) -> ImportResult:
        name = file.name or "document"
        try:
            content = await self.download_file(file)
        except SourceRejected as error:
            return _failure_result(name, error)
        result = await self._read_in_sandbox(name, content, self._build_hints(name=file.name))
        return _fill_from_origin(result, origin, self._zone)

    async def _read_in_sandbox(
        self, label: str, content: bytes, hints: DocumentHints
    ) -> ImportResult:
        try:
            document: ExtractedDocument = await self._worker.run(
                partial(read_in_sandbox, content, hints)
            )
        except SourceRejected as error:
            return _failure_result(label, error)
        too_long = [
            ImportFailure(
                label,
                SourceRejected(RejectReason.TOO_LONG, f"it has {len(article.text):,} characters"),
            )
            for article in document.stories
            if len(article.text) > MAX_STORY_LENGTH
        ]
        invalid_lines = (
            ImportFailure(
                f"{label}, {number}",
                SourceRejected(RejectReason.INVALID_LINE, f"line {number}: {reason}"),
            )
            for number, reason in document.bad_lines
        )
        stories = tuple(
            article for article in document.stories if len(article.text) <= MAX_STORY_LENGTH
        )
        return ImportResult(stories, (*too_long, *invalid_lines))

    def _build_hints(
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


def _failure_result(label: str, rejection: SourceRejected) -> ImportResult:
    return ImportResult((), (ImportFailure(label, rejection),))


def _too_many_links(link: str) -> ImportFailure:
    return ImportFailure(
        link, SourceRejected(RejectReason.TOO_MANY_LINKS, f"more than {MAX_LINKS} links at once")
    )


def _fill_from_origin(
    result: ImportResult, origin: ForwardOrigin | None, zone: ZoneInfo
) -> ImportResult:
    """Fill the missing fields of a forwarded document's articles from the forwarded post."""
    if origin is None:
        return result
    is_single = len(result.stories) == 1
    stories = []
    for extracted in result.stories:
        forwarded = _with_origin(extracted, origin, zone)
        fields: dict[str, Any] = {"source": extracted.source or forwarded.source}
        fields |= {"url": extracted.url or (forwarded.url if is_single else None)}
        if extracted.published is None:
            fields |= {"published": forwarded.published, "date_found": forwarded.date_found}
        stories.append(extracted.model_copy(update=fields))
    return result._replace(stories=tuple(stories))


def _override_from_origin(
    result: ImportResult, origin: ForwardOrigin | None, zone: ZoneInfo
) -> ImportResult:
    """Set the source, link and date of articles to those of the forwarded post."""
    if origin is None:
        return result
    return result._replace(
        stories=tuple(_with_origin(extracted, origin, zone) for extracted in result.stories)
    )


def _with_origin(
    extracted: ExtractedArticle, origin: ForwardOrigin, zone: ZoneInfo
) -> ExtractedArticle:
    fields = {
        "source": origin.source or extracted.source,
        "url": origin.link or extracted.url,
        "published": origin.sent_at.astimezone(zone),
        "date_found": DateProvenance.MESSAGE,
        "printed": None,
        "otherwise": (),
    }
    return ExtractedArticle.model_validate({**extracted.model_dump(), **fields})
