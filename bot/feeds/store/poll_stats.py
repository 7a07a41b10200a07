"""What came of a polling: what the tables and the log have more of than they had before it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from bot.feeds.store.items import ItemState
from bot.feeds.store.schema import feed_items
from index.storage.schema import audit

_COUNTED = (ItemState.CARRIED, ItemState.HELD, ItemState.REFUSED, ItemState.FAILED)
_BY = "feed "
"""What the names of feeds begin with in the log (`FollowedFeed.by`)."""


class CountsSnapshot(NamedTuple):
    """How things stand at a moment."""

    last: int
    """The number of the log's last entry."""
    items: Counter[tuple[int, str]]
    """How many items there are, by feed and state."""


class FeedPollStats(NamedTuple):
    """What came from a feed."""

    added: int = 0
    corrected: int = 0
    carried: int = 0
    """The archive had them from elsewhere."""
    held: int = 0
    refused: int = 0
    failed: int = 0
    """There was nothing to be read."""


def snapshot_counts(connection: Connection) -> CountsSnapshot:
    """Say how things stand now."""
    items = feed_items.c
    query = select(items.feed, items.state, func.count()).group_by(items.feed, items.state)
    counts: Counter[tuple[int, str]] = Counter()
    for feed, state, count in connection.execute(query):
        counts[feed, state] = count
    return CountsSnapshot(connection.scalar(select(func.max(audit.c.id))) or 0, counts)


def poll_stats_since(connection: Connection, before: CountsSnapshot) -> dict[int, FeedPollStats]:
    """Return what came since, by the number of the feed; nothing of feeds from which nothing did.

    What editors decide meanwhile is counted with it.
    """
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for (feed, state), count in (snapshot_counts(connection).items - before.items).items():
        if state in _COUNTED:
            counts[feed][state] = count
    by, what = audit.c.by, audit.c.what
    since = audit.c.id > before.last, by.startswith(_BY)
    told = select(by, what, func.count()).where(*since).group_by(by, what)
    for name, done, count in connection.execute(told):
        counts[int(name.removeprefix(_BY))]["added" if done == "added" else "corrected"] += count
    return {feed: FeedPollStats(**each) for feed, each in counts.items()}
