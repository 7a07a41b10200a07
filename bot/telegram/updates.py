"""Parse an update of the Bot API into the event that the bot handles, without side effects.

Updates of any other kind (polls, kinds that Telegram adds later) and malformed ones give no event;
neither do posts in a channel, except commands, nor edits, except of questions.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple, TypeGuard

from telegram import CallbackQuery, Chat, InlineQuery, Message, User
from telegram.constants import ChatMemberStatus, ChatType, ReactionType
from telegram.helpers import create_deep_linked_url

from bot.telegram.callback_data import CallbackData, parse_callback_data
from bot.telegram.json_objects import UnreadableObject, read_object
from bot.telegram.message_content import MessageContent, parse_message_content

GROUP_COMMANDS = frozenset(
    ("start", "help", "about", "language", "latest", "digest", "watching", "privacy")
)
"""Commands accepted in a group without the bot's name.

Others may be meant for another bot (/today, /new), or change what the group receives (/subscribe).
"""
CHANNEL_COMMANDS = frozenset(("subscribe", "unsubscribe"))
"""Commands accepted in a channel without the bot's name."""
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
"""Fields of a message that hold its content where it has neither text nor caption."""
_OUTSIDE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
"""The states of a chat member who is not in the chat."""
_REQUIRED_MESSAGE_FIELDS = ("message_id", "date", "chat")


class BotIdentity(NamedTuple):
    """The bot's own id and username in Telegram."""

    id: int
    username: str

    def start_link(self, payload: str) -> str:
        """Return a link that opens the bot with `/start payload`."""
        return create_deep_linked_url(self.username, payload)


class Actor(NamedTuple):
    """The sender: a user, or the chat on whose behalf an anonymous admin writes."""

    id: int
    language: str | None
    name: str | None = None


class ReplyTarget(NamedTuple):
    """Where a reply goes: the chat, its topic, and the message that it replies to."""

    chat_id: int
    thread_id: int | None = None
    message_id: int | None = None
    is_private: bool = True
    is_channel: bool = False


class QuestionEvent(NamedTuple):
    """A question in words.

    `content` is the whole message, in a private chat: an editor may send it to be added.
    """

    actor: Actor
    target: ReplyTarget
    text: str
    sent_at: datetime
    content: MessageContent | None = None
    is_edited: bool = False
    """The message was sent before, and its text has changed."""
    replied_message_id: int | None = None
    """The message that it replies to, if the bot wrote that."""


class CommandEvent(NamedTuple):
    """A command, such as /language fr: its name in lower case, and the text after it.

    `content` is that of the message itself if it has a document, else of the message that it
    replies to; in a private chat only.
    """

    actor: Actor
    target: ReplyTarget
    name: str
    argument: str
    content: MessageContent | None = None


class ButtonEvent(NamedTuple):
    """A press of an inline button.

    `callback_query_id` is needed to answer it, `callback_data` identifies the button.
    """

    actor: Actor
    target: ReplyTarget
    callback_query_id: str
    callback_data: str

    @property
    def callback(self) -> CallbackData | None:
        """What the button carries; None where no button of the bot carries it."""
        return parse_callback_data(self.callback_data)


class ReactionEvent(NamedTuple):
    """A change of a person's reactions to the message `message_id`."""

    actor: Actor
    target: ReplyTarget
    message_id: int
    added: frozenset[str]
    """The emoji of the new reactions."""
    removed: frozenset[str]
    """The emoji of the reactions taken away."""


class Location(NamedTuple):
    """A shared location, in degrees."""

    latitude: float
    longitude: float


class NonTextEvent(NamedTuple):
    """A message without text (photo, voice message, sticker, location) in a private chat."""

    actor: Actor
    target: ReplyTarget
    content: MessageContent | None = None
    location: Location | None = None


class ChatMigratedEvent(NamedTuple):
    """A group was upgraded to a supergroup, which has a new id."""

    target: ReplyTarget
    new_chat_id: int
    actor: Actor | None = None


class MembershipEvent(NamedTuple):
    """The bot was blocked or removed (`reachable` is False), or unblocked or added again.

    `added_by` is who added it to a group; None for any other change.
    """

    target: ReplyTarget
    reachable: bool
    added_by: Actor | None = None
    actor: Actor | None = None


class InlineQueryEvent(NamedTuple):
    """What somebody types after the bot's name, in any chat; each keystroke may bring another one.

    `inline_query_id` is needed to answer it.
    """

    actor: Actor
    inline_query_id: str
    text: str


IncomingEvent = (
    QuestionEvent
    | CommandEvent
    | ButtonEvent
    | ReactionEvent
    | NonTextEvent
    | ChatMigratedEvent
    | MembershipEvent
)
"""What an update asks of the bot in a chat; an `InlineQueryEvent` belongs to no chat of the bot."""


class IncomingUpdate(NamedTuple):
    """An update that the bot handles."""

    id: int
    event: IncomingEvent


def parse_update(update: Any, me: BotIdentity) -> IncomingEvent | InlineQueryEvent | None:
    """Return the event in an update (decoded JSON); None if the bot has nothing to do."""
    if not isinstance(update, dict):
        return None
    try:
        if "message" in update:
            return _parse_message(update["message"], me)
        if "edited_message" in update:
            return _parse_edited_message(update["edited_message"], me)
        if "channel_post" in update:
            return _parse_channel_post(_read_message(update["channel_post"]), me)
        if "callback_query" in update:
            return _parse_callback_query(update["callback_query"])
        if "message_reaction" in update:
            return _parse_reaction(update["message_reaction"])
        if "my_chat_member" in update:
            return _parse_membership(update["my_chat_member"])
        if "inline_query" in update:
            return _parse_inline_query(update["inline_query"])
    except UnreadableObject:
        return None
    return None


def _read_message(raw: Any) -> Message:
    return read_object(Message, raw, _REQUIRED_MESSAGE_FIELDS)


def _parse_channel_post(message: Message, me: BotIdentity) -> IncomingEvent | None:
    """Return the command in a channel post: only admins can write there."""
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


def _parse_message(raw: Any, me: BotIdentity) -> IncomingEvent | None:
    message = _read_message(raw)
    replied_to_user = _parse_replied_to_user(raw)
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
        if not (target.is_private and any(kind in raw for kind in _NON_TEXT_KINDS)):
            return None
        return NonTextEvent(
            actor, target, parse_message_content(raw), _parse_location(raw.get("location"))
        )
    command = _COMMAND.fullmatch(text.strip())
    if command:
        return _parse_command(raw, command, actor, target, message.date, me)
    is_reply_to_us = replied_to_user is not None and replied_to_user.id == me.id
    replied_message_id = _parse_replied_message_id(raw) if is_reply_to_us else None
    question = QuestionEvent(
        actor, target, text, message.date, replied_message_id=replied_message_id
    )
    if target.is_private:
        return question._replace(content=parse_message_content(raw))
    mention = _mention_pattern(me)
    if mention.search(text) or is_reply_to_us:
        words = mention.sub(" ", text)
        return question._replace(text=words if words.strip() else _replied_to_text(raw, me))
    return None


def _parse_replied_message_id(raw: dict[str, Any]) -> int | None:
    """Return the id of the message that a message replies to; None if it is malformed."""
    message_id = _require_object(raw["reply_to_message"]).get("message_id")
    return message_id if type(message_id) is int else None


def _parse_edited_message(raw: Any, me: BotIdentity) -> QuestionEvent | None:
    """Return the question in an edited message; None if it is anything else."""
    event = _parse_message(raw, me)
    if not isinstance(event, QuestionEvent):
        return None
    return event._replace(content=None, is_edited=True)


def _parse_replied_to_user(raw: dict[str, Any]) -> User | None:
    """Return the sender of the message that a message replies to, if it names one."""
    replied_to = raw.get("reply_to_message")
    if replied_to is None:
        return None
    sender = _require_object(replied_to).get("from")
    return None if sender is None else read_object(User, sender)


def _replied_to_text(raw: dict[str, Any], me: BotIdentity) -> str:
    """Return the words of another's message that a message replies to; "" if there are none."""
    replied_to_user = _parse_replied_to_user(raw)
    if replied_to_user is not None and replied_to_user.id == me.id:
        return ""
    content = parse_message_content(raw.get("reply_to_message"))
    text = content.text if content else None
    return _mention_pattern(me).sub(" ", text or "")


def _mention_pattern(me: BotIdentity) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(me.username)}\b", re.IGNORECASE)


def _require_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableObject("no JSON object")
    return value


def _parse_location(value: Any) -> Location | None:
    """Return a location, or None if there is none or it is malformed."""
    if not isinstance(value, dict):
        return None
    latitude, longitude = value.get("latitude"), value.get("longitude")
    if not (_is_number(latitude) and _is_number(longitude)):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return Location(latitude, longitude)


def _is_number(value: Any) -> TypeGuard[float]:
    return type(value) in (int, float)


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
        question = argument if argument.strip() else _replied_to_text(raw, me)
        return QuestionEvent(actor, target, question, sent_at)
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


def _parse_callback_query(raw: Any) -> ButtonEvent:
    # The library requires `chat_instance`, which the bot does not read.
    fields = {"chat_instance": "", **_require_object(raw)}
    query = read_object(CallbackQuery, fields, ("from", "data"), name="callback_query")
    message = _read_message(raw.get("message"))
    actor = Actor(query.from_user.id, query.from_user.language_code, query.from_user.first_name)
    assert query.data is not None, "a required field"
    return ButtonEvent(actor, _reply_target(message), query.id, query.data)


def _parse_reaction(raw: Any) -> ReactionEvent | None:
    """Return the change of a user's reactions; None for those of a chat or another bot."""
    # Not read with the library's MessageReactionUpdated: `read_object` reads no arrays.
    reacted = _require_object(raw)
    message = _read_message(reacted)
    if reacted.get("user") is None:
        return None
    user = read_object(User, reacted["user"])
    if user.is_bot:
        return None
    before, after = (_parse_emoji(reacted.get(name)) for name in ("old_reaction", "new_reaction"))
    actor = Actor(user.id, user.language_code, user.first_name)
    return ReactionEvent(
        actor, _reply_target(message), message.message_id, after - before, before - after
    )


def _parse_emoji(reactions: Any) -> frozenset[str]:
    """Return the emoji of those reactions that are one; the others are custom emoji or paid."""
    if not isinstance(reactions, list):
        raise UnreadableObject("no list of reactions")
    found = (_require_object(each) for each in reactions)
    emoji = (each.get("emoji") for each in found if each.get("type") == ReactionType.EMOJI)
    return frozenset(each for each in emoji if isinstance(each, str))


def _parse_inline_query(raw: Any) -> InlineQueryEvent:
    # The library requires `offset`, which the bot does not use.
    fields = {**_require_object(raw), "offset": ""}
    query = read_object(InlineQuery, fields, ("id", "from", "query"), name="inline_query")
    user = query.from_user
    return InlineQueryEvent(
        Actor(user.id, user.language_code, user.first_name), query.id, query.query
    )


def _parse_membership(raw: Any) -> MembershipEvent:
    # Not read with the library's ChatMemberUpdated: it requires every right of an administrator
    # that its own version of the Bot API knows.
    chat = read_object(Chat, _require_object(raw).get("chat"))
    status = _require_object(raw.get("new_chat_member")).get("status")
    if not isinstance(status, str):
        raise UnreadableObject("a member without status")
    reachable = status not in _OUTSIDE
    before = raw.get("old_chat_member")
    was_outside = isinstance(before, dict) and before.get("status") in _OUTSIDE
    added_by = None
    if was_outside and reachable and chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        user = read_object(User, raw.get("from"))
        added_by = Actor(user.id, user.language_code, user.first_name)
    target = ReplyTarget(chat.id, is_private=chat.type == ChatType.PRIVATE)
    return MembershipEvent(target, reachable, added_by)


def _find_actor(message: Message) -> Actor | None:
    """Return the sender of a message; None for another bot and for a message without sender."""
    if message.sender_chat:
        return Actor(message.sender_chat.id, None)
    user = message.from_user
    if user is None or user.is_bot:
        return None
    return Actor(user.id, user.language_code, user.first_name)


def _reply_target(message: Message) -> ReplyTarget:
    thread_id = message.message_thread_id if message.is_topic_message else None
    return ReplyTarget(
        message.chat.id,
        thread_id,
        message.message_id,
        is_private=message.chat.type == ChatType.PRIVATE,
        is_channel=message.chat.type == ChatType.CHANNEL,
    )
