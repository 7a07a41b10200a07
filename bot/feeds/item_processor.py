"""Process feed items: import each as an article, queue it for approval, or record why not."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import NamedTuple

from bot.feeds.article_merge import (
    build_from_entry,
    build_from_page,
    needs_page,
    page_is_fuller,
    read_page_text,
)
from bot.feeds.article_upsert import ArticleUpserter, SiteBoilerplate
from bot.feeds.keyword_filter import KeywordFilter
from bot.feeds.politeness import NewSiteLimitReached, PolitenessPolicy, SiteBackoff
from bot.feeds.poll_schedule import PAGE_RETRY_DELAYS
from bot.feeds.store.feeds import FeedStore, FollowedFeed, audit_actor
from bot.feeds.store.items import DueItem, FeedItemStore, ItemResult, ItemState
from bot.feeds.web_reader import WebReader
from bot.runtime.executors import Worker
from index.archive import Archive
from index.clock import LocalTime
from index.dedup.shared_text import is_boilerplate
from index.errors import BriefingError, NotFoundError
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.http.failures import HttpStatusRejected
from index.ingest.rejections import RejectReason, SourceRejected

_TEMPORARY_REASONS = frozenset(
    (RejectReason.SITE_ERROR, RejectReason.UNREACHABLE, RejectReason.TIMED_OUT)
)
"""Reasons that may not apply at the next attempt."""
_RETRY_DELAY = timedelta(minutes=30)
"""Delay before the next attempt after a local fault, as opposed to a fault of the site."""


class _RetryLater(Exception):
    """An item cannot be processed now, but possibly after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


class _BoilerplateRejected(SourceRejected):
    """A page shows the same text as pages of other articles, in place of its own."""

    def __init__(self, boilerplate: SiteBoilerplate) -> None:
        super().__init__(RejectReason.NO_STORY, "its page has the text of other articles' pages")
        self.boilerplate = boilerplate


class _Extraction(NamedTuple):
    """The article of an item."""

    article: ExtractedArticle
    boilerplate: SiteBoilerplate | None = None
    """What its page shows in place of an article."""


class FeedStores(NamedTuple):
    """The stores of feeds and of their items."""

    feeds: FeedStore
    items: FeedItemStore


class ItemProcessor:
    """Processes the items of feeds, one at a time."""

    def __init__(
        self,
        archive: Archive,
        stores: FeedStores,
        web_reader: WebReader,
        politeness: PolitenessPolicy,
        keyword_filter: KeywordFilter,
        local_time: LocalTime,
        worker: Worker,
    ) -> None:
        self._upserter = ArticleUpserter(archive)
        self._feeds, self._items = stores
        self._web_reader = web_reader
        self._politeness = politeness
        self._keyword_filter = keyword_filter
        self._clock, self._zone = local_time
        self._worker = worker

    async def process(self, item: DueItem) -> None:
        """Process an item and record the result."""
        try:
            feed = await self._feeds.get(item.feed_number)
            result, extracted = await self._process(item, feed)
        except NotFoundError:
            return  # the feed was removed
        except _RetryLater as retry:
            await self._items.record_result(item, self._retry_result(retry.wait))
        except SourceRejected as error:
            await self._items.record_result(item, await self._reject(item, error))
        except BriefingError:
            await self._items.record_result(item, self._retry_result(_RETRY_DELAY))
            raise
        except Exception:
            # The cause is unknown. The item itself may be at fault, and is given up in the end.
            failure = ItemResult(ItemState.FAILED, why=RejectReason.DAMAGED.value)
            can_retry = item.attempts < len(PAGE_RETRY_DELAYS)
            await self._items.record_result(
                item, self._retry_result(_RETRY_DELAY) if can_retry else failure
            )
            raise
        else:
            await self._items.record_result(
                item, result, extracted.model_dump_json() if extracted else None
            )

    def _retry_result(self, wait: timedelta) -> ItemResult:
        return ItemResult(ItemState.WAITING, retry_at=self._clock() + wait)

    async def _reject(self, item: DueItem, rejection: SourceRejected) -> ItemResult:
        """Return the result of an item without a story.

        An article that was to be corrected stays unchanged, unless it is the site's boilerplate.
        """
        why, actor = rejection.reason.value, audit_actor(item.feed_number)
        if isinstance(rejection, _BoilerplateRejected) and item.own and item.article_id:
            withdraw = partial(
                self._upserter.withdraw, item.article_id, rejection.boilerplate, actor
            )
            if await self._worker.run(withdraw):
                return ItemResult(ItemState.FAILED, item.article_id, why=why)
        return ItemResult(ItemState.DONE if item.own else ItemState.FAILED, why=why)

    async def _process(
        self, item: DueItem, feed: FollowedFeed
    ) -> tuple[ItemResult, ExtractedArticle | None]:
        """Return the result of an item, and the article if it waits for approval.

        Raises `SourceRejected`, `_RetryLater`.
        """
        extraction = await self._extract(item, feed)
        extracted, options = extraction.article, feed.options
        text = f"{extracted.title or ''}\n{extracted.text}"
        fits = await self._worker.run(
            lambda: self._keyword_filter.accepts(text, options.require, options.refuse)
        )
        if article_id := await self._find_version(item, extraction):
            result = await self._apply_correction(item, article_id, extraction, feed, fits=fits)
        elif not fits:
            result = ItemResult(ItemState.REJECTED, why="words")
        else:
            result = await self._worker.run(
                partial(self._add_or_hold, extracted, feed, suppress_alerts=item.suppress_alerts)
            )
        if extraction.boilerplate and not result.why:
            result = result._replace(why=RejectReason.NO_STORY.value)
        return result, extracted if result.state is ItemState.PENDING_APPROVAL else None

    async def _find_version(self, item: DueItem, extraction: _Extraction) -> str | None:
        """Return the id of the feed's own article of which the extracted one is a version."""
        article_id = item.article_id if item.own else None
        if article_id is None:
            return None
        is_version = partial(self._upserter.is_version, article_id, *extraction)
        return article_id if await self._worker.run(is_version) else None

    async def _apply_correction(
        self,
        item: DueItem,
        article_id: str,
        extraction: _Extraction,
        feed: FollowedFeed,
        *,
        fits: bool,
    ) -> ItemResult:
        """Apply a correction to the feed's own article, if the options allow it."""
        upserter, result = self._upserter, ItemResult(ItemState.DONE, article_id, own=True)
        correction = article_id, extraction.article, feed.audit_actor, extraction.boilerplate
        if not await self._worker.run(partial(upserter.has_corrections, *correction)):
            await self._items.record_false_correction(item)
            return result
        if not fits:
            return result._replace(why="words")
        if feed.options.hold or extraction.article.hidden:
            return result._replace(state=ItemState.PENDING_APPROVAL)
        await self._worker.run(partial(upserter.apply_corrections, *correction))
        return result

    def _add_or_hold(
        self, extracted: ExtractedArticle, feed: FollowedFeed, *, suppress_alerts: bool
    ) -> ItemResult:
        """Add the story, refresh the archive's copy, or leave the decision to an editor."""
        upserter, hold = self._upserter, feed.options.hold or extracted.hidden
        existing = upserter.find_and_refresh(extracted, feed.audit_actor, hold=hold)
        if existing or not hold:
            return existing or upserter.add(
                extracted, feed.audit_actor, suppress_alerts=suppress_alerts
            )
        if upserter.was_removed(extracted, feed.audit_actor):
            return ItemResult(ItemState.REJECTED, why="removed")
        return ItemResult(ItemState.PENDING_APPROVAL)

    async def _extract(self, item: DueItem, feed: FollowedFeed) -> _Extraction:
        """Return the article from the feed's full text, its page, or else the feed's summary.

        The full text is only that of a feed's own site: of another site, the page must be read.
        """
        entry, now = item.entry, self._clock()
        rejection: SourceRejected = SourceRejected(
            RejectReason.NO_TEXT, "the feed says nothing of it"
        )
        if entry.content and not needs_page(entry, feed.discovered.address):
            return _Extraction(build_from_entry(entry, feed, now, self._zone))
        if entry.url:
            try:
                request_slot = self._politeness.slot_for_feed(item.feed_number)
                page = await self._web_reader.read_article(entry.url, request_slot)
                await self._require_own_text(page, item, feed)
            except SourceRejected as error:
                await self._retry_if_temporary(error, item)
                rejection = error
            else:
                if page_is_fuller(entry, page):
                    return _Extraction(build_from_page(page, entry, feed, now, self._zone))
        if entry.summary is None and entry.content is None:
            raise rejection
        summary = build_from_entry(entry, feed, now, self._zone)
        return _Extraction(
            summary.model_copy(update={"only_summary": True}),
            rejection.boilerplate if isinstance(rejection, _BoilerplateRejected) else None,
        )

    async def _require_own_text(
        self, page: ExtractedArticle, item: DueItem, feed: FollowedFeed
    ) -> None:
        """Raise `_BoilerplateRejected` if a page has the text of other articles' pages.

        Those articles are processed again.
        """
        page_text = await self._worker.run(partial(read_page_text, page))
        entry = item.entry
        if entry.title is None:
            entry = entry.model_copy(update={"title": page.title})
        same_texts = await self._items.record_page_text(item, entry, page_text.digest)
        others = [
            other.number
            for other in same_texts
            if is_boilerplate(entry, other.entry, page_text.words)
        ]
        if others:
            await self._items.requeue(others)
            raise _BoilerplateRejected(SiteBoilerplate(page.text, feed.discovered.address))

    async def _retry_if_temporary(self, rejection: SourceRejected, item: DueItem) -> None:
        """Raise `_RetryLater` if the page may be readable later."""
        can_retry = item.attempts < len(PAGE_RETRY_DELAYS)
        if isinstance(rejection, NewSiteLimitReached) and not can_retry:
            return
        if isinstance(rejection, SiteBackoff):
            raise _RetryLater(rejection.until - self._clock())
        retry_after = await self._politeness.apply_retry_after(rejection)
        is_temporary = rejection.reason in _TEMPORARY_REASONS and not (
            isinstance(rejection, HttpStatusRejected) and 400 <= rejection.status < 429
        )
        if is_temporary and can_retry:
            raise _RetryLater(max(PAGE_RETRY_DELAYS[item.attempts], retry_after or timedelta()))
