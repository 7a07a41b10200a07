"""Queries that list and count articles, and that read newly added ones."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, or_, select

from index.models import ArchiveStats, Article, DateWindow
from index.storage import row_mapping
from index.storage.records import ArticleArrival
from index.storage.schema import articles, changes, passages


class ArticleFilter(NamedTuple):
    """Conditions on articles: publication window, removed or live, and matching text."""

    window: DateWindow | None = None
    removed: bool = False
    removed_since: str | None = None
    """An instant in UTC."""
    contains: str | None = None
    """A substring of the headline, source, URL or id."""
    limit: int | None = None
    offset: int = 0


def list_articles(
    connection: Connection, article_filter: ArticleFilter, zone: ZoneInfo
) -> list[Article]:
    """Return the matching articles, newest publication first, undated ones last."""
    published_day = func.coalesce(articles.c.published_on, func.substr(articles.c.published, 1, 10))
    removed_at = articles.c.removed_at
    conditions: list[ColumnElement[bool]] = [
        removed_at.is_not(None) if article_filter.removed else removed_at.is_(None)
    ]
    if article_filter.removed_since is not None:
        conditions.append(removed_at >= article_filter.removed_since)
    if article_filter.contains is not None:
        searched_columns = (articles.c.headline, articles.c.source, articles.c.url, articles.c.id)
        conditions.append(
            or_(
                *(
                    column.contains(article_filter.contains, autoescape=True)
                    for column in searched_columns
                )
            )
        )
    query = (
        select(articles)
        .where(*conditions, *row_mapping.published_within(article_filter.window, zone))
        .order_by(
            published_day.is_(None),
            published_day.desc(),
            articles.c.published.desc(),
            articles.c.key,
        )
        .limit(article_filter.limit)
        .offset(article_filter.offset)
    )
    return [row_mapping.to_article(row) for row in connection.execute(query)]


def archive_stats(connection: Connection) -> ArchiveStats:
    """Return the number of live articles and passages, and the first and last publication day."""
    day = func.substr(articles.c.published, 1, 10)
    live = articles.c.removed_at.is_(None)
    count, first, last = connection.execute(
        select(func.count(), func.min(day), func.max(day)).where(live)
    ).one()
    passage_count = connection.scalar(
        select(func.count()).select_from(passages.join(articles)).where(live)
    )
    return ArchiveStats(
        articles=count,
        passages=passage_count or 0,
        since=date.fromisoformat(first) if first else None,
        until=date.fromisoformat(last) if last else None,
    )


def count_by_day(connection: Connection) -> dict[date, int]:
    """Return the number of live articles of each day of publication; undated ones are left out."""
    day = func.substr(articles.c.published, 1, 10)
    query = (
        select(day, func.count())
        .where(articles.c.removed_at.is_(None), articles.c.published.is_not(None))
        .group_by(day)
    )
    return {date.fromisoformat(row[0]): row[1] for row in connection.execute(query)}


def count_by_source(connection: Connection) -> dict[str | None, int]:
    """Return the number of live articles of each source, None for those of unknown source."""
    query = (
        select(articles.c.source, func.count())
        .where(articles.c.removed_at.is_(None))
        .group_by(articles.c.source)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def list_arrivals(connection: Connection, after_seq: int, limit: int) -> list[ArticleArrival]:
    """Return at most `limit` live articles added after change `after_seq`, oldest change first."""
    query = (
        select(changes.c.seq, changes.c.quiet, articles)
        .join_from(changes, articles, changes.c.article_key == articles.c.key)
        .where(
            changes.c.seq > after_seq, changes.c.kind == "added", articles.c.removed_at.is_(None)
        )
        .order_by(changes.c.seq)
        .limit(limit)
    )
    return [
        ArticleArrival(row.seq, row_mapping.to_article(row), bool(row.quiet))
        for row in connection.execute(query)
    ]
