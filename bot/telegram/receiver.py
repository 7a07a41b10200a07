"""Receive updates: record each in the inbox, then hand it to the dispatcher.

Inline queries are not recorded: they are worthless seconds later, and harmless to answer twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot.telegram.dispatcher import UpdateDispatcher
from bot.telegram.inbox import Inbox, UpdateOutcome, build_incoming_record
from bot.telegram.invitation_tokens import hash_tokens
from bot.telegram.updates import (
    BotIdentity,
    ButtonEvent,
    IncomingEvent,
    IncomingUpdate,
    InlineQueryEvent,
    ReactionEvent,
    parse_update,
)


class UpdateReceiver:
    """Parses and records updates, and dispatches those that are new."""

    def __init__(
        self,
        me: BotIdentity,
        inbox: Inbox,
        dispatcher: UpdateDispatcher,
        submit_inline_query: Callable[[InlineQueryEvent], None],
    ) -> None:
        self._me = me
        self._inbox = inbox
        self._dispatcher = dispatcher
        self._submit_inline_query = submit_inline_query

    async def receive(self, raw_updates: list[dict[str, Any]]) -> None:
        """Record updates, given as parsed JSON, then dispatch those that are new.

        Tokens of invitations are hashed first.

        Raises `StoreError` if they cannot be recorded; Telegram then delivers them again.
        """
        parsed: dict[int, tuple[dict[str, Any], IncomingEvent | None]] = {}
        for raw_update in map(hash_tokens, raw_updates):
            event = parse_update(raw_update, self._me)
            if isinstance(event, InlineQueryEvent):
                self._submit_inline_query(event)
            else:
                parsed[raw_update["update_id"]] = raw_update, event
        if not parsed:
            return
        records = [
            build_incoming_record(
                raw_update,
                event.target.chat_id if event else None,
                _message_id_of(event),
                is_relevant=event is not None,
            )
            for raw_update, event in parsed.values()
        ]
        new_ids = await self._inbox.record(records)
        await self._dispatcher.dispatch(
            IncomingUpdate(update_id, event)
            for update_id, (_, event) in parsed.items()
            if event and update_id in new_ids
        )

    async def resume(self) -> int:
        """Dispatch updates that the last run left waiting; return the number of unknown sends."""
        waiting_payloads, unknown_count = await self._inbox.recover()
        events = {
            raw_update["update_id"]: parse_update(raw_update, self._me)
            for raw_update in map(json.loads, waiting_payloads)
        }
        pending_updates = [
            IncomingUpdate(update_id, event)
            for update_id, event in events.items()
            if event and not isinstance(event, InlineQueryEvent)
        ]
        ignored_ids = events.keys() - {update.id for update in pending_updates}
        await self._inbox.mark_done(UpdateOutcome.IGNORED, *ignored_ids)
        await self._dispatcher.dispatch(pending_updates, recovered=True)
        return unknown_count


def _message_id_of(event: IncomingEvent | None) -> int | None:
    """Return the id of the message that an update brought or edited, if it did."""
    if event is None or isinstance(event, ButtonEvent | ReactionEvent):
        return None
    return event.target.message_id
