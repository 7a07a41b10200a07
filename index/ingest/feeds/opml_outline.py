"""Convert between an OPML outline's attributes and a `FeedOutline`.

OPML 1.0 and 2.0 (opml.org/spec2.opml) define a feed's address, page, title and language. The bot's
other settings of a feed are attributes in `NAMESPACE`, which other readers ignore.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from index.ingest.charset import to_printable
from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from index.models import Language, SingleLine, WebUrl

NAMESPACE = "urn:libya-briefing:feeds"
MAX_KEYWORDS = 200
"""The maximum number of required keywords, and of refused keywords, of a feed."""
_MAX_KEYWORD_LENGTH = 200
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?://)|feed(?=://)", re.IGNORECASE)
"""feed:https://… and feed://…, as some readers write URLs."""
_INCLUDE_TYPE = "include"
"""The type of an outline that links to another OPML list, which is not fetched."""
_FEED_TYPES = frozenset(("rss", "rss1", "rss2", "rdf", "atom", "json", "feed", "link", "include"))
_TRUE_VALUES = frozenset(("yes", "true", "1"))
_FALSE_VALUES = frozenset(("no", "false", "0"))
_INVALID_IN_XML = re.compile("[\ufffe\uffff]")
_ADDRESS_ADAPTER: TypeAdapter[str | None] = TypeAdapter(WebUrl)


def _validate_address(value: str) -> str:
    try:
        address = _ADDRESS_ADAPTER.validate_python(value)
        is_valid = bool(address and urlsplit(address).hostname)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError("is no http or https address")
    return value.strip()


def _validate_keyword(value: str) -> str:
    word = " ".join(clean_xml_text(value).split())
    if not word:
        raise ValueError("is no word")
    return word


_Keyword = Annotated[str, Field(max_length=_MAX_KEYWORD_LENGTH), AfterValidator(_validate_keyword)]
_Keywords = Annotated[tuple[_Keyword, ...], Field(max_length=MAX_KEYWORDS)]


class FeedOutline(BaseModel):
    """A feed as listed in OPML."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[str, AfterValidator(_validate_address)]
    """The feed's http or https URL; in a list written by hand perhaps its site's page."""
    title: SingleLine = None
    source: SingleLine = None
    """The source name of its articles."""
    page: WebUrl = None
    language: Language = None
    kind: FeedKind | None = None
    hold: bool | None = None
    """Whether its articles wait for an editor's approval; None if the list does not say."""
    require: _Keywords = ()
    """An article must contain one of these keywords."""
    refuse: _Keywords = ()
    """An article must contain none of these keywords."""
    paused: bool = False
    contacted: bool | None = None
    """Whether the feed has been fetched successfully; None if the list does not say."""
    folder: SingleLine = None
    """The path of its folders, outermost first, separated by « / »."""
    note: SingleLine = None


class OpmlFeeds(BaseModel):
    """The feeds of an OPML list, without duplicate addresses, in list order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outlines: tuple[FeedOutline, ...] = ()
    rejected: tuple[tuple[str, RejectReason], ...] = ()
    """Outlines that cannot be followed: title or address, and the reason."""


def clean_xml_text(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return _INVALID_IN_XML.sub("", to_printable(text))


def feed_address(attributes: dict[str, str]) -> str | None:
    """Return the feed URL of an outline, or None if it names no feed.

    `attributes` have names in lower case; those in `NAMESPACE` have a colon as prefix.
    """
    url = attributes.get("url", "")
    if attributes.get("type", "").lower() == _INCLUDE_TYPE or url.lower().endswith(".opml"):
        url = ""
    address = attributes.get("xmlurl") or url
    if not address:
        return None
    scheme = _FEED_SCHEME.match(address)
    if not scheme:
        return address
    rest = address[scheme.end() :]
    return f"http{rest}" if rest.startswith(":") else rest


def no_feed_reason(attributes: dict[str, str]) -> RejectReason | None:
    """Return why an outline names no feed; None if it is an empty folder."""
    if not attributes:
        return RejectReason.DAMAGED
    if any(attributes.get(name) for name in ("xmlurl", "url", "htmlurl")):
        return RejectReason.NO_FEED
    return RejectReason.INVALID_URL if attributes.get("type", "").lower() in _FEED_TYPES else None


def parse_outline(
    address: str, attributes: dict[str, str], folder: str | None
) -> FeedOutline | None:
    """Return an outline without its invalid attributes; None if its address is invalid."""
    text = attributes.get("text", "")
    fields: dict[str, Any] = {
        "address": address,
        "title": attributes.get("title") or (text if text != address else None),
        "source": attributes.get(":source"),
        "page": attributes.get("htmlurl"),
        "language": attributes.get("language"),
        "kind": attributes.get(":kind") or None,
        "hold": _parse_bool(attributes.get(":hold")),
        "require": _parse_keywords(attributes.get(":require")),
        "refuse": _parse_keywords(attributes.get(":refuse")),
        "paused": _parse_bool(attributes.get(":paused")) or False,
        "contacted": _parse_bool(attributes.get(":contacted")),
        "folder": folder,
        "note": attributes.get(":note"),
    }
    try:
        return FeedOutline.model_validate(fields)
    except ValidationError as error:
        invalid = {detail["loc"][0] for detail in error.errors(include_url=False)}
    if "address" in invalid:
        return None
    return FeedOutline.model_validate({key: fields[key] for key in fields.keys() - invalid})


def _parse_bool(value: str | None) -> bool | None:
    lowered = (value or "").lower()
    return True if lowered in _TRUE_VALUES else False if lowered in _FALSE_VALUES else None


def _parse_keywords(value: str | None) -> tuple[str, ...]:
    """Return keywords from a JSON array, or from text separated by commas or semicolons."""
    if not value:
        return ()
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        parsed = re.split("[,،;؛]", value)
    items = parsed if isinstance(parsed, list) else [parsed]
    cleaned = (clean_xml_text(str(word)) for word in items if isinstance(word, str | int))
    words = (" ".join(word.split()) for word in cleaned)
    return tuple(word for word in words if word and len(word) <= _MAX_KEYWORD_LENGTH)[:MAX_KEYWORDS]


def outline_attributes(outline: FeedOutline) -> dict[str, str]:
    """Return the OPML attributes of a feed, leaving out empty ones."""
    keywords = {"require": outline.require, "refuse": outline.refuse}
    own_attributes: dict[str, str | None] = {
        "source": outline.source,
        "kind": outline.kind,
        "hold": _format_bool(outline.hold),
        **{name: _format_keywords(values) for name, values in keywords.items() if values},
        "paused": _format_bool(outline.paused or None),
        "contacted": _format_bool(outline.contacted),
        "note": outline.note,
    }
    attributes: dict[str, str | None] = {
        "type": "rss",  # the type that every reader accepts, whatever the feed's kind
        "text": outline.title or outline.address,
        "title": outline.title,
        "language": outline.language,
        "xmlUrl": outline.address,
        "htmlUrl": outline.page,
        **{f"{{{NAMESPACE}}}{name}": value for name, value in own_attributes.items()},
    }
    return {name: clean_xml_text(value) for name, value in attributes.items() if value is not None}


def _format_keywords(keywords: tuple[str, ...]) -> str:
    return json.dumps(keywords, ensure_ascii=False)


def _format_bool(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
