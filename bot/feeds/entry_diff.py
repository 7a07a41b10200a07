"""Which entries of a feed are new, which were corrected, which are known under other names: pure.

An entry is known by the feed's own id for it, by its address, or by its words: a feed that changes
all of one of these does not bring its past again. An id or an address that several entries share
names none of them.
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
"""So many articles of a new feed are brought."""
_MIN_WORDS = 12
"""Fewer words than these («Exchange rates today») name no article."""


class EntryKeys(NamedTuple):
    """What an entry is known by, as numbers of 64 bits, signed; None where it has none."""

    by_id: int | None
    by_url: int | None
    by_words: int | None


class KnownItem(NamedTuple):
    """An entry that was in the feed before."""

    number: int
    keys: EntryKeys
    published: str | None
    content_digest: int
    """A digest of all that the feed said of it."""


class NewItem(NamedTuple):
    """An entry that was not in the feed before."""

    entry: FeedEntry
    keys: EntryKeys
    content_digest: int


class FeedDiff(NamedTuple):
    """A feed's entries, told apart."""

    new: tuple[NewItem, ...]
    """In the order of the feed."""
    corrected: tuple[tuple[int, NewItem], ...]
    """With the numbers of what they were."""
    present_numbers: frozenset[int]
    """The numbers of all that are still in the feed."""


def diff_entries(entries: Sequence[FeedEntry], known_items: Iterable[KnownItem]) -> FeedDiff:
    """Tell the entries of a feed apart by what was in it before."""
    items = _distinct_items(entries)
    index = _KnownItems(known_items)
    matches = [(item, index.find_match(item)) for item in items]
    # The same words under another id and address: all of them have moved, or it is a bulletin.
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
    """What was in the feed before, by what it is known by."""

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
        """Return what an entry was known as; by its words alone it may be another."""
        keys = item.keys
        same_id = self._by_id.get(keys.by_id) if keys.by_id is not None else None
        same_url = self._by_url.get(keys.by_url) if keys.by_url is not None else None
        same_words = self._by_words.get(keys.by_words) if keys.by_words is not None else None
        if same_url and not _is_another_day(item, same_url):
            return same_url
        # An id that goes to another address and other words is a place in the feed («3»).
        if same_id and (
            keys.by_url is None
            or same_id.keys.by_url is None
            or item.content_digest == same_id.content_digest
        ):
            return same_id
        return same_id if same_id and same_id.keys.by_words in (keys.by_words, None) else same_words

    def shares_name(self, item: NewItem, known_item: KnownItem) -> bool:
        """Say whether more than its words says that an entry is that one."""
        return any(
            key is not None and key == known
            for key, known in zip(item.keys[:2], known_item.keys[:2], strict=True)
        ) or (item.keys[:2] == (None, None))


def _is_another_day(item: NewItem, known_item: KnownItem) -> bool:
    """Say whether another article has come to an address: the bulletin of another day."""
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
    """Return an entry's date as it is compared."""
    return entry.published.isoformat() if entry.published else None


def _distinct_items(entries: Sequence[FeedEntry]) -> list[NewItem]:
    """Return each entry once, with what it is known by; what has no name and no words is none."""
    unique_entries: dict[tuple[str | None, str | None, str | None], FeedEntry] = {}
    for entry in entries:
        url = canonicalise_url(entry.url) if entry.url else None
        title = None if entry.id and url else fold(entry.title or entry.summary or "")
        unique_entries.setdefault((entry.id, url, title), entry)
    ids = Counter(name for name, _, _ in unique_entries)
    urls = Counter(url for _, url, _ in unique_entries)
    items = (
        _to_new_item(entry, name if ids[name] == 1 else None, url if urls[url] == 1 else None)
        for (name, url, _), entry in unique_entries.items()
    )
    unique_items: dict[EntryKeys, NewItem] = {}
    for item in items:
        if any(key is not None for key in item.keys):
            unique_items.setdefault(item.keys, item)
    return list(unique_items.values())


def _to_new_item(entry: FeedEntry, name: str | None, url: str | None) -> NewItem:
    own_text = " ".join(filter(None, (entry.title, entry.summary or entry.content)))
    words = words_and_numbers(own_text)
    enough = len(words) >= _MIN_WORDS or (name is None and url is None and words)
    # Of what has no words of its own, such as a line of a sitemap, the date says that it changed.
    change_date = None if entry.summary or entry.content else _change_date(entry)
    content = fold(
        "\n".join(filter(None, (entry.title, entry.summary, entry.content, change_date)))
    )
    keys = EntryKeys(_digest(name), _digest(url), _digest(" ".join(words)) if enough else None)
    return NewItem(entry, keys, _digest(content) or 0)


def _change_date(entry: FeedEntry) -> str | None:
    """Return the date of a change, which is uncertain as a date of publication."""
    return iso_date(entry) if entry.date_found is DateProvenance.UNCERTAIN else None


def _digest(text: str | None) -> int | None:
    if not text:
        return None
    digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
