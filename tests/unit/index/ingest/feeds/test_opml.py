"""Reading and writing of OPML lists of feeds."""

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

CREATED_AT = datetime(2026, 3, 7, 12, tzinfo=UTC)
FEED = "https://sada.example/feed"


def listing(body: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n{head}<opml version="2.0"><body>{body}</body></opml>'.encode()


def read(body: str) -> OpmlFeeds:
    return read_opml(listing(body))


def only(body: str) -> FeedOutline:
    parsed = read(body)
    assert not parsed.rejected
    (outline,) = parsed.outlines
    return outline


def addresses(feeds: OpmlFeeds) -> list[str]:
    return [outline.address for outline in feeds.outlines]


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
def test_outlines_of_all_known_readers_are_read(outline: str) -> None:
    parsed = only(outline)
    assert (parsed.address, parsed.title) == (FEED, "Sada")


def test_the_scheme_feed_is_replaced_by_http() -> None:
    assert only('<outline xmlUrl="feed://sada.example/rss"/>').address == "http://sada.example/rss"


def test_nested_folders_are_named_by_their_path() -> None:
    parsed = read(
        '<outline text="Press"><outline title="North &amp; south">'
        '<outline text="a" xmlUrl="https://a.example/1"/></outline>'
        '<outline text="b" xmlUrl="https://b.example/2"/></outline>'
        '<outline text="c" xmlUrl="https://c.example/3"/><outline text="Empty"/>'
    )
    assert [outline.folder for outline in parsed.outlines] == [
        "Press / North & south",
        "Press",
        None,
    ]
    assert not parsed.rejected


def test_a_folder_may_have_a_page_and_a_type() -> None:
    parsed = read(
        '<outline text="Press" type="link" htmlUrl="https://press.example">'
        f'<outline text="Sada" xmlUrl="{FEED}"/></outline>'
    )
    assert parsed.outlines == (FeedOutline(address=FEED, title="Sada", folder="Press"),)
    assert not parsed.rejected


def test_a_folder_whose_path_is_too_long_is_replaced_by_its_parent() -> None:
    parsed = only(
        f'<outline text="Press"><outline text="{"x" * 995}"><outline xmlUrl="{FEED}"/>'
        "</outline></outline>"
    )
    assert parsed.folder == "Press"


def test_an_unclosed_feed_outline_is_no_folder_of_the_next_ones() -> None:
    content = b'<opml><body><outline text="a" xmlUrl="https://a.example/1"><outline xmlUrl="https://b.example/2"'
    outlines = read_opml(content + b">").outlines
    assert [(outline.address, outline.folder) for outline in outlines] == [
        ("https://a.example/1", None),
        ("https://b.example/2", None),
    ]


@pytest.mark.parametrize(
    ("outline", "rejected"),
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
def test_an_outline_without_a_feed_is_rejected_and_the_others_are_kept(
    outline: str, rejected: tuple[str, RejectReason]
) -> None:
    parsed = read(f'<outline text="a" xmlUrl="https://a.example/1"/>{outline}')
    assert addresses(parsed) == ["https://a.example/1"]
    assert parsed.rejected == (rejected,)


def test_of_a_repeated_address_the_first_outline_is_kept() -> None:
    parsed = read(
        f'<outline text="one" xmlUrl="{FEED}"/><outline text="two" xmlUrl="{FEED}"/>'
        f'<outline text="three" xmlUrl="{FEED}/2"/>'
    )
    assert [outline.title for outline in parsed.outlines] == ["one", "three"]


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
def test_unescaped_special_characters_belong_to_the_address(written: str, address: str) -> None:
    parsed = read(f'<outline text="a & b &lt; c" xmlUrl="https://a.example/{written}"/>')
    assert addresses(parsed)[0].rstrip("\ufffd") == f"https://a.example/{address}"
    assert parsed.outlines[0].title == "a & b < c"


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
def test_a_list_is_read_whatever_its_real_and_declared_encodings_are(content: bytes) -> None:
    (outline,) = read_opml(content).outlines
    assert outline.title == TITLE


def test_an_invalid_attribute_is_left_out() -> None:
    parsed = only(
        f'<outline xmlUrl="{FEED}" text="{FEED}" htmlUrl="sada" language="Arabic!"'
        ' briefing:kind="novel" briefing:hold="perhaps" briefing:source=" "/>'
    )
    assert parsed == FeedOutline(address=FEED)


def test_attributes_outside_our_namespace_are_ignored() -> None:
    parsed = only(f'<outline xmlns:x="urn:x" xmlUrl="{FEED}" x:hold="yes" note="n" source="s"/>')
    assert parsed == FeedOutline(address=FEED)


def test_attributes_in_our_namespace_are_read_with_any_prefix() -> None:
    parsed = only(f'<outline xmlns:x="{NAMESPACE}" xmlUrl="{FEED}" x:hold="yes" x:source="Sada"/>')
    assert (parsed.hold, parsed.source) == (True, "Sada")


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
def test_keywords_are_a_json_array_or_separated_by_commas(
    written: str, words: tuple[str, ...]
) -> None:
    parsed = only(f'<outline xmlUrl="{FEED}" briefing:require="{written}"/>')
    assert parsed.require == words


@pytest.mark.parametrize(
    ("content", "reason"),
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
def test_content_that_is_no_list_or_exceeds_the_limits_is_rejected(
    content: bytes, reason: RejectReason
) -> None:
    with pytest.raises(SourceRejected) as raised:
        read_opml(content)
    assert raised.value.reason is reason
    assert raised.value.remedy


def test_a_list_of_the_maximum_number_of_feeds_is_read() -> None:
    parsed = read(
        "".join(f'<outline url="http://a.example/{n}"/>' * 2 for n in range(MAX_OUTLINES))
    )
    assert len(parsed.outlines) == MAX_OUTLINES


BOMB = "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12)
)  # expands to 10**11 strings


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
def test_the_document_type_is_ignored(head: str, must_end: None) -> None:
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
def test_a_malicious_list_is_read_in_time(body: str, must_end: None) -> None:
    content = listing(f'<outline xmlUrl="{FEED}"/>{body}')
    assert FEED in addresses(read_opml(content))


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(st.sampled_from('<>/="& outlinexmlUrhp:[]!DEé'), max_size=300),
    )
)
def test_any_bytes_are_a_list_or_rejected(raw: bytes | str) -> None:
    content = raw if isinstance(raw, bytes) else raw.encode()
    for whole in (content, b"<opml>" + content, listing(f'<outline xmlUrl="{FEED}"/>') + content):
        try:
            parsed = read_opml(whole)
        except SourceRejected:
            continue
        assert OpmlFeeds.model_validate_json(parsed.model_dump_json()) == parsed


CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\ufeff")
LINES = st.none() | st.text(CHARACTERS, max_size=30)
KEYWORDS = st.lists(st.text(CHARACTERS, min_size=1, max_size=20).filter(str.strip), max_size=4)
ADDRESSES = st.builds(
    "{}://{}.example/{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["a", "b.c", "مثال"]),
    st.text("a/?&=%20<>\"';ش[]#", max_size=12),
)
OPTIONAL_BOOLS = st.none() | st.booleans()
OUTLINES = st.builds(
    FeedOutline,
    address=ADDRESSES,
    title=LINES,
    source=LINES,
    page=st.none() | ADDRESSES,
    language=st.sampled_from([None, "ar", "en-GB"]),
    kind=st.none() | st.sampled_from(FeedKind),
    hold=OPTIONAL_BOOLS,
    require=KEYWORDS,
    refuse=KEYWORDS,
    paused=st.booleans(),
    contacted=OPTIONAL_BOOLS,
    folder=st.none() | st.lists(st.text(CHARACTERS, max_size=9), max_size=4).map(" / ".join),
    note=LINES,
)


@given(st.lists(OUTLINES, min_size=1, max_size=6, unique_by=lambda outline: outline.address), LINES)
def test_a_written_list_is_read_back_unchanged(
    outlines: list[FeedOutline], title: str | None
) -> None:
    parsed = read_opml(write_opml(outlines, title=title or "", created_at=CREATED_AT))
    assert not parsed.rejected
    assert {outline.address: outline for outline in parsed.outlines} == {
        outline.address: outline for outline in outlines
    }


def test_feeds_are_grouped_by_folder_and_folders_are_nested() -> None:
    outlines = [
        FeedOutline(address="https://a.example/1", folder="Press / East"),
        FeedOutline(address="https://b.example/2"),
        FeedOutline(address="https://c.example/3", folder="Press"),
        FeedOutline(address="https://d.example/4", folder="Press / East"),
    ]
    written = write_opml(outlines, title="Feeds", created_at=CREATED_AT)
    assert written.count(b'text="Press"') == written.count(b'text="East"') == 1
    assert b"<dateCreated>Sat, 07 Mar 2026 12:00:00 +0000</dateCreated>" in written
    assert [outline.address[8] for outline in read_opml(written).outlines] == ["a", "d", "c", "b"]


def test_control_characters_are_removed_from_a_written_list() -> None:
    outline = FeedOutline(address=FEED, title="a\x07b\x1b", note="c\ufffed", require=("e\x08f",))
    (parsed,) = read_opml(write_opml([outline], title="\x00", created_at=CREATED_AT)).outlines
    assert (parsed.title, parsed.note, parsed.require) == ("ab", "cd", ("ef",))


@pytest.mark.parametrize(
    "address",
    ["", "sada.example", "ftp://sada.example", "http://", "http://a b", "https://a.example/\ud800"],
)
def test_an_outline_without_a_valid_address_raises_an_error(address: str) -> None:
    with pytest.raises(ValueError, match="http"):
        FeedOutline(address=address)


def test_the_number_and_length_of_keywords_are_limited() -> None:
    with pytest.raises(ValueError):
        FeedOutline(address=FEED, require=("x",) * (MAX_KEYWORDS + 1))
    with pytest.raises(ValueError):
        FeedOutline(address=FEED, require=(" ",))
