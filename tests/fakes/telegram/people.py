"""What people do: they write, tap, edit, delete, block; each comes to the bot as an update."""

from __future__ import annotations

import itertools
import re
import threading
import time
from datetime import datetime
from typing import Any

from tests.fakes.telegram.checks import TEXT_LIMIT
from tests.fakes.telegram.state import Chat, Json, TelegramState, User, quoted, shown
from tests.fakes.telegram.text import utf16

COMMAND = re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{1,32})?(?![\w/<>])")
MENTION = re.compile(r"(?<!\w)@[a-zA-Z0-9_]{2,32}(?!\w)")


class People:
    """The double's human side; `changed` guards the state and wakes who waits."""

    state: TelegramState
    changed: threading.Condition

    def __init__(self) -> None:
        self._queries = itertools.count(4_400_000_001)

    def _wake(self) -> None:
        raise NotImplementedError

    def user(
        self, first_name: str = "Salma", language_code: str | None = None, id: int | None = None
    ) -> User:
        with self.changed:
            return self.state.new_user(first_name, language_code, id)

    def private(self, user: User) -> Chat:
        with self.changed:
            return self.state.private(user)

    def group(self, title: str, *members: User) -> Chat:
        return self._gathering("group", title, members)

    def supergroup(self, title: str, *members: User, forum: bool = False) -> Chat:
        return self._gathering("supergroup", title, members, forum=forum)

    def channel(self, title: str) -> Chat:
        return self._gathering("channel", title, ())

    def _gathering(
        self, kind: str, title: str, members: tuple[User, ...], *, forum: bool = False
    ) -> Chat:
        with self.changed:
            return self.state.new_chat(kind, title, [user.id for user in members], forum=forum)

    def migrate(self, group: Chat) -> Chat:
        """Make the group a supergroup: the old id refuses every call from now on."""
        with self.changed:
            new = self.state.new_chat("supergroup", group.title or "", list(group.members))
            new.admins = set(group.admins)
            now = int(time.time())
            notice = group.keep({"date": now, "migrate_to_chat_id": new.id})
            group.moved_to = new.id
            self._queue("message", shown(notice))
            notice = new.keep({"date": now, "migrate_from_chat_id": group.id})
            self._queue("message", shown(notice))
            return new

    def say(
        self,
        user: User,
        text: str,
        *,
        chat: Chat | None = None,
        date: datetime | float | None = None,
        thread: int | None = None,
        reply_to: Json | None = None,
        **fields: Any,
    ) -> Json:
        """Write to the bot; a thread named for the first time exists from then on."""
        if utf16(text) > TEXT_LIMIT:
            raise ValueError("Telegram carries no message of more than 4096 UTF-16 units")
        with self.changed:
            chat = chat or self.state.private(user)
            message: Json = {"date": _unix(date), **_spoken(text)}
            author = "sender_chat" if chat.type == "channel" else "from"
            message[author] = chat.as_json() if chat.type == "channel" else user.as_json()
            if thread is not None:
                chat.threads.add(thread)
                message |= {"thread": thread, "message_thread_id": thread}
                message |= {"is_topic_message": True} if chat.forum else {}
            if reply_to is not None:
                target = chat.messages.get(reply_to["message_id"], reply_to)
                message["reply_to_message"] = quoted(target)
            kept = chat.keep({**message, **fields})
            kind = "channel_post" if chat.type == "channel" else "message"
            self._queue(kind, shown(kept))
            return dict(kept)

    def edit(self, user: User, message: Json, text: str) -> Json:
        """Edit one's own message."""
        with self.changed:
            kept = self.state.chats[message["chat"]["id"]].messages[message["message_id"]]
            if kept.get("from", {}).get("id") != user.id:
                raise ValueError(f"{user.first_name} did not write that message")
            kept.pop("entities", None)
            kept.update(_spoken(text), edit_date=int(time.time()))
            self._queue("edited_message", shown(kept))
            return dict(kept)

    def delete(self, message: Json) -> None:
        """Remove a message; no update tells the bot."""
        with self.changed:
            del self.state.chats[message["chat"]["id"]].messages[message["message_id"]]

    def tap(self, user: User, message: Json, button: str) -> Json:
        """Tap a button of the message as the user saw it, named by label or callback_data."""
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [found for row in rows for found in row if "callback_data" in found]
        data = [
            one["callback_data"] for one in buttons if button in {one["text"], one["callback_data"]}
        ]
        if not data:
            labels = [one["text"] for one in buttons]
            raise ValueError(f"no button {button!r} among {labels}")
        with self.changed:
            chat = self.state.chats[message["chat"]["id"]]
            now = chat.messages.get(message["message_id"])
            gone = {"chat": chat.as_json(), "message_id": message["message_id"], "date": 0}
            query = {
                "id": str(next(self._queries)),
                "from": user.as_json(),
                "chat_instance": str(chat.id),
                "message": shown(now) if now else gone,
                "data": data[0],
            }
            self.state.queries.add(query["id"])
            self._queue("callback_query", query)
            return query

    def react(self, user: User, message: Json, *emoji: str) -> None:
        """Set a user's reactions to a message; without emoji they are taken away.

        In a group the bot is told only if it is an admin there.
        """
        with self.changed:
            chat = self.state.chats[message["chat"]["id"]]
            reactions = chat.reactions.setdefault(message["message_id"], {})
            change = {
                "chat": chat.as_json(),
                "message_id": message["message_id"],
                "user": user.as_json(),
                "date": int(time.time()),
                "old_reaction": reactions.get(user.id, []),
                "new_reaction": [{"type": "emoji", "emoji": each} for each in emoji],
            }
            reactions[user.id] = change["new_reaction"]
            if chat.type == "private" or self.state.bot.id in chat.admins:
                self._queue("message_reaction", change)

    def type_inline(self, user: User, text: str) -> str:
        """Type words after the bot's name in some chat; the answer is the query's id."""
        with self.changed:
            query_id = str(next(self._queries))
            self.state.inline_queries.add(query_id)
            query = {"id": query_id, "from": user.as_json(), "query": text, "offset": ""}
            self._queue("inline_query", {**query, "chat_type": "sender"})
            return query_id

    def query_timeout(self, callback_id: str) -> None:
        """Let the query grow too old to be answered."""
        with self.changed:
            self.state.queries.discard(callback_id)

    def block(self, user: User) -> None:
        self._set_blocked(user, blocked=True)

    def unblock(self, user: User) -> None:
        self._set_blocked(user, blocked=False)

    def _set_blocked(self, user: User, *, blocked: bool) -> None:
        with self.changed:
            user.blocked = blocked
            before: Json = {"status": "member"}
            after: Json = {"status": "kicked", "until_date": 0}
            if not blocked:
                before, after = after, before
            self._membership(self.state.private(user), user, before, after)

    def kick(self, chat: Chat, by: User) -> None:
        """Throw the bot out of a group or channel."""
        with self.changed:
            chat.shut = f"bot was kicked from the {chat.type} chat"
            self._membership(chat, by, {"status": "member"}, {"status": "kicked", "until_date": 0})

    def add_bot(self, chat: Chat, by: User) -> None:
        """Add the bot to a group where it is not."""
        with self.changed:
            chat.shut = None
            self._membership(chat, by, {"status": "left"}, {"status": "member"})

    def _membership(self, chat: Chat, by: User, before: Json, after: Json) -> None:
        bot = self.state.bot.as_json()
        change = {
            "chat": chat.as_json(),
            "from": by.as_json(),
            "date": int(time.time()),
            "old_chat_member": {**before, "user": bot},
            "new_chat_member": {**after, "user": bot},
        }
        self._queue("my_chat_member", change)

    def push(self, update: Json) -> Json:
        """Queue a raw update; its update_id is filled in where it has none."""
        with self.changed:
            pushed = self.state.updates.push(update)
            self._wake()
            return pushed

    def redeliver(self, update_id: int) -> None:
        """Deliver an update once more, though it was acknowledged."""
        with self.changed:
            self.state.updates.redeliver(update_id)
            self._wake()

    def file(self, content: bytes, name: str) -> Json:
        """Keep a file on Telegram's side; the answer fits a message's `document`."""
        with self.changed:
            return self.state.add_file(content, name)

    def content(self, file_id: str) -> bytes:
        """The bytes of a file that the bot or a user sent."""
        with self.changed:
            return self.state.files[file_id][0]

    def _queue(self, kind: str, body: Json) -> None:
        self.state.updates.add(kind, body)
        self._wake()


def _unix(date: datetime | float | None) -> int:
    if date is None:
        return int(time.time())
    return int(date.timestamp() if isinstance(date, datetime) else date)


def _spoken(text: str) -> Json:
    """A person's text with the entities that Telegram finds in it."""
    found = [("bot_command", match) for match in COMMAND.finditer(text)]
    found += [("mention", match) for match in MENTION.finditer(text)]
    entities = [
        {"type": kind, "offset": utf16(text[: match.start()]), "length": utf16(match[0])}
        for kind, match in sorted(found, key=lambda each: each[1].start())
    ]
    return {**({"text": text} if text else {}), **({"entities": entities} if entities else {})}
