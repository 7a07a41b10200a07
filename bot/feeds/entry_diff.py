"""Classify the entries of a feed as new, corrected or unchanged, with pure functions.

An entry is identified by the feed's id for it, by its address, or by its words. A feed that changes
all values of one of these keys therefore does not deliver its old entries again. An id or an
address that several entries share identifies none of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from index.ingest.feeds.models import FeedEntry
from index.models import DateProvenance
from index.text.normalise import fold
from index.text.number_words import words_and_numbers
from index.urls import canonicalise_url

MAX_INITIAL_ITEMS = 20
"""Number of articles that are imported from a new feed."""
MAX_NEW_ITEMS = 50
"""Number of new and corrected entries of a poll that are processed; the others are queued."""
MAX_QUEUED_ITEMS = 5_000
"""Number of queued items of a feed; further entries are not stored, and are read again later."""
_MIN_WORDS = 12
"""A text with fewer words («Exchange rates today») does not identify an article."""


class EntryKeys(NamedTuple):
    """The keys of an entry, as signed 64-bit digests; None for a key that it lacks."""

    by_id: int | None
    by_url: int | None
    by_words: int | None


class KnownItem(NamedTuple):
    """An entry that an earlier poll found in the feed."""

    number: int
    keys: EntryKeys
    published: str | None
    content_digest: int
    """Digest of everything that the feed says about the entry."""


class NewItem(NamedTuple):
    """An entry of the current poll, with its keys and its digest."""

    entry: FeedEntry
    keys: EntryKeys
    content_digest: int


class FeedDiff(NamedTuple):
    """The difference between a feed and its known items."""

    new: tuple[NewItem, ...]
    """New entries, in the order of the feed."""
    corrected: tuple[tuple[int, NewItem], ...]
    """Corrected entries, each with the number of its known item."""
    present_numbers: frozenset[int]
    """Numbers of the known items that are still in the feed."""


def diff_entries(entries: Sequence[FeedEntry], known_items: Iterable[KnownItem]) -> FeedDiff:
    """Compare the entries of a feed with its known items."""
    items = _distinct_items(entries)
    index = _KnownItems(known_items)
    matches = [(item, index.find_match(item)) for item in items]
    # The same words under another id and address: the whole feed has moved, or it is a bulletin.
    reworded = sum(old is not None and not index.shares_name(item, old) for item, old in matches)
    moved = reworded > 1 and 2 * reworded >= len(items)
    new: list[NewItem] = []
    same: list[tuple[NewItem, KnownItem]] = []
    for item, old in matches:
        if old and (moved or index.shares_name(item, old) or iso_date(item.entry) == old.published):
            same.append((item, old))
        else:
            new.append(item)
    corrected = tuple(
        (old.number, item) for item, old in same if item.content_digest != old.content_digest
    )
    return FeedDiff(tuple(new), corrected, frozenset(old.number for _, old in same))


class _KnownItems:
    """Known items, indexed by each of their keys."""

    def __init__(self, items: Iterable[KnownItem]) -> None:
        self._by_id: dict[int, KnownItem] = {}
        self._by_url: dict[int, KnownItem] = {}
        self._by_words: dict[int, KnownItem] = {}
        for item in items:
            for index, key in zip(
                (self._by_id, self._by_url, self._by_words), item.keys, strict=True
            ):
                if key is not None:
                    index[key] = item

    def find_match(self, item: NewItem) -> KnownItem | None:
        """Return the known item of an entry; a match by words alone may be another article."""
        keys = item.keys
        same_id = self._by_id.get(keys.by_id) if keys.by_id is not None else None
        same_url = self._by_url.get(keys.by_url) if keys.by_url is not None else None
        same_words = self._by_words.get(keys.by_words) if keys.by_words is not None else None
        if same_url and not _is_another_day(item, same_url):
            return same_url
        # An id that changes its address and its words is only a position in the feed («3»).
        if same_id and (
            keys.by_url is None
            or same_id.keys.by_url is None
            or item.content_digest == same_id.content_digest
        ):
            return same_id
        return same_id if same_id and same_id.keys.by_words in (keys.by_words, None) else same_words

    def shares_name(self, item: NewItem, known_item: KnownItem) -> bool:
        """Return whether the id or the address matches, or the entry has neither."""
        return any(
            key is not None and key == known
            for key, known in zip(item.keys[:2], known_item.keys[:2], strict=True)
        ) or (item.keys[:2] == (None, None))


def _is_another_day(item: NewItem, known_item: KnownItem) -> bool:
    """Return whether an address has a new article, such as a daily bulletin of another day."""
    day, known_day = iso_date(item.entry), known_item.published
    renamed = (
        None not in (item.keys.by_id, known_item.keys.by_id)
        and item.keys.by_id != known_item.keys.by_id
    )
    return bool(
        renamed
        and item.content_digest != known_item.content_digest
        and day
        and known_day
        and day[:10] != known_day[:10]
    )


def iso_date(entry: FeedEntry) -> str | None:
    """Return the entry's date in ISO 8601, for comparisons; None if it has none."""
    return entry.published.isoformat() if entry.published else None


def _distinct_items(entries: Sequence[FeedEntry]) -> list[NewItem]:
    """Return each entry once, with its keys; omit entries that have no key."""
    unique_entries: dict[tuple[str | None, str | None, str | None], FeedEntry] = {}
    for entry in entries:
        url = canonicalise_url(entry.url) if entry.url else None
        title = None if entry.id and url else fold(entry.title or entry.summary or "")
        unique_entries.setdefault((entry.id, url, title), entry)
    ids = Counter(entry_id for entry_id, _, _ in unique_entries)
    urls = Counter(url for _, url, _ in unique_entries)
    items = (
        _to_new_item(
            entry, entry_id if ids[entry_id] == 1 else None, url if urls[url] == 1 else None
        )
        for (entry_id, url, _), entry in unique_entries.items()
    )
    unique_items: dict[EntryKeys, NewItem] = {}
    for item in items:
        if any(key is not None for key in item.keys):
            unique_items.setdefault(item.keys, item)
    return list(unique_items.values())


def _to_new_item(entry: FeedEntry, entry_id: str | None, url: str | None) -> NewItem:
    own_text = " ".join(filter(None, (entry.title, entry.summary or entry.content)))
    words = words_and_numbers(own_text)
    identifies = len(words) >= _MIN_WORDS or (entry_id is None and url is None and words)
    # An entry without text, such as a line of a sitemap, changes when its date changes.
    change_date = None if entry.summary or entry.content else _change_date(entry)
    content = fold(
        "\n".join(filter(None, (entry.title, entry.summary, entry.content, change_date)))
    )
    keys = EntryKeys(
        _digest(entry_id), _digest(url), _digest(" ".join(words)) if identifies else None
    )
    return NewItem(entry, keys, _digest(content) or 0)


def _change_date(entry: FeedEntry) -> str | None:
    """Return the date of the last change, which an uncertain publication date stands for."""
    return iso_date(entry) if entry.date_found is DateProvenance.UNCERTAIN else None


def _digest(text: str | None) -> int | None:
    if not text:
        return None
    digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
