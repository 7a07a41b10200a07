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
        self._queues: dict[int, deque[_Item]] = {}
        self._in_flight: set[int] = set()
        self._ready_chats: deque[int] = deque()
        """The chats that wait and have nothing in flight, in the order of their turns."""

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def enqueue(self, chat_id: int, item: _Item, *, ignore_limit: bool = False) -> bool:
        """Let `item` wait for its chat's turn; say no where too many of that chat wait already."""
        queue = self._queues.get(chat_id)
        max_queued = MAX_QUEUED_PER_CHAT if chat_id in self._in_flight else MAX_QUEUED_PER_CHAT + 1
        if queue is not None and len(queue) >= max_queued and not ignore_limit:
            return False
        if queue is None:
            queue = self._queues[chat_id] = deque()
            if chat_id not in self._in_flight:
                self._ready_chats.append(chat_id)
        queue.append(item)
        return True

    def next_item(self) -> tuple[int, _Item] | None:
        """Return the chat whose turn it is and its oldest item, now in flight; None where none is.

        The chat has no other turn until `task_done` is said of it.
        """
        if not self._ready_chats:
            return None
        chat_id = self._ready_chats.popleft()
        item = self._queues[chat_id].popleft()
        if not self._queues[chat_id]:
            del self._queues[chat_id]
        self._in_flight.add(chat_id)
        return chat_id, item

    def task_done(self, chat_id: int) -> None:
        """Note that what was in flight for `chat_id` has been answered."""
        self._in_flight.remove(chat_id)
        if chat_id in self._queues:
            self._ready_chats.append(chat_id)
