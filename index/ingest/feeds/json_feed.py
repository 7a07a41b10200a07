"""JSON Feed, versions 1 and 1.1 (jsonfeed.org), becomes a feed."""

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
    absolute,
    language_tag,
    valid,
)
from index.ingest.feeds.entry_text import line_of
from index.ingest.feeds.models import MAX_ENTRIES, Feed, FeedKind


def _string(value: Any) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None


_Maybe = Annotated[str | None, BeforeValidator(_string)]
_List = Annotated[
    list[Any], BeforeValidator(lambda value: value if isinstance(value, list) else [])
]


class _Item(BaseModel):
    """An item; what is of another type than the standard says is left out."""

    model_config = ConfigDict(extra="ignore")

    id: _Maybe = None
    url: _Maybe = None
    external_url: _Maybe = None
    title: _Maybe = None
    summary: _Maybe = None
    content_html: _Maybe = None
    content_text: _Maybe = None
    date_published: _Maybe = None
    date_modified: _Maybe = None
    author: Any = None
    authors: _List = []


class _JsonFeed(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: _Maybe = None
    title: _Maybe = None
    language: _Maybe = None
    home_page_url: _Maybe = None
    author: Any = None
    authors: _List = []
    items: list[Any]


def read_json(text: str, given: DocumentHints) -> Feed | None:
    """Return the feed in `text`, or None where it is no JSON Feed.

    Of one that was cut, that is its whole items. Raises RecursionError for what is nested too deep.
    """
    value, cut = _parsed(text)
    try:
        whole = _JsonFeed.model_validate(value)
    except ValidationError:
        return None
    if "jsonfeed.org" not in (whole.version or "") and not _looks_like_items(whole.items):
        return None
    page = absolute(whole.home_page_url, given.url)
    title = line_of(whole.title)
    gathering = EntryBuilder(given, title)
    items = whole.items[:-1] if cut else whole.items
    for item in items[:MAX_ENTRIES]:
        try:
            gathering.add(_told(_Item.model_validate(item), whole, (given.url, page)))
        except ValidationError:
            continue  # it is no object
    facts = {
        "kind": FeedKind.JSON,
        "title": title,
        "language": language_tag(whole.language),
        "page": page,
        "entries": gathering.entries(),
    }
    feed: Feed = valid(Feed, facts)
    return feed


def _parsed(text: str) -> tuple[Any, bool]:
    """Return the value, and whether it ended too early."""
    try:
        return from_json(text), False
    except ValueError:
        pass
    try:
        return json.loads(text, strict=False), False  # with signs that JSON does not allow
    except ValueError:
        pass
    try:
        return from_json(text, allow_partial=True), True
    except ValueError:
        return None, True


def _looks_like_items(items: list[Any]) -> bool:
    known = {"url", "title", "content_html", "content_text", "date_published"}
    return any(isinstance(item, dict) and len(known & item.keys()) > 1 for item in items)


def _told(item: _Item, whole: _JsonFeed, bases: tuple[str | None, ...]) -> RawEntry:
    contents = []
    if item.content_html:
        contents.append(MarkedText(item.content_html))
    if item.content_text:
        contents.append(MarkedText(item.content_text, markup=False))
    return RawEntry(
        id=item.id,
        url=absolute(item.url, *bases) or absolute(item.external_url, *bases) or absolute(item.id),
        title=item.title,
        author=_author(item.authors, item.author) or _author(whole.authors, whole.author),
        summaries=[MarkedText(item.summary, markup=False)] if item.summary else [],
        contents=contents,
        published=item.date_published,
        updated=item.date_modified,
    )


def _author(authors: list[Any], author: Any) -> str | None:
    every = [one for one in (*authors, author) if isinstance(one, dict)]
    names = [name for one in every if (name := _string(one.get("name")))]
    return ", ".join(dict.fromkeys(names)) or None
