"""What a feed says of one article, of whatever kind the feed is, becomes an entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from index.ingest.charset import printable
from index.ingest.documents import DocumentHints
from index.ingest.feeds.entry_text import NOTHING, EntryText, EntryTextExtractor, line_of
from index.ingest.feeds.models import MAX_ENTRIES, SOON, EntryDate, FeedEntry
from index.ingest.html.metadata import author_named
from index.models import DateProvenance
from index.text.dates.parser import read_date
from index.text.normalise import fold

_FARTHEST_ZONE = timedelta(hours=14)
_FIRST_LIKELY = 1990
_MADE_NOW = timedelta(minutes=1)
_MIN_TIMED_ENTRIES = 3
_MAX_PRINTED_DATE_LENGTH = 200
_MAX_URL_LENGTH = 4_000
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z])")


class MarkedText(NamedTuple):
    """A text as the feed has it; `markup` is false where it says that it is plain."""

    said: str
    markup: bool = True


class RawEntry(NamedTuple):
    """What a feed tells of one article, as it stands there.

    `url` is absolute; `updated` counts only where there is no `published`.
    """

    id: str | None = None
    url: str | None = None
    title: str | None = None
    author: str | None = None
    summaries: Sequence[MarkedText] = ()
    contents: Sequence[MarkedText] = ()
    published: str | None = None
    updated: str | None = None


class EntryBuilder:
    """Gathers the entries of one feed; whatever is wrong with one of them is that one's alone."""

    def __init__(self, given: DocumentHints, source: str | None = None) -> None:
        self._given = given
        self._source = source
        self._reader = EntryTextExtractor(given.rules)
        self._entries: list[FeedEntry] = []

    def add(self, told: RawEntry) -> None:
        """Take an entry in, if there is enough to it."""
        try:
            entry = self._entry(told)
        except Exception:  # noqa: BLE001  # markup made to break its reader finds every error
            entry = _valid({"id": line_of(told.id), "url": told.url, "title": line_of(told.title)})
        if entry.url or entry.content or (entry.title and entry.summary):
            self._entries.append(entry)

    def entries(self, *, changed: bool = False) -> tuple[FeedEntry, ...]:
        """Return them, the newest first where most say when they were published.

        With `changed`, where most say at least when they were changed.
        """
        entries = _unstamped(self._entries, self._given.now)
        sure = (
            {DateProvenance.GIVEN, DateProvenance.UNCERTAIN} if changed else {DateProvenance.GIVEN}
        )
        dated = sum(entry.date_found in sure for entry in entries)
        if 2 * dated > len(entries):
            entries = _newest_first(entries, sure)
        return tuple(entries[:MAX_ENTRIES])

    def _entry(self, told: RawEntry) -> FeedEntry:
        title = line_of(told.title)
        summary, content = self._texts(told)
        said = summary.text()
        if said and title and fold(said).strip(" .…") == fold(title).strip(" .…"):
            said = None
        author = line_of(told.author)
        dated = date_of(told, self._given.now)
        return _valid(
            {
                "id": told.id and " ".join(printable(told.id).split()),
                "url": told.url,
                "title": title,
                "summary": said,
                "content": content.text(),
                "author": author
                and author_named(author, self._source, self._given.url, self._given.rules),
                "published": dated.published,
                "date_found": dated.found,
                "printed": dated.printed,
                "otherwise": dated.otherwise,
            }
        )

    def _texts(self, told: RawEntry) -> tuple[EntryText, EntryText]:
        """Return the summary, and the article itself where the feed has the whole of it."""
        content = self._longest(told.contents)
        summary = self._longest(told.summaries)
        if content.is_whole and content.size >= summary.size:
            return (NOTHING if summary.paragraphs == content.paragraphs else summary), content
        if summary.is_whole:
            return NOTHING, summary
        return max(summary, content, key=lambda words: words.size), NOTHING

    def _longest(self, texts: Sequence[MarkedText]) -> EntryText:
        read = (self._reader.words(text.said, markup=text.markup) for text in texts)
        return max(read, key=lambda words: words.size, default=NOTHING)


def absolute(said: object, *bases: str | None) -> str | None:
    """Return the http(s) address that is meant, against the first base that makes it one."""
    if not isinstance(said, str):
        return None
    address = _BREAKS.sub("", said.strip()).strip().replace(" ", "%20").replace("\u3000", "%20")
    if not address or len(address) > _MAX_URL_LENGTH:
        return None
    if address.lower().startswith("www."):
        address = f"https://{address}"
    for base in ("", *bases):
        if base is None:
            continue
        try:
            found = urljoin(base, address)
            parts = urlsplit(found)
            if parts.scheme in ("http", "https") and parts.hostname:
                return found
        except ValueError:
            continue
    return None


def language_tag(said: object) -> str | None:
    """Return the language of a tag, without its region: "ar" of "AR_ly"."""
    found = _LANGUAGE.match(said) if isinstance(said, str) else None
    return found[1].lower() if found else None


def date_of(told: RawEntry, now: datetime) -> EntryDate:
    """Return the date that a feed gives its entry; that of a change may be another day."""
    for raw, of_change in ((told.published, False), (told.updated, True)):
        if not isinstance(raw, str) or not (printed := line_of(raw)):
            continue
        read = read_date(printed, now=now)
        if read is None:
            continue
        certain = read.certain and not of_change and is_likely(read.published, now)
        found = DateProvenance.GIVEN if certain else DateProvenance.UNCERTAIN
        return EntryDate(read.published, found, printed[:_MAX_PRINTED_DATE_LENGTH], read.otherwise)
    return EntryDate()


def is_likely(published: datetime | date, now: datetime) -> bool:
    """Say whether an entry can have been published then; what has no zone may be of any."""
    if published.year < _FIRST_LIKELY:
        return False
    if not isinstance(published, datetime):
        return published <= (now + _FARTHEST_ZONE).date()
    if published.tzinfo is None:
        return published.replace(tzinfo=UTC) <= now + SOON + _FARTHEST_ZONE
    return published <= now + SOON


def sort_instant(published: datetime | date) -> datetime:
    """Return an instant to sort by."""
    if not isinstance(published, datetime):
        published = datetime.combine(published, time.min)
    return published if published.tzinfo else published.replace(tzinfo=UTC)


def valid(model: type[Any], facts: dict[str, Any]) -> Any:
    """Return the model with those of the facts that it can hold."""
    while True:
        try:
            return model(**facts)
        except ValidationError as error:
            bad = {
                str(found["loc"][0])
                for found in error.errors(include_url=False, include_input=False)
            }
        facts = {name: value for name, value in facts.items() if name not in bad}


def _valid(facts: dict[str, Any]) -> FeedEntry:
    entry: FeedEntry = valid(FeedEntry, facts)
    if entry.published is None and entry.date_found is not DateProvenance.UNKNOWN:
        nothing = {"date_found": DateProvenance.UNKNOWN, "printed": None, "otherwise": ()}
        return entry.model_copy(update=nothing)
    return entry


def _unstamped(entries: list[FeedEntry], now: datetime) -> list[FeedEntry]:
    """Call the dates uncertain of a feed that gives every entry the time it was asked for."""
    dates = {entry.published for entry in entries}
    (published,) = dates if len(dates) == 1 else (None,)
    if (
        len(entries) < _MIN_TIMED_ENTRIES
        or not isinstance(published, datetime)
        or abs(sort_instant(published) - now) > _MADE_NOW
    ):
        return entries
    return [entry.model_copy(update={"date_found": DateProvenance.UNCERTAIN}) for entry in entries]


def _newest_first(entries: Iterable[FeedEntry], sure: set[DateProvenance]) -> list[FeedEntry]:
    """Sort, stably; an entry without a sure date stays behind the one that it stood behind."""
    latest = datetime.max.replace(tzinfo=UTC)
    keyed = []
    for entry in entries:
        if entry.published is not None and entry.date_found in sure:
            latest = sort_instant(entry.published)
        keyed.append((latest, entry))
    return [entry for _, entry in sorted(keyed, key=lambda one: one[0], reverse=True)]
