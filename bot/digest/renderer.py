"""What is sent, as messages: put into words once for all who get the same."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from bot.digest.edition_stories import Editions
from bot.digest.payloads import AlertOf, Content, EditionOf, SummaryOf
from bot.digest.store.deliveries import Ledger
from bot.digest.views import edition as screens
from bot.telegram.message import Screen
from index.archive import Archive
from index.errors import NotFound
from index.models import Article, Quote

_KEPT = 256


class NothingToSay(Exception):
    """There is nothing to send: `why` is silent, or gone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Faces:
    """Gives the message of each content, by its number."""

    def __init__(self, archive: Archive, editions: Editions, ledger: Ledger) -> None:
        self._archive = archive
        self._editions = editions
        self._ledger = ledger
        self._contents: OrderedDict[int, Content] = OrderedDict()
        self._keeping = Lock()
        self._laid: dict[int, tuple[int, Screen]] = {}
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
            if len(self._contents) > _KEPT:
                forgotten, _ = self._contents.popitem(last=False)
                self._laid.pop(forgotten, None)
        return read

    async def screen(self, number: int, *, waited_for: bool = False) -> Screen:
        """Return the message of a content; `waited_for` says that a reader waits for it.

        Raises `NothingToSay`, and what the archive raises.
        """
        of = await self.content(number)
        if of is None:
            raise NothingToSay("gone")
        do = self._editions.do if waited_for else self._editions.prepare
        return await do(lambda: self._current(number, of))

    def _current(self, number: int, of: Content) -> Screen:
        seq = self._archive.last_change()
        laid = self._laid.get(number)
        if laid is None or laid[0] != seq:
            laid = seq, self._said(of, str(number))
            with self._keeping:
                if number in self._contents:
                    self._laid[number] = laid
        return laid[1]

    def _said(self, of: Content, data: str) -> Screen:
        match of:
            case EditionOf():
                stories = self._editions.of_news(of)
                if of.silent and not stories:
                    raise NothingToSay("silent")
                return screens.briefing(stories, 0, of, of.language, data)
            case AlertOf():
                quote = self._about(of)
                if quote is None:
                    raise NothingToSay("gone")
                return screens.alert(of.watched, quote, of.language, data)
            case SummaryOf():
                there = [(said, self._article(number)) for said, number in of.alerts]
                found = [(said, article) for said, article in there if article]
                if not found:
                    raise NothingToSay("gone")
                return screens.summary(found, of.count, of.language)

    def _about(self, of: AlertOf) -> Quote | None:
        """Return the passage of its article that is about what is watched, if it still is."""
        article = self._article(of.article)
        if article is None:
            return None
        (matched,) = self._archive.matching([self._editions.understood(of.watched)], [article.id])
        return matched.get(article.id)

    def _article(self, number: int) -> Article | None:
        try:
            article, removed = self._archive.numbered(number)
        except NotFound:
            return None
        return None if removed else article
