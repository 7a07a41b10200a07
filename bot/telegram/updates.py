"""What an update asks of the bot: pure, and hostile until it is parsed.

Whatever is not one of the kinds below (edits, reactions, polls, kinds that Telegram will think of
one day) asks nothing of it; of what is written in a channel only commands do.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.telegram.callback_data import CallbackData, parse_callback_data
from bot.telegram.message_content import MessageContent, parse_message_content

Id = Annotated[int, Field(ge=-(2**62), le=2**62)]

GROUP_COMMANDS = frozenset(("start", "help", "about", "language"))
"""The commands that are heard in a group without the bot's name; others may be another bot's."""
CHANNEL_COMMANDS = frozenset(("subscribe", "unsubscribe"))
"""The same in a channel."""
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@(\w{1,64}))?(?:\s+(.*))?", re.DOTALL)
_NON_TEXT_KINDS = (
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

    chat_id: int
    thread_id: int | None = None
    message_id: int | None = None
    is_private: bool = True
    is_channel: bool = False


class QuestionEvent(NamedTuple):
    """A question; `content` is what else an editor may have meant by it, in a private chat."""

    actor: Actor
    target: ReplyTarget
    text: str
    sent_at: datetime
    content: MessageContent | None = None


class CommandEvent(NamedTuple):
    """A command, such as /language fr: its name in small letters, and the words after it.

    `content` is the document that it comes with, or what the message holds that it replies to.
    """

    actor: Actor
    target: ReplyTarget
    name: str
    argument: str
    content: MessageContent | None = None


class ButtonEvent(NamedTuple):
    """A button that was pressed.

    `callback_query_id` answers it, `callback_data` says which it was.
    """

    actor: Actor
    target: ReplyTarget
    callback_query_id: str
    callback_data: str

    @property
    def callback(self) -> CallbackData | None:
        """What the button carries; None where no button of the bot carries it."""
        return parse_callback_data(self.callback_data)


class Location(BaseModel):
    """Where somebody is, in degrees."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class NonTextEvent(NamedTuple):
    """A picture, a voice message, a sticker: something without words, in a private chat."""

    actor: Actor
    target: ReplyTarget
    content: MessageContent | None = None
    location: Location | None = None


class ChatMigratedEvent(NamedTuple):
    """A group has become another chat."""

    target: ReplyTarget
    new_chat_id: int
    actor: Actor | None = None


class MembershipEvent(NamedTuple):
    """Someone blocked the bot or threw it out, or let it in again."""

    target: ReplyTarget
    reachable: bool
    actor: Actor | None = None


IncomingEvent = (
    QuestionEvent | CommandEvent | ButtonEvent | NonTextEvent | ChatMigratedEvent | MembershipEvent
)


class IncomingUpdate(NamedTuple):
    """An update that asks something of the bot."""

    id: int
    event: IncomingEvent


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


def parse_update(update: Any, me: BotIdentity) -> IncomingEvent | None:
    """Return what an update (as JSON gives it) asks of the bot; None where that is nothing."""
    if not isinstance(update, dict):
        return None
    try:
        if "message" in update:
            return _parse_message(update["message"], _Message.model_validate(update["message"]), me)
        if "channel_post" in update:
            return _parse_channel_post(_Message.model_validate(update["channel_post"]), me)
        if "callback_query" in update:
            return _parse_callback_query(_Query.model_validate(update["callback_query"]))
        if "my_chat_member" in update:
            return _parse_membership(_Membership.model_validate(update["my_chat_member"]))
    except ValidationError:
        return None
    return None


def _parse_channel_post(message: _Message, me: BotIdentity) -> IncomingEvent | None:
    """Return the command that an admin wrote in a channel: nobody else can write there."""
    command = _COMMAND.fullmatch((message.text or "").strip())
    if command is None:
        return None
    name, addressee, argument = command.groups(default="")
    is_for_us = (
        addressee.lower() == me.username.lower() if addressee else name.lower() in CHANNEL_COMMANDS
    )
    if not is_for_us:
        return None
    actor = Actor(message.chat.id, None)
    return CommandEvent(actor, _reply_target(message), name.lower(), argument.strip())


def _parse_message(raw: dict[str, Any], message: _Message, me: BotIdentity) -> IncomingEvent | None:
    if message.migrate_to_chat_id is not None:
        return ChatMigratedEvent(
            ReplyTarget(message.chat.id, is_private=False), message.migrate_to_chat_id
        )
    actor = _find_actor(message)
    if actor is None or message.via_bot or message.is_automatic_forward:
        return None
    target = _reply_target(message)
    text = message.text if message.text is not None else message.caption
    if text is None:
        is_non_text = target.is_private and any(kind in raw for kind in _NON_TEXT_KINDS)
        return (
            NonTextEvent(actor, target, parse_message_content(raw), _parse_location(message))
            if is_non_text
            else None
        )
    sent_at = datetime.fromtimestamp(message.date, UTC)
    command = _COMMAND.fullmatch(text.strip())
    if command:
        return _parse_command(raw, command, actor, target, sent_at, me)
    if target.is_private:
        return QuestionEvent(actor, target, text, sent_at, parse_message_content(raw))
    mention_pattern = re.compile(rf"@{re.escape(me.username)}\b", re.IGNORECASE)
    replied_to_sender = message.reply_to_message and message.reply_to_message.sender
    if mention_pattern.search(text) or (replied_to_sender and replied_to_sender.id == me.id):
        return QuestionEvent(actor, target, mention_pattern.sub(" ", text), sent_at)
    return None


def _parse_location(message: _Message) -> Location | None:
    try:
        return Location.model_validate(message.location)
    except ValidationError:
        return None


def _parse_command(
    raw: dict[str, Any],
    command: re.Match[str],
    actor: Actor,
    target: ReplyTarget,
    sent_at: datetime,
    me: BotIdentity,
) -> IncomingEvent | None:
    name, addressee, argument = command.groups(default="")
    if addressee and addressee.lower() != me.username.lower():
        return None
    if name.lower() == "ask":
        return QuestionEvent(actor, target, argument, sent_at)
    if not (target.is_private or addressee or name.lower() in GROUP_COMMANDS):
        return None
    content = None
    if target.is_private:
        own_content = parse_message_content(raw)
        content = (
            own_content
            if own_content and own_content.file
            else parse_message_content(raw.get("reply_to_message"))
        )
    return CommandEvent(actor, target, name.lower(), argument.strip(), content)


def _parse_callback_query(query: _Query) -> ButtonEvent:
    actor = Actor(query.sender.id, query.sender.language_code, query.sender.first_name)
    return ButtonEvent(actor, _reply_target(query.message), query.id, query.data)


def _parse_membership(membership: _Membership) -> MembershipEvent:
    reachable = membership.new_chat_member.status not in ("kicked", "left")
    chat = membership.chat
    return MembershipEvent(ReplyTarget(chat.id, is_private=chat.type == "private"), reachable)


def _find_actor(message: _Message) -> Actor | None:
    """Return who wrote a message; None for another bot, and where nobody is named."""
    if message.sender_chat:
        return Actor(message.sender_chat.id, None)
    if message.sender is None or message.sender.is_bot:
        return None
    return Actor(message.sender.id, message.sender.language_code, message.sender.first_name)


def _reply_target(message: _Message) -> ReplyTarget:
    thread_id = message.message_thread_id if message.is_topic_message else None
    is_private = message.chat.type == "private"
    is_channel = message.chat.type == "channel"
    return ReplyTarget(message.chat.id, thread_id, message.message_id, is_private, is_channel)
