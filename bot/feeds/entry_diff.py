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
from index.text.number_words import marked_words
from index.urls import canonical

FIRST = 20
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
    said: int
    """A digest of all that the feed said of it."""


class NewItem(NamedTuple):
    """An entry that was not in the feed before."""

    entry: FeedEntry
    keys: EntryKeys
    said: int


class FeedDiff(NamedTuple):
    """A feed's entries, told apart."""

    new: tuple[NewItem, ...]
    """In the order of the feed."""
    corrected: tuple[tuple[int, NewItem], ...]
    """With the numbers of what they were."""
    there: frozenset[int]
    """The numbers of all that are still in the feed."""


def diff_entries(entries: Sequence[FeedEntry], before: Iterable[KnownItem]) -> FeedDiff:
    """Tell the entries of a feed apart by what was in it before."""
    read = _distinct(entries)
    shelf = _KnownItems(before)
    alike = [(each, shelf.alike(each)) for each in read]
    # The same words under another id and address: all of them have moved, or it is a bulletin.
    reworded = sum(old is not None and not shelf.names(each, old) for each, old in alike)
    moved = reworded > 1 and 2 * reworded >= len(read)
    new: list[NewItem] = []
    same: list[tuple[NewItem, KnownItem]] = []
    for each, old in alike:
        if old and (moved or shelf.names(each, old) or iso(each.entry) == old.published):
            same.append((each, old))
        else:
            new.append(each)
    corrected = tuple((old.number, each) for each, old in same if each.said != old.said)
    return FeedDiff(tuple(new), corrected, frozenset(old.number for _, old in same))


class _KnownItems:
    """What was in the feed before, by what it is known by."""

    def __init__(self, before: Iterable[KnownItem]) -> None:
        self._by_id: dict[int, KnownItem] = {}
        self._by_url: dict[int, KnownItem] = {}
        self._by_words: dict[int, KnownItem] = {}
        for each in before:
            for shelf, key in zip(
                (self._by_id, self._by_url, self._by_words), each.keys, strict=True
            ):
                if key is not None:
                    shelf[key] = each

    def alike(self, of: NewItem) -> KnownItem | None:
        """Return what an entry was known as; by its words alone it may be another."""
        keys = of.keys
        named = self._by_id.get(keys.by_id) if keys.by_id is not None else None
        placed = self._by_url.get(keys.by_url) if keys.by_url is not None else None
        worded = self._by_words.get(keys.by_words) if keys.by_words is not None else None
        if placed and not _is_another_day(of, placed):
            return placed
        # An id that goes to another address and other words is a place in the feed («3»).
        if named and (keys.by_url is None or named.keys.by_url is None or of.said == named.said):
            return named
        return named if named and named.keys.by_words in (keys.by_words, None) else worded

    def names(self, of: NewItem, old: KnownItem) -> bool:
        """Say whether more than its words says that an entry is that one."""
        return any(
            key is not None and key == known
            for key, known in zip(of.keys[:2], old.keys[:2], strict=True)
        ) or (of.keys[:2] == (None, None))


def _is_another_day(of: NewItem, placed: KnownItem) -> bool:
    """Say whether another article has come to an address: the bulletin of another day."""
    day, other = iso(of.entry), placed.published
    renamed = None not in (of.keys.by_id, placed.keys.by_id) and of.keys.by_id != placed.keys.by_id
    return bool(renamed and of.said != placed.said and day and other and day[:10] != other[:10])


def iso(entry: FeedEntry) -> str | None:
    """Return an entry's date as it is compared."""
    return entry.published.isoformat() if entry.published else None


def _distinct(entries: Sequence[FeedEntry]) -> list[NewItem]:
    """Return each entry once, with what it is known by; what has no name and no words is none."""
    once: dict[tuple[str | None, str | None, str | None], FeedEntry] = {}
    for each in entries:
        url = canonical(each.url) if each.url else None
        title = None if each.id and url else fold(each.title or each.summary or "")
        once.setdefault((each.id, url, title), each)
    ids = Counter(name for name, _, _ in once)
    urls = Counter(url for _, url, _ in once)
    read = (
        _keyed(each, name if ids[name] == 1 else None, url if urls[url] == 1 else None)
        for (name, url, _), each in once.items()
    )
    known: dict[EntryKeys, NewItem] = {}
    for new in read:
        if any(key is not None for key in new.keys):
            known.setdefault(new.keys, new)
    return list(known.values())


def _keyed(entry: FeedEntry, name: str | None, url: str | None) -> NewItem:
    told = " ".join(filter(None, (entry.title, entry.summary or entry.content)))
    words = marked_words(told)
    enough = len(words) >= _MIN_WORDS or (name is None and url is None and words)
    # Of what has no words of its own, such as a line of a sitemap, the date says that it changed.
    changed = None if entry.summary or entry.content else _changed(entry)
    said = fold("\n".join(filter(None, (entry.title, entry.summary, entry.content, changed))))
    keys = EntryKeys(_number(name), _number(url), _number(" ".join(words)) if enough else None)
    return NewItem(entry, keys, _number(said) or 0)


def _changed(entry: FeedEntry) -> str | None:
    """Return the date of a change, which is uncertain as a date of publication."""
    return iso(entry) if entry.date_found is DateProvenance.UNCERTAIN else None


def _number(words: str | None) -> int | None:
    if not words:
        return None
    digest = hashlib.blake2b(words.encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
