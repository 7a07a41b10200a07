"""Approving: what editors decide of the articles that wait for them, many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from bot.feeds.article_upsert import ArticleUpserter
from bot.feeds.store.approval_queue import ApprovalQueue, PendingArticle
from bot.feeds.store.items import ItemResult, ItemState
from index.archive import Archive
from index.errors import BriefingError

_Result = TypeVar("_Result")


class ApprovalCounts(NamedTuple):
    """What came of a decision: how many are in the archive, were there already, or are left out."""

    added: int = 0
    carried: int = 0
    refused: int = 0
    removed: int = 0
    """An editor removed them from the archive before, and they stay out of it."""

    def with_one(self, became: ItemResult) -> ApprovalCounts:
        """Count one more that was approved."""
        match became.state:
            case ItemState.DONE if became.own:
                return self._replace(added=self.added + 1)
            case ItemState.REFUSED:
                return self._replace(removed=self.removed + 1)
        return self._replace(carried=self.carried + 1)


class ApprovalService:
    """Approves and refuses."""

    def __init__(self, archive: Archive, held: ApprovalQueue) -> None:
        self.held = held
        self._placing = ArticleUpserter(archive)
        self._lane = ThreadPoolExecutor(1, "approving")

    def close(self) -> None:
        """Begin nothing more."""
        self._lane.shutdown(wait=False, cancel_futures=True)

    async def approve(self, chosen: Iterable[PendingArticle], by: str) -> ApprovalCounts:
        """Put articles into the archive. What is approved twice is added once."""
        total = ApprovalCounts()
        for each in chosen:
            if await self.held.claim(each, by):
                try:
                    became = await self._put(each, by)
                except BriefingError:
                    await self.held.release(each)
                    raise
                total = total.with_one(became)
        return total

    async def refuse(self, chosen: Iterable[PendingArticle], by: str) -> ApprovalCounts:
        """Leave articles out, for good."""
        refused = 0
        for each in chosen:
            refused += await self.held.refused(each, by)
        return ApprovalCounts(refused=refused)

    async def finish(self) -> None:
        """Put into the archive what was approved right before a crash."""
        for each in await self.held.unfinished():
            await self._put(each, each.decided_by or "")

    async def _put(self, of: PendingArticle, by: str) -> ItemResult:
        became = await self._do(partial(self._place, of))
        await self.held.approved(of, by, became)
        return became

    def _place(self, of: PendingArticle) -> ItemResult:
        """Put an article into the archive under the name that its feed has now."""
        by, story = f"feed {of.feed}", of.brought
        if of.source:
            story = story.model_copy(update={"source": of.source})
        return self._placing.find_and_refresh(story, by) or self._placing.add(
            story, by, quiet=of.quiet
        )

    async def _do(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._lane, work)
