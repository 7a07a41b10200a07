"""Whose turn it is: one question of a chat at a time, a few waiting, and every chat in turn."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

MAX_QUEUED_PER_CHAT = 5
"""How many of a chat's questions may wait behind the one that is being answered."""

_Item = TypeVar("_Item")


class FairQueue(Generic[_Item]):
    """A queue that no chat can fill for the others."""

    def __init__(self) -> None:
        self._waiting: dict[int, deque[_Item]] = {}
        self._busy: set[int] = set()
        self._next: deque[int] = deque()
        """The chats that wait and have nothing in flight, in the order of their turns."""

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def enqueue(self, chat: int, item: _Item, *, always: bool = False) -> bool:
        """Let `item` wait for its chat's turn; say no where too many of that chat wait already."""
        waiting = self._waiting.get(chat)
        room = MAX_QUEUED_PER_CHAT if chat in self._busy else MAX_QUEUED_PER_CHAT + 1
        if waiting is not None and len(waiting) >= room and not always:
            return False
        if waiting is None:
            waiting = self._waiting[chat] = deque()
            if chat not in self._busy:
                self._next.append(chat)
        waiting.append(item)
        return True

    def next_item(self) -> tuple[int, _Item] | None:
        """Return the chat whose turn it is and its oldest item, now in flight; None where none is.

        The chat has no other turn until `task_done` is said of it.
        """
        if not self._next:
            return None
        chat = self._next.popleft()
        item = self._waiting[chat].popleft()
        if not self._waiting[chat]:
            del self._waiting[chat]
        self._busy.add(chat)
        return chat, item

    def task_done(self, chat: int) -> None:
        """Note that what was in flight for `chat` has been answered."""
        self._busy.remove(chat)
        if chat in self._waiting:
            self._next.append(chat)
