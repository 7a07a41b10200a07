"""Tell what a text is that two publications share: a copy, or a site's boilerplate.

A site may show the same paragraph in place of each of its articles: that they are for subscribers,
or that it cannot be reached. Taken for a copy, it would put one article in the place of another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from index.text.dates.days import may_be_same_day
from index.text.number_words import words_and_numbers
from index.text.terms import STOP_WORDS, stem
from index.urls import canonicalise_url

_MIN_SHARE_OF_TITLE = 0.5
"""A text with a smaller share of a title's words does not tell what the title says."""


class Publication(Protocol):
    """An article, a draft or an entry of a feed."""

    @property
    def title(self) -> str | None:
        """The title, if it has one."""

    @property
    def url(self) -> str | None:
        """The URL, if it has one."""

    @property
    def published(self) -> date | datetime | None:
        """The date of publication, if it is known."""


def are_different_articles(first: Publication, second: Publication, words: Sequence[str]) -> bool:
    """Return whether two publications that share a text are two articles, and none a copy.

    They have different titles and addresses, and either their days differ or the text tells what
    neither of the titles says. `words` are those of the text, from `words_and_numbers`.
    """
    if not _are_named_differently(first, second):
        return False
    days_differ = (
        first.published is not None
        and second.published is not None
        and not may_be_same_day(first.published, second.published)
    )
    return days_differ or is_boilerplate(first, second, words)


def is_boilerplate(first: Publication, second: Publication, words: Sequence[str]) -> bool:
    """Return whether the text that two publications share is none of their articles.

    They have different titles and addresses, and the text tells what neither of the titles says.
    """
    if not _are_named_differently(first, second):
        return False
    text_stems = {stem(word) for word in words}
    title_stems = [_stems_of_title(publication.title) for publication in (first, second)]
    return not any(
        _is_told(own - other, text_stems) for own, other in (title_stems, title_stems[::-1])
    )


def _are_named_differently(first: Publication, second: Publication) -> bool:
    """Return whether two publications have different titles and different addresses."""
    if not (first.title and second.title and first.url and second.url):
        return False
    return words_and_numbers(first.title) != words_and_numbers(second.title) and canonicalise_url(
        first.url
    ) != canonicalise_url(second.url)


def _stems_of_title(title: str | None) -> set[str]:
    return {stem(word) for word in words_and_numbers(title or "") if word not in STOP_WORDS}


def _is_told(own_stems: Collection[str], text_stems: Collection[str]) -> bool:
    """Return whether a text tells what only one of two titles says, if that is anything."""
    told_count = sum(word_stem in text_stems for word_stem in own_stems)
    return told_count >= _MIN_SHARE_OF_TITLE * len(own_stems)
