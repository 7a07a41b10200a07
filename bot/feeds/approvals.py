"""Apply editors' decisions on the articles from feeds that wait for approval, in batches."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from bot.feeds.article_upsert import ArticleUpserter
from bot.feeds.store.approval_queue import ApprovalQueue, PendingArticle
from bot.feeds.store.items import ItemResult, ItemState
from bot.runtime.executors import Worker
from index.archive import Archive
from index.errors import BriefingError


class ApprovalCounts(NamedTuple):
    """Number of articles by outcome: added, duplicate (`carried`), refused or removed."""

    added: int = 0
    carried: int = 0
    refused: int = 0
    removed: int = 0
    """Articles that an editor removed from the archive earlier; they stay out of it."""

    def count_approved(self, result: ItemResult) -> ApprovalCounts:
        """Return the counts with one more approved article, counted by the state of its result."""
        match result.state:
            case ItemState.DONE if result.own:
                return self._replace(added=self.added + 1)
            case ItemState.REJECTED:
                return self._replace(removed=self.removed + 1)
        return self._replace(carried=self.carried + 1)


class ApprovalService:
    """Approves and rejects articles that wait in the approval queue."""

    def __init__(self, archive: Archive, queue: ApprovalQueue, worker: Worker) -> None:
        self.queue = queue
        self._upserter = ArticleUpserter(archive)
        self._worker = worker

    async def approve(self, articles: Iterable[PendingArticle], actor: str) -> ApprovalCounts:
        """Add the articles to the archive; an article that is approved twice is added once."""
        total = ApprovalCounts()
        for article in articles:
            if await self.queue.claim(article, actor):
                try:
                    result = await self._publish(article, actor)
                except BriefingError:
                    await self.queue.release(article)
                    raise
                total = total.count_approved(result)
        return total

    async def reject(self, articles: Iterable[PendingArticle], actor: str) -> ApprovalCounts:
        """Reject the articles permanently."""
        rejected_count = 0
        for article in articles:
            rejected_count += await self.queue.mark_rejected(article, actor)
        return ApprovalCounts(refused=rejected_count)

    async def resume_unfinished(self) -> None:
        """Add the articles whose approval was interrupted by a crash."""
        for article in await self.queue.list_unfinished():
            await self._publish(article, article.decided_by or "")

    async def _publish(self, article: PendingArticle, actor: str) -> ItemResult:
        result = await self._worker.run(partial(self._upsert, article))
        await self.queue.mark_approved(article, actor, result)
        return result

    def _upsert(self, article: PendingArticle) -> ItemResult:
        """Add or refresh an article, with the source name that its feed has now."""
        actor, extracted = f"feed {article.feed_number}", article.extracted
        if article.source:
            extracted = extracted.model_copy(update={"source": article.source})
        return self._upserter.find_and_refresh(extracted, actor) or self._upserter.add(
            extracted, actor, suppress_alerts=article.suppress_alerts
        )
