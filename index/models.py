"""The data models of the archive: drafts, articles, passages, quotes, answers, windows."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from index.dialogue.intents import Intent
from index.text.spans import Span

_SURROGATE = re.compile("[\ud800-\udfff]")
_WEB_URL = re.compile(
    r"(?i:https?)://[^\s\x00-\x20\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+"
)
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
MAX_HEADLINE_LENGTH = 120
"""Maximum length, in characters, of a headline taken from an article's first sentence."""
MAX_TEXT_LENGTH = 10_000_000
"""Maximum length of an article's text, in characters."""
MIN_YEAR, MAX_YEAR = 1000, 9000
"""Dates of articles outside these years are refused."""


class DateProvenance(StrEnum):
    """The origin of an article's publication date."""

    GIVEN = "given"
    """A field of the draft, beside the text."""
    BYLINE = "byline"
    """Parsed from the line before the story."""
    PAGE = "page"
    """Metadata of the page or document, or a date printed where sites print it."""
    MESSAGE = "message"
    """The original date of a post that was forwarded to the bot."""
    UNCERTAIN = "uncertain"
    """Ambiguous (it can be read as another day) or implausible."""
    EDITOR = "editor"
    """Set by an editor."""
    UNKNOWN = "unknown"


def _blank_to_none(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value


def _require_plain_text(value: str) -> str:
    """Raise ValueError for NUL characters and lone surrogates, which cannot be stored or shown."""
    if "\x00" in value:
        raise ValueError("holds a NUL character, so it is not plain text")
    if _SURROGATE.search(value):
        raise ValueError("holds half a character (a lone surrogate)")
    return value


def _to_one_line(value: str) -> str:
    return " ".join(_require_plain_text(value).split())


def _require_web_url(value: str) -> str:
    if not _WEB_URL.fullmatch(value):
        raise ValueError("is no web address: http:// or https://, without spaces")
    return value


def _normalise_language_tag(value: str) -> str:
    tag = value.lower().replace("_", "-")
    if not _LANGUAGE_TAG.fullmatch(tag):
        raise ValueError("is no language tag, such as ar, en or fr")
    return tag


def _require_plain_id(value: str) -> str:
    if value != value.strip() or not _require_plain_text(value).isprintable():
        raise ValueError("has spaces at its ends, line breaks or invisible signs")
    return value


def require_words(value: str) -> str:
    """Raise ValueError if `value` has no letter or digit, or is not plain text."""
    if not any(char.isalnum() for char in _require_plain_text(value)):
        raise ValueError("has no words in it")
    return value


def parse_iso_date(text: str) -> date | datetime:
    """Return the date (of "2026-02-04") or datetime (of anything longer) in ISO 8601 `text`.

    Raises ValueError with a readable reason.
    """
    value: date
    try:
        value = date.fromisoformat(text)
    except ValueError:
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text[:40]!r} is no ISO 8601 date, such as 2026-02-04") from None
    if not MIN_YEAR <= value.year <= MAX_YEAR:
        raise ValueError(f"{text[:40]!r} lies outside the years {MIN_YEAR} to {MAX_YEAR}")
    return value


def to_instant(value: date | datetime, zone: ZoneInfo, *, end_of_day: bool = False) -> datetime:
    """Return a timezone-aware datetime: `value`, or the start or the end of the day `value`.

    A value without a time zone is taken to be in `zone`.
    """
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.max if end_of_day else time.min)
    return value if value.tzinfo else value.replace(tzinfo=zone)


def _parse_published(value: Any) -> Any:
    """Parse ISO strings, keep dates as dates (pydantic makes them midnight), reject numbers."""
    if isinstance(value, str):
        return parse_iso_date(value)
    if isinstance(value, date) or value is None:
        return value
    raise ValueError("is not an ISO 8601 date")


Published = Annotated[
    datetime | date | None, BeforeValidator(_parse_published), BeforeValidator(_blank_to_none)
]
"""The source's date: a datetime (aware or naive), a date without a time, or None if unknown."""
SingleLine = Annotated[
    Annotated[str, Field(max_length=1_000), AfterValidator(_to_one_line)] | None,
    BeforeValidator(_blank_to_none),
]
WebUrl = Annotated[
    Annotated[str, Field(max_length=4_000), AfterValidator(_require_web_url)] | None,
    BeforeValidator(_blank_to_none),
]
Language = Annotated[
    Annotated[str, AfterValidator(_normalise_language_tag)] | None,
    BeforeValidator(_blank_to_none),
]
ArticleId = Annotated[
    str,
    Field(min_length=1, max_length=200),
    AfterValidator(_require_plain_id),
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
]


class Draft(BaseModel):
    """A validated article that is not yet in the archive.

    `text` is stored unchanged: quotes are slices of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: ArticleId
    text: Annotated[str, Field(max_length=MAX_TEXT_LENGTH), AfterValidator(require_words)]
    title: SingleLine = None
    source: SingleLine = None
    url: WebUrl = None
    published: Published = None
    language: Language = None
    author: SingleLine = None
    date_found: DateProvenance = DateProvenance.UNKNOWN
    only_summary: bool = False
    """`text` is the feed's summary, because the article itself could not be read."""


class Article(Draft):
    """An article of the archive."""

    number: int
    """Assigned by the archive; never reused for another article."""
    added_at: datetime
    headline: str
    """The title or, if there is none, the beginning of the story's first sentence."""


class Passage(NamedTuple):
    """A quotable part of an article: `article.text[start:end]`."""

    id: int
    start: int
    end: int
    sentences: tuple[Span, ...]
    """Its sentences, as spans of the article's text."""


class Confidence(StrEnum):
    """How sure the archive is that its first quotes answer the question."""

    SURE = "sure"
    POSSIBLE = "possible"
    NONE = "none"


class Quote(BaseModel):
    """A verbatim passage with its article.

    `article.text[start:end] == text`. `highlight` is the (start, end) of the best sentence in
    `text`. `score` is the ranking score. `answers` says whether the passage itself seems to answer
    the question. `event` is the same for quotes that tell the same event, and None without a date.
    `also` lists other articles with the same passage.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    start: int
    end: int
    highlight: tuple[int, int]
    score: float
    article: Article
    answers: bool = True
    event: str | None = None
    also: tuple[Article, ...] = ()


class Excerpt(BaseModel):
    """The part of an article around a quote: `article.text[start:end]`.

    `quoted` is the quote's (start, end) in `article.text`. `before` and `after` say whether the
    story continues beyond the excerpt's start and end.
    """

    model_config = ConfigDict(frozen=True)

    article: Article
    start: int
    end: int
    quoted: tuple[int, int]
    before: bool
    after: bool


class DateWindow(BaseModel):
    """A range of publication dates, both ends inclusive; None leaves a side open."""

    model_config = ConfigDict(frozen=True)

    since: datetime | date | None = None
    until: datetime | date | None = None


class SearchScope(NamedTuple):
    """The articles to search: their dates and sources; None and () stand for all."""

    window: DateWindow | None = None
    sources: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.sources and self.window in (None, DateWindow())


class ChangeRange(NamedTuple):
    """The news added to the archive in a range of changes.

    It contains articles published on `published_since` or later, or without a known date.
    """

    after_seq: int
    """Sequence number of a change; exclusive."""
    through_seq: int
    """Sequence number of a change; inclusive."""
    published_since: date
    """The first day of publication, in the archive's time zone."""


class Answer(BaseModel):
    """The archive's answer to a question.

    `intent` is what the message was for: only a question and the latest news are searched. `after`
    is what was carried over from earlier questions, and `understood` the question with it.
    `corrected` is what was searched instead of the question, if its spelling was corrected, and
    `sources` are those that the search was narrowed to, if any. `quotes` are the passages that seem
    to answer, none without confidence. `nearest` are the next ones, which may not answer anything.
    `searched` is the number of passages in the window and of the sources, or of all passages
    without them.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    intent: Intent = Intent.QUESTION
    corrected: str | None = None
    after: str | None = None
    understood: str | None = None
    confidence: Confidence
    window: DateWindow | None
    sources: tuple[str, ...] | None = None
    quotes: tuple[Quote, ...]
    nearest: tuple[Quote, ...] = ()
    searched: int = 0

    @property
    def answered(self) -> bool:
        """Whether there are quotes that seem to answer."""
        return self.confidence is not Confidence.NONE


class ArchiveStats(BaseModel):
    """The archive's size, and the first and last day on which its articles were published."""

    model_config = ConfigDict(frozen=True)

    articles: int
    passages: int
    since: date | None
    until: date | None
