"""What the archive holds and what it answers: Article, Passage, Quote, Answer."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from index.text.dates.printed import MAX_YEAR, MIN_YEAR
from index.text.spans import Span

_SURROGATE = re.compile("[\ud800-\udfff]")
_WEB_URL = re.compile(
    r"(?i:https?)://[^\s\x00-\x20\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+"
)
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
MAX_HEADLINE_LENGTH = 120
"""The most characters of a headline taken from an article's first sentence."""
MAX_TEXT_LENGTH = 10_000_000
"""The most characters of one article."""


class DateProvenance(StrEnum):
    """How an article's date of publication is known."""

    GIVEN = "given"
    """It came as a field of its own, beside the text."""
    BYLINE = "byline"
    """It was read in the line before the story."""
    PAGE = "page"
    """The page or document said it of itself, or it stood where sites print it."""
    MESSAGE = "message"
    """It is when the post was first sent that was forwarded to the bot."""
    UNCERTAIN = "uncertain"
    """What is written can be read as another day, or is not likely to be true."""
    EDITOR = "editor"
    """An editor set it."""
    UNKNOWN = "unknown"


def _blank_to_none(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value


def _require_plain_text(value: str) -> str:
    """Refuse what no database and no screen can hold."""
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
    """Refuse what has no letter and no digit, or is not plain text."""
    if not any(char.isalnum() for char in _require_plain_text(value)):
        raise ValueError("has no words in it")
    return value


def parse_iso_date(text: str) -> date | datetime:
    """Return the date (of "2026-02-04") or datetime (of anything longer) in ISO 8601 `text`.

    Raises ValueError with a plain reason.
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
    """Return the instant of a time, or of the first or last moment of a day, aware of its zone.

    `zone` is that of a time or a day that names none.
    """
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.max if end_of_day else time.min)
    return value if value.tzinfo else value.replace(tzinfo=zone)


def _parse_published(value: Any) -> Any:
    """Keep a bare date a date (pydantic would make it midnight) and refuse numbers."""
    if isinstance(value, str):
        return parse_iso_date(value)
    if isinstance(value, date) or value is None:
        return value
    raise ValueError("is not an ISO 8601 date")


Published = Annotated[
    datetime | date | None, BeforeValidator(_parse_published), BeforeValidator(_blank_to_none)
]
"""The source's date: with a time (zoned or not), a day without one, or None where it is unknown."""
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
    """An article as somebody brought it, checked but not yet in the archive.

    `text` is kept to the letter: quotes are slices of it.
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
    """`text` is what a feed says of the article; the article itself could not be read."""


class Article(Draft):
    """An article of the archive."""

    number: int
    """The archive's own, never given to another article."""
    added_at: datetime
    headline: str
    """The title, or where the source gave none, the story's first sentence."""


class Passage(NamedTuple):
    """A part of an article that can be quoted: `article.text[start:end]`."""

    id: int
    start: int
    end: int
    sentences: tuple[Span, ...]
    """The sentences in it, as offsets into the article's text."""


class Quote(BaseModel):
    """A passage word for word, with the article that it was taken from.

    `article.text[start:end] == text`; `highlight` indexes `text` and marks its best sentence;
    `score` is the one by which it was ranked; `also` lists other articles with the same passage.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    start: int
    end: int
    highlight: tuple[int, int]
    score: float
    article: Article
    also: tuple[Article, ...] = ()


class Excerpt(BaseModel):
    """A part of an article around a quote: `article.text[start:end]`, with the quote inside it.

    `before` and `after_seq` say whether the story goes on beyond its ends.
    """

    model_config = ConfigDict(frozen=True)

    article: Article
    start: int
    end: int
    quoted: tuple[int, int]
    before: bool
    after: bool


class DateWindow(BaseModel):
    """A window on `published`; both ends are in it, and None leaves that side open."""

    model_config = ConfigDict(frozen=True)

    since: datetime | date | None = None
    until: datetime | date | None = None


class ChangeRange(NamedTuple):
    """What came into the archive, and is news, after one change and up to another.

    Of it what was published on a day or later; what has no known date is news as well.
    """

    after_seq: int
    """The number of a change; it is not in it."""
    through_seq: int
    """The number of a change; it is in it."""
    published_since: date
    """The first day of publication, in the archive's zone."""


class Answer(BaseModel):
    """What the archive says to a question.

    `quotes` are there where `answered` is true, and `nearest`, which may answer nothing, where it
    is false. `searched` is how many passages were published in the window, or are there at all.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    answered: bool
    window: DateWindow | None
    quotes: tuple[Quote, ...]
    nearest: tuple[Quote, ...] = ()
    searched: int = 0


class ArchiveStats(BaseModel):
    """What the archive holds: how many articles, and the first and last day they were published."""

    model_config = ConfigDict(frozen=True)

    articles: int
    passages: int
    since: date | None
    until: date | None
