"""The digest by which a changed feed is detected without parsing it."""

from __future__ import annotations

import pytest

from index.ingest.feeds.change_digest import stable_digest
from tests.fixtures.feed_documents import SITE, atom, item, rss

ENTRY = f'<entry><id>1</id><link href="{SITE}/1"/></entry>'


def same(one: str, other: str) -> bool:
    return stable_digest(one.encode()) == stable_digest(other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            rss(item(), channel="<pubDate>10:00</pubDate>"),
            rss(item(), channel="<pubDate>10:05</pubDate>"),
        ),
        (atom(f"<updated>10:00</updated>{ENTRY}"), atom(f"<updated>10:05</updated>{ENTRY}")),
        (rss(item()), rss(item()).replace("><", ">\n  <")),
        (rss(item()), rss(item()) + "<!-- made in 0.3 seconds -->"),
        (rss(item(slash__comments="3")), rss(item(slash__comments="4"))),
        (rss(item(description='x<img src="c?1">')), rss(item(description='x<img src="c?2">'))),
        ('{"items": [1]}', '{\n "items": [1] }'),
        (f'<html><a href="{SITE}/1">x</a> 10:00', f'<html><p>10:05</p><a href="{SITE}/1">x</a>'),
    ],
)
def test_content_outside_the_articles_does_not_change_the_digest(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rss(item()), rss(item(), item(link=f"{SITE}/2"))),
        (rss(item()), rss(item(title="وصول الوفود"))),
        (rss(item(description="x")), rss(item(description="y"))),
        ("<urlset><url><loc>a</loc></url></urlset>", "<urlset><url><loc>b</loc></url></urlset>"),
        (
            "<sitemapindex><sitemap>1</sitemap></sitemapindex>",
            "<sitemapindex><sitemap>2</sitemap></sitemapindex>",
        ),
        ('{"items": [1]}', '{"items": [2]}'),
        (f'<html><a href="{SITE}/1">x</a>', f'<html><a href="{SITE}/2">x</a>'),
        (rss(item(description="<!-- x")), rss(item(description="<!-- y"))),
        ("a", "b"),
    ],
)
def test_content_of_the_articles_changes_the_digest(one: str, other: str) -> None:
    assert not same(one, other)
