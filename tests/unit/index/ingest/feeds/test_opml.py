"""Lists of feeds, from and for other readers."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.feeds.models import FeedKind
from index.ingest.feeds.opml import MAX_DEPTH, MAX_OUTLINES, read_opml, write_opml
from index.ingest.feeds.opml_outline import MAX_KEYWORDS, NAMESPACE, FeedOutline, OpmlFeeds
from index.ingest.rejections import RejectReason, SourceRejected

MADE = datetime(2026, 3, 7, 12, tzinfo=UTC)
FEED = "https://sada.example/feed"


def listing(body: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n{head}<opml version="2.0"><body>{body}</body></opml>'.encode()


def read(body: str) -> OpmlFeeds:
    return read_opml(listing(body))


def only(body: str) -> FeedOutline:
    found = read(body)
    assert not found.rejected
    (outline,) = found.outlines
    return outline


def addresses(found: OpmlFeeds) -> list[str]:
    return [outline.address for outline in found.outlines]


@pytest.mark.parametrize(
    "outline",
    [
        f'<outline type="rss" text="Sada" title="Sada" xmlUrl="{FEED}" htmlUrl="https://sada.example"/>',
        f'<outline type="rss" text="Sada" version="RSS" xmlUrl="{FEED}"/>',
        f'<outline text="Sada" description="" xmlUrl="{FEED}"></outline>',
        f'<outline title="Sada" xmlurl=" {FEED}\n"/>',
        f'<OUTLINE TEXT="Sada" XMLURL="{FEED}"/>',
        f'<outline text="Sada" type="link" url="{FEED}"/>',
        f'<outline text="Sada" type="atom" URL="{FEED}"/>',
        '<outline text="Sada" xmlUrl="feed:https://sada.example/feed"/>',
        '<outline text="Sada" xmlUrl="feed://https://sada.example/feed"/>',
        f'<outline text="Sada" xmlUrl="{FEED}" fz:quick="1"/>',
        f'<outline text="&#83;ada" xmlUrl="{FEED}"/>',
    ],
)
def test_a_feed_is_read_as_any_reader_writes_it(outline: str) -> None:
    found = only(outline)
    assert (found.address, found.title) == (FEED, "Sada")


def test_an_address_of_the_scheme_feed_is_one_of_http() -> None:
    assert only('<outline xmlUrl="feed://sada.example/rss"/>').address == "http://sada.example/rss"


def test_folders_in_folders_are_named_from_the_outside() -> None:
    found = read(
        '<outline text="Press"><outline title="North &amp; south">'
        '<outline text="a" xmlUrl="https://a.example/1"/></outline>'
        '<outline text="b" xmlUrl="https://b.example/2"/></outline>'
        '<outline text="c" xmlUrl="https://c.example/3"/><outline text="Empty"/>'
    )
    assert [outline.folder for outline in found.outlines] == [
        "Press / North & south",
        "Press",
        None,
    ]
    assert not found.rejected


def test_a_folder_may_have_a_page_and_a_type_of_its_own() -> None:
    found = read(
        '<outline text="Press" type="link" htmlUrl="https://press.example">'
        f'<outline text="Sada" xmlUrl="{FEED}"/></outline>'
    )
    assert found.outlines == (FeedOutline(address=FEED, title="Sada", folder="Press"),)
    assert not found.rejected


def test_a_folder_whose_name_no_line_can_hold_is_the_one_around_it() -> None:
    found = only(
        f'<outline text="Press"><outline text="{"x" * 995}"><outline xmlUrl="{FEED}"/>'
        "</outline></outline>"
    )
    assert found.folder == "Press"


def test_a_feed_that_is_not_closed_is_no_folder_for_those_after_it() -> None:
    content = b'<opml><body><outline text="a" xmlUrl="https://a.example/1"><outline xmlUrl="https://b.example/2"'
    assert [(each.address, each.folder) for each in read_opml(content + b">").outlines] == [
        ("https://a.example/1", None),
        ("https://b.example/2", None),
    ]


@pytest.mark.parametrize(
    ("outline", "bad"),
    [
        ('<outline type="rss" text="Sada"/>', ("Sada", RejectReason.INVALID_URL)),
        ('<outline type="rss" text="Sada" xmlUrl=""/>', ("Sada", RejectReason.INVALID_URL)),
        ('<outline text="Sada" xmlUrl="sada.example/feed"/>', ("Sada", RejectReason.INVALID_URL)),
        ('<outline xmlUrl="ftp://sada.example/feed"/>', ("ftp://sada.example/feed", RejectReason.INVALID_URL)),
        ('<outline text="Sada" xmlUrl="https://sada.example/a b"/>', ("Sada", RejectReason.INVALID_URL)),
        ('<outline text="Sada" xmlUrl="http://[::1/feed"/>', ("Sada", RejectReason.INVALID_URL)),
        ('<outline text="Sada" xmlUrl="https://?a"/>', ("Sada", RejectReason.INVALID_URL)),
        ('<outline text="Sada" htmlUrl="https://sada.example"/>', ("Sada", RejectReason.NO_FEED)),
        ('<outline text="More" type="include" url="https://sada.example/l"/>', ("More", RejectReason.NO_FEED)),
        ('<outline text="More" type="link" url="https://sada.example/l.OPML"/>', ("More", RejectReason.NO_FEED)),
        ("<outline text=Sada xmlUrl='https://sada.example/feed'/>", ("?", RejectReason.DAMAGED)),
    ],
)  # fmt: skip
def test_what_names_no_feed_is_named_and_the_rest_is_kept(
    outline: str, bad: tuple[str, RejectReason]
) -> None:
    found = read(f'<outline text="a" xmlUrl="https://a.example/1"/>{outline}')
    assert addresses(found) == ["https://a.example/1"]
    assert found.rejected == (bad,)


def test_each_address_is_there_once_as_it_first_stands() -> None:
    found = read(
        f'<outline text="one" xmlUrl="{FEED}"/><outline text="two" xmlUrl="{FEED}"/>'
        f'<outline text="three" xmlUrl="{FEED}/2"/>'
    )
    assert [outline.title for outline in found.outlines] == ["one", "three"]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("?a=1&b=2", "?a=1&b=2"),
        ("?a=1&amp;b=2", "?a=1&b=2"),
        ("?a=1&copy=2&lang=ar", "?a=1&copy=2&lang=ar"),
        ("?a=&eacute;&x;", "?a=é&x;"),
        ("?a=<b>", "?a=<b>"),
        ("?a=&#x627;&#0;", "?a=ا"),
    ],
)
def test_signs_that_xml_would_have_escaped_belong_to_the_address(
    written: str, address: str
) -> None:
    found = read(f'<outline text="a & b &lt; c" xmlUrl="https://a.example/{written}"/>')
    assert addresses(found)[0].rstrip("\ufffd") == f"https://a.example/{address}"
    assert found.outlines[0].title == "a & b < c"


TITLE = "وكالة مرسى النور للأنباء"


@pytest.mark.parametrize(
    "content",
    [
        listing(f'<outline text="{TITLE}" xmlUrl="{FEED}"/>'),
        codecs.BOM_UTF8 + listing(f'<outline text="{TITLE}" xmlUrl="{FEED}"/>'),
        b"<!-- junk " + listing(f'<outline text="{TITLE}" xmlUrl="{FEED}"/>'),
        f'<outline text="{TITLE}" xmlUrl="{FEED}"/>'.encode(),
        f'<opml><outline text="{TITLE}" xmlUrl="{FEED}"/>'.encode("utf-16"),
        f'<opml><outline text="{TITLE}" xmlUrl="{FEED}"/>'.encode("utf-16-be"),
        f'<?xml version="1.0" encoding="windows-1256"?><opml><outline text="{TITLE}" xmlUrl="{FEED}"/>'.encode("cp1256"),
        f'<?xml version="1.0" encoding="utf-8"?><opml><outline text="{TITLE}" xmlUrl="{FEED}"/>'.encode("cp1256"),
        f'<?xml version="1.0" encoding="iso-8859-1"?><opml><outline text="{TITLE}" xmlUrl="{FEED}"/>'.encode(),
    ],
)  # fmt: skip
def test_a_list_is_read_whatever_its_encoding_is_and_says(content: bytes) -> None:
    (outline,) = read_opml(content).outlines
    assert outline.title == TITLE


def test_an_attribute_that_cannot_be_held_is_left_out() -> None:
    found = only(
        f'<outline xmlUrl="{FEED}" text="{FEED}" htmlUrl="sada" language="Arabic!"'
        ' briefing:kind="novel" briefing:hold="perhaps" briefing:source=" "/>'
    )
    assert found == FeedOutline(address=FEED)


def test_properties_of_another_maker_are_not_taken_for_our_own() -> None:
    found = only(f'<outline xmlns:x="urn:x" xmlUrl="{FEED}" x:hold="yes" note="n" source="s"/>')
    assert found == FeedOutline(address=FEED)


def test_our_own_properties_are_known_by_their_namespace() -> None:
    found = only(f'<outline xmlns:x="{NAMESPACE}" xmlUrl="{FEED}" x:hold="yes" x:source="Sada"/>')
    assert (found.hold, found.source) == (True, "Sada")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[&quot;ليبيا&quot;, &quot; سوق   الحوت &quot;]", ("ليبيا", "سوق الحوت")),
        ("ليبيا، طرابلس, Libya", ("ليبيا", "طرابلس", "Libya")),
        ("ليبيا", ("ليبيا",)),
        ("[&quot;ليبيا&quot;, null, [&quot;x&quot;], 5]", ("ليبيا", "5")),
        ("[" * 9_000, ("[" * 9_000,)[:0]),
        ("[&quot;a\\ud800\\u0000b&quot;]", ("ab",)),
        ("", ()),
    ],
)
def test_words_are_a_list_or_stand_between_commas(written: str, words: tuple[str, ...]) -> None:
    found = only(f'<outline xmlUrl="{FEED}" briefing:require="{written}"/>')
    assert found.require == words


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", RejectReason.NO_FEED),
        (b"\x89PNG\r\n\x1a\n", RejectReason.NO_FEED),
        (b"<rss><channel/></rss>", RejectReason.NO_FEED),
        (b"<html><body>outline</body></html>", RejectReason.NO_FEED),
        (b"<opml><body/></opml>", RejectReason.NO_FEED),
        (b'<opml><body><outline text="Empty"/></body></opml>', RejectReason.NO_FEED),
        (b"<opml " + b"x" * 2_000_000, RejectReason.TOO_LARGE),
        (b"<opml>" + b'<outline text="a">' * (MAX_DEPTH + 1), RejectReason.DAMAGED),
        (b"<opml>" + b"<outline " * 200_000, RejectReason.DAMAGED),
        (b"<opml>" + b"<a>" * 100_000, RejectReason.NO_FEED),
        (
            listing("".join(f'<outline url="http://a.example/{n}"/>' for n in range(MAX_OUTLINES + 1))),
            RejectReason.TOO_LARGE,
        ),
    ],
)  # fmt: skip
def test_what_is_no_list_or_is_beyond_its_limits_is_refused(
    content: bytes, refusal: RejectReason
) -> None:
    with pytest.raises(SourceRejected) as caught:
        read_opml(content)
    assert caught.value.reason is refusal
    assert caught.value.remedy


def test_as_many_feeds_as_a_list_may_name_are_read() -> None:
    found = read("".join(f'<outline url="http://a.example/{n}"/>' * 2 for n in range(MAX_OUTLINES)))
    assert len(found.outlines) == MAX_OUTLINES


BOMB = "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12)
)  # a thousand milliards of laughs


@pytest.mark.parametrize(
    "head",
    [
        f"<!DOCTYPE opml [{BOMB}]>",
        f'<!DOCTYPE opml [<!-- <opml --> <!ENTITY e11 SYSTEM "file:///etc/passwd">{BOMB}]>',
        '<!DOCTYPE opml [<!ENTITY e11 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/opml.dtd">',
        '<!DOCTYPE opml [<!ATTLIST outline htmlUrl CDATA "https://trap.example">]>',
    ],
)
def test_no_document_type_is_looked_at(head: str, must_end: None) -> None:
    body = f'<outline text="&e11;" xmlUrl="{FEED}"/>'
    assert read_opml(listing(body, head)).outlines == (FeedOutline(address=FEED, title="&e11;"),)


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE x " * 100_000,
        "&" * 900_000,
        "&#" * 900_000,
        '<outline text="' + "a" * 1_800_000 + '"/>',
        "<outline " + " ".join(f'a{n}="1"' for n in range(140_000)) + "/>",
        "<outline " + " ".join(f'xmlns:n{n}="u{n}"' for n in range(60_000)) + "/>",
        "".join(f'<outline xmlns:n{n}="u{n}">' for n in range(500)),
        ('<outline text="' + "ن" * 400 + '">') * 500 + '<outline url="http://a.example"/>' * 20_000,
    ],
)  # fmt: skip
def test_a_list_made_to_be_hard_ends_soon(body: str, must_end: None) -> None:
    content = listing(f'<outline xmlUrl="{FEED}"/>{body}')
    assert FEED in addresses(read_opml(content))


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(st.sampled_from('<>/="& outlinexmlUrhp:[]!DEé'), max_size=300),
    )
)
def test_no_bytes_make_the_reading_fail_otherwise_than_by_a_refusal(raw: bytes | str) -> None:
    content = raw if isinstance(raw, bytes) else raw.encode()
    for whole in (content, b"<opml>" + content, listing(f'<outline xmlUrl="{FEED}"/>') + content):
        try:
            found = read_opml(whole)
        except SourceRejected:
            continue
        assert OpmlFeeds.model_validate_json(found.model_dump_json()) == found


SIGNS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\ufeff")
LINES = st.none() | st.text(SIGNS, max_size=30)
WORDS = st.lists(st.text(SIGNS, min_size=1, max_size=20).filter(str.strip), max_size=4)
ADDRESSES = st.builds(
    "{}://{}.example/{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["a", "b.c", "مثال"]),
    st.text("a/?&=%20<>\"';ش[]#", max_size=12),
)
ANSWERS = st.none() | st.booleans()
OUTLINES = st.builds(
    FeedOutline,
    address=ADDRESSES,
    title=LINES,
    source=LINES,
    page=st.none() | ADDRESSES,
    language=st.sampled_from([None, "ar", "en-GB"]),
    kind=st.none() | st.sampled_from(FeedKind),
    hold=ANSWERS,
    require=WORDS,
    refuse=WORDS,
    paused=st.booleans(),
    contacted=ANSWERS,
    folder=st.none() | st.lists(st.text(SIGNS, max_size=9), max_size=4).map(" / ".join),
    note=LINES,
)


@given(st.lists(OUTLINES, min_size=1, max_size=6, unique_by=lambda outline: outline.address), LINES)
def test_what_is_written_is_read_again(outlines: list[FeedOutline], title: str | None) -> None:
    found = read_opml(write_opml(outlines, title=title or "", created_at=MADE))
    assert not found.rejected
    assert {each.address: each for each in found.outlines} == {
        each.address: each for each in outlines
    }


def test_feeds_of_one_folder_are_written_together_and_folders_in_folders() -> None:
    outlines = [
        FeedOutline(address="https://a.example/1", folder="Press / East"),
        FeedOutline(address="https://b.example/2"),
        FeedOutline(address="https://c.example/3", folder="Press"),
        FeedOutline(address="https://d.example/4", folder="Press / East"),
    ]
    written = write_opml(outlines, title="Feeds", created_at=MADE)
    assert written.count(b'text="Press"') == written.count(b'text="East"') == 1
    assert b"<dateCreated>Sat, 07 Mar 2026 12:00:00 +0000</dateCreated>" in written
    assert [each.address[8] for each in read_opml(written).outlines] == ["a", "d", "c", "b"]


def test_control_characters_are_left_out_of_what_is_written() -> None:
    outline = FeedOutline(address=FEED, title="a\x07b\x1b", note="c\ufffed", require=("e\x08f",))
    (found,) = read_opml(write_opml([outline], title="\x00", created_at=MADE)).outlines
    assert (found.title, found.note, found.require) == ("ab", "cd", ("ef",))


@pytest.mark.parametrize(
    "address",
    ["", "sada.example", "ftp://sada.example", "http://", "http://a b", "https://a.example/\ud800"],
)
def test_an_outline_without_an_address_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="http"):
        FeedOutline(address=address)


def test_words_are_bounded() -> None:
    with pytest.raises(ValueError):
        FeedOutline(address=FEED, require=("x",) * (MAX_KEYWORDS + 1))
    with pytest.raises(ValueError):
        FeedOutline(address=FEED, require=(" ",))
