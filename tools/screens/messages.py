"""Messages as a chat holds them, parsed from the JSON of the Bot API."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from tests.fakes.telegram.people import COMMAND, MENTION
from tests.fakes.telegram.text import utf16

_QUOTES: dict[str, Literal["quote", "folded"]] = {
    "blockquote": "quote",
    "expandable_blockquote": "folded",
}
_BARE_LINK = re.compile(r"https?://[^\s<>«»]+")


class _Json(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Entity(_Json):
    """A part of a text with a format; places count UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None


class _CopiedText(_Json):
    text: str


class Button(_Json):
    """A button below a message."""

    text: str
    callback_data: str | None = None
    url: str | None = None
    copied: Annotated[_CopiedText | None, Field(alias="copy_text")] = None


class _Keyboard(_Json):
    rows: Annotated[tuple[tuple[Button, ...], ...], Field(alias="inline_keyboard")] = ()


class _Sender(_Json):
    id: int
    first_name: str
    is_bot: bool = False


class _File(_Json):
    file_id: str
    file_name: str = ""


class QuotedMessage(_Json):
    """A message that another one replies to."""

    sender: Annotated[_Sender, Field(alias="from")]
    text: str = ""
    caption: str = ""


class Message(_Json):
    """A message of a chat."""

    message_id: int
    sender: Annotated[_Sender, Field(alias="from")]
    text: str = ""
    entities: tuple[Entity, ...] = ()
    caption: str = ""
    caption_entities: tuple[Entity, ...] = ()
    photo: tuple[_File, ...] = ()
    document: _File | None = None
    keyboard: Annotated[_Keyboard, Field(alias="reply_markup")] = _Keyboard()
    replied: Annotated[QuotedMessage | None, Field(alias="reply_to_message")] = None

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Its buttons, row by row."""
        return tuple(button for row in self.keyboard.rows for button in row)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its text, or the caption of its file, in blocks."""
        if self.text:
            return split_blocks(self.text, self.entities)
        return split_blocks(self.caption, self.caption_entities)


class TextRun(NamedTuple):
    """A part of a line whose characters have the same formats."""

    text: str
    formats: tuple[Entity, ...] = ()


Line = tuple[TextRun, ...]


class Block(NamedTuple):
    """Lines outside quotes, or those of one quote."""

    kind: Literal["text", "quote", "folded"]
    """`folded` is a quote of which Telegram shows three lines, and the rest at a tap."""
    lines: tuple[Line, ...]


def split_blocks(text: str, entities: tuple[Entity, ...]) -> tuple[Block, ...]:
    """Divide a text into its quotes and what is between them.

    A line break between a quote and other text is dropped, since a quote begins a line of its own.
    """
    spans = _Spans(text, (*entities, *_find_implied_entities(text, entities)))
    quotes = [entity for entity in entities if entity.type in _QUOTES]
    blocks = []
    position = 0
    for quote in sorted(quotes, key=lambda entity: entity.offset):
        start, end = spans.place(quote)
        if before := text[position:start].removesuffix("\n"):
            blocks.append(Block("text", spans.lines(position, position + len(before))))
        blocks.append(Block(_QUOTES[quote.type], spans.lines(start, end)))
        position = end + text[end:].startswith("\n")
    if text[position:]:
        blocks.append(Block("text", spans.lines(position, len(text))))
    return tuple(blocks)


class _Spans:
    """The formats of a text by its characters."""

    def __init__(self, text: str, entities: tuple[Entity, ...]) -> None:
        self._text = text
        self._positions = {0: 0}
        """Positions in characters by those in UTF-16 units."""
        units = 0
        for position, character in enumerate(text, 1):
            units += utf16(character)
            self._positions[units] = position
        self._formats = [
            (*self.place(entity), entity) for entity in entities if entity.type not in _QUOTES
        ]

    def place(self, entity: Entity) -> tuple[int, int]:
        """Return the first character of an entity, and the one after its last."""
        return self._positions[entity.offset], self._positions[entity.offset + entity.length]

    def lines(self, start: int, end: int) -> tuple[Line, ...]:
        """Divide a part of the text into lines."""
        lines = []
        for line in self._text[start:end].split("\n"):
            lines.append(self._runs(start, start + len(line)))
            start += len(line) + 1
        return tuple(lines)

    def _runs(self, start: int, end: int) -> Line:
        bounds = {place for first, last, _ in self._formats for place in (first, last)}
        cuts = sorted({start, end} | {place for place in bounds if start < place < end})
        return tuple(
            TextRun(
                self._text[first:last],
                tuple(entity for a, b, entity in self._formats if a <= first and last <= b),
            )
            for first, last in pairwise(cuts)
        )


def _find_implied_entities(text: str, entities: tuple[Entity, ...]) -> list[Entity]:
    """Return the commands, mentions and addresses that Telegram makes links of by itself."""
    marked = {entity.offset for entity in entities}
    found = []
    for kind, pattern in (("bot_command", COMMAND), ("mention", MENTION), ("url", _BARE_LINK)):
        for match in pattern.finditer(text):
            offset = utf16(text[: match.start()])
            if offset not in marked:
                found.append(Entity(type=kind, offset=offset, length=utf16(match[0])))
    return found
