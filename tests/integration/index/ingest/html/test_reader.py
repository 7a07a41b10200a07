"""A page of the web becomes a story, as the site printed it."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.ingest.extracted_article import ExtractedArticle
from index.ingest.html.reader import read_page
from index.ingest.rejections import RejectReason, SourceRejected
from index.models import DateProvenance
from index.text.boilerplate import BoilerplateRules
from index.text.normalise import fold
from tests.fixtures.sample_articles import PROJECT

PAGES = PROJECT / "tests" / "fixtures" / "pages"
NOW = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)
RULES = BoilerplateRules(**tomllib.loads((PROJECT / "config/boilerplate.toml").read_text("utf-8")))
FIRST = "أعلنت بلدية نوران، اليوم، إعادة فتح ميناء الرمال أمام السفن التجارية بعد توقف دام سبعة أسابيع كاملة بسبب أعمال الصيانة في أرصفته الثلاثة."
SECOND = "وقال رئيس المجلس سالم الورفي للصحفيين إن أول سفينة ستصل من مرسى النور يوم الأحد المقبل، وإن العمال عادوا جميعا إلى أعمالهم هذا الأسبوع."
THIRD = "ورأت ليلى حمدان، وهي تاجرة في سوق المدينة، أن القرار تأخر كثيرا، وأن التجار خسروا موسما كاملا ولا يريدون أن يخسروا موسما آخر."
TITLE = "ميناء الرمال يعود إلى العمل"


def read(
    markup: str | bytes, url: str | None = None, charset: str | None = None
) -> ExtractedArticle:
    content = markup if isinstance(markup, bytes) else markup.encode()
    return read_page(content, url=url, charset=charset, now=NOW, rules=RULES)


def page(*around: str, head: str = "", lead: str = "", title: str = TITLE) -> str:
    """Return a page whose story has three paragraphs, with `around` between its second and last."""
    return (
        f"<html lang=ar><head><meta charset=utf-8><title>{title}</title>{head}</head><body>"
        f"<article><h1>{title}</h1>{lead}<p>{FIRST}</p><p>{SECOND}</p>{''.join(around)}"
        f"<p>{THIRD}</p></article></body></html>"
    )


STORY = f"{FIRST}\n{SECOND}\n{THIRD}"


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_page_of_every_make_becomes_its_story_and_nothing_else(path: Path) -> None:
    expected = tomllib.loads(path.read_text("utf-8"))
    content = path.with_suffix(".html").read_bytes()
    brought = read(content, expected["address"], expected.get("charset"))
    assert brought.text.split("\n") == expected["story"]
    facts = brought.model_dump(include={"title", "source", "language", "url", "author", "printed"})
    assert facts == {name: expected.get(name) for name in facts}
    assert str(brought.published) == expected["published"].replace("T", " ")
    assert brought.date_found == expected["found"]
    assert [str(day) for day in brought.otherwise] == expected.get("otherwise", [])


@pytest.mark.parametrize(
    "around",
    [
        '<p>اقرأ أيضا: <a href="/2">سفن تنتظر خارج الميناء</a></p>',
        '<p><a href="/2">اقرأ أيضاً.. سفن تنتظر خارج الميناء</a></p>',
        '<p><b>اقرأ أيضاً</b><a href="/2">سفن تنتظر خارج الميناء منذ أيام</a></p>',
        '<h3>أخبار متعلقة</h3><ul><li><a href="/2">سفن تنتظر خارج الميناء</a></li></ul>',
        '<p>مواضيع ذات صلة</p><p><a href="/2">سفن تنتظر خارج الميناء</a></p><p><a href="/3">إضراب جديد</a></p>',
        '<div class="related-posts"><p>سفن تنتظر خارج الميناء منذ عشرة أيام بسبب الإضراب</p></div>',
        "<aside><p>سفن تنتظر خارج الميناء منذ عشرة أيام بسبب الإضراب</p></aside>",
        "<figure><img src=a><figcaption>ميناء الرمال كما بدا صباح أمس من جهة البحر</figcaption></figure>",
        '<div class="wp-caption"><img src=a><p class="wp-caption-text">ميناء الرمال كما بدا أمس</p></div>',
        "<p>(الصورة: هـ. الساحلي)</p>",
        "<p>صورة أرشيفية لميناء الرمال</p>",
        '<div class="share"><a href="#">فيسبوك</a> <a href="#">تويتر</a></div>',
        "<p>إعلان</p>",
        "<div class=newsletter-signup><p>اشترك في نشرتنا ليصلك كل صباح أهم ما جرى في نوران.</p></div>",
        "<p>مدة القراءة: دقيقتان</p>",
        '<div style="display:none"><p>نص خفي لا يراه القارئ في هذه الصفحة أبدا.</p></div>',
        "<script>document.write('<p>كلام من برنامج لا يراه القارئ</p>')</script>",
        "<p>تابعونا على تويتر</p>",
    ],
)
def test_what_a_site_puts_into_a_story_is_left_out(around: str) -> None:
    assert read(page(around)).text == STORY


@pytest.mark.parametrize(
    "name", ["reader-comments", "postComments", "comment-section", "disqus_thread"]
)
def test_comments_longer_than_the_story_are_left_out(name: str) -> None:
    said = "".join(
        f"<p>{SECOND.replace('قال', 'كتب')} وهذا رأيي رقم {n} في الأمر.</p>" for n in range(9)
    )
    assert read(page(f'<span class="{name}">{said}</span>')).text == STORY


@pytest.mark.parametrize(
    "kept",
    [
        "اقرأ هذا القرار جيدا، قال الورفي للتجار، فهو يعنيكم جميعا.",
        'وأضاف أن <a href="/5">السفن الثلاث</a> ستدخل تباعا.',
        "الصورة لم تتضح بعد، كما قال الورفي.",
        "«شاركونا الفرحة»، قالت حمدان.",
        "وقال: متى تصل السفن؟",
    ],
)
def test_a_sentence_that_looks_like_a_sites_line_is_kept(kept: str) -> None:
    plain = kept.replace('<a href="/5">', "").replace("</a>", "")
    assert read(page(f"<p>{kept}</p>")).text == f"{FIRST}\n{SECOND}\n{plain}\n{THIRD}"


@pytest.mark.parametrize(
    "lead",
    [
        f"<p>{TITLE}</p>",
        "<p>صدى نوران – 4 مايو 2018</p>",
        "<p>بقلم: سالم الورفي</p>",
        "<p>نشر في: 4 مايو 2018 - 12:51</p>",
        "<p>كتب: سالم الورفي | 4 مايو 2018</p>",
    ],
)
def test_the_carriers_own_line_before_the_story_is_left_out(lead: str) -> None:
    assert read(page(lead=lead)).text == STORY


@pytest.mark.parametrize("dateline", ["نوران (وكالة السواحل) – ", "مرسى النور 4 مايو 2018 – "])
def test_a_dateline_that_begins_the_first_sentence_is_the_storys_own(dateline: str) -> None:
    markup = page().replace(f"<p>{FIRST}", f"<p>{dateline}{FIRST}")
    assert read(markup).text == dateline + STORY


def test_words_keep_their_letters_where_tags_cut_them() -> None:
    cut = f"{FIRST[:20]}<b>{FIRST[20:25]}</b><span>{FIRST[25:40]}</span>{FIRST[40:]}"
    assert read(page().replace(FIRST, cut)).text == STORY


def test_a_text_for_machines_that_readers_never_see_is_called_hidden() -> None:
    body = json.dumps({"@type": "NewsArticle", "articleBody": STORY * 2})
    script = f'<script type="application/ld+json">{body}</script>'
    teaser = page().replace(f"<p>{SECOND}</p><p>{THIRD}</p>", "")
    assert teaser != page()
    hidden = read(teaser.replace("</head>", f"{script}</head>"))
    assert (hidden.hidden, THIRD in hidden.text) == (True, True)
    assert not read(page(head=script)).hidden


def test_lines_divided_by_breaks_are_paragraphs() -> None:
    markup = (
        f"<html><body><h1>{TITLE}</h1><div>{FIRST}<br><br>{SECOND}<br/>{THIRD}</div></body></html>"
    )
    assert read(markup).text == STORY


def test_a_table_of_figures_keeps_its_words_without_rules_between() -> None:
    table = "<table><tr><td>الرصيف الأول</td><td>12</td></tr><tr><td>الرصيف الثاني</td><td>7</td></tr></table>"
    assert read(page(table)).text == f"{FIRST}\n{SECOND}\nالرصيف الأول 12\nالرصيف الثاني 7\n{THIRD}"


META = '<meta property="article:published_time" content="{}">'
LINKED = (
    '<script type="application/ld+json">{{"@type":"NewsArticle","headline":"'
    + TITLE
    + '",{}}}</script>'
)


@pytest.mark.parametrize(
    ("head", "lead", "url", "published", "found"),
    [
        (META.format("2018-05-04T12:51:00+02:00"), "", None, "2018-05-04 12:51:00+02:00", "page"),
        (
            META.format("2018-05-04"),
            "<p>4 مايو 2018 12:51</p>",
            None,
            "2018-05-04 12:51:00",
            "page",
        ),
        (META.format("2018-05-04T00:00:00"), "", None, "2018-05-04", "page"),
        (
            LINKED.format('"datePublished":"2018-05-04T09:00:00Z"'),
            "",
            None,
            "2018-05-04 09:00:00+00:00",
            "page",
        ),
        (
            "",
            '<time datetime="2018-05-04T12:51:00Z">الجمعة</time>',
            None,
            "2018-05-04 12:51:00+00:00",
            "page",
        ),
        ("", "<p>04/05/2018</p>", "http://a.example/2018/05/04/x", "2018-05-04", "page"),
        ("", "<p>04/05/2018</p>", "http://a.example/2018/04/05/x", "2018-04-05", "page"),
        ("", "", "http://a.example/2018-05-04/x", "2018-05-04", "page"),
        ("", "", "http://a.example/2018/13/45/x", "None", "unknown"),
        ("", "", None, "None", "unknown"),
        # Published goes before updated, which alone leaves the day uncertain.
        (
            META.format("2018-05-04")
            + '<meta property="article:modified_time" content="2019-01-01">',
            "",
            None,
            "2018-05-04",
            "page",
        ),
        (
            '<meta property="article:modified_time" content="2019-01-01T10:00:00Z">',
            "",
            None,
            "2019-01-01 10:00:00+00:00",
            "uncertain",
        ),
        (LINKED.format('"dateModified":"2019-01-01"'), "", None, "2019-01-01", "uncertain"),
        ("", "<p>آخر تحديث: 1 يناير 2019</p>", None, "2019-01-01", "uncertain"),
        (
            "",
            "<p>آخر تحديث: 1 يناير 2019</p>",
            "http://a.example/2018/05/04/x",
            "2018-05-04",
            "page",
        ),
        # Two clues contradict each other.
        (META.format("2018-05-04"), "<p>9 مايو 2018</p>", None, "2018-05-04", "uncertain"),
        (META.format("2018-05-04"), "", "http://a.example/2013/02/01/x", "2018-05-04", "uncertain"),
        (
            META.format("2018-05-09"),
            "<p>4 مايو 2018</p>",
            "http://a.example/2018/05/04/x",
            "2018-05-04",
            "uncertain",
        ),
        # An instant in UTC has the day and the clock that the page prints or has in its address.
        (META.format("2018-05-03T22:30:00Z"), "<p>4 مايو 2018</p>", None, "2018-05-04", "page"),
        (
            META.format("2023-11-09T04:30:00Z"),
            "<p>November 8, 2023 at 11:30 p.m.</p>",
            "http://a.example/2023/11/08/x",
            "2023-11-08 23:30:00-05:00",
            "page",
        ),
        (
            META.format("2023-11-09T04:30:00Z"),
            "",
            "http://a.example/2023/11/08/x",
            "2023-11-08",
            "page",
        ),
        (
            META.format("2023-11-08T10:30:20+00:00"),
            "<p>8 نوفمبر 2023 12:30</p>",
            None,
            "2023-11-08 12:30:20+02:00",
            "page",
        ),
        # What can be read as two days is the one that something else says.
        (META.format("04/05/2018"), "<p>5 أبريل 2018</p>", None, "2018-04-05", "page"),
        (META.format("04/05/2018"), "", None, "2018-05-04", "uncertain"),
        # Today is when a page is made, where something says another day.
        (
            '<meta name="date" content="2026-02-05">',
            "<p>4 مايو 2018</p>",
            None,
            "2018-05-04",
            "uncertain",
        ),
        ("", "<p>منذ 3 ساعات</p>", "http://a.example/1", "2026-02-05 06:00:00+00:00", "uncertain"),
        (
            META.format("2026-02-05T06:10:00Z"),
            "<p>منذ 3 ساعات</p>",
            None,
            "2026-02-05 06:10:00+00:00",
            "page",
        ),
        # What is not likely to be true.
        (META.format("2031-05-04"), "", None, "2031-05-04", "uncertain"),
        (META.format("1970-01-01"), "", None, "1970-01-01", "uncertain"),
        (META.format("1970-01-01"), "<p>4 مايو 2018</p>", None, "2018-05-04", "uncertain"),
    ],
)
def test_what_a_page_says_of_its_day_is_weighed(
    head: str, lead: str, url: str | None, published: str, found: str
) -> None:
    brought = read(page(head=head, lead=lead), url)
    assert (str(brought.published), brought.date_found) == (published, found)
    assert brought.text == STORY


def test_days_that_contradict_each_other_are_given_beside_the_likelier() -> None:
    brought = read(page(head=META.format("2018-05-04"), lead="<p>9 مايو 2018</p>"))
    assert brought.otherwise == (date(2018, 5, 9),)
    assert brought.printed == "9 مايو 2018" or brought.printed is None


@pytest.mark.parametrize(
    "deck",
    [
        "<h2>الانتخابات في 12 مارس 2019</h2>",
        "<p>قال مكتب الإعلام إن الميناء سيعود في 12 مارس 2019</p>",
        "<h2 class=deck>La République attend le 12 mars 2019 dans le public</h2>",
        "<p>Candidates for 12 March 2019 named</p>",
        "<p>12 مارس 2019 موعد جديد</p>",
    ],
)
def test_a_date_in_a_line_of_news_under_the_headline_is_not_the_storys(deck: str) -> None:
    assert read(page(lead=deck)).published is None


@pytest.mark.parametrize(
    ("after", "published", "found"),
    [
        ("<p>نشر في 4 مايو 2018</p>", "2018-05-04", "page"),
        (
            '<div class=post-end><abbr class="published" title="2018-05-04T10:00:00Z">10:00</abbr></div>',
            "2018-05-04 10:00:00+00:00",
            "page",
        ),
        ('<div><time datetime="2018-05-04">4/5</time></div>', "2018-05-04", "uncertain"),
        (
            '<div class=related-posts><p>خبر آخر من نوران</p><time class="published" datetime="2018-05-04">4 مايو 2018</time></div>',
            "None",
            "unknown",
        ),
    ],
)
def test_a_day_after_the_story_is_its_own_where_it_says_so(
    after: str, published: str, found: str
) -> None:
    brought = read(page().replace("</article>", f"</article>{after}"))
    assert (str(brought.published), brought.date_found) == (published, found)


def test_a_date_within_the_story_is_not_its_own() -> None:
    paragraph = page(
        "<p>وكان الميناء قد أغلق في 12 مارس 2017، كما قال الورفي حينها لصدى نوران.</p>"
    )
    assert read(paragraph).published is None


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_day_on_which_a_page_was_fetched_is_never_its_date(place: str) -> None:
    today = '<div class="today">الخميس 5 فبراير 2026</div>'
    markup = page()
    tag = "<article>" if place == "before" else "</article>"
    markup = markup.replace(tag, today + tag if place == "before" else tag + today)
    assert (read(markup).published, read(markup).date_found) == (None, DateProvenance.UNKNOWN)
    assert read(markup + "<p>© 2026</p>").published is None


@pytest.mark.parametrize(
    ("head", "lead", "author"),
    [
        ('<meta name="author" content="منى العابد">', "", "منى العابد"),
        ('<meta name="author" content="admin">', "", None),
        (
            '<meta name="author" content="صدى نوران"><meta property="og:site_name" content="صدى نوران">',
            "",
            None,
        ),
        ('<meta name="author" content="https://a.example/u/1">', "", None),
        ('<meta name="author" content="admin">', "<p>بقلم: منى العابد</p>", "منى العابد"),
        ("", '<p class="byline">By <a rel="author" href="/u">Jane Roe</a></p>', "Jane Roe"),
        (LINKED.format('"author":{"@type":"Person","name":"منى العابد"}'), "", "منى العابد"),
        (LINKED.format('"author":["منى العابد",{"name":"Jane Roe"}]'), "", "منى العابد, Jane Roe"),
    ],
)
def test_the_author_is_a_person(head: str, lead: str, author: str | None) -> None:
    assert read(page(head=head, lead=lead)).author == author


@pytest.mark.parametrize(
    ("head", "title", "url", "source"),
    [
        (
            '<meta property="og:site_name" content="صدى نوران">',
            TITLE,
            "http://a.example/1",
            "صدى نوران",
        ),
        (LINKED.format('"publisher":{"name":"الفنار"}'), TITLE, "http://a.example/1", "الفنار"),
        ('<meta name="application-name" content="Le Fanal">', TITLE, None, "Le Fanal"),
        ("", f"{TITLE} | صحيفة نوران", "http://a.example/1", "صحيفة نوران"),
        ("", f"صحيفة نوران :: {TITLE}", None, "صحيفة نوران"),
        ("", TITLE, "https://www.a.example/1", "a.example"),
        ("", TITLE, None, None),
    ],
)
def test_the_source_is_named_as_the_page_names_it(
    head: str, title: str, url: str | None, source: str | None
) -> None:
    markup = page(head=head).replace(f"<title>{TITLE}", f"<title>{title}")
    brought = read(markup, url)
    assert (brought.source, brought.title) == (source, TITLE)


@pytest.mark.parametrize(
    ("given", "canonical", "kept"),
    [
        ("http://a.example/1?utm_source=x", "http://a.example/1", "http://a.example/1"),
        ("http://m.a.example/1", "https://www.a.example/1", "https://www.a.example/1"),
        ("http://a.example/amp/1", "/1", "http://a.example/1"),
        ("http://a.example/1", "http://other.example/1", "http://a.example/1"),
        ("http://a.example/1", "http://a.example/", "http://a.example/1"),
        ("http://a.example/1", "javascript:alert(1)", "http://a.example/1"),
        ("http://a.example/1", "http://[bad", "http://a.example/1"),
        (None, "https://a.example/1", "https://a.example/1"),
        (None, "nonsense", None),
    ],
)
def test_the_address_is_the_pages_own_where_it_is_of_the_same_site(
    given: str | None, canonical: str, kept: str | None
) -> None:
    assert read(page(head=f'<link rel="canonical" href="{canonical}">'), given).url == kept


@pytest.mark.parametrize(
    ("named", "language"), [("ar", "ar"), ("en-US", "ar"), ("", "ar"), ("!", "ar")]
)
def test_the_words_of_a_story_say_its_language_where_the_page_says_another(
    named: str, language: str
) -> None:
    assert read(page().replace("lang=ar", f'lang="{named}"')).language == language


LINKS = "".join(
    f'<div><h3><a href="/{n}">سفن تنتظر خارج الميناء منذ {n} أيام بسبب الإضراب</a></h3><a href="/{n}">المزيد</a></div>'
    for n in range(3, 20)
)
TEASERS = LINKS.replace('<a href="/3">المزيد', f"<p>{FIRST}</p><a>المزيد")


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        ("", None),
        ("   ", None),
        ("<!-- nothing -->", None),
        ("\x00\x01", None),
        ("<html><body></body></html>", None),
        ("<html><body><p>You need to enable JavaScript to run this app.</p></body></html>", None),
        (f"<html><body><p>{TITLE}</p></body></html>", None),
        (f"<html><body>{LINKS}</body></html>", "http://a.example/section/news"),
        (f"<html><body>{LINKS}</body></html>", "http://a.example/"),
        (f"<html><body>{TEASERS}</body></html>", "http://a.example/"),
        (
            (
                "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1>"
                f"<p>The page that you asked for was not found. {'It may have moved. ' * 6}</p></body></html>"
            ),
            "http://a.example/x",
        ),
        (
            (
                "<html><head><title>Coast News</title></head><body><div><h1>Before you continue</h1><p>We value "
                f"your privacy. {'We and our partners store and read data on your device. ' * 5}</p>"
                "<button>Accept all</button></div></body></html>"
            ),
            "http://a.example/x",
        ),
        (
            f"<html><head><title>الصفحة غير موجودة</title></head><body><p>{'عذرا، لم نجد ما تبحث عنه. ' * 8}</p></body></html>",
            "http://a.example/x",
        ),
    ],
)
def test_a_page_without_a_story_is_refused_with_what_to_do(markup: str, url: str | None) -> None:
    with pytest.raises(SourceRejected) as refused:
        read(markup, url)
    assert refused.value.reason is RejectReason.NO_STORY
    assert "paste the text" in refused.value.remedy.lower()


def test_a_story_about_cookies_is_a_story() -> None:
    paragraph = (
        "The council of Noran will ask visitors of its pages before it stores cookies. " * 12
    )
    head = "<title>Noran: accept all cookies or leave</title>"
    assert read(f"<html><head>{head}</head><body><h1>x</h1><p>{paragraph}</p></body></html>").text


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY a{n} "{"&a" + str(n - 1) + ";" if n else "&a;"}{("&a" + str(n - 1) + ";") * 9 if n else ""}">'
        for n in range(10)
    )
    + f']><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{FIRST}</p><p>&a9;{SECOND}</p></body></html>'
)


def deep(tag: str, times: int) -> str:
    return f"<{tag}>" * times + FIRST + SECOND


@pytest.mark.parametrize(
    "make",
    [
        lambda: deep("div", 300_000),
        lambda: deep("table><tr><td", 50_000),
        lambda: f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>{FIRST}</p>",
        lambda: BOMB,
        lambda: "<table>" + "<tr><td>1</td><td>2</td></tr>" * 20_000 + "</table>",
        lambda: "<" * 500_000,
        lambda: "<p>" * 200_000,
        lambda: f"<script type='application/ld+json'>{'[' * 100_000}</script><p>{FIRST}</p>",
        lambda: f"<meta name=author content='{'x' * 1_000_000}'><p>{FIRST}{SECOND}</p>",
        lambda: f"<p>{FIRST}{'&#0;&#xD800;&#x110000;' * 1_000}{SECOND}</p>",
        lambda: f"<p class='{'related-' * 20_000}'>{FIRST}{SECOND}</p>",
        lambda: f"<title>{' | ' * 30_000}</title><h1>{'- ' * 30_000}</h1><p>{FIRST}{SECOND}</p>",
        lambda: "<a href=x>" * 30_000 + FIRST,
        lambda: f"<p>{'ا' * 1_000_000}</p>",
        lambda: "<!--" * 100_000,
        lambda: "<b><i>" * 20_000 + f"<p>{FIRST}{SECOND}",
    ],
)
@pytest.mark.usefixtures("must_end")
def test_a_page_made_to_break_its_reader_is_read_or_refused(make: Callable[[], str]) -> None:
    try:
        brought = read(make())
    except SourceRejected:
        return
    assert "\x00" not in brought.text


@pytest.mark.parametrize(
    "markup", ["<p>" * 40_001, f"<p>{'كلمة ' * 400_001}"], ids=["tags", "words"]
)
def test_a_page_of_more_than_any_story_needs_is_too_complex(markup: str) -> None:
    with pytest.raises(SourceRejected) as refused:
        read(markup)
    assert refused.value.reason is RejectReason.TOO_COMPLEX


def test_hundreds_of_tags_left_open_do_not_hide_the_story_after_them() -> None:
    markup = page(*(f"<font size={n % 7}>" for n in range(400)))
    assert read(markup).text == STORY


def test_an_entity_of_the_page_reads_no_file() -> None:
    markup = (
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]>{page("<p>قال &x; ذلك.</p>")}'
    )
    assert Path("/etc/hostname").read_text("utf-8").strip() not in read(markup).text


TAGS = st.sampled_from(
    [
        b"<p>",
        b"</p>",
        b"<div class=related>",
        b"</div>",
        b"<a href=x>",
        b"</a>",
        b"<table><tr><td>",
        b"<br>",
        b"<title>",
        b"<h1>",
        b'<script type=\'application/ld+json\'>{"@type":"NewsArticle","author":[[]]}</script>',
        b"<time datetime='2018-99-99'>",
        b"<meta name=date content='1/2/3'>",
        b"<!--",
        b"]]>",
        b"<?xml encoding='utf-7'?>",
        FIRST.encode(),
        SECOND.encode("cp1256"),
        b"\xff\xfe",
        b"\x00",
        b"&#xD800;",
        b"<![CDATA[",
    ]
)


@settings(max_examples=150, deadline=None)
@example(b"<?xml version='1.0' encoding='utf-16'?><p>x", None)
@given(
    st.one_of(st.binary(), st.lists(TAGS, max_size=30).map(b"".join)),
    st.one_of(st.none(), st.text(max_size=12)),
)
def test_any_bytes_are_a_story_or_refused(content: bytes, charset: str | None) -> None:
    try:
        brought = read_page(
            content, url="http://a.example/1", charset=charset, now=NOW, rules=RULES
        )
    except SourceRejected:
        return
    assert any(char.isalnum() for char in brought.text)


def words_of(text: str) -> Counter[str]:
    return Counter("".join(char if char.isalnum() else " " for char in fold(text)).split())


def test_real_arabic_pages_lose_few_words_and_gain_few(evaluation_sets: Path) -> None:
    folder = evaluation_sets / "hard" / "html"
    expected = words_of((folder / "newspaper4k_arabic_article.expected.txt").read_text("utf-8"))
    for name in ("newspaper4k_arabic_article", "goose3_cnn_arabic"):
        found = words_of(read((folder / f"{name}.html").read_bytes()).text)
        assert (expected & found).total() >= 0.95 * expected.total()
        assert (found - expected).total() <= 0.05 * found.total()
