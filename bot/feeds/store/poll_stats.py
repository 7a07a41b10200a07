"""Compute the results of a poll as the difference between two snapshots of the counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from bot.feeds.store.items import ItemState
from bot.feeds.store.schema import feed_items
from index.storage.schema import audit

_COUNTED_STATES = (
    ItemState.DUPLICATE,
    ItemState.PENDING_APPROVAL,
    ItemState.REJECTED,
    ItemState.FAILED,
)
_FEED_ACTOR_PREFIX = "feed "
"""Prefix of the actors of feeds in the audit log (`FollowedFeed.audit_actor`)."""


class CountsSnapshot(NamedTuple):
    """The counts at one time."""

    last_entry_id: int
    """Number of the last entry of the audit log."""
    item_counts: Counter[tuple[int, str]]
    """Number of items by feed and state."""


class FeedPollStats(NamedTuple):
    """Number of articles from a feed, by outcome."""

    added: int = 0
    corrected: int = 0
    carried: int = 0
    """The archive had a copy from another source."""
    held: int = 0
    refused: int = 0
    failed: int = 0
    """No text could be read."""


def snapshot_counts(connection: Connection) -> CountsSnapshot:
    """Return the current counts."""
    items = feed_items.c
    query = select(items.feed, items.state, func.count()).group_by(items.feed, items.state)
    counts: Counter[tuple[int, str]] = Counter()
    for feed, state, count in connection.execute(query):
        counts[feed, state] = count
    return CountsSnapshot(connection.scalar(select(func.max(audit.c.id))) or 0, counts)


def poll_stats_since(connection: Connection, before: CountsSnapshot) -> dict[int, FeedPollStats]:
    """Return what changed since `before`, by feed number; feeds without changes are omitted.

    Decisions of editors in the meantime are included.
    """
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for (feed, state), count in (
        snapshot_counts(connection).item_counts - before.item_counts
    ).items():
        if state in _COUNTED_STATES:
            counts[feed][state] = count
    actor_column, action_column = audit.c.by, audit.c.what
    since = audit.c.id > before.last_entry_id, actor_column.startswith(_FEED_ACTOR_PREFIX)
    query = (
        select(actor_column, action_column, func.count())
        .where(*since)
        .group_by(actor_column, action_column)
    )
    for actor, action, count in connection.execute(query):
        counts[int(actor.removeprefix(_FEED_ACTOR_PREFIX))][
            "added" if action == "added" else "corrected"
        ] += count
    return {feed: FeedPollStats(**feed_counts) for feed, feed_counts in counts.items()}
