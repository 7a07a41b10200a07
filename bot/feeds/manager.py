"""What editors do with feeds, in Telegram and in the terminal alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from bot.feeds.discovery import find
from bot.feeds.keyword_filter import checked
from bot.feeds.politeness import PolitenessPolicy
from bot.feeds.store.feeds import (
    NOTHING_CHOSEN,
    DiscoveredFeed,
    DuplicateFeed,
    FeedOptions,
    FeedRequest,
    FeedState,
    FeedStore,
    FollowedFeed,
)
from bot.feeds.web_reader import WebReader
from index.clock import Clock
from index.errors import InvalidInputError
from index.ingest.feeds.models import FeedKind
from index.ingest.feeds.opml import write_opml
from index.ingest.feeds.opml_outline import FeedOutline
from index.models import Language, Line
from index.urls import host_of

_MAX_OUTLINES_PER_WRITE = 200
"""So many feeds of a list are written together; nobody else writes meanwhile."""
_LINE: TypeAdapter[str | None] = TypeAdapter(Line)
_TAG: TypeAdapter[str | None] = TypeAdapter(Language)


class OpmlImportResult(NamedTuple):
    """What came of a list of feeds."""

    added: tuple[int, ...]
    """Their numbers."""
    known: tuple[str, ...]
    """The addresses of those that are followed already."""
    bad: tuple[tuple[str, InvalidInputError], ...]
    """What could not be followed, and why."""


class FeedManager:
    """The feeds, as editors have them."""

    def __init__(
        self,
        feeds: FeedStore,
        pages: WebReader,
        courtesy: PolitenessPolicy,
        clock: Clock,
        poke: Callable[[], None] = lambda: None,
    ) -> None:
        """`poke` is told that there is something to be done."""
        self.feeds = feeds
        self._pages = pages
        self._courtesy = courtesy
        self._clock = clock
        self._poke = poke

    async def add(
        self, address: str, by: str, chosen: FeedOptions = NOTHING_CHOSEN
    ) -> FollowedFeed:
        """Follow the feed at an address, or the one of the page there.

        Raises `Refused` where there is none, `DuplicateFeed`, and `InvalidInputError` for words that
        cannot be looked for.
        """
        chosen = _checked(chosen)
        await self._courtesy.load()
        found = await find(address, self._pages, self._courtesy)
        number = await self.feeds.add(found, chosen, by)
        self._poke()
        return await self.feeds.one(number)

    async def choose(
        self,
        number: int,
        by: str,
        *,
        source: str | None = None,
        language: str | None = None,
        hold: bool | None = None,
        require: Sequence[str] | None = None,
        refuse: Sequence[str] | None = None,
    ) -> FollowedFeed:
        """Change what is decided of a feed; None leaves it as it is, "" takes it away.

        Raises `NotFound`, and `InvalidInputError` for words that cannot be looked for.
        """
        wanted: dict[str, Any] = {"source": source, "language": language, "hold": hold}
        wanted |= {"require": require and tuple(require), "refuse": refuse and tuple(refuse)}
        changes = {name: value for name, value in wanted.items() if value is not None}
        return await self.feeds.choose(number, by, lambda old: _checked(old._replace(**changes)))

    async def pause(self, number: int, by: str) -> FollowedFeed:
        """Ask a feed no more, until it is resumed. Raises `NotFound`."""
        return await self.feeds.set_state(number, FeedState.PAUSED, by)

    async def resume(self, number: int, by: str) -> FollowedFeed:
        """Ask a feed again that was paused, or is gone. Raises `NotFound`."""
        feed = await self.feeds.set_state(number, FeedState.ACTIVE, by)
        self._poke()
        return feed

    async def import_opml(self, outlines: Sequence[FeedOutline], by: str) -> OpmlImportResult:
        """Follow the feeds of a list; none of them is asked before its turn."""
        wanted, added, known, bad = [], [], [], []
        for each in outlines:
            try:
                wanted.append(_wanted(each))
            except InvalidInputError as error:
                bad.append((each.address, error))
        for start in range(0, len(wanted), _MAX_OUTLINES_PER_WRITE):
            some = wanted[start : start + _MAX_OUTLINES_PER_WRITE]
            for feed, done in zip(some, await self.feeds.add_all(some, by), strict=True):
                if isinstance(done, DuplicateFeed):
                    known.append(feed.found.address)
                else:
                    added.append(done)
        self._poke()
        return OpmlImportResult(tuple(added), tuple(known), tuple(bad))

    async def export_opml(self) -> bytes:
        """Return all feeds as OPML."""
        outlines = [_outline(each) for each in await self.feeds.all()]
        return write_opml(outlines, title="Feeds of the archive", made=self._clock())


def _wanted(of: FeedOutline) -> FeedRequest:
    """Return the feed of an outline. Raises `InvalidInputError`."""
    kind = of.kind or FeedKind.RSS
    found = DiscoveredFeed(of.address, host_of(of.address), kind, of.title, of.page)
    chosen = FeedOptions(of.source, of.language, bool(of.hold), of.require, of.refuse)
    return FeedRequest(found, _checked(chosen), of.paused)


def _checked(chosen: FeedOptions) -> FeedOptions:
    """Return choices as they are kept. Raises `InvalidInputError`."""
    try:
        source, language = (
            _LINE.validate_python(chosen.source),
            _TAG.validate_python(chosen.language),
        )
    except ValidationError as error:
        said = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise InvalidInputError(f"{chosen.language or chosen.source!r} {said}") from None
    return chosen._replace(
        source=source,
        language=language,
        require=checked(chosen.require),
        refuse=checked(chosen.refuse),
    )


def _outline(feed: FollowedFeed) -> FeedOutline:
    found, chosen = feed.found, feed.chosen
    return FeedOutline(
        address=found.address,
        title=found.title,
        source=chosen.source,
        page=found.page,
        language=chosen.language or found.language,
        kind=found.kind,
        hold=chosen.hold,
        require=chosen.require,
        refuse=chosen.refuse,
        paused=feed.state is not FeedState.ACTIVE,
        contacted=feed.health.succeeded_at is not None,
    )
