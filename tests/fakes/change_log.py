"""The log of changes without a database, for the tests of what follows it."""

from __future__ import annotations

from typing import Any

from index.storage.records import Change


class ChangeLog:
    """What articles hold, by key and passage, and the log of what changed."""

    def __init__(self) -> None:
        self.store_id = "shelf"
        self.history = 0
        self.articles: dict[int, dict[int, Any]] = {}
        self.log: list[Change] = []
        self._next = 1

    def hold(self, key: int, passages: list[Any]) -> list[int]:
        ids = list(range(self._next, self._next + len(passages)))
        self.articles[key] = dict(zip(ids, passages, strict=True))
        self._next += len(passages)
        self.log.append(Change(len(self.log) + 1, key))
        return ids

    def drop(self, key: int) -> None:
        self.articles.pop(key, None)
        self.log.append(Change(len(self.log) + 1, key))

    def last_change(self) -> int:
        return len(self.log)

    def change_timestamp(self, seq: int) -> str | None:
        return f"{self.store_id}-{seq}-{self.history}" if 0 < seq <= len(self.log) else None

    def changes_after(self, seq: int) -> list[Change]:
        return self.log[seq:]
