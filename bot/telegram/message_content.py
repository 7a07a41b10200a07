"""Parse the parts of a message that can become an article: text, links, document, origin."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from telegram import (
    Document,
    MessageEntity,
    MessageOrigin,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.telegram.json_objects import UnreadableObject, read_object

_MAX_FILE_ID_LENGTH = 500


class ForwardOrigin(NamedTuple):
    """The first sender of a forwarded message, its date, and its address if it has one."""

    source: str | None
    sent_at: datetime
    link: str | None


class FileRef(NamedTuple):
    """A document in a message: the id to fetch it by, its name, and its size in bytes."""

    id: str
    name: str | None
    size: int | None


class MessageContent(NamedTuple):
    """A message's text or caption, the URLs of its linked words, its document and its origin."""

    text: str | None
    hidden_links: tuple[str, ...]
    file: FileRef | None
    origin: ForwardOrigin | None


def parse_message_content(message: Any) -> MessageContent | None:
    """Return the content of a message (decoded JSON).

    None if the message has neither text nor document, or if a part of it is malformed.
    """
    if not isinstance(message, dict):
        return None
    try:
        return _parse_content(message)
    except UnreadableObject:
        return None


def _parse_content(message: dict[str, Any]) -> MessageContent | None:
    text = message.get("text") if message.get("text") is not None else message.get("caption")
    document = message.get("document")
    if text is None and document is None:
        return None
    if text is not None and not _is_valid_text(text):
        raise UnreadableObject("text is no str")
    links = [
        entity.url
        for entities in (message.get("entities"), message.get("caption_entities"))
        for entity in _parse_entities(entities)
        if entity.url
    ]
    origin = message.get("forward_origin")
    return MessageContent(
        text,
        tuple(links),
        None if document is None else _parse_document(document),
        None if origin is None else _parse_origin(origin),
    )


def _is_valid_text(value: Any) -> bool:
    """Return whether a value is a str that UTF-8 can encode: one without lone surrogates."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _parse_entities(entities: Any) -> list[MessageEntity]:
    if entities is None:
        return []
    if not isinstance(entities, list):
        raise UnreadableObject("entities are no list")
    return [read_object(MessageEntity, entity) for entity in entities]


def _parse_document(value: Any) -> FileRef:
    document = read_object(Document, value)
    if not 1 <= len(document.file_id) <= _MAX_FILE_ID_LENGTH:
        raise UnreadableObject("file_id has a wrong length")
    return FileRef(document.file_id, document.file_name, document.file_size)


def _parse_origin(value: Any) -> ForwardOrigin:
    origin = read_object(MessageOrigin, value, required=("type", "date"))
    if origin.date.timestamp() < 1:
        raise UnreadableObject("an origin without a date")
    match origin:
        case MessageOriginUser():
            user = origin.sender_user
            name = f"{user.first_name} {user.last_name or ''}".strip()
            return ForwardOrigin(name or None, origin.date, None)
        case MessageOriginHiddenUser():
            return ForwardOrigin(origin.sender_user_name, origin.date, None)
        case MessageOriginChat():
            return ForwardOrigin(origin.sender_chat.title, origin.date, None)
        case MessageOriginChannel():
            username = origin.chat.username
            link = f"https://t.me/{username}/{origin.message_id}" if username else None
            return ForwardOrigin(origin.chat.title, origin.date, link)
    raise UnreadableObject("an unknown kind of origin")
