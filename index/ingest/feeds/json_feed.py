"""Read JSON Feed, versions 1 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import from_json

from index.ingest.documents import DocumentHints
from index.ingest.feeds.entry_builder import (
    EntryBuilder,
    MarkedText,
    RawEntry,
    absolute_url,
    build_lenient,
    parse_language_tag,
)
from index.ingest.feeds.entry_text import clean_line
from index.ingest.feeds.models import MAX_ENTRIES, Feed, FeedKind


def _to_text(value: Any) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None


_LenientText = Annotated[str | None, BeforeValidator(_to_text)]
_LenientList = Annotated[
    list[Any], BeforeValidator(lambda value: value if isinstance(value, list) else [])
]


class _Item(BaseModel):
    """An item; values of another type than the standard requires are left out."""

    model_config = ConfigDict(extra="ignore")

    id: _LenientText = None
    url: _LenientText = None
    external_url: _LenientText = None
    title: _LenientText = None
    summary: _LenientText = None
    content_html: _LenientText = None
    content_text: _LenientText = None
    date_published: _LenientText = None
    date_modified: _LenientText = None
    author: Any = None
    authors: _LenientList = []


class _JsonFeed(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: _LenientText = None
    title: _LenientText = None
    language: _LenientText = None
    home_page_url: _LenientText = None
    author: Any = None
    authors: _LenientList = []
    items: list[Any]


def read_json_feed(text: str, hints: DocumentHints) -> Feed | None:
    """Return the feed in `text`, or None if it is no JSON Feed.

    A truncated feed yields its complete items. Raises RecursionError if it is nested too deeply.
    """
    value, is_truncated = _parse_json(text)
    try:
        document = _JsonFeed.model_validate(value)
    except ValidationError:
        return None
    if "jsonfeed.org" not in (document.version or "") and not _looks_like_items(document.items):
        return None
    page = absolute_url(document.home_page_url, hints.url)
    title = clean_line(document.title)
    builder = EntryBuilder(hints, title)
    items = document.items[:-1] if is_truncated else document.items
    for item in items[:MAX_ENTRIES]:
        try:
            builder.add(_raw_entry(_Item.model_validate(item), document, (hints.url, page)))
        except ValidationError:
            continue  # the item is no object
    fields = {
        "kind": FeedKind.JSON,
        "title": title,
        "language": parse_language_tag(document.language),
        "page": page,
        "entries": builder.entries(),
    }
    feed: Feed = build_lenient(Feed, fields)
    return feed


def _parse_json(text: str) -> tuple[Any, bool]:
    """Return the JSON value, and whether the text was truncated; (None, True) if it is no JSON."""
    try:
        return from_json(text), False
    except ValueError:
        pass
    try:
        return json.loads(text, strict=False), False  # allows control characters in strings
    except ValueError:
        pass
    try:
        return from_json(text, allow_partial=True), True
    except ValueError:
        return None, True


def _looks_like_items(items: list[Any]) -> bool:
    item_keys = {"url", "title", "content_html", "content_text", "date_published"}
    return any(isinstance(item, dict) and len(item_keys & item.keys()) > 1 for item in items)


def _raw_entry(item: _Item, document: _JsonFeed, bases: tuple[str | None, ...]) -> RawEntry:
    contents = []
    if item.content_html:
        contents.append(MarkedText(item.content_html))
    if item.content_text:
        contents.append(MarkedText(item.content_text, is_markup=False))
    return RawEntry(
        id=item.id,
        url=absolute_url(item.url, *bases)
        or absolute_url(item.external_url, *bases)
        or absolute_url(item.id),
        title=item.title,
        author=_author_names(item.authors, item.author)
        or _author_names(document.authors, document.author),
        summaries=[MarkedText(item.summary, is_markup=False)] if item.summary else [],
        contents=contents,
        published=item.date_published,
        updated=item.date_modified,
    )


def _author_names(authors: list[Any], author: Any) -> str | None:
    objects = [candidate for candidate in (*authors, author) if isinstance(candidate, dict)]
    names = [name for item in objects if (name := _to_text(item.get("name")))]
    return ", ".join(dict.fromkeys(names)) or None
