"""Bringing: an item of a feed becomes an article, waits for an editor, or is told why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.feeds.article_merge import of_content, of_page, page_is_fuller
from bot.feeds.article_upsert import ArticleUpserter
from bot.feeds.keyword_filter import KeywordFilter
from bot.feeds.politeness import PolitenessPolicy, SiteBackoff
from bot.feeds.poll_schedule import PAGE_AGAIN
from bot.feeds.store.feeds import FeedStore, FollowedFeed
from bot.feeds.store.items import DueItem, FeedItemStore, ItemResult, ItemState
from bot.feeds.web_reader import WebReader
from index.archive import Archive
from index.clock import Clock
from index.errors import BriefingError, NotFoundError
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.http.failures import HttpStatusRejected
from index.ingest.rejections import RejectReason, SourceRejected
from index.thread_priority import lower_thread_priority

_PASSING = frozenset((RejectReason.SITE_FAILED, RejectReason.NO_ANSWER, RejectReason.TOO_SLOW))
"""What may be over the next time."""
_AGAIN = timedelta(minutes=30)
"""After which something that is wrong here, and not there, is tried again."""
_Result = TypeVar("_Result")


class _RetryLater(Exception):
    """An item cannot be brought now, and may be later."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


class ItemProcessor:
    """Brings the items of feeds, one after another."""

    def __init__(
        self,
        archive: Archive,
        feeds: FeedStore,
        items: FeedItemStore,
        pages: WebReader,
        courtesy: PolitenessPolicy,
        topics: KeywordFilter,
        *,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self._placing = ArticleUpserter(archive)
        self._feeds = feeds
        self._items = items
        self._pages = pages
        self._courtesy = courtesy
        self._topics = topics
        self._zone = zone
        self._clock = clock
        self._lane = ThreadPoolExecutor(1, "feeds", initializer=lower_thread_priority)

    def close(self) -> None:
        """Begin nothing more."""
        self._lane.shutdown(wait=False, cancel_futures=True)

    async def bring(self, item: DueItem) -> None:
        """Bring an item, and note what became of it."""
        try:
            feed = await self._feeds.one(item.feed)
            became, story = await self._brought(item, feed)
        except NotFoundError:
            return  # its feed is followed no longer
        except _RetryLater as later:
            await self._items.became(item, self._later(later.wait))
        except SourceRejected as refused:
            # What is there already, and is only to be corrected, stays as it was.
            state = ItemState.DONE if item.own else ItemState.FAILED
            await self._items.became(item, ItemResult(state, why=refused.refusal.value))
        except BriefingError:
            await self._items.became(item, self._later(_AGAIN))
            raise
        except Exception:
            # Nobody knows why. It may be something in the item, which is then given up.
            given_up = ItemResult(ItemState.FAILED, why=RejectReason.DAMAGED.value)
            again = item.tries < len(PAGE_AGAIN)
            await self._items.became(item, self._later(_AGAIN) if again else given_up)
            raise
        else:
            await self._items.became(item, became, story.model_dump_json() if story else None)

    def _later(self, wait: timedelta) -> ItemResult:
        return ItemResult(ItemState.WAITING, again_at=self._clock() + wait)

    async def _brought(
        self, item: DueItem, feed: FollowedFeed
    ) -> tuple[ItemResult, ExtractedArticle | None]:
        """Return what became of an item, and what is held of it. Raises `SourceRejected`, `_RetryLater`."""
        story = await self._story(item, feed)
        chosen = feed.chosen
        words = f"{story.title or ''}\n{story.text}"
        fits = await self._do(lambda: self._topics.fits(words, chosen.require, chosen.refuse))
        if item.own and item.article_id:
            became = await self._corrected(item, item.article_id, story, feed, fits=fits)
        elif not fits:
            became = ItemResult(ItemState.REFUSED, why="words")
        else:
            became = await self._do(partial(self._placed, story, feed, quiet=item.quiet))
        return became, story if became.state is ItemState.HELD else None

    async def _corrected(
        self,
        item: DueItem,
        article_id: str,
        story: ExtractedArticle,
        feed: FollowedFeed,
        *,
        fits: bool,
    ) -> ItemResult:
        """Correct the feed's own article, if the feed may; say what became of the item."""
        placing, done = self._placing, ItemResult(ItemState.DONE, article_id, own=True)
        if not await self._do(lambda: placing.corrects(article_id, story, feed.by)):
            await self._items.in_vain(item)
            return done
        if not fits:
            return done._replace(why="words")
        if feed.chosen.hold:
            return done._replace(state=ItemState.HELD)
        await self._do(lambda: placing.correct(article_id, story, feed.by))
        return done

    def _placed(self, story: ExtractedArticle, feed: FollowedFeed, *, quiet: bool) -> ItemResult:
        """Put a story into the archive, or say where it is there, or that an editor decides."""
        placing, hold = self._placing, feed.chosen.hold
        there = placing.find_and_refresh(story, feed.by, hold=hold)
        if there or not hold:
            return there or placing.add(story, feed.by, quiet=quiet)
        if placing.was_removed(story):
            return ItemResult(ItemState.REFUSED, why="removed")
        return ItemResult(ItemState.HELD)

    async def _story(self, item: DueItem, feed: FollowedFeed) -> ExtractedArticle:
        """Return the article: as the feed carries it, or its page, or else the feed's summary."""
        entry, now = item.entry, self._clock()
        nothing: SourceRejected = SourceRejected(
            RejectReason.NO_TEXT, "the feed says nothing of it"
        )
        if entry.content:
            return of_content(entry, feed, now, self._zone)
        if entry.url:
            try:
                page = await self._pages.story(entry.url, self._courtesy.request_slot)
            except SourceRejected as refused:
                await self._wait_where_told(refused, item)
                nothing = refused
            else:
                if page_is_fuller(entry, page):
                    return of_page(page, entry, feed, now, self._zone)
        if entry.summary is None:
            raise nothing
        summary = of_content(entry, feed, now, self._zone)
        return summary.model_copy(update={"only_summary": True})

    async def _wait_where_told(self, refused: SourceRejected, item: DueItem) -> None:
        """Raise `_RetryLater` where a page may be read at another time."""
        if isinstance(refused, SiteBackoff):
            raise _RetryLater(refused.until - self._clock())
        told = await self._courtesy.apply_retry_after(refused)
        passing = refused.refusal in _PASSING and not (
            isinstance(refused, HttpStatusRejected) and 400 <= refused.status < 429
        )
        if passing and item.tries < len(PAGE_AGAIN):
            raise _RetryLater(max(PAGE_AGAIN[item.tries], told or timedelta()))

    async def _do(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._lane, work)
