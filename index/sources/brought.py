"""What somebody brought, as it was read: a story and what is known of it, not yet an article."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from index.article import (
    LONGEST_TEXT,
    Address,
    DateFound,
    Language,
    Line,
    Published,
    has_words,
)


class Brought(BaseModel):
    """A story that was found in a page, a file or a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(has_words)]
    title: Line = None
    source: Line = None
    url: Address = None
    published: Published = None
    language: Language = None
    author: Line = None
    date_found: DateFound = DateFound.UNKNOWN
    printed: Line = None
    """The date as it was printed, where it was read from words."""
    otherwise: tuple[datetime | date, ...] = ()
    """The other days that an uncertain date may mean, the likeliest first."""
