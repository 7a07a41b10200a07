"""What feeds bring is nobody's question: it is read and embedded in the background."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import FeedOptions
from bot.feeds.web_reader import SandboxReaders
from index.embeddings.embedder import Embedder
from index.thread_priority import is_background_thread
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import RSS, Item, page, rss, story
from tests.fixtures.virtual_time import HERE, START
from tests.integration.bot.feeds.conftest import FeedHarness


class Watched:
    """The real model; notes whether who asks it gives way."""

    def __init__(self, embedder: Embedder, noted: list[tuple[str, bool]]) -> None:
        self._embedder = embedder
        self._noted = noted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def embed_passages(self, texts: Sequence[str]) -> Any:
        self._noted.append(("embedded", is_background_thread()))
        return self._embedder.embed_passages(texts)


def test_feeds_and_pages_are_read_and_embedded_in_the_background(
    harness: FeedHarness, site: Site, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[str, bool]] = []

    def noting(what: str, read: Any) -> Any:
        def note(*of: Any) -> Any:
            noted.append((what, is_background_thread()))
            return read(*of)

        return note

    site.page("/news/1", page("News number 1 of the ledger", story(1)))
    address = site.page(
        "/rss", rss([Item(1, START, summary="Short.")], site.url("").rstrip("/")), RSS
    )
    monkeypatch.setattr(harness.archive, "_load_embedder", lambda: Watched(embedder, noted))
    readers = SandboxReaders(noting("feed", HERE.feed), noting("page", HERE.document))

    async def follow(services: FeedServices) -> None:
        await services.feed_manager.add(address, "nadia", FeedOptions())
        await services.poller.run(until=harness.time() + timedelta(minutes=2))

    harness.run(follow, readers=readers)
    harness.well()
    assert {what for what, _ in noted} == {"feed", "page", "embedded"}
    assert all(background for _, background in noted)
