"""Extract the story from plain or Markdown text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from index.ingest.extracted_article import ExtractedArticle, build_extracted_article
from index.models import DateProvenance
from index.text.byline import read_byline

MAX_TITLE_LENGTH = 160
"""Maximum characters of a title; a longer first line is a paragraph."""
_FRONT_MATTER = re.compile(
    r"\s*---[ \t]*\n(?P<fields>.{0,10000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_FIELD = re.compile(r"([A-Za-z_]{2,20})[ \t]*:[ \t]*(\S.*)")
_FIELD_NAMES = {
    "title": "title",
    "author": "author",
    "source": "source",
    "url": "url",
    "link": "url",
    "lang": "language",
    "language": "language",
    "date": "date",
    "published": "date",
}
_HEADING = re.compile(r"\s*#{1,6}[ \t]+(?P<title>[^\n]+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_UNDERLINED = re.compile(r"\s*(?P<title>[^\n]+)\n(?:={3,}|-{3,})[ \t]*(?:\n|\Z)")
_FIRST_LINE = re.compile(r"\s*(?P<title>[^\n]+)\n[ \t]*\n")
_NOT_A_TITLE = re.compile(r"^(?:[-*•>|]|\d+[.)])|https?://|[.:،؛,;…]$")
_WORD = re.compile(r"\w+")


def read_text(text: str, *, url: str | None, now: datetime) -> ExtractedArticle:
    """Return the story in `text`, verbatim. Raises `SourceRejected` if it has no words.

    Front matter gives title, date, author, source, URL and language. A Markdown heading at the
    beginning is the title, and so is a first line that looks like one and precedes a blank line;
    the title is removed from the text. The archive, not this function, reads the byline.
    """
    metadata: dict[str, Any] = {"url": url}
    if (match := _FRONT_MATTER.match(text)) and (
        front_matter := _parse_front_matter(match["fields"], now)
    ):
        metadata |= front_matter
        text = text[match.end() :]
    if "title" not in metadata and (heading := _split_title(text)):
        title, rest = heading
        metadata["title"], text = title, rest
    return build_extracted_article(text.strip(), **metadata)


def _parse_front_matter(lines: str, now: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for line in lines.splitlines():
        if (match := _FIELD.fullmatch(line.strip())) and (
            name := _FIELD_NAMES.get(match[1].lower())
        ):
            fields.setdefault(name, match[2].strip().strip("\"'"))
    date = fields.pop("date", None)
    return fields | (_parse_date_fields(date, now) if date else {})


def _parse_date_fields(date_text: str, now: datetime) -> dict[str, Any]:
    from index.text.dates.parser import read_date

    if (parsed_date := read_date(date_text, now=now)) is None:
        return {"printed": date_text}
    return {
        "published": parsed_date.published,
        "date_found": DateProvenance.PAGE if parsed_date.certain else DateProvenance.UNCERTAIN,
        "otherwise": parsed_date.alternatives,
        "printed": date_text,
    }


def looks_like_title(line: str, rest: str) -> bool:
    """Say whether a first line could be the title of the text after it, `rest`.

    A title has at least three words, is short, does not end like a sentence, and is no byline.
    """
    line = line.strip()
    return (
        "\n" not in line
        and len(line) <= MAX_TITLE_LENGTH
        and len(_WORD.findall(line)) > 2
        and len(_WORD.findall(rest)) > len(_WORD.findall(line))
        and not _NOT_A_TITLE.search(line)
        and not read_byline(f"{line}\n{rest}")
    )


def _split_title(text: str) -> tuple[str, str] | None:
    """Return the title at the beginning of `text` and the text after it, or None."""
    for pattern in (_HEADING, _UNDERLINED):
        match = pattern.match(text)
        if match and _WORD.search(match["title"]) and len(match["title"]) <= MAX_TITLE_LENGTH:
            rest = text[match.end() :]
            return (match["title"].strip(), rest) if _WORD.search(rest) else None
    match = _FIRST_LINE.match(text)
    if match and looks_like_title(match["title"], text[match.end() :]):
        return match["title"].strip(), text[match.end() :]
    return None
