"""Links in messages, and canonical URLs."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.urls import MAX_URL_LENGTH, canonicalise_url, find_urls, is_same_site


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("انظر https://a.example/1، وhttps://b.example/2؛", ["https://a.example/1", "https://b.example/2"]),
        ("أقرأت https://a.example/1؟ نعم", ["https://a.example/1"]),
        ("«https://a.example/1»", ["https://a.example/1"]),
        ("(https://a.example/1)", ["https://a.example/1"]),
        ("(see https://a.example/w_(x)).", ["https://a.example/w_(x)"]),
        ("[here](https://a.example/w_(x)), [", ["https://a.example/w_(x)"]),
        ("https://a.example/w[1]], ok", ["https://a.example/w[1]"]),
        ("https://a.example/1...", ["https://a.example/1"]),
        ("https://a.example/1?id=2&b=3!", ["https://a.example/1?id=2&b=3"]),
        ("https://a.example/1,https://b.example/2", ["https://a.example/1", "https://b.example/2"]),
        ("https://a.example/1،http://b.example/2", ["https://a.example/1", "http://b.example/2"]),
        ("https://a.example/1,2,3", ["https://a.example/1,2,3"]),
        ("https://a.example/خبر-أول.", ["https://a.example/خبر-أول"]),
        ("\u2067https://a.example/1\u2069 \u200fhttps://b.example\u200f", ["https://a.example/1", "https://b.example"]),
        ("HTTPS://A.example/1", ["HTTPS://A.example/1"]),
        ("https://web.archive.org/web/2020/https://a.example/1", ["https://web.archive.org/web/2020/https://a.example/1"]),
        ("https://a.example/1\nhttps://b.example/2", ["https://a.example/1", "https://b.example/2"]),
        ("https://a.example/1 https://www.a.example/1?utm_source=x https://a.example/1", ["https://a.example/1"]),
        ('<a href="https://a.example/1">', ["https://a.example/1"]),
        ("https:// http://. https://) ftp://a.example www.a.example a@b.example", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_links_of_a_message_are_found_in_order_and_once(text: str, links: list[str]) -> None:
    assert find_urls(text) == links


def test_a_message_of_nothing_but_signs_is_read_in_linear_time(must_end: None) -> None:
    for sign in (",", "(", ")", "https://", "https://a,", "https://(", "،"):
        find_urls("https://a.example/" + sign * 20_000)


@given(st.text(st.sampled_from("htps:/.,،؟)([]a?&=%\u200f «»\n"), max_size=80))
def test_a_link_is_a_part_of_its_message_and_is_found_again_in_itself(text: str) -> None:
    for link in find_urls(text):
        assert link in text
        assert find_urls(link) == [link]


SAME = [
    "https://sada.example/news/12?id=5&page=2",
    "http://sada.example/news/12?id=5&page=2",
    "http://sada.example:80/news/12/?id=5&page=2",
    "HTTPS://WWW.Sada.Example:443/news/12?page=2&id=5",
    "https://sada.example./news//12?id=5&amp;page=2#comments",
    "https://m.sada.example/news/12?id=5&page=2",
    "https://www.m.sada.example/news/12?&id=5&&page=2&",
    "https://mobile.sada.example/news/12?id=5&page=2&fbclid=IwAR0x",
    "https://amp.sada.example/news/12?id=5&page=2",
    "https://sada.example/amp/news/12?id=5&page=2",
    "https://sada.example/news/12/amp/?id=5&page=2",
    "https://sada.example/news/12.amp?id=5&page=2",
    "https://sada.example/news/12?id=5&page=2&amp=1",
    "https://sada.example/news/12?amp&id=5&page=2&outputType=amp",
    "https://sada.example/news/12?id=5&page=2&utm_source=a&utm_medium=b&UTM_Campaign=c",
    "https://sada.example/news/12?id=5&page=2&ref=home&share=telegram&gclid=a&igshid=b",
    "https://sada.example/news/12;jsessionid=0A1B?id=5&page=2",
    "https://sada.example/%6Eews/12?id=5&page=2",
    "https://www.google.com/amp/s/sada.example/news/12/amp?id=5&page=2",
    "https://www.google.com.ly/amp/sada.example/news/12?id=5&page=2",
    "https://sada-example.cdn.ampproject.org/c/s/sada.example/news/12?id=5&page=2",
    "https://sada-example.cdn.ampproject.org/v/s/amp.sada.example/news/12?id=5&page=2&amp_js_v=a6&usqp=x",
    "https://www.google.com/url?sa=t&url=https%3A%2F%2Fsada.example%2Fnews%2F12%3Fid%3D5%26page%3D2",
    "https://l.facebook.com/l.php?u=https%3A%2F%2Fsada.example%2Fnews%2F12%3Fid%3D5%26page%3D2%26fbclid%3Dx&h=y",
    "https://t.me/iv?url=https%3A%2F%2Fsada.example%2Fnews%2F12%3Fid%3D5%26page%3D2&rhash=z",
]


@pytest.mark.parametrize("url", SAME)
def test_many_ways_to_write_one_page_are_one(url: str) -> None:
    assert canonicalise_url(url) == SAME[0]


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("https://ar.wikipedia.org/wiki/مرسى", "https://ar.m.wikipedia.org/wiki/%D9%85%D8%B1%D8%B3%D9%89"),
        ("https://sada.example/خبر أول", "https://sada.example/%d8%ae%d8%a8%d8%b1%20أول/"),
        ("https://sada.example/a?س=خبر+أول", "https://sada.example/a?%D8%B3=%D8%AE%D8%A8%D8%B1%20أول"),
        ("https://sada.example/a?q=%c7%e1", "https://sada.example/a?q=%C7%E1"),
        ("https://مثال.إختبار/1", "https://xn--mgbh0fb.xn--kgbechtv/1"),
        ("https://sada.example/w_(x)", "https://sada.example/w_%28x%29"),
        ("https://sada.example", "http://www.sada.example/#top"),
        ("https://t.me/marsa/12", "https://telegram.me/s/marsa/12?single"),
        ("https://x.com/marsa/status/12", "https://mobile.twitter.com/marsa/status/12"),
        ("https://sada.example:8080/1", "http://sada.example:8080/1/"),
    ],
)  # fmt: skip
def test_letters_and_hosts_have_one_writing(one: str, same: str) -> None:
    assert canonicalise_url(one) == canonicalise_url(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://sada.example/?p=1", "https://sada.example/?p=2"),
        ("https://sada.example/news?id=12", "https://sada.example/news?id=13"),
        ("https://sada.example/news?id=12", "https://sada.example/news"),
        ("https://sada.example/news?ref=12", "https://sada.example/news?ref=13"),
        ("https://sada.example/news?reference=a", "https://sada.example/news?reference=b"),
        ("https://sada.example/news?cid=a", "https://sada.example/news?cid=b"),
        ("https://sada.example/news?q=%C7%E1", "https://sada.example/news?q=%C8%E1"),
        ("https://facebook.com/story.php?story_fbid=1&id=2", "https://facebook.com/story.php?story_fbid=3&id=2"),
        ("https://sada.example/news/12", "https://sada.example/news/13"),
        ("https://sada.example/News/a", "https://sada.example/news/a"),
        ("https://sada.example/a%2Fb", "https://sada.example/a/b"),
        ("https://sada.example/#!/news/1", "https://sada.example/#!/news/2"),
        ("https://ar.sada.example/1", "https://en.sada.example/1"),
        ("https://m.co/1", "https://n.co/1"),
        ("https://sada.example:8080/1", "https://sada.example:8081/1"),
        ("https://sada.example/a?x=1&x=2", "https://sada.example/a?x=2&x=1"),
        ("https://sada.example/champ/1", "https://sada.example/ch/1"),
        ("https://sada.example/amp", "https://sada.example/"),
        ("https://sada.example/url?q=https%3A%2F%2Fa.example", "https://a.example"),
    ],
)  # fmt: skip
def test_two_articles_are_never_made_one(one: str, other: str) -> None:
    assert canonicalise_url(one) != canonicalise_url(other)


@pytest.mark.parametrize(
    "given",
    [
        *("", "قال", "a.example", "ftp://a.example/?utm_source=1", "http://", "http:///a"),
        *("http://[::1", "http://a:x/", "http://a.example:99999/", "https://u:p@a.example/"),
        *("https://a.example/\ud800", "https://" + "خ" * 90 + ".example/"),
        "https://a.example/" + "a" * MAX_URL_LENGTH,
    ],
)
def test_what_cannot_be_taken_apart_comes_back_as_it_was(given: str) -> None:
    assert canonicalise_url(given) == given


PARTS = st.text(st.sampled_from("amp/.m&=?#!%2F5eE;:@[]+ خبرwutm_sht\\<\ud800\t"), max_size=40)
LINKS = st.one_of(
    st.text(max_size=60),
    st.builds("{}{}{}".format, st.sampled_from(["http://", "HTTPS://"]), st.text(max_size=20), PARTS),
    st.builds(
        "https://{}/{}".format,
        st.sampled_from(["www.m.amp.a.example", "google.com", "a.cdn.ampproject.org", "t.me", "مثال"]),
        PARTS,
    ),
    st.builds(
        lambda times, path: "https://google.com/amp/s/" * times + "a.example/" + path,
        st.integers(1, 5),
        PARTS,
    ),
    st.builds(
        lambda start, inside: start + quote(inside, safe=""),
        st.sampled_from(["https://t.me/iv?url=", "https://google.com/url?q="]),
        st.builds("https://{}/{}".format, st.sampled_from(["a.example", "t.me"]), st.text("am/p.", max_size=9)),
    ),
)  # fmt: skip


@given(LINKS)
@example("https://sada.example/1.amp.amp")
@example("https://t.me/s/s/1")
@example("https://sada.example/?a=1&%61mp;utm_source=2")
def test_the_canonical_address_is_its_own(url: str) -> None:
    once = canonicalise_url(url)
    assert canonicalise_url(once) == once


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_path_in_percents_is_the_path_in_letters(words: str) -> None:
    path = "/" + quote(words, safe="")
    if "%2F" not in path and not any(sign in words for sign in "?#%;\t\r\n+$=&[]"):
        written = canonicalise_url("https://sada.example/x" + words + "x")
        assert written == canonicalise_url("https://sada.example/x" + quote(words) + "x")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://noran.example/feed", "http://www.noran.example/news/1", True),
        ("https://feeds.noran.example/all", "https://m.noran.example/news/1", True),
        ("https://noran.example:8080/", "https://noran.example:8081/", False),
        ("https://evil.example/feed", "https://noran.example/news/1", False),
        ("https://evil.blogspot.com/feed", "https://noran.blogspot.com/1", False),
        ("https://evil.example/feed", "https://evil.example.noran.example/1", False),
        ("https://google.com/feed", "https://www.google.com/url?q=https://noran.example/1", False),
        ("https://[noran/feed", "https://noran.example/1", False),
    ],
)
def test_a_site_is_its_host_but_for_the_labels_of_views_and_feeds(
    one: str, other: str, same: bool
) -> None:
    assert is_same_site(one, other) is same
    assert is_same_site(other, one) is same
