"""Articles to choose from: listed, counted, and those that have arrived."""

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
    """Which articles are wanted: published when, removed or not, and named how."""

    window: DateWindow | None = None
    removed: bool = False
    removed_since: str | None = None
    """An instant in UTC."""
    named: str | None = None
    """Their headline, source, address or id holds these very words."""
    limit: int | None = None
    offset: int = 0


def listed(connection: Connection, wanted: ArticleFilter, zone: ZoneInfo) -> list[Article]:
    """Return articles, the last published first, unknown dates last."""
    day = func.coalesce(articles.c.published_on, func.substr(articles.c.published, 1, 10))
    at = articles.c.removed_at
    kept: list[ColumnElement[bool]] = [at.is_not(None) if wanted.removed else at.is_(None)]
    if wanted.removed_since is not None:
        kept.append(at >= wanted.removed_since)
    if wanted.named is not None:
        told = (articles.c.headline, articles.c.source, articles.c.url, articles.c.id)
        kept.append(or_(*(column.contains(wanted.named, autoescape=True) for column in told)))
    query = (
        select(articles)
        .where(*kept, *row_mapping.within(wanted.window, zone))
        .order_by(day.is_(None), day.desc(), articles.c.published.desc(), articles.c.key)
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    return [row_mapping.article(row) for row in connection.execute(query)]


def holdings(connection: Connection) -> ArchiveStats:
    """Say how much the archive holds, and from when to when."""
    day = func.substr(articles.c.published, 1, 10)
    live = articles.c.removed_at.is_(None)
    count, first, last = connection.execute(
        select(func.count(), func.min(day), func.max(day)).where(live)
    ).one()
    held = connection.scalar(select(func.count()).select_from(passages.join(articles)).where(live))
    return ArchiveStats(
        articles=count,
        passages=held or 0,
        since=date.fromisoformat(first) if first else None,
        until=date.fromisoformat(last) if last else None,
    )


def arrivals(connection: Connection, after: int, limit: int) -> list[ArticleArrival]:
    """Return the articles that came after change `after` and are there, in the order they came."""
    query = (
        select(changes.c.seq, changes.c.quiet, articles)
        .join_from(changes, articles, changes.c.article_key == articles.c.key)
        .where(changes.c.seq > after, changes.c.kind == "added", articles.c.removed_at.is_(None))
        .order_by(changes.c.seq)
        .limit(limit)
    )
    return [
        ArticleArrival(row.seq, row_mapping.article(row), bool(row.quiet))
        for row in connection.execute(query)
    ]
