"""What a message holds that could become an article: pure, and hostile until it is parsed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

UnixTime = Annotated[int, Field(ge=1, le=2**33)]


class ForwardOrigin(NamedTuple):
    """Where a forwarded message was first sent: by whom, when, and its address if it has one."""

    source: str | None
    sent_at: datetime
    link: str | None


class FileRef(NamedTuple):
    """A document that was sent: the id to fetch it by, and its name and size in bytes."""

    id: str
    name: str | None
    size: int | None


class MessageContent(NamedTuple):
    """A message's words, the addresses that its letters hide, its document, its origin."""

    text: str | None
    hidden_links: tuple[str, ...]
    file: FileRef | None
    origin: ForwardOrigin | None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Entity(_Part):
    type: str
    url: str | None = None


class _Document(_Part):
    file_id: Annotated[str, Field(min_length=1, max_length=500)]
    file_name: str | None = None
    file_size: int | None = None


class _Named(_Part):
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str | None:
        return f"{self.first_name} {self.last_name}".strip() or None


class _Chat(_Part):
    title: str | None = None
    username: str | None = None


class _Origin(_Part):
    type: Literal["user", "hidden_user", "chat", "channel"]
    date: UnixTime
    sender_user: _Named | None = None
    sender_user_name: str | None = None
    sender_chat: _Chat | None = None
    chat: _Chat | None = None
    message_id: int | None = None

    def to_forward_origin(self) -> ForwardOrigin:
        chat = self.chat or self.sender_chat
        sender_name = self.sender_user.name if self.sender_user else self.sender_user_name
        link = None
        if self.type == "channel" and chat and chat.username and self.message_id:
            link = f"https://t.me/{chat.username}/{self.message_id}"
        source = chat.title if chat else sender_name
        return ForwardOrigin(source, datetime.fromtimestamp(self.date, UTC), link)


class _Message(_Part):
    text: str | None = None
    caption: str | None = None
    entities: tuple[_Entity, ...] = ()
    caption_entities: tuple[_Entity, ...] = ()
    document: _Document | None = None
    forward_origin: _Origin | None = None


def parse_message_content(message: Any) -> MessageContent | None:
    """Return what a message (as JSON gives it) holds; None where that is nothing of use."""
    try:
        parsed = _Message.model_validate(message)
    except ValidationError:
        return None
    text = parsed.text if parsed.text is not None else parsed.caption
    if text is None and parsed.document is None:
        return None
    hidden_links = [
        entity.url for entity in (*parsed.entities, *parsed.caption_entities) if entity.url
    ]
    file = None
    if parsed.document:
        file = FileRef(
            parsed.document.file_id, parsed.document.file_name, parsed.document.file_size
        )
    origin = parsed.forward_origin.to_forward_origin() if parsed.forward_origin else None
    return MessageContent(text, tuple(hidden_links), file, origin)
