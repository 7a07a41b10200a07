"""Approving: what editors decide of the articles that wait for them, many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from bot.feeds.placing import Placing
from bot.store.feed_items import Became, ItemState
from bot.store.held import Held, HeldItem
from index.archive import Archive

_Result = TypeVar("_Result")


class Decided(NamedTuple):
    """What came of a decision: how many are in the archive, were there already, or were refused."""

    added: int = 0
    carried: int = 0
    refused: int = 0


class Approving:
    """Approves and refuses."""

    def __init__(self, archive: Archive, held: Held) -> None:
        self.held = held
        self._placing = Placing(archive)
        self._lane = ThreadPoolExecutor(1, "approving")

    def close(self) -> None:
        """Begin nothing more."""
        self._lane.shutdown(wait=False, cancel_futures=True)

    async def approve(self, chosen: Iterable[HeldItem], by: str) -> Decided:
        """Put articles into the archive. What is approved twice is added once."""
        added = carried = 0
        for each in chosen:
            if each.state != "open":
                continue
            became = await self._do(partial(self._place, each))
            own = became.state is ItemState.DONE and became.own
            if await self.held.approved(each, by, became.article_id or "", own=own):
                added, carried = added + own, carried + (not own)
        return Decided(added=added, carried=carried)

    async def refuse(self, chosen: Iterable[HeldItem], by: str) -> Decided:
        """Leave articles out, for good."""
        refused = 0
        for each in chosen:
            refused += each.state == "open" and await self.held.refused(each, by)
        return Decided(refused=refused)

    def _place(self, of: HeldItem) -> Became:
        feed = f"feed {of.feed}"
        placed = self._placing.there(of.brought, feed)
        if placed:
            return placed.became
        return self._placing.add(of.brought, feed, quiet=of.quiet)

    async def _do(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._lane, work)
