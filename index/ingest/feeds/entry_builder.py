"""Build `FeedEntry` objects from the raw fields of any kind of feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from index.ingest.charset import to_printable
from index.ingest.documents import DocumentHints
from index.ingest.feeds.entry_text import EMPTY_TEXT, EntryText, EntryTextExtractor, clean_line
from index.ingest.feeds.models import CLOCK_TOLERANCE, MAX_ENTRIES, EntryDate, FeedEntry
from index.ingest.html.metadata import clean_author
from index.models import DateProvenance
from index.text.dates.parser import read_date
from index.text.normalise import fold

_MAX_UTC_OFFSET = timedelta(hours=14)
_MIN_YEAR = 1990
_GENERATED_NOW_TOLERANCE = timedelta(minutes=1)
_MIN_TIMED_ENTRIES = 3
_MAX_PRINTED_DATE_LENGTH = 200
_MAX_URL_LENGTH = 4_000
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z])")


class MarkedText(NamedTuple):
    """A text of the feed; `is_markup` is false if the feed declares it as plain text."""

    text: str
    is_markup: bool = True


class RawEntry(NamedTuple):
    """The raw fields of one feed entry.

    `url` is absolute; `updated` is used only if there is no readable `published`.
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
    """Collects the entries of one feed; an error in one entry does not affect the others."""

    def __init__(self, hints: DocumentHints, source: str | None = None) -> None:
        self._hints = hints
        self._source = source
        self._extractor = EntryTextExtractor(hints.rules)
        self._entries: list[FeedEntry] = []

    def add(self, raw: RawEntry) -> None:
        """Add an entry if it has a URL, the content, or a title and a summary."""
        try:
            entry = self._build_entry(raw)
        except Exception:  # noqa: BLE001  # malicious markup can raise any error in the parsers
            entry = _build_lenient_entry(
                {"id": clean_line(raw.id), "url": raw.url, "title": clean_line(raw.title)}
            )
        if entry.url or entry.content or (entry.title and entry.summary):
            self._entries.append(entry)

    def entries(self, *, use_update_dates: bool = False) -> tuple[FeedEntry, ...]:
        """Return at most `MAX_ENTRIES` entries, newest first if most have a certain date.

        With `use_update_dates`, uncertain dates, such as dates of a change, count as well.
        Otherwise the entries keep the feed's order.
        """
        entries = _distrust_generated_dates(self._entries, self._hints.now)
        trusted = (
            {DateProvenance.GIVEN, DateProvenance.UNCERTAIN}
            if use_update_dates
            else {DateProvenance.GIVEN}
        )
        dated_count = sum(entry.date_found in trusted for entry in entries)
        if 2 * dated_count > len(entries):
            entries = _newest_first(entries, trusted)
        return tuple(entries[:MAX_ENTRIES])

    def _build_entry(self, raw: RawEntry) -> FeedEntry:
        title = clean_line(raw.title)
        summary, content = self._choose_texts(raw)
        summary_text = summary.text()
        if summary_text and title and fold(summary_text).strip(" .…") == fold(title).strip(" .…"):
            summary_text = None
        author = clean_line(raw.author)
        entry_date = parse_entry_date(raw, self._hints.now)
        return _build_lenient_entry(
            {
                "id": raw.id and " ".join(to_printable(raw.id).split()),
                "url": raw.url,
                "title": title,
                "summary": summary_text,
                "content": content.text(),
                "author": author
                and clean_author(author, self._source, self._hints.url, self._hints.rules),
                "published": entry_date.published,
                "date_found": entry_date.provenance,
                "printed": entry_date.printed,
                "otherwise": entry_date.otherwise,
            }
        )

    def _choose_texts(self, raw: RawEntry) -> tuple[EntryText, EntryText]:
        """Return the summary, and the content if the feed has the whole article."""
        content = self._longest(raw.contents)
        summary = self._longest(raw.summaries)
        if content.is_whole and content.word_count >= summary.word_count:
            return (EMPTY_TEXT if summary.paragraphs == content.paragraphs else summary), content
        if summary.is_whole:
            return EMPTY_TEXT, summary
        return max(summary, content, key=lambda text: text.word_count), EMPTY_TEXT

    def _longest(self, texts: Sequence[MarkedText]) -> EntryText:
        extracted = (self._extractor.extract(text.text, is_markup=text.is_markup) for text in texts)
        return max(extracted, key=lambda text: text.word_count, default=EMPTY_TEXT)


def absolute_url(value: object, *bases: str | None) -> str | None:
    """Return `value` as an absolute http(s) URL, resolved against the first base that works.

    Returns None if it is no string, is too long, or no base makes it such a URL.
    """
    if not isinstance(value, str):
        return None
    url = (
        _CONTROL_CHARACTERS.sub("", value.strip())
        .strip()
        .replace(" ", "%20")
        .replace("\u3000", "%20")
    )
    if not url or len(url) > _MAX_URL_LENGTH:
        return None
    if url.lower().startswith("www."):
        url = f"https://{url}"
    for base in ("", *bases):
        if base is None:
            continue
        try:
            resolved = urljoin(base, url)
            parts = urlsplit(resolved)
            if parts.scheme in ("http", "https") and parts.hostname:
                return resolved
        except ValueError:
            continue
    return None


def parse_language_tag(tag: object) -> str | None:
    """Return the language of a tag in lower case, without its region: "ar" for "AR_ly"."""
    match = _LANGUAGE.match(tag) if isinstance(tag, str) else None
    return match[1].lower() if match else None


def parse_entry_date(raw: RawEntry, now: datetime) -> EntryDate:
    """Return the date of a raw entry; the date of a change is uncertain."""
    for value, is_update in ((raw.published, False), (raw.updated, True)):
        if not isinstance(value, str) or not (printed := clean_line(value)):
            continue
        parsed = read_date(printed, now=now)
        if parsed is None:
            continue
        is_certain = parsed.certain and not is_update and is_plausible_date(parsed.published, now)
        provenance = DateProvenance.GIVEN if is_certain else DateProvenance.UNCERTAIN
        return EntryDate(
            parsed.published, provenance, printed[:_MAX_PRINTED_DATE_LENGTH], parsed.alternatives
        )
    return EntryDate()


def is_plausible_date(published: datetime | date, now: datetime) -> bool:
    """Return whether an entry can have been published then, seen at `now`.

    A date or time without a zone may be of any zone up to UTC+14.
    """
    if published.year < _MIN_YEAR:
        return False
    if not isinstance(published, datetime):
        return published <= (now + _MAX_UTC_OFFSET).date()
    if published.tzinfo is None:
        return published.replace(tzinfo=UTC) <= now + CLOCK_TOLERANCE + _MAX_UTC_OFFSET
    return published <= now + CLOCK_TOLERANCE


def sort_instant(published: datetime | date) -> datetime:
    """Return an instant to sort by: midnight for a day, UTC for a time without a zone."""
    if not isinstance(published, datetime):
        published = datetime.combine(published, time.min)
    return published if published.tzinfo else published.replace(tzinfo=UTC)


def build_lenient(model: type[Any], fields: dict[str, Any]) -> Any:
    """Return `model(**fields)`, leaving out the fields that fail validation."""
    while True:
        try:
            return model(**fields)
        except ValidationError as error:
            invalid = {
                str(detail["loc"][0])
                for detail in error.errors(include_url=False, include_input=False)
            }
        fields = {name: value for name, value in fields.items() if name not in invalid}


def _build_lenient_entry(fields: dict[str, Any]) -> FeedEntry:
    entry: FeedEntry = build_lenient(FeedEntry, fields)
    if entry.published is None and entry.date_found is not DateProvenance.UNKNOWN:
        no_date = {"date_found": DateProvenance.UNKNOWN, "printed": None, "otherwise": ()}
        return entry.model_copy(update=no_date)
    return entry


def _distrust_generated_dates(entries: list[FeedEntry], now: datetime) -> list[FeedEntry]:
    """Mark dates as uncertain if the feed gives every entry the time of the request."""
    dates = {entry.published for entry in entries}
    (published,) = dates if len(dates) == 1 else (None,)
    if (
        len(entries) < _MIN_TIMED_ENTRIES
        or not isinstance(published, datetime)
        or abs(sort_instant(published) - now) > _GENERATED_NOW_TOLERANCE
    ):
        return entries
    return [entry.model_copy(update={"date_found": DateProvenance.UNCERTAIN}) for entry in entries]


def _newest_first(entries: Iterable[FeedEntry], trusted: set[DateProvenance]) -> list[FeedEntry]:
    """Sort stably; an entry without a trusted date stays behind the entry before it."""
    latest = datetime.max.replace(tzinfo=UTC)
    keyed = []
    for entry in entries:
        if entry.published is not None and entry.date_found in trusted:
            latest = sort_instant(entry.published)
        keyed.append((latest, entry))
    return [entry for _, entry in sorted(keyed, key=lambda pair: pair[0], reverse=True)]
