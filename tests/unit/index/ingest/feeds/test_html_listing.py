"""Reading of HTML pages: the feeds that they declare and the articles that they list."""

from __future__ import annotations

import pytest

from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from tests.fixtures.feed_documents import SITE, read, rejection_reason

TITLES = (
    "وصول الوفد إلى مرسى النور",
    "فتح الميناء القديم بعد عام",
    "البلدية تعلن خطة جديدة للمياه",
    "The council of Wadi Salem meets",
    "Le port de Marsa rouvre enfin",
    "اجتماع المجلس في وادي سالم",
)


def page(body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="ar"><head><title>صدى النور</title>{head}</head><body>{body}</body></html>'


def card(number: int) -> str:
    return f'<article><h2><a href="/news/{number}">{TITLES[number]}</a></h2><p>نص</p></article>'


CARDS = "".join(map(card, range(len(TITLES))))


def urls(body: str) -> list[str]:
    return [
        (entry.url or "").removeprefix(SITE) for entry in read(page(body), url=f"{SITE}/").entries
    ]


def test_a_page_declares_feeds_and_lists_articles_in_page_order() -> None:
    feed = read(
        page(CARDS, '<link rel="alternate" type="application/rss+xml" title="صدى" href="/feed/">'),
        url=f"{SITE}/ar/",
    )
    assert (feed.kind, feed.title, feed.language) == (FeedKind.LIST, "صدى النور", "ar")
    assert feed.feeds == (f"{SITE}/feed/",)
    assert [entry.title for entry in feed.entries] == list(TITLES)
    assert [entry.url for entry in feed.entries] == [f"{SITE}/news/{number}" for number in range(6)]


@pytest.mark.parametrize(
    ("head", "body", "feeds"),
    [
        (
            (
                '<link rel="alternate" type="application/rss+xml" title="صدى » التعليقات" href="/comments/feed/">'
                '<link rel="alternate" type="application/atom+xml" href="atom.xml">'
                '<link rel="alternate" type="application/feed+json; charset=utf-8" href="/feed.json">'
                '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">'
                '<link rel="alternate" type="application/json+oembed" href="/x">'
                '<link rel="alternate" hreflang="en" href="/en">'
            ),
            "",
            ["/atom.xml", "/feed.json"],
        ),
        (
            "",
            '<a href="/rss">x</a><a href="/ar/feed/">x</a><a href="/n.xml">x</a>',
            ["/rss", "/ar/feed/", "/n.xml"],
        ),
        ("", '<a href="/all">RSS</a><a href="?feed=rss2">x</a>', ["/all", "/?feed=rss2"]),
        (
            "",
            '<a href="/a/comments/feed/">x</a><a href="https://other.example/rss">x</a><a href="/rss">x</a>',
            ["/rss"],
        ),
        ('<base href="https://sada.example/ar/">', '<a href="rss">x</a>', ["/ar/rss"]),
    ],
)
def test_links_to_feeds_are_found_except_for_comments(
    head: str, body: str, feeds: list[str]
) -> None:
    urls = read(page(body, head), url=f"{SITE}/").feeds
    assert [url.removeprefix(SITE) for url in urls] == feeds


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://other.example/news/9">خبر طويل من موقع آخر</a>',
        '<a href="/tag/port">كل أخبار الميناء في مرسى النور</a>',
        '<a href="/category/politics/">كل أخبار السياسة في البلاد</a>',
        '<a href="/author/salem">كل مقالات الكاتب سالم الوادي</a>',
        '<a href="/news/page/2">المزيد من الأخبار في الصفحة التالية</a>',
        '<a href="/privacy-policy">Our privacy policy and all the terms</a>',
        '<a href="/files/report-of-the-council.pdf">تقرير المجلس عن عام كامل</a>',
        '<a href="/sport">رياضة</a>',
        '<a href="#top">العودة إلى أعلى هذه الصفحة</a>',
        '<a href="javascript:void(0)">افتح قائمة الأخبار كلها الآن</a>',
        '<nav><a href="/section-nine">قسم الأخبار المحلية في البلاد</a></nav>',
        '<footer><a href="/n/9">قسم الأخبار المحلية في البلاد</a></footer>',
        '<div class="main-menu"><ul><li><a href="/n/9">قسم الأخبار المحلية في البلاد</a></li></ul></div>',
    ],
)
def test_a_link_to_no_article_is_not_listed(link: str) -> None:
    assert len(urls(CARDS + link)) == len(TITLES)


def test_each_address_is_listed_once_with_the_title_in_its_heading() -> None:
    body = "".join(
        f'<div class="card"><a href="/news/{number}?utm_source=home"><img alt="صورة"></a>'
        f'<h3><a href="/news/{number}">{title}</a></h3><a href="/news/{number}#more">اقرأ المزيد</a></div>'
        for number, title in enumerate(TITLES)
    )
    feed = read(page(body), url=f"{SITE}/")
    assert [entry.title for entry in feed.entries] == list(TITLES)


def test_a_title_is_also_taken_from_the_links_card_or_title_attribute() -> None:
    body = "".join(
        (
            f'<a href="/news/{number}"><h3>{title}</h3><p>وصف طويل للخبر لا يدخل في العنوان</p></a>',
            f'<li><h3>{title}</h3><a href="/news/{number}">التفاصيل</a></li>',
            f'<a href="/news/{number}" title="{title}"><img></a>',
        )[number % 3]
        for number, title in enumerate(TITLES)
    )
    feed = read(page(body), url=f"{SITE}/")
    assert [entry.title for entry in feed.entries] == list(TITLES)


def test_a_few_links_are_no_listing() -> None:
    few = "".join(map(card, range(4)))
    assert rejection_reason(page(few)) is RejectReason.NO_FEED
    feed = read(page(few, '<link rel="alternate" type="application/rss+xml" href="/feed">'))
    assert (feed.entries, len(feed.feeds)) == ((), 1)


def test_a_page_of_too_many_elements_is_rejected() -> None:
    assert rejection_reason(page("<p></p>" * 50_000)) is RejectReason.TOO_COMPLEX
