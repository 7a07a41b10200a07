"""Read RSS of every version, RDF, CDF and Atom, including broken and truncated feeds."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from itertools import pairwise
from typing import Any

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
from index.ingest.feeds.models import Feed, FeedKind
from index.ingest.html.dom import limit_tag_attributes

MAX_TTL_MINUTES = 10_080
"""One week; a longer time to live is ignored."""
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_ENTRY_START = re.compile(r"<(?:[\w-]{1,20}:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_ENTRY_END = re.compile(
    r"</(?:[\w-]{1,20}:)?(?:item|entry|channel|rss|feed|RDF)\s{0,9}>", re.IGNORECASE
)
_MAX_DETACHED = 2_000
"""The maximum number of entries that are parsed one by one if parsing the feed fails."""
_NUMERIC_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,40})|([0-9]{1,40}));?")
_NAME_WITH_EMAIL = re.compile(
    r"@[^\s()]{1,200}\s{0,9}\(([^()]{1,200})\)|([^<>@]{1,200}?)\s{0,9}<[^<>@\s]{1,200}@"
)
"""The name in «mail@site (name)», as in RSS, and in «name <mail@site>»."""
_PERIOD_MINUTES = {"hourly": 60, "daily": 1_440, "weekly": 10_080}
"""sy:updatePeriod of the RSS syndication module, in minutes."""
_PLAIN_TYPE = "text/plain"
_TEXT_TYPES = frozenset(("", _PLAIN_TYPE, "text/html", "application/xhtml+xml"))


def read_rss_or_atom(text: str, hints: DocumentHints) -> Feed:
    """Return the feed in `text`; a truncated feed yields its complete entries.

    Nothing is fetched. Raises what feedparser raises on unreadable text.
    """
    text = limit_tag_attributes(_DECLARATION.sub("", drop_broken_end(text)))
    parsed = _parse_tolerant(_NUMERIC_REFERENCE.sub(_keep_valid_reference, text))
    channel = dict(parsed.feed)
    is_atom = (parsed.get("version") or "").startswith("atom")
    page = absolute_url(_site_url(channel), hints.url)
    bases = (hints.url, page) if is_atom else (page, hints.url)
    title = clean_line(channel.get("title"))
    builder = EntryBuilder(hints, title)
    for entry in parsed.entries:
        builder.add(_raw_entry(dict(entry), channel, bases, is_atom=is_atom))
    fields = {
        "kind": FeedKind.ATOM if is_atom else FeedKind.RSS,
        "title": title,
        "language": parse_language_tag(channel.get("language")),
        "page": page,
        "entries": builder.entries(),
        "minutes": _ttl_minutes(channel),
    }
    feed: Feed = build_lenient(Feed, fields)
    return feed


def _parse_tolerant(text: str) -> Any:
    """Return feedparser's result; if an entry makes it fail, parse the entries one by one."""
    try:
        return _parse(text)
    except (MemoryError, RecursionError):
        raise
    except Exception:
        starts = [match.start() for match in _ENTRY_START.finditer(text)]
        if not 0 < len(starts) <= _MAX_DETACHED:
            raise
    head = text[: starts[0]]
    parsed = _parse(head)
    for start, end in pairwise([*starts, len(text)]):
        with suppress(Exception):
            parsed.entries.extend(_parse(head + text[start:end]).entries)
    return parsed


def _parse(text: str) -> Any:
    import feedparser

    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def drop_broken_end(text: str) -> str:
    """Return a feed's text without its last entry if that is truncated."""
    starts = [match.start() for match in _ENTRY_START.finditer(text)]
    if not starts or _ENTRY_END.search(text, starts[-1]):
        return text
    end = text.find(">", starts[-1])
    if text[end - 1] == "/":  # an empty element, as in CDF
        return text
    return text[: starts[-1]]


def _keep_valid_reference(match: re.Match[str]) -> str:
    """Return a numeric character reference, or an empty string if XML does not allow it."""
    code = int(match[1], 16) if match[1] else int(match[2])
    if code in (0x9, 0xA, 0xD) or (0x20 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000):
        return f"&#{code};"
    return ""


def _raw_entry(
    entry: dict[str, Any], channel: dict[str, Any], bases: tuple[str | None, ...], *, is_atom: bool
) -> RawEntry:
    updated = _non_empty_string(entry.get("updated"))
    created = _non_empty_string(entry.get("created"))
    published = _non_empty_string(entry.get("published")) or created
    if not is_atom and not published:
        # In RSS and RDF feedparser reports dc:date as `updated`, and CDF's LASTMOD too.
        published = updated
    contents = [text for detail in entry.get("content") or () if (text := _marked_text(detail))]
    summary = _marked_text(entry.get("summary_detail") or {"value": entry.get("summary")})
    return RawEntry(
        id=_non_empty_string(entry.get("id")),
        url=_entry_url(entry, bases),
        title=_non_empty_string(entry.get("title")),
        author=_author_names(entry) or (_author_names(channel) if is_atom else None),
        summaries=[summary] if summary else [],
        contents=contents,
        published=published,
        updated=updated,
    )


def _entry_url(entry: dict[str, Any], bases: tuple[str | None, ...]) -> str | None:
    """Return the URL of the article: a link of the entry, never an enclosure."""
    links = [link for link in entry.get("links") or () if isinstance(link, dict)]
    alternates = [link.get("href") for link in links if link.get("rel") in (None, "", "alternate")]
    candidates = [entry.get("feedburner_origlink"), entry.get("link"), *alternates]
    for candidate in candidates:
        # A guid that is no URL must not be resolved against the feed's URL.
        if candidate == entry.get("id") and not str(candidate).lower().startswith(
            ("http", "www.", "/")
        ):
            continue
        if url := absolute_url(candidate, *bases):
            return url
    # Without a guid the id is the URL in rdf:about.
    return None if "guidislink" in entry else absolute_url(entry.get("id"))


def _site_url(channel: dict[str, Any]) -> Any:
    links = [link for link in channel.get("links") or () if isinstance(link, dict)]
    alternates = (link.get("href") for link in links if link.get("rel") == "alternate")
    return channel.get("link") or next(alternates, None)


def _marked_text(detail: Any) -> MarkedText | None:
    text = _non_empty_string(detail.get("value")) if isinstance(detail, dict) else None
    kind = _non_empty_string(detail.get("type")) or "" if isinstance(detail, dict) else ""
    return MarkedText(text, kind != _PLAIN_TYPE) if text and kind in _TEXT_TYPES else None


def _author_names(element: dict[str, Any]) -> str | None:
    """Return the authors' names, without e-mail addresses."""
    text = _non_empty_string(element.get("author")) or ""
    if "@" in text and (match := _NAME_WITH_EMAIL.search(text)):
        return match[1] or match[2]
    names: list[str] = []
    for author in element.get("authors") or ():
        name = _non_empty_string(author.get("name")) if isinstance(author, dict) else None
        if name and name not in names:
            names.append(name)
    return ", ".join(names) or _non_empty_string(element.get("author"))


def _ttl_minutes(channel: dict[str, Any]) -> int | None:
    ttl = (_non_empty_string(channel.get("ttl")) or "").strip()
    if re.fullmatch(r"[0-9]{1,5}", ttl) and 0 < int(ttl) <= MAX_TTL_MINUTES:
        return int(ttl)
    period = _PERIOD_MINUTES.get(
        (_non_empty_string(channel.get("sy_updateperiod")) or "").strip().lower()
    )
    if period is None:
        return None
    frequency = (_non_empty_string(channel.get("sy_updatefrequency")) or "").strip()
    times = int(frequency) if re.fullmatch(r"[0-9]{1,4}", frequency) else 1
    return max(1, period // max(1, times))


def _non_empty_string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
