"""What an article is of its feed and of its page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.feeds.article_merge import choose_date
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.feeds.models import FeedEntry
from index.models import DateProvenance
from tests.fixtures.sample_articles import TRIPOLI

NOW = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)
at = datetime.fromisoformat


def entry(**fields: Any) -> FeedEntry:
    url = "https://noran.example/news/1"
    return FeedEntry.model_validate({"url": url, "date_found": DateProvenance.GIVEN, **fields})


@pytest.mark.parametrize(
    ("shown_by_page", "path", "published"),
    [
        (at("2023-11-08T23:30-05:00"), "/1", at("2023-11-08T23:30-05:00")),
        (at("2023-11-08T23:30"), "/1", at("2023-11-08T23:30-05:00")),
        (date(2023, 11, 8), "/1", date(2023, 11, 8)),
        (date(2023, 11, 9), "/1", at("2023-11-09T04:30Z")),
        (None, "/2023/11/08/1", date(2023, 11, 8)),
        (None, "/2023/11/09/1", at("2023-11-09T04:30Z")),
        (None, "/1", at("2023-11-09T04:30Z")),
    ],
)
def test_an_instant_of_a_feed_has_the_day_and_clock_of_its_page_or_address(
    shown_by_page: date | datetime | None, path: str, published: date | datetime
) -> None:
    listed = entry(published=at("2023-11-09T04:30Z"), url=f"https://noran.example{path}")
    page = shown_by_page and ExtractedArticle(
        text="A text.", published=shown_by_page, date_found=DateProvenance.PAGE
    )
    chosen = choose_date(listed, page or None, NOW, TRIPOLI)
    assert (str(chosen.published), chosen.provenance) == (str(published), DateProvenance.GIVEN)
