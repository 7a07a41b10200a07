"""Text as Telegram's server keeps it: cleaned, trimmed, counted in UTF-16 units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Entity = dict[str, Any]

ENTITY_LIMIT = 100
SURROGATE = re.compile("[\ud800-\udfff]")
SPACED = {code: " " for code in range(32) if code not in {10, 13}}
DELETED = dict.fromkeys([13, 0x30A, 0x333, 0x33F, *range(0x2028, 0x202F)])
CLEANING: dict[int, str | None] = {**SPACED, **DELETED}
TO_CLEAN = re.compile("[\x00-\x09\x0b-\x1f\u030a\u0333\u033f\u2028-\u202e]")
REPEATED_MARK = re.compile("[\u200e\u200f](?=[\u200e\u200f])")
INVISIBLE = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u2060-\u2069\ufeff]*")


class Unparsable(Exception):
    """The words in which Telegram refuses the text."""


@dataclass
class Parsed:
    """What the reader sees, and what was left out of it without a word."""

    text: str
    entities: list[Entity] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def utf16(text: str) -> int:
    """Count UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str, entities: list[Entity]) -> Parsed:
    """Clean and trim as the server does to any text, with the entities moved along."""
    must_be_utf8(text)
    kept = [dict(entity) for entity in entities]
    if TO_CLEAN.search(text):
        gone = _deleted_before(text) if kept else []
        text = text.translate(CLEANING)
        for entity in kept:
            start, end = entity["offset"], entity["offset"] + entity["length"]
            entity["offset"] = start - sum(at < start for at in gone)
            entity["length"] = end - sum(at < end for at in gone) - entity["offset"]
    text = REPEATED_MARK.sub("\u200c", text).rstrip(" \n")
    led = len(text) - len(text.lstrip(" \n"))
    text = text[led:]
    if INVISIBLE.fullmatch(text):
        return Parsed("")
    result = Parsed(text)
    units = text.encode("utf-16-le")
    for entity in kept:
        start = max(entity["offset"] - led, 0)
        end = min(entity["offset"] - led + entity["length"], len(units) // 2)
        spanned = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        if not spanned.strip(" \n"):
            continue
        result.entities.append({**entity, "offset": start, "length": end - start})
    if len(result.entities) > ENTITY_LIMIT:
        result.dropped.append(f"{len(result.entities)} entities: past the hundredth dropped")
        del result.entities[ENTITY_LIMIT:]
    return result


def must_be_utf8(text: str) -> None:
    if SURROGATE.search(text):
        raise Unparsable("text must be encoded in UTF-8")


def _deleted_before(text: str) -> list[int]:
    places, at = [], 0
    for character in text:
        if ord(character) in DELETED:
            places.append(at)
        at += 2 if ord(character) > 0xFFFF else 1
    return places
