"""Telegram's HTML as its server reads it: text and entities, counted in UTF-16 units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from tests.fakes.telegram.text import Entity, Parsed, Unparsable, clean, must_be_utf8, utf16

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
}
TAGS = {*SIMPLE, "a", "code", "pre", "blockquote", "tg-emoji"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
PLAIN = re.compile(r"[^&<]+")
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
OPENING = re.compile(r"<([^ \t\r\n\v\0>]*)")
CLOSING = re.compile(r"</([^ \t\r\n\v\0>]*)[ \t\r\n\v]*(>?)")
ATTRIBUTE = re.compile(r"([^\s=>/\"']+)\s*(=?)\s*", re.ASCII)
TOKEN = re.compile(r"[a-zA-Z0-9.-]*")
LINK = re.compile(r"(?i)^((?:https?|tg|ton|tonsite)://[^\s/?#]+)(.*)$", re.DOTALL)
MENTION = re.compile(r"(?i)^tg://user/?\?id=([0-9]+)$")


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    start: int
    order: int


def parse_html(markup: str) -> Parsed:
    """Read the markup; raises Unparsable in Telegram's words."""
    must_be_utf8(markup)
    reader = _Reader(markup)
    reader.read()
    found = [entity for _, entity in sorted(reader.found, key=_place)]
    for entity in found:
        if entity["type"] == "code":
            entity.pop("language", None)
    return clean("".join(reader.parts), found)


def _place(found: tuple[int, Entity]) -> tuple[int, int, int]:
    order, entity = found
    return entity["offset"], -entity["length"], order


def _checked_link(url: str) -> str | None:
    url = url if "://" in url else f"http://{url}"
    match = LINK.match(url)
    if not match:
        return None
    return match[1] + (match[2] if match[2].startswith("/") else f"/{match[2]}")


class _Reader:
    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.at = 0
        self.units = 0
        self.parts: list[str] = []
        self.open: list[_Open] = []
        self.order = 0
        self.found: list[tuple[int, Entity]] = []

    def read(self) -> None:
        while self.at < len(self.markup):
            match = PLAIN.match(self.markup, self.at)
            if match:
                self.at = match.end()
                self.put(match[0])
            elif self.markup[self.at] == "&":
                self.put(self.reference() or self.typed())
            elif self.markup.startswith("</", self.at):
                self.close_tag()
            else:
                self.open_tag()
        if self.open:
            tag = self.open[-1].tag
            raise Unparsable(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\""
            )

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.units += utf16(text)

    def typed(self) -> str:
        self.at += 1
        return "&"

    def reference(self) -> str:
        match = REFERENCE.match(self.markup, self.at)
        if not match:
            return ""
        if match[3]:
            character = NAMED.get(match[3], "")
        else:
            code = int(match[1], 16) if match[1] else int(match[2])
            short = len(match[0].rstrip(";")) < 10
            character = chr(code) if 0 < code < 0x10FFFF and short else ""
            must_be_utf8(character)
        if character:
            self.at = match.end()
        return character

    def refuse(self, words: str, at: int, more: str = "") -> NoReturn:
        offset = len(self.markup[:at].encode())
        raise Unparsable(f"can't parse entities: {words} at byte offset {offset}{more}")

    def open_tag(self) -> None:
        begin = self.at
        match = OPENING.match(self.markup, begin)
        assert match
        self.at = match.end()
        if self.at == len(self.markup):
            self.refuse("Unclosed start tag", begin)
        tag = match[1].lower()
        if tag not in TAGS:
            self.refuse(f'Unsupported start tag "{tag}"', begin)
        given = self.attributes(tag, begin)
        argument = ""
        if tag == "a":
            argument = given.get("href", "")
        elif tag == "code" and given.get("class", "").startswith("language-"):
            argument = given["class"].removeprefix("language-")
        elif tag == "tg-emoji":
            argument = given.get("emoji-id", "")
        elif tag == "span" and given.get("class") != "tg-spoiler":
            self.refuse('Tag "span" must have class "tg-spoiler"', begin)
        elif tag == "blockquote":
            argument = "expandable" if "expandable" in given else ""
            if any(outer.tag == "blockquote" for outer in self.open):
                self.refuse("Can't nest blockquotes", begin)
        self.order += 1
        self.open.append(_Open(tag, argument, self.units, len(self.parts), self.order))

    def attributes(self, tag: str, begin: int) -> dict[str, str]:
        given: dict[str, str] = {}
        while True:
            self.skip_spaces()
            if self.at >= len(self.markup):
                self.refuse("Unclosed start tag", begin)
            if self.markup[self.at] == ">":
                self.at += 1
                return given
            match = ATTRIBUTE.match(self.markup, self.at)
            if not match:
                self.refuse(f'Empty attribute name in the tag "{tag}"', begin)
            self.at = match.end()
            given[match[1].lower()] = self.value(begin) if match[2] else ""

    def value(self, begin: int) -> str:
        quote = self.markup[self.at : self.at + 1]
        start = self.at
        if quote not in {'"', "'"}:
            match = TOKEN.match(self.markup, start)
            assert match
            self.at = match.end()
            if self.markup[self.at : self.at + 1] not in {"", " ", "\t", "\r", "\n", "\v", ">"}:
                self.refuse("Unexpected end of name token", start)
            return match[0].lower()
        end = self.markup.find(quote, start + 1)
        if end < 0:
            self.refuse("Unclosed start tag", begin)
        self.at = start + 1
        parts = []
        while self.at < end:
            character = self.reference() if self.markup[self.at] == "&" else ""
            if not character:
                character = self.markup[self.at]
                self.at += 1
            parts.append(character)
        self.at = end + 1
        return "".join(parts)

    def skip_spaces(self) -> None:
        while self.markup[self.at : self.at + 1] in {" ", "\t", "\r", "\n", "\v"}:
            self.at += 1

    def close_tag(self) -> None:
        begin = self.at
        if not self.open:
            self.refuse("Unexpected end tag", begin)
        match = CLOSING.match(self.markup, begin)
        assert match
        if not match[2]:
            self.refuse("Unclosed end tag", begin)
        self.at = match.end()
        opened = self.open[-1]
        if match[1] and match[1] != opened.tag:
            more = f', expected "</{opened.tag}>", found "</{match[1]}>"'
            self.refuse("Unmatched end tag", begin, more)
        self.open.pop()
        entity = self.entity(opened) if self.units > opened.offset else None
        if entity:
            place = {"offset": opened.offset, "length": self.units - opened.offset}
            self.found.append((opened.order, {**entity, **place}))

    def entity(self, opened: _Open) -> Entity | None:
        """What the closed tag makes; None for a link to nowhere."""
        if opened.tag in SIMPLE:
            return {"type": SIMPLE[opened.tag]}
        if opened.tag == "blockquote":
            return {"type": f"{opened.argument}_blockquote".lstrip("_")}
        if opened.tag == "tg-emoji":
            return {"type": "custom_emoji", "custom_emoji_id": opened.argument}
        if opened.tag == "a":
            url = opened.argument or "".join(self.parts[opened.start :])
            person = MENTION.match(url)
            if person:
                return {"type": "text_mention", "user": {"id": int(person[1])}}
            link = _checked_link(url)
            return {"type": "text_link", "url": link} if link else None
        return self.code(opened)

    def code(self, opened: _Open) -> Entity | None:
        """Code holds no other entity: what was found inside is forgotten."""
        language = opened.argument if opened.tag == "code" else ""
        within = [found for found in self.found if found[0] > opened.order]
        if opened.tag == "pre" and within:
            last = within[-1][1]
            whole = (last["offset"], last["length"]) == (opened.offset, self.units - opened.offset)
            language = last.get("language", "") if whole else ""
        self.found = [found for found in self.found if found[0] < opened.order]
        return {"type": opened.tag, **({"language": language} if language else {})}
