"""One feed in a list of feeds: what an outline of OPML says of it, and how it is said.

OPML 1.0 and 2.0 (opml.org/spec2.opml) know a feed's address, page, title and language. What the
desk says of a feed besides stands in a namespace of its own, which other readers pass over.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from index.ingest.charset import printable
from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from index.models import Address, Language, Line

NAMESPACE = "urn:libya-briefing:feeds"
MAX_WORDS = 200
"""The most words that a feed's articles may be required to have, or refused for."""
_MAX_WORD_LENGTH = 200
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?://)|feed(?=://)", re.IGNORECASE)
"""feed:https://… and feed://…, as some readers write an address."""
_ANOTHER_LIST = "include"
"""The type of an outline that leads to another OPML, which is not followed."""
_FEED_TYPES = frozenset(("rss", "rss1", "rss2", "rdf", "atom", "json", "feed", "link", "include"))
_YES = frozenset(("yes", "true", "1"))
_NO = frozenset(("no", "false", "0"))
_NOT_OF_XML = re.compile("[\ufffe\uffff]")
_ADDRESS: TypeAdapter[str | None] = TypeAdapter(Address)


def _usable(value: str) -> str:
    try:
        address = _ADDRESS.validate_python(value)
        known = bool(address and urlsplit(address).hostname)
    except ValueError:
        known = False
    if not known:
        raise ValueError("is no http or https address")
    return value.strip()


def _word(value: str) -> str:
    word = " ".join(clean(value).split())
    if not word:
        raise ValueError("is no word")
    return word


_Word = Annotated[str, Field(max_length=_MAX_WORD_LENGTH), AfterValidator(_word)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=MAX_WORDS)]


class FeedOutline(BaseModel):
    """A feed, as a list of feeds names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[str, AfterValidator(_usable)]
    """Where the feed is, http or https; of a list made by hand, perhaps the page it belongs to."""
    title: Line = None
    source: Line = None
    """The name under which its articles are quoted."""
    page: Address = None
    language: Language = None
    kind: FeedKind | None = None
    hold: bool | None = None
    """Whether its articles wait for an editor's approval; None where the list says nothing."""
    require: _Words = ()
    refuse: _Words = ()
    paused: bool = False
    contacted: bool | None = None
    """Whether somebody has seen the feed answer; None where the list says nothing."""
    folder: Line = None
    """The folders it is in, the outermost first, with « / » between them."""
    note: Line = None


class OpmlFeeds(BaseModel):
    """A list of feeds as it was read, each address once, in the order of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outlines: tuple[FeedOutline, ...] = ()
    bad: tuple[tuple[str, RejectReason], ...] = ()
    """What cannot be followed, by its title or address, and why."""


def clean(text: str) -> str:
    """Return what XML can hold of a text."""
    return _NOT_OF_XML.sub("", printable(text))


def address_of(said: dict[str, str]) -> str | None:
    """Return the address that an outline names, or None where it leads to no feed.

    `said` are an outline's attributes, their names in lower case, with a colon before our own.
    """
    other = said.get("url", "")
    if said.get("type", "").lower() == _ANOTHER_LIST or other.lower().endswith(".opml"):
        other = ""
    address = said.get("xmlurl") or other
    if not address:
        return None
    scheme = _FEED_SCHEME.match(address)
    if not scheme:
        return address
    rest = address[scheme.end() :]
    return f"http{rest}" if rest.startswith(":") else rest


def why_no_feed(said: dict[str, str]) -> RejectReason | None:
    """Say why an outline names no feed, or nothing where it is an empty folder."""
    if not said:
        return RejectReason.DAMAGED
    if any(said.get(name) for name in ("xmlurl", "url", "htmlurl")):
        return RejectReason.NO_FEED
    return RejectReason.BAD_ADDRESS if said.get("type", "").lower() in _FEED_TYPES else None


def outline_of(address: str, said: dict[str, str], folder: str | None) -> FeedOutline | None:
    """Return what an outline says; what cannot be held of it is left out, but for its address."""
    text = said.get("text", "")
    facts: dict[str, Any] = {
        "address": address,
        "title": said.get("title") or (text if text != address else None),
        "source": said.get(":source"),
        "page": said.get("htmlurl"),
        "language": said.get("language"),
        "kind": said.get(":kind") or None,
        "hold": _yes_or_no(said.get(":hold")),
        "require": _words(said.get(":require")),
        "refuse": _words(said.get(":refuse")),
        "paused": _yes_or_no(said.get(":paused")) or False,
        "contacted": _yes_or_no(said.get(":contacted")),
        "folder": folder,
        "note": said.get(":note"),
    }
    try:
        return FeedOutline.model_validate(facts)
    except ValidationError as error:
        bad = {found["loc"][0] for found in error.errors(include_url=False)}
    if "address" in bad:
        return None
    return FeedOutline.model_validate({key: facts[key] for key in facts.keys() - bad})


def _yes_or_no(value: str | None) -> bool | None:
    known = (value or "").lower()
    return True if known in _YES else False if known in _NO else None


def _words(value: str | None) -> tuple[str, ...]:
    """Return words written as a list of JSON, or as somebody writes them, with commas between."""
    if not value:
        return ()
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = re.split("[,،;؛]", value)
    listed = found if isinstance(found, list) else [found]
    known = (clean(str(word)) for word in listed if isinstance(word, str | int))
    words = (" ".join(word.split()) for word in known)
    return tuple(word for word in words if word and len(word) <= _MAX_WORD_LENGTH)[:MAX_WORDS]


def attributes_of(outline: FeedOutline) -> dict[str, str]:
    """Return the attributes of a feed's outline, without those that say nothing."""
    words = {"require": outline.require, "refuse": outline.refuse}
    own: dict[str, str | None] = {
        "source": outline.source,
        "kind": outline.kind,
        "hold": _said(outline.hold),
        **{name: _listed(each) for name, each in words.items() if each},
        "paused": _said(outline.paused or None),
        "contacted": _said(outline.contacted),
        "note": outline.note,
    }
    known: dict[str, str | None] = {
        "type": "rss",  # what every reader takes, whatever the feed's kind
        "text": outline.title or outline.address,
        "title": outline.title,
        "language": outline.language,
        "xmlUrl": outline.address,
        "htmlUrl": outline.page,
        **{f"{{{NAMESPACE}}}{name}": value for name, value in own.items()},
    }
    return {name: clean(value) for name, value in known.items() if value is not None}


def _listed(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


def _said(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
