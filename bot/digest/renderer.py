"""Render stored contents as messages, once for all chats that receive the same content."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from bot.digest.edition_stories import EditionStories
from bot.digest.payloads import AlertPayload, AlertSummaryPayload, Content, EditionPayload
from bot.digest.store.deliveries import DeliveryOutbox
from bot.digest.views.edition import (
    render_alert,
    render_alert_summary,
    render_sent_edition_page,
)
from bot.telegram.message import OutgoingMessage
from index.archive import Archive
from index.errors import NotFoundError
from index.models import Article, Quote

_CACHE_SIZE = 256


class NothingToSend(Exception):
    """There is nothing to send; `reason` is «silent» (no news), «gone» (article) or «late»."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PayloadRenderer:
    """Renders contents by number; caches contents and messages."""

    def __init__(
        self, archive: Archive, edition_stories: EditionStories, deliveries: DeliveryOutbox
    ) -> None:
        self._archive = archive
        self._edition_stories = edition_stories
        self._deliveries = deliveries
        self._content_cache: OrderedDict[int, Content] = OrderedDict()
        self._cache_lock = Lock()
        self._message_cache: dict[int, tuple[int, OutgoingMessage]] = {}
        """By content number: the archive's last change when it was rendered, and the message."""

    async def load_content(self, content_number: int) -> Content | None:
        """Return a content; None if it was deleted or never existed."""
        with self._cache_lock:
            if content_number in self._content_cache:
                self._content_cache.move_to_end(content_number)
                return self._content_cache[content_number]
        content = await self._deliveries.load_content(content_number)
        if content is None:
            return None
        with self._cache_lock:
            self._content_cache[content_number] = content
            if len(self._content_cache) > _CACHE_SIZE:
                evicted, _ = self._content_cache.popitem(last=False)
                self._message_cache.pop(evicted, None)
        return content

    async def render(self, content_number: int, *, interactive: bool = False) -> OutgoingMessage:
        """Return the message of a content, in the executor for readers if `interactive`.

        Raises `NothingToSend`, and the errors of the archive.
        """
        content = await self.load_content(content_number)
        if content is None:
            raise NothingToSend("gone")
        run = (
            self._edition_stories.run_interactive
            if interactive
            else self._edition_stories.run_in_background
        )
        return await run(lambda: self._render_cached(content_number, content))

    def _render_cached(self, content_number: int, content: Content) -> OutgoingMessage:
        seq = self._archive.last_change()
        cached = self._message_cache.get(content_number)
        if cached is None or cached[0] != seq:
            cached = seq, self._render(content, content_number)
            with self._cache_lock:
                if content_number in self._content_cache:
                    self._message_cache[content_number] = cached
        return cached[1]

    def _render(self, content: Content, content_number: int) -> OutgoingMessage:
        match content:
            case EditionPayload():
                stories = self._edition_stories.stories_for_edition(content)
                if content.silent and not stories:
                    raise NothingToSend("silent")
                return render_sent_edition_page(
                    stories, 0, content, content.language, content_number
                )
            case AlertPayload():
                quote = self._find_quote(content)
                if quote is None:
                    raise NothingToSend("gone")
                return render_alert(content.watched, quote, content.language, content_number)
            case AlertSummaryPayload():
                topic_articles = [
                    (topic, self._find_article(article_number))
                    for topic, article_number in content.alerts
                ]
                alerts = [(topic, article) for topic, article in topic_articles if article]
                if not alerts:
                    raise NothingToSend("gone")
                return render_alert_summary(alerts, content.count, content.language)

    def _find_quote(self, alert: AlertPayload) -> Quote | None:
        """Return the passage of the article that matches the watched topic, if it still does."""
        article = self._find_article(alert.article)
        if article is None:
            return None
        (matches,) = self._archive.match_standing_queries(
            [self._edition_stories.encode_topic(alert.watched)], [article.id]
        )
        return matches.get(article.id)

    def _find_article(self, article_number: int) -> Article | None:
        try:
            article, removed = self._archive.article_by_number(article_number)
        except NotFoundError:
            return None
        return None if removed else article
