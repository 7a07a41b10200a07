"""A round-robin queue: one item of a chat in flight at a time, and few waiting per chat."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

MAX_QUEUED_PER_CHAT = 5
"""The largest number of items of a chat that wait behind the one in flight."""

_Item = TypeVar("_Item")


class FairQueue(Generic[_Item]):
    """A queue that serves chats in turn, so that no chat can block the others."""

    def __init__(self) -> None:
        self._queues: dict[int, deque[_Item]] = {}
        self._in_flight: set[int] = set()
        self._ready_chats: deque[int] = deque()
        """The chats with waiting items and none in flight, in the order of their turns."""

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def enqueue(self, chat_id: int, item: _Item, *, ignore_limit: bool = False) -> bool:
        """Append an item; return False if too many items of the chat are waiting."""
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
        """Return the next chat and its oldest item, now in flight; None if no chat is ready.

        The chat gets no other turn until `task_done` is called for it.
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
        """End the item in flight of a chat, so that the chat can have its next turn."""
        self._in_flight.remove(chat_id)
        if chat_id in self._queues:
            self._ready_chats.append(chat_id)
