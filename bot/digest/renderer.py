"""What is sent, as messages: put into words once for all who get the same."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from bot.digest.edition_stories import EditionStories
from bot.digest.payloads import AlertPayload, AlertSummaryPayload, Content, EditionPayload
from bot.digest.store.deliveries import DeliveryOutbox
from bot.digest.views import edition as screens
from bot.telegram.message import OutgoingMessage
from index.archive import Archive
from index.errors import NotFoundError
from index.models import Article, Quote

_CACHE_SIZE = 256


class NothingToSend(Exception):
    """There is nothing to send: `why` is silent, or gone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PayloadRenderer:
    """Gives the message of each content, by its number."""

    def __init__(self, archive: Archive, editions: EditionStories, ledger: DeliveryOutbox) -> None:
        self._archive = archive
        self._editions = editions
        self._ledger = ledger
        self._contents: OrderedDict[int, Content] = OrderedDict()
        self._keeping = Lock()
        self._laid: dict[int, tuple[int, OutgoingMessage]] = {}
        """By content: the change as of which it was laid out, and the message."""

    async def content(self, number: int) -> Content | None:
        """Return a content; None where it was forgotten."""
        with self._keeping:
            if number in self._contents:
                self._contents.move_to_end(number)
                return self._contents[number]
        read = await self._ledger.content(number)
        if read is None:
            return None
        with self._keeping:
            self._contents[number] = read
            if len(self._contents) > _CACHE_SIZE:
                forgotten, _ = self._contents.popitem(last=False)
                self._laid.pop(forgotten, None)
        return read

    async def screen(self, number: int, *, waited_for: bool = False) -> OutgoingMessage:
        """Return the message of a content; `waited_for` says that a reader waits for it.

        Raises `NothingToSend`, and what the archive raises.
        """
        of = await self.content(number)
        if of is None:
            raise NothingToSend("gone")
        do = self._editions.do if waited_for else self._editions.prepare
        return await do(lambda: self._current(number, of))

    def _current(self, number: int, of: Content) -> OutgoingMessage:
        seq = self._archive.last_change()
        laid = self._laid.get(number)
        if laid is None or laid[0] != seq:
            laid = seq, self._said(of, str(number))
            with self._keeping:
                if number in self._contents:
                    self._laid[number] = laid
        return laid[1]

    def _said(self, of: Content, data: str) -> OutgoingMessage:
        match of:
            case EditionPayload():
                stories = self._editions.of_news(of)
                if of.silent and not stories:
                    raise NothingToSend("silent")
                return screens.briefing(stories, 0, of, of.language, data)
            case AlertPayload():
                quote = self._about(of)
                if quote is None:
                    raise NothingToSend("gone")
                return screens.alert(of.watched, quote, of.language, data)
            case AlertSummaryPayload():
                there = [(said, self._article(number)) for said, number in of.alerts]
                found = [(said, article) for said, article in there if article]
                if not found:
                    raise NothingToSend("gone")
                return screens.summary(found, of.count, of.language)

    def _about(self, of: AlertPayload) -> Quote | None:
        """Return the passage of its article that is about what is watched, if it still is."""
        article = self._article(of.article)
        if article is None:
            return None
        (matched,) = self._archive.match_standing_queries(
            [self._editions.understood(of.watched)], [article.id]
        )
        return matched.get(article.id)

    def _article(self, number: int) -> Article | None:
        try:
            article, removed = self._archive.article_by_number(number)
        except NotFoundError:
            return None
        return None if removed else article
