"""What an update asks of the bot: pure, and hostile until it is parsed.

Whatever is not one of the kinds below (edits, reactions, polls, kinds that Telegram will think of
one day) asks nothing of it; of what is written in a channel only commands do.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.telegram.message_content import MessageContent, material

Id = Annotated[int, Field(ge=-(2**62), le=2**62)]

COMMANDS = frozenset(("start", "help", "about", "language"))
"""The commands that are heard in a group without the bot's name; others may be another bot's."""
IN_CHANNELS = frozenset(("subscribe", "unsubscribe"))
"""The same in a channel."""
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@(\w{1,64}))?(?:\s+(.*))?", re.DOTALL)
_SPOKEN = (
    "animation",
    "audio",
    "contact",
    "dice",
    "document",
    "location",
    "photo",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
)
"""What people send instead of words."""


class BotIdentity(NamedTuple):
    """The bot, as Telegram knows it."""

    id: int
    username: str


class Actor(NamedTuple):
    """Who asks: a user, or the chat in whose name an anonymous one writes."""

    id: int
    language: str | None
    name: str | None = None


class ReplyTarget(NamedTuple):
    """Where a reply goes: the chat, its topic, and the message that is replied to."""

    chat: int
    thread: int | None = None
    message: int | None = None
    private: bool = True
    channel: bool = False


class QuestionEvent(NamedTuple):
    """A question; `material` is what else an editor may have meant by it, in a private chat."""

    person: Actor
    place: ReplyTarget
    text: str
    at: datetime
    material: MessageContent | None = None


class CommandEvent(NamedTuple):
    """A command, such as /language fr: its name in small letters, and the words after it.

    `material` is the document that it comes with, or what the message holds that it replies to.
    """

    person: Actor
    place: ReplyTarget
    name: str
    argument: str
    material: MessageContent | None = None


class ButtonEvent(NamedTuple):
    """A button that was pressed; `query` answers it, `data` says which it was."""

    person: Actor
    place: ReplyTarget
    query: str
    data: str


class Location(BaseModel):
    """Where somebody is, in degrees."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class NonTextEvent(NamedTuple):
    """A picture, a voice message, a sticker: something without words, in a private chat."""

    person: Actor
    place: ReplyTarget
    material: MessageContent | None = None
    location: Location | None = None


class ChatMigratedEvent(NamedTuple):
    """A group has become another chat."""

    place: ReplyTarget
    to: int
    person: Actor | None = None


class MembershipEvent(NamedTuple):
    """Someone blocked the bot or threw it out, or let it in again."""

    place: ReplyTarget
    yes: bool
    person: Actor | None = None


Incoming = (
    QuestionEvent | CommandEvent | ButtonEvent | NonTextEvent | ChatMigratedEvent | MembershipEvent
)


class IncomingUpdate(NamedTuple):
    """An update that asks something of the bot."""

    id: int
    wants: Incoming


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _User(_Part):
    id: Id
    is_bot: bool = False
    first_name: str | None = None
    language_code: str | None = None


class _Chat(_Part):
    id: Id
    type: str


class _RepliedTo(_Part):
    sender: _User | None = Field(None, alias="from")


class _Message(_Part):
    message_id: Id
    date: Annotated[int, Field(ge=0, le=2**33)]
    chat: _Chat
    sender: _User | None = Field(None, alias="from")
    sender_chat: _Chat | None = None
    text: str | None = None
    caption: str | None = None
    message_thread_id: Id | None = None
    is_topic_message: bool = False
    is_automatic_forward: bool = False
    via_bot: Any = None
    location: Any = None
    migrate_to_chat_id: Id | None = None
    reply_to_message: _RepliedTo | None = None


class _Query(_Part):
    id: str
    sender: _User = Field(alias="from")
    message: _Message
    data: str


class _Membership(_Part):
    class _Member(_Part):
        status: str

    chat: _Chat
    new_chat_member: _Member


def parse_update(update: Any, me: BotIdentity) -> Incoming | None:
    """Return what an update (as JSON gives it) asks of the bot; None where that is nothing."""
    if not isinstance(update, dict):
        return None
    try:
        if "message" in update:
            return _of_message(update["message"], _Message.model_validate(update["message"]), me)
        if "channel_post" in update:
            return _of_post(_Message.model_validate(update["channel_post"]), me)
        if "callback_query" in update:
            return _of_query(_Query.model_validate(update["callback_query"]))
        if "my_chat_member" in update:
            return _of_membership(_Membership.model_validate(update["my_chat_member"]))
    except ValidationError:
        return None
    return None


def _of_post(message: _Message, me: BotIdentity) -> Incoming | None:
    """Return the command that an admin wrote in a channel: nobody else can write there."""
    command = _COMMAND.fullmatch((message.text or "").strip())
    if command is None:
        return None
    name, addressee, argument = command.groups(default="")
    ours = addressee.lower() == me.username.lower() if addressee else name.lower() in IN_CHANNELS
    if not ours:
        return None
    person = Actor(message.chat.id, None)
    return CommandEvent(person, _place(message), name.lower(), argument.strip())


def _of_message(raw: dict[str, Any], message: _Message, me: BotIdentity) -> Incoming | None:
    if message.migrate_to_chat_id is not None:
        return ChatMigratedEvent(
            ReplyTarget(message.chat.id, private=False), message.migrate_to_chat_id
        )
    person = _person(message)
    if person is None or message.via_bot or message.is_automatic_forward:
        return None
    place = _place(message)
    text = message.text if message.text is not None else message.caption
    if text is None:
        wordless = place.private and any(kind in raw for kind in _SPOKEN)
        return NonTextEvent(person, place, material(raw), _location(message)) if wordless else None
    at = datetime.fromtimestamp(message.date, UTC)
    command = _COMMAND.fullmatch(text.strip())
    if command:
        return _of_command(raw, command, person, place, at, me)
    if place.private:
        return QuestionEvent(person, place, text, at, material(raw))
    addressed = re.compile(rf"@{re.escape(me.username)}\b", re.IGNORECASE)
    to_me = message.reply_to_message and message.reply_to_message.sender
    if addressed.search(text) or (to_me and to_me.id == me.id):
        return QuestionEvent(person, place, addressed.sub(" ", text), at)
    return None


def _location(message: _Message) -> Location | None:
    try:
        return Location.model_validate(message.location)
    except ValidationError:
        return None


def _of_command(
    raw: dict[str, Any],
    command: re.Match[str],
    person: Actor,
    place: ReplyTarget,
    at: datetime,
    me: BotIdentity,
) -> Incoming | None:
    name, addressee, argument = command.groups(default="")
    if addressee and addressee.lower() != me.username.lower():
        return None
    if name.lower() == "ask":
        return QuestionEvent(person, place, argument, at)
    if not (place.private or addressee or name.lower() in COMMANDS):
        return None
    brought = None
    if place.private:
        own = material(raw)
        brought = own if own and own.file else material(raw.get("reply_to_message"))
    return CommandEvent(person, place, name.lower(), argument.strip(), brought)


def _of_query(query: _Query) -> ButtonEvent:
    person = Actor(query.sender.id, query.sender.language_code, query.sender.first_name)
    return ButtonEvent(person, _place(query.message), query.id, query.data)


def _of_membership(membership: _Membership) -> MembershipEvent:
    yes = membership.new_chat_member.status not in ("kicked", "left")
    chat = membership.chat
    return MembershipEvent(ReplyTarget(chat.id, private=chat.type == "private"), yes)


def _person(message: _Message) -> Actor | None:
    """Return who wrote a message; None for another bot, and where nobody is named."""
    if message.sender_chat:
        return Actor(message.sender_chat.id, None)
    if message.sender is None or message.sender.is_bot:
        return None
    return Actor(message.sender.id, message.sender.language_code, message.sender.first_name)


def _place(message: _Message) -> ReplyTarget:
    thread = message.message_thread_id if message.is_topic_message else None
    private = message.chat.type == "private"
    channel = message.chat.type == "channel"
    return ReplyTarget(message.chat.id, thread, message.message_id, private, channel)
