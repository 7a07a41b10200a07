"""The state behind the double: people, chats, their messages, and the queue of updates."""

from __future__ import annotations

import itertools
import mimetypes
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

OURS = frozenset({"html", "reply_to", "thread", "keyboard", "deleted"})
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Refused(Exception):
    """A call that Telegram refuses: the code, the words, the parameters of the answer."""

    def __init__(self, words: str, code: int = 400, **parameters: int) -> None:
        prefix = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}.get(code, "")
        self.code = code
        self.description = prefix + words
        self.parameters = parameters
        super().__init__(self.description)


@dataclass
class User:
    """A person, or the bot itself."""

    id: int
    first_name: str
    language_code: str | None = None
    username: str | None = None
    is_bot: bool = False
    blocked: bool = False

    def as_json(self) -> Json:
        shown = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        more = {"username": self.username, "language_code": self.language_code}
        return {**shown, **{key: value for key, value in more.items() if value}}


@dataclass
class Chat:
    """A chat and all its messages; `shut` holds the words with which Telegram refuses the bot."""

    id: int
    type: str
    title: str | None = None
    user: User | None = None
    forum: bool = False
    members: list[int] = field(default_factory=list)
    admins: set[int] = field(default_factory=set)
    threads: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    reactions: dict[int, dict[int, list[Json]]] = field(default_factory=dict)
    """By message and user."""
    sent: list[Json] = field(default_factory=list)
    moved_to: int | None = None
    shut: str | None = None
    muted: bool = False
    """The bot is in it, and may not write there."""
    last_id: int = 0

    def as_json(self) -> Json:
        shown: Json = {"id": self.id, "type": self.type}
        if self.user:
            shown["first_name"] = self.user.first_name
        if self.title:
            shown["title"] = self.title
        if self.forum:
            shown["is_forum"] = True
        return shown

    def keep(self, message: Json) -> Json:
        """Give the message its number and its chat, and keep it."""
        self.last_id += 1
        kept = {"message_id": self.last_id, **message, "chat": self.as_json()}
        self.messages[self.last_id] = kept
        return kept


def shown(message: Json) -> Json:
    """The message as the Bot API gives it, without what the double remembers beside it."""
    return {key: value for key, value in message.items() if key not in OURS}


def quoted(message: Json) -> Json:
    """The message as it stands in a reply to it."""
    return {key: value for key, value in shown(message).items() if key != "reply_to_message"}


class Updates:
    """The queue: what waits, what was acknowledged, what comes a second time."""

    def __init__(self) -> None:
        self.waiting: list[Json] = []
        self.again: list[Json] = []
        self.known: dict[int, Json] = {}
        self.allowed: frozenset[str] | None = None
        self._numbers = itertools.count(810_001)

    def add(self, kind: str, body: Json) -> Json | None:
        """Queue an update unless the bot did not ask for its kind."""
        wanted = kind not in UNASKED if self.allowed is None else kind in self.allowed
        return self.push({kind: body}) if wanted else None

    def push(self, update: Json) -> Json:
        update = {"update_id": update.get("update_id") or next(self._numbers), **update}
        self.known[update["update_id"]] = update
        self.waiting.append(update)
        return update

    def redeliver(self, update_id: int) -> None:
        if update_id not in self.known:
            raise ValueError(f"no update {update_id} was ever queued")
        self.again.append(self.known[update_id])

    def acknowledge(self, offset: int) -> None:
        """Forget what comes before the offset; a negative one keeps so many from the end."""
        if offset < 0:
            self.waiting = self.waiting[offset:]
        else:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]

    def take(self, limit: int) -> list[Json]:
        """What one getUpdates answers; repeats come first, whatever the offset says."""
        batch = (self.again + self.waiting[:limit])[:limit]
        del self.again[:limit]
        return batch

    def clear(self) -> None:
        self.waiting.clear()
        self.again.clear()


class TelegramState:
    """All that Telegram knows of the bot's surroundings."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.sent: list[Json] = []
        self.queries: set[str] = set()
        self.inline_queries: set[str] = set()
        self.inline_answers: dict[str, Json] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.channel_rights: Json = {}
        self.pictures: list[bytes] = []
        self.files: dict[str, tuple[bytes, str]] = {}
        self.updates = Updates()
        self._people = itertools.count(610_000_001)
        self._chats = itertools.count(2_000_001)
        self._files = itertools.count(1)

    def new_user(self, first_name: str, language_code: str | None, user_id: int | None) -> User:
        user = User(user_id or next(self._people), first_name, language_code)
        self.users[user.id] = user
        return user

    def new_chat(self, kind: str, title: str, members: list[int], *, forum: bool = False) -> Chat:
        number = next(self._chats)
        chat_id = -number if kind == "group" else -1_000_000_000_000 - number
        chat = Chat(chat_id, kind, title, forum=forum, members=members, admins=set(members[:1]))
        self.chats[chat_id] = chat
        return chat

    def private(self, user: User) -> Chat:
        """The user's private chat with the bot, made at the first call."""
        if user.id not in self.chats:
            self.chats[user.id] = Chat(user.id, "private", user=user, members=[user.id])
        return self.chats[user.id]

    def add_file(self, content: bytes, name: str) -> Json:
        """Keep a file and describe it as a Document."""
        number = next(self._files)
        file_id = f"BQACAgQAAxkBAAI{number:06d}"
        self.files[file_id] = (content, name)
        return self.described(file_id)

    def described(self, file_id: str) -> Json:
        content, name = self.files[file_id]
        return {
            "file_id": file_id,
            "file_unique_id": f"Ag{file_id[-6:]}",
            "file_name": name,
            "mime_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "file_size": len(content),
        }

    def chat(self, chat_id: object) -> Chat:
        """The chat of a call; raises Refused when there is none, it has moved, or it is shut."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise Refused("chat not found")
        if chat.moved_to:
            words = "group chat was upgraded to a supergroup chat"
            raise Refused(words, migrate_to_chat_id=chat.moved_to)
        if chat.shut:
            raise Refused(chat.shut, 403)
        return chat

    def open_chat(self, chat_id: object) -> Chat:
        """The chat of a call that does something there; raises Refused also when blocked."""
        chat = self.chat(chat_id)
        if chat.user and chat.user.blocked:
            raise Refused("bot was blocked by the user", 403)
        if chat.muted:
            raise Refused("not enough rights to send text messages to the chat")
        return chat
