"""RSS of every version, RDF, CDF and Atom, whole or broken, become a feed."""

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
    absolute,
    language_tag,
    valid,
)
from index.ingest.feeds.entry_text import line_of
from index.ingest.feeds.models import Feed, FeedKind
from index.ingest.html.dom import with_bounded_tags

MAX_TTL_MINUTES = 10_080
"""Minutes, a week; a feed that says it stays longer does not know."""
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_BEGIN = re.compile(r"<(?:[\w-]{1,20}:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_END = re.compile(r"</(?:[\w-]{1,20}:)?(?:item|entry|channel|rss|feed|RDF)\s{0,9}>", re.IGNORECASE)
_MAX_DETACHED = 2_000
"""So many entries are read one by one, where they cannot be read together."""
_NUMBER = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,40})|([0-9]{1,40}));?")
_WITH_MAIL = re.compile(
    r"@[^\s()]{1,200}\s{0,9}\(([^()]{1,200})\)|([^<>@]{1,200}?)\s{0,9}<[^<>@\s]{1,200}@"
)
"""The name in «mail@site (name)», RSS's way, and «name <mail@site>»."""
_MINUTES = {"hourly": 60, "daily": 1_440, "weekly": 10_080}
"""sy:updatePeriod of RSS's module for syndication."""
_PLAIN = "text/plain"
_MARKUP = frozenset(("", _PLAIN, "text/html", "application/xhtml+xml"))


def read_xml(text: str, given: DocumentHints) -> Feed:
    """Return the feed in `text`, as far as it goes: of one that was cut, its whole entries.

    Nothing is fetched. Raises what feedparser raises on what it cannot read.
    """
    text = with_bounded_tags(_DECLARATION.sub("", without_broken_end(text)))
    found = _parsed(_NUMBER.sub(_possible, text))
    about = dict(found.feed)
    atom = (found.get("version") or "").startswith("atom")
    page = absolute(_page(about), given.url)
    bases = (given.url, page) if atom else (page, given.url)
    title = line_of(about.get("title"))
    gathering = EntryBuilder(given, title)
    for entry in found.entries:
        gathering.add(_told(dict(entry), about, bases, atom=atom))
    facts = {
        "kind": FeedKind.ATOM if atom else FeedKind.RSS,
        "title": title,
        "language": language_tag(about.get("language")),
        "page": page,
        "entries": gathering.entries(),
        "minutes": _minutes(about),
    }
    feed: Feed = valid(Feed, facts)
    return feed


def _parsed(text: str) -> Any:
    """Return what feedparser reads; where one entry breaks it, what it reads of the others."""
    try:
        return _parse(text)
    except (MemoryError, RecursionError):
        raise
    except Exception:
        begins = [found.start() for found in _BEGIN.finditer(text)]
        if not 0 < len(begins) <= _MAX_DETACHED:
            raise
    head = text[: begins[0]]
    found = _parse(head)
    for begin, end in pairwise([*begins, len(text)]):
        with suppress(Exception):
            found.entries.extend(_parse(head + text[begin:end]).entries)
    return found


def _parse(text: str) -> Any:
    import feedparser

    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def without_broken_end(text: str) -> str:
    """Return a feed without its last entry where that was cut off."""
    begins = [found.start() for found in _BEGIN.finditer(text)]
    if not begins or _END.search(text, begins[-1]):
        return text
    end = text.find(">", begins[-1])
    if text[end - 1] == "/":  # an empty element, as CDF has them
        return text
    return text[: begins[-1]]


def _possible(found: re.Match[str]) -> str:
    """Return a reference by number, or nothing where no letter has it."""
    code = int(found[1], 16) if found[1] else int(found[2])
    if code in (0x9, 0xA, 0xD) or (0x20 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000):
        return f"&#{code};"
    return ""


def _told(
    entry: dict[str, Any], about: dict[str, Any], bases: tuple[str | None, ...], *, atom: bool
) -> RawEntry:
    updated = _string(entry.get("updated"))
    created = _string(entry.get("created"))
    published = _string(entry.get("published")) or created
    if not atom and not published:
        # What feedparser calls so in RSS and RDF is dc:date; CDF's LASTMOD is called the same.
        published = updated
    contents = [text for one in entry.get("content") or () if (text := _text(one))]
    summary = _text(entry.get("summary_detail") or {"value": entry.get("summary")})
    return RawEntry(
        id=_string(entry.get("id")),
        url=_address(entry, bases),
        title=_string(entry.get("title")),
        author=_author(entry) or (_author(about) if atom else None),
        summaries=[summary] if summary else [],
        contents=contents,
        published=published,
        updated=updated,
    )


def _address(entry: dict[str, Any], bases: tuple[str | None, ...]) -> str | None:
    """Return where the article is: a link beside it, never what is enclosed."""
    links = [link for link in entry.get("links") or () if isinstance(link, dict)]
    alternates = [link.get("href") for link in links if link.get("rel") in (None, "", "alternate")]
    said = [entry.get("feedburner_origlink"), entry.get("link"), *alternates]
    for one in said:
        # A guid that is no address is none either against the feed's own.
        if one == entry.get("id") and not str(one).lower().startswith(("http", "www.", "/")):
            continue
        if found := absolute(one, *bases):
            return found
    # Without a guid the id is what rdf:about says, an address.
    return None if "guidislink" in entry else absolute(entry.get("id"))


def _page(about: dict[str, Any]) -> Any:
    links = [link for link in about.get("links") or () if isinstance(link, dict)]
    alternates = (link.get("href") for link in links if link.get("rel") == "alternate")
    return about.get("link") or next(alternates, None)


def _text(detail: Any) -> MarkedText | None:
    said = _string(detail.get("value")) if isinstance(detail, dict) else None
    kind = _string(detail.get("type")) or "" if isinstance(detail, dict) else ""
    return MarkedText(said, kind != _PLAIN) if said and kind in _MARKUP else None


def _author(of: dict[str, Any]) -> str | None:
    """Return the names of those who wrote it: an address of mail is none."""
    said = _string(of.get("author")) or ""
    if "@" in said and (found := _WITH_MAIL.search(said)):
        return found[1] or found[2]
    names: list[str] = []
    for author in of.get("authors") or ():
        name = _string(author.get("name")) if isinstance(author, dict) else None
        if name and name not in names:
            names.append(name)
    return ", ".join(names) or _string(of.get("author"))


def _minutes(about: dict[str, Any]) -> int | None:
    said = (_string(about.get("ttl")) or "").strip()
    if re.fullmatch(r"[0-9]{1,5}", said) and 0 < int(said) <= MAX_TTL_MINUTES:
        return int(said)
    period = _MINUTES.get((_string(about.get("sy_updateperiod")) or "").strip().lower())
    if period is None:
        return None
    often = (_string(about.get("sy_updatefrequency")) or "").strip()
    times = int(often) if re.fullmatch(r"[0-9]{1,4}", often) else 1
    return max(1, period // max(1, times))


def _string(said: Any) -> str | None:
    return said if isinstance(said, str) and said else None
