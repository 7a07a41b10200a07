"""Manage feeds: the operations that editors have in Telegram and in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from bot.feeds.discovery import discover_feed
from bot.feeds.keyword_filter import validate_keywords
from bot.feeds.politeness import PolitenessPolicy
from bot.feeds.store.feeds import (
    DEFAULT_OPTIONS,
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
from index.models import Language, SingleLine
from index.urls import parse_host

_MAX_OUTLINES_PER_WRITE = 200
"""Number of feeds that are added in one transaction, which blocks other writers."""
_LINE_ADAPTER: TypeAdapter[str | None] = TypeAdapter(SingleLine)
_LANGUAGE_ADAPTER: TypeAdapter[str | None] = TypeAdapter(Language)


class OpmlImportResult(NamedTuple):
    """The result of importing a list of feeds."""

    added: tuple[int, ...]
    """Numbers of the new feeds."""
    already_followed: tuple[str, ...]
    """Addresses of the feeds that were followed already."""
    invalid: tuple[tuple[str, InvalidInputError], ...]
    """Addresses of the feeds that could not be added, each with the error."""


class FeedManager:
    """Adds, changes, pauses, imports and exports feeds."""

    def __init__(
        self,
        feeds: FeedStore,
        web_reader: WebReader,
        politeness: PolitenessPolicy,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Create the manager; it calls `wake` when a feed may have become due."""
        self.feeds = feeds
        self._web_reader = web_reader
        self._politeness = politeness
        self._clock = clock
        self._wake = wake

    async def add(
        self, address: str, actor: str, options: FeedOptions = DEFAULT_OPTIONS
    ) -> FollowedFeed:
        """Follow the feed at an address, or the feed that the page there leads to.

        Raises `SourceRejected` if there is none, `DuplicateFeed`, and `InvalidInputError` for
        invalid options.
        """
        options = _validate_options(options)
        await self._politeness.load()
        discovered = await discover_feed(address, self._web_reader, self._politeness)
        number = await self.feeds.add(discovered, options, actor)
        self._wake()
        return await self.feeds.get(number)

    async def update_options(
        self,
        number: int,
        actor: str,
        *,
        source: str | None = None,
        language: str | None = None,
        hold: bool | None = None,
        require: Sequence[str] | None = None,
        refuse: Sequence[str] | None = None,
    ) -> FollowedFeed:
        """Change options of a feed; None keeps a value, "" removes it.

        Raises `NotFoundError`, and `InvalidInputError` for invalid options.
        """
        given_options: dict[str, Any] = {"source": source, "language": language, "hold": hold}
        given_options |= {"require": require and tuple(require), "refuse": refuse and tuple(refuse)}
        changes = {name: value for name, value in given_options.items() if value is not None}
        return await self.feeds.update_options(
            number, actor, lambda old: _validate_options(old._replace(**changes))
        )

    async def pause(self, number: int, actor: str) -> FollowedFeed:
        """Stop polling a feed until it is resumed. Raises `NotFoundError`."""
        return await self.feeds.set_state(number, FeedState.PAUSED, actor)

    async def resume(self, number: int, actor: str) -> FollowedFeed:
        """Poll a paused or gone feed again. Raises `NotFoundError`."""
        feed = await self.feeds.set_state(number, FeedState.ACTIVE, actor)
        self._wake()
        return feed

    async def import_opml(self, outlines: Sequence[FeedOutline], actor: str) -> OpmlImportResult:
        """Follow the feeds of a list; each is polled when it is due."""
        requests, added, already_followed, invalid = [], [], [], []
        for outline in outlines:
            try:
                requests.append(_to_request(outline))
            except InvalidInputError as error:
                invalid.append((outline.address, error))
        for start in range(0, len(requests), _MAX_OUTLINES_PER_WRITE):
            batch = requests[start : start + _MAX_OUTLINES_PER_WRITE]
            for request, result in zip(batch, await self.feeds.add_all(batch, actor), strict=True):
                if isinstance(result, DuplicateFeed):
                    already_followed.append(request.discovered.address)
                else:
                    added.append(result)
        self._wake()
        return OpmlImportResult(tuple(added), tuple(already_followed), tuple(invalid))

    async def export_opml(self) -> bytes:
        """Return all feeds as OPML."""
        outlines = [_to_outline(feed) for feed in await self.feeds.list_all()]
        return write_opml(outlines, title="Feeds of the archive", created_at=self._clock())


def _to_request(outline: FeedOutline) -> FeedRequest:
    """Return the request to follow the feed of an outline. Raises `InvalidInputError`."""
    kind = outline.kind or FeedKind.RSS
    discovered = DiscoveredFeed(
        outline.address, parse_host(outline.address), kind, outline.title, outline.page
    )
    options = FeedOptions(
        outline.source, outline.language, bool(outline.hold), outline.require, outline.refuse
    )
    return FeedRequest(discovered, _validate_options(options), outline.paused)


def _validate_options(options: FeedOptions) -> FeedOptions:
    """Return the options, validated and normalised. Raises `InvalidInputError`."""
    try:
        source, language = (
            _LINE_ADAPTER.validate_python(options.source),
            _LANGUAGE_ADAPTER.validate_python(options.language),
        )
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise InvalidInputError(f"{options.language or options.source!r} {message}") from None
    return options._replace(
        source=source,
        language=language,
        require=validate_keywords(options.require),
        refuse=validate_keywords(options.refuse),
    )


def _to_outline(feed: FollowedFeed) -> FeedOutline:
    discovered, options = feed.discovered, feed.options
    return FeedOutline(
        address=discovered.address,
        title=discovered.title,
        source=options.source,
        page=discovered.page,
        language=options.language or discovered.language,
        kind=discovered.kind,
        hold=options.hold,
        require=options.require,
        refuse=options.refuse,
        paused=feed.state is not FeedState.ACTIVE,
        contacted=feed.health.succeeded_at is not None,
    )
