"""Reading of RSS, RDF, CDF and Atom, valid and broken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from index.ingest.feeds.models import MAX_ENTRIES, FeedKind
from index.ingest.rejections import RejectReason
from index.models import DateProvenance
from index.text.boilerplate import BoilerplateRules
from tests.fixtures.feed_documents import (
    NEWS,
    NOW,
    SITE,
    STORY,
    atom,
    item,
    only,
    read,
    rejection_reason,
    rss,
)


def test_all_fields_of_rss_are_read() -> None:
    feed = read(
        rss(
            item(
                guid=f"{SITE}/?p=1",
                description=f"<p>{NEWS}</p>",
                content__encoded=f"<p>{STORY}</p><p>{STORY}</p>",
                dc__creator="سالم الوادي",
                pubDate="Sat, 07 Mar 2026 10:00:00 +0200",
            ),
            channel=f"<title>صدى النور</title><link>{SITE}/ar</link><language>ar-LY</language><ttl>15</ttl>",
        )
    )
    assert (feed.kind, feed.title, feed.language) == (FeedKind.RSS, "صدى النور", "ar")
    assert (feed.page, feed.minutes) == (f"{SITE}/ar", 15)
    entry = only(feed)
    assert (entry.id, entry.url) == (f"{SITE}/?p=1", f"{SITE}/1")
    assert (entry.title, entry.author, entry.summary) == ("وصول الوفد", "سالم الوادي", NEWS)
    assert entry.content == f"{STORY.strip()}\n\n{STORY.strip()}"
    assert entry.published == datetime(2026, 3, 7, 10, tzinfo=timezone(timedelta(hours=2)))
    assert entry.date_found is DateProvenance.GIVEN
    assert entry.printed == "Sat, 07 Mar 2026 10:00:00 +0200"


def test_atom_is_read_with_its_base_urls_and_text_types() -> None:
    feed = read(
        atom(
            '<link href="/ar/"/><author><name>نورة الساحلي</name></author>'
            '<entry xml:base="https://other.example/news/"><id>tag:x,1</id><title type="text">1 &lt; 2</title>'
            '<link rel="self" href="x.atom"/><link rel="enclosure" href="x.mp3"/><link href="first"/>'
            "<published>2026-03-06T08:00:00Z</published><updated>2026-03-07T08:00:00Z</updated>"
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{STORY}</p><p>آخر</p></div></content>'
            "</entry>",
            attributes='xml:lang="ar"',
        )
    )
    assert (feed.kind, feed.language, feed.page) == (FeedKind.ATOM, "ar", f"{SITE}/ar/")
    entry = only(feed)
    assert (entry.id, entry.title) == ("tag:x,1", "1 < 2")
    assert (entry.url, entry.author) == ("https://other.example/news/first", "نورة الساحلي")
    assert entry.content == f"{STORY.strip()}\n\nآخر"
    assert entry.published == datetime(2026, 3, 6, 8, tzinfo=UTC)


def test_rdf_and_cdf_are_read_too() -> None:
    rdf = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>x</title></channel>'
        f'<item rdf:about="{SITE}/1"><title>أ</title><link>{SITE}/1</link><dc:date>2026-03-06T08:00:00Z</dc:date></item></rdf:RDF>'
    )
    assert only(rdf).date_found is DateProvenance.GIVEN
    cdf = read(
        f'<?xml version="1.0"?><CHANNEL HREF="{SITE}"><ITEM HREF="{SITE}/1"><TITLE>أ</TITLE></ITEM></CHANNEL>'
    )
    assert only(cdf).url == f"{SITE}/1"


@pytest.mark.parametrize(
    ("encoding", "declared", "charset"),
    [
        ("cp1256", "utf-8", None),
        ("cp1256", "utf-8", "utf-8"),
        ("cp1256", None, None),
        ("utf-8", "windows-1256", "windows-1256"),
        ("utf-8", None, "iso-8859-1"),
        ("utf-16", "utf-16", None),
        ("utf-8-sig", "utf-8", None),
    ],
)
def test_a_feed_with_a_wrong_declared_encoding_is_decoded_correctly(
    encoding: str, declared: str | None, charset: str | None
) -> None:
    text = rss(item(description=NEWS)).partition("?>")[2]
    text = (f'<?xml version="1.0" encoding="{declared}"?>' if declared else "") + text
    feed = read(text.encode(encoding), charset=charset, content_type="application/xml")
    assert (feed.title, only(feed).summary) == ("صدى النور", NEWS)


@pytest.mark.parametrize(
    "broken",
    [
        "AT&T قالت",
        "<b>قالت",
        "قالت &nbsp; &doesnotexist;",
        "قالت &#x110000; &#99999999999999999999; &#xD800; &#0;",
    ],
)
def test_a_feed_with_broken_xml_is_read(broken: str) -> None:
    bad = f"<item><title>{broken}</title><link>{SITE}/0</link></item>"
    feed = read(rss(bad, item()))
    assert [entry.url for entry in feed.entries] == [f"{SITE}/0", f"{SITE}/1"]
    assert "قالت" in (feed.entries[0].title or "")


def test_an_entry_that_makes_the_library_fail_does_not_affect_the_others() -> None:
    broken = f"<item><link>{SITE}/0</link></width></item>"
    feed = read(rss(item(), broken, item(link=f"{SITE}/2")))
    assert [entry.url for entry in feed.entries] == [f"{SITE}/1", f"{SITE}/2"]
    assert (feed.kind, feed.title) == (FeedKind.RSS, "صدى النور")


def test_a_servers_warnings_before_a_feed_are_ignored() -> None:
    assert read(f"\n<br />\n<b>Warning</b>: x in <b>/a.php</b>\n{rss(item())}").entries


def test_the_complete_entries_of_a_truncated_feed_are_kept() -> None:
    whole = rss(item(), item(link=f"{SITE}/2"))
    for cut in (whole[: whole.rindex("/2")], whole[: whole.rindex("</item>")]):
        assert only(read(cut)).url == f"{SITE}/1"


def test_entity_bombs_and_external_entities_are_not_expanded() -> None:
    names = "abcdefghij"
    laughs = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    bomb = (
        f'<!DOCTYPE rss [<!ENTITY a "ha">{laughs}]>' + rss(item(description="x")).partition("?>")[2]
    )
    assert len(only(read(bomb.replace(">x<", ">&j;<"))).model_dump_json()) < 1_000
    file = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item(description="x"))
    assert "root" not in read(file.replace(">x<", ">&x;<")).model_dump_json()


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (f"\n  {SITE}/a?x=1&y=2\n", f"{SITE}/a?x=1&y=2"),
        ("/a", f"{SITE}/a"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("www.other.example/a", "https://www.other.example/a"),
        (f"{SITE}/خبر أول", f"{SITE}/خبر%20أول"),
        ("javascript:alert(1)", None),
        ("mailto:a@b.example", None),
        ("http://[", None),
        ("ftp://x.example/a", None),
    ],
)
def test_an_address_is_absolute_or_none(link: str, url: str | None) -> None:
    assert only(read(rss(item(link=link, description=NEWS)))).url == url


def test_a_guid_is_an_address_only_if_it_is_a_permalink() -> None:
    def url(guid: str) -> str | None:
        return only(
            read(rss(item(link="", description=NEWS).replace("</item>", f"{guid}</item>")))
        ).url

    assert url(f"<guid>{SITE}/9</guid>") == f"{SITE}/9"
    assert url(f'<guid isPermaLink="true">{SITE}/9</guid>') == f"{SITE}/9"
    assert url(f'<guid isPermaLink="false">{SITE}/9</guid>') is None
    assert url("<guid>12345</guid>") is None


def test_the_original_link_is_preferred_and_enclosures_are_ignored() -> None:
    entry = only(
        read(rss(item(link="https://feeds.example/~r/1", feedburner__origLink=f"{SITE}/9")))
    )
    assert entry.url == f"{SITE}/9"
    sound = f'<enclosure url="{SITE}/a.mp3" type="audio/mpeg" length="1"/></item>'
    assert only(read(rss(item(link="", description=NEWS).replace("</item>", sound)))).url is None


def test_a_relative_link_is_resolved_against_the_site_not_the_feeds_url() -> None:
    feed = rss(item(link="/a"), channel=f"<title>x</title><link>{SITE}</link>")
    assert only(read(feed, url="https://feeds.example/x")).url == f"{SITE}/a"
    assert not read(rss(item(link="/a")), url=None).entries


def test_titles_and_names_are_plain_text_on_one_line() -> None:
    title = "وصول\n <b>الوفد</b> &amp;#8220;الكبير&amp;#8221; &amp;amp; x < 3"
    entry = only(read(rss(item(title=title, author="a@b.example (سالم &amp; نورة)"))))
    assert (entry.title, entry.author) == ("وصول الوفد “الكبير” & x < 3", "سالم & نورة")


def test_markup_becomes_paragraphs_without_scripts_and_images() -> None:
    markup = (
        f'<style>p {{}}</style><p>{NEWS}</p><img src="p.gif" alt="junk" width="1"/><script>bad()</script>'
        f"<p>قال <b>ال</b>رئيس:<br>نعم &amp; لا</p>"
    )
    assert only(read(rss(item(description=markup)))).summary == f"{NEWS}\n\nقال الرئيس:\n\nنعم & لا"


def test_markup_that_was_escaped_twice_is_read() -> None:
    twice = "&lt;p&gt;أول&lt;/p&gt;&lt;p&gt;ثان &amp;amp; ثالث&lt;/p&gt;"
    assert only(read(rss(item(description=twice)))).summary == "أول\n\nثان & ثالث"


@pytest.mark.parametrize(
    "line",
    [
        "The post Arrival in Marsa appeared first on Sada.",
        "L’article Arrivée à Marsa est apparu en premier sur Sada.",
        "Cet article Arrivée est apparu en premier sur Sada.",
        "ظهرت المقالة وصول الوفد أولاً على صدى النور.",
    ],
)
def test_the_line_that_a_publishing_system_appends_is_removed(line: str) -> None:
    markup = f"<p>{NEWS}.</p><p>{line}</p>"
    assert only(read(rss(item(description=markup)))).summary == f"{NEWS}."


def test_boilerplate_lines_are_removed() -> None:
    rules = BoilerplateRules(line_in_page=("إعلان",), line_starts=("تابعونا على",))
    markup = f"<p>{NEWS}.</p><p>إعلان</p><p>{NEWS}.</p><p>تابعونا على تلغرام</p>"
    assert only(read(rss(item(description=markup)), rules=rules)).summary == f"{NEWS}.\n\n{NEWS}."


@pytest.mark.parametrize(
    ("ending", "expected_ending"),
    [
        (" [&#8230;]", "…"),
        ("...", "…"),
        (". […]", ". …"),
        ("… Continue reading <a>Arrival</a>", "…"),
        ("… اقرأ المزيد", "…"),
        (". Read more", "."),
        (".</p><p>Lire la suite »</p>", "."),
        (".</p><p>اقرأ المزيد على موقعنا</p>", "."),
    ],
)
def test_a_truncated_text_is_a_summary_however_long(ending: str, expected_ending: str) -> None:
    entry = only(read(rss(item(content__encoded=f"<p>{STORY} {NEWS}{ending}</p>"))))
    assert (entry.content, entry.summary) == (None, f"{STORY}{NEWS}{expected_ending}")


def test_the_content_is_a_whole_text_longer_than_the_summary() -> None:
    assert only(read(rss(item(description=STORY)))).content == STORY.strip()
    assert only(read(rss(item(description=STORY)))).summary is None
    same = only(read(rss(item(description=STORY, content__encoded=STORY))))
    assert (same.content, same.summary) == (STORY.strip(), None)
    short = only(read(rss(item(description="قليل", content__encoded=NEWS))))
    assert (short.content, short.summary) == (None, NEWS)


def test_a_summary_equal_to_the_title_is_dropped() -> None:
    assert only(read(rss(item(description="وصول الوفد…")))).summary is None
    assert only(read(rss(item(description="<img src='x.gif'>")))).summary is None


@pytest.mark.parametrize(
    ("raw", "published", "provenance"),
    [
        (
            "Fri, 06 Mar 2026 10:00:00 GMT",
            datetime(2026, 3, 6, 10, tzinfo=UTC),
            DateProvenance.GIVEN,
        ),
        ("الجمعة 6 مارس 2026 10:00 صباحاً", datetime(2026, 3, 6, 10), DateProvenance.GIVEN),  # noqa: DTZ001
        ("6 آذار 2026", date(2026, 3, 6), DateProvenance.GIVEN),
        ("vendredi 6 mars 2026", date(2026, 3, 6), DateProvenance.GIVEN),
        ("05/03/2026", date(2026, 3, 5), DateProvenance.UNCERTAIN),
        (
            "Sat, 07 Mar 2026 12:09:00 GMT",
            datetime(2026, 3, 7, 12, 9, tzinfo=UTC),
            DateProvenance.GIVEN,
        ),
        (
            "Sat, 07 Mar 2026 12:11:00 GMT",
            datetime(2026, 3, 7, 12, 11, tzinfo=UTC),
            DateProvenance.UNCERTAIN,
        ),
        (
            "Thu, 01 Jan 1970 00:00:00 GMT",
            datetime(1970, 1, 1, tzinfo=UTC),
            DateProvenance.UNCERTAIN,
        ),
        ("soon", None, DateProvenance.UNKNOWN),
    ],
)
def test_a_date_is_read_in_any_form_and_is_uncertain_if_implausible(
    raw: str, published: object, provenance: DateProvenance
) -> None:
    entry = only(read(rss(item(pubDate=raw))))
    assert (entry.published, entry.date_found) == (published, provenance)
    assert entry.printed == (raw if published else None)


def test_the_alternative_reading_of_an_ambiguous_date_is_kept() -> None:
    assert only(read(rss(item(pubDate="05/03/2026")))).otherwise == (date(2026, 5, 3),)


def test_the_date_of_a_change_is_uncertain() -> None:
    changed = f'<entry><title>x</title><link href="{SITE}/1"/><updated>2026-03-06T08:00:00Z</updated></entry>'
    entry = only(read(atom(changed)))
    assert (entry.published, entry.date_found) == (
        datetime(2026, 3, 6, 8, tzinfo=UTC),
        DateProvenance.UNCERTAIN,
    )


def test_dates_equal_to_the_time_of_the_request_are_uncertain() -> None:
    def provenances(seconds: int, entries: int) -> set[DateProvenance]:
        stamp = (NOW - timedelta(seconds=seconds)).isoformat()
        items = [item(link=f"{SITE}/{number}", pubDate=stamp) for number in range(entries)]
        return {entry.date_found for entry in read(rss(*items)).entries}

    assert provenances(30, 3) == {DateProvenance.UNCERTAIN}
    assert provenances(30, 2) == {DateProvenance.GIVEN}
    assert provenances(3_000, 3) == {DateProvenance.GIVEN}


def test_entries_are_sorted_newest_first_if_most_are_dated() -> None:
    days = {1: "2026-03-01", 2: "2026-03-05", 3: "", 4: "2026-03-03"}
    items = [item(link=f"{SITE}/{number}", pubDate=day) for number, day in days.items()]
    assert [entry.url[-1] for entry in read(rss(*items)).entries if entry.url] == [
        "2",
        "3",
        "4",
        "1",
    ]
    doubtful = [item(link=f"{SITE}/{number}", pubDate=f"0{number}/02/2026") for number in (1, 2)]
    assert [entry.url[-1] for entry in read(rss(*doubtful)).entries if entry.url] == ["1", "2"]


@pytest.mark.parametrize(
    ("channel", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl>0</ttl>", None),
        ("<ttl>99999</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 30),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 1_440),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", None),
    ],
)
def test_the_time_to_live_is_read(channel: str, minutes: int | None) -> None:
    assert read(rss(item(), channel=channel)).minutes == minutes


def test_an_empty_entry_and_an_invalid_field_are_left_out() -> None:
    assert not read(rss("<item/>", item(link="", description=""))).entries
    long = only(read(rss(item(link=f"{SITE}/{'a' * 5_000}", description=NEWS, guid="x" * 2_000))))
    assert (long.id, long.url, long.summary) == (None, None, NEWS)


def test_the_number_of_entries_is_limited() -> None:
    one = f"<url><loc>{SITE}/1</loc></url>"
    assert len(read(f"<urlset>{one * (MAX_ENTRIES + 1)}</urlset>").entries) == MAX_ENTRIES


def test_a_long_text_is_truncated_between_two_paragraphs() -> None:
    content = only(read(rss(item(description=f"<p>{STORY}</p>" * 500)))).content
    assert content is not None
    assert 290_000 < len(content) <= 300_000
    assert content.endswith(STORY.strip())


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss()).entries == ()


@pytest.mark.parametrize(
    "content", ["", "   ", "خبر", "{}", "[]", "<svg/>", "\x89PNG\r\n\x1a\n", "%PDF-1.7"]
)
def test_content_that_is_no_feed_is_rejected(content: str) -> None:
    assert rejection_reason(content) is RejectReason.NO_FEED


def test_content_that_is_too_large_is_rejected() -> None:
    assert rejection_reason(b" " * 10_000_001) is RejectReason.TOO_LARGE
