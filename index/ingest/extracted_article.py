"""The model of an article as extracted from a page, a file or a message, before publication."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from index.errors import InvalidInputError, format_validation_error
from index.ingest.rejections import RejectReason, SourceRejected
from index.models import (
    MAX_TEXT_LENGTH,
    ArticleId,
    DateProvenance,
    Draft,
    Language,
    Published,
    SingleLine,
    WebUrl,
    require_words,
)
from index.urls import canonicalise_url

MAX_STORY_LENGTH = 300_000
"""Maximum characters of a text from a message or a feed: a book. Embedding a longer one would delay
everything queued behind it."""


class ExtractedArticle(BaseModel):
    """An article extracted from a page, a file or a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: ArticleId | None = None
    """The id in the source, if it gives one."""
    text: Annotated[str, Field(max_length=MAX_TEXT_LENGTH), AfterValidator(require_words)]
    title: SingleLine = None
    source: SingleLine = None
    url: WebUrl = None
    published: Published = None
    language: Language = None
    author: SingleLine = None
    date_found: DateProvenance = DateProvenance.UNKNOWN
    only_summary: bool = False
    """`text` is a feed's summary; the article itself could not be read."""
    hidden: bool = False
    """`text` is what a page tells machines; it shows less, or something else, to its readers."""
    printed: SingleLine = None
    """The date as printed, if it was parsed from words."""
    otherwise: tuple[datetime | date, ...] = ()
    """The other dates that an uncertain date may mean, the likeliest first."""

    def to_draft(self, article_id: str | None = None) -> Draft:
        """Return the draft of this article, with `article_id` or else `self.article_id`."""
        fields = self.model_dump(
            include=set(Draft.model_fields) & set(ExtractedArticle.model_fields) - {"id"}
        )
        return Draft.model_validate({"id": article_id or self.article_id, **fields})

    def with_changes(self, **changes: Any) -> ExtractedArticle:
        """Return a copy with an editor's changes; an editor's date, or lack of one, is certain.

        Raises `InvalidInputError` if a value is invalid.
        """
        if "published" in changes:
            editor_date_fields = {
                "date_found": DateProvenance.EDITOR,
                "printed": None,
                "otherwise": (),
            }
            changes = {**changes, **editor_date_fields}
        try:
            return ExtractedArticle.model_validate({**self.model_dump(), **changes})
        except ValidationError as error:
            raise InvalidInputError(format_validation_error(error)) from None

    @property
    def article_id(self) -> str:
        """The id, else a digest of the URL (so that a page keeps its id), else one of the text."""
        if self.id:
            return self.id
        if self.url:
            return f"page-{_digest(canonicalise_url(self.url))}"
        return f"text-{_digest(self.text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]


def build_extracted_article(text: str, **fields: Any) -> ExtractedArticle:
    """Return the article with those of `fields` that are valid; invalid ones are dropped.

    Raises `SourceRejected` if the text itself is invalid: NO_TEXT without words, TOO_LARGE with
    more than `MAX_TEXT_LENGTH` characters.
    """
    try:
        return ExtractedArticle(text=text, **fields)
    except ValidationError as error:
        invalid_fields = {
            str(detail["loc"][0]) for detail in error.errors(include_url=False) if detail["loc"]
        }
    if not invalid_fields & fields.keys():
        if len(text) > MAX_TEXT_LENGTH:
            raise SourceRejected(
                RejectReason.TOO_LARGE,
                f"its text has {len(text):,} characters, and {MAX_TEXT_LENGTH:,} is the most",
                "Cut it into articles",
            )
        raise SourceRejected(
            RejectReason.NO_TEXT, "it has no words in it", "Send one that has text"
        )
    return build_extracted_article(
        text, **{name: value for name, value in fields.items() if name not in invalid_fields}
    )
