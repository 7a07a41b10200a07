from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.telegram.entities import parse_html
from tests.fakes.telegram.text import REPEATED_MARK, Unparsable, clean, utf16

KEPT = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc"), exclude_characters="\u030a\u0333\u033f\u200e\u200f"
    )
    | st.sampled_from("<>&\"'\n مرحبا نوران😀👩‍👩‍👧"),
    max_size=60,
).map(lambda text: re.sub("[\u2028-\u202e]", "", text))
VISIBLE = KEPT.map(lambda text: f"م{text}😀")


@pytest.mark.parametrize(
    ("markup", "text", "entities"),
    [
        ("Noran", "Noran", []),
        ("<b>No</b>ran", "Noran", [("bold", 0, 2)]),
        (
            "<strong>a</strong><em>b</em><ins>c</ins>",
            "abc",
            [("bold", 0, 1), ("italic", 1, 1), ("underline", 2, 1)],
        ),
        (
            "<s>a</s><strike>b</strike><del>c</del>",
            "abc",
            [("strikethrough", at, 1) for at in range(3)],
        ),
        (
            '<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>',
            "ab",
            [("spoiler", 0, 1), ("spoiler", 1, 1)],
        ),
        ("<B>a</b>", "a", [("bold", 0, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<b><i>ab</i></b>", "ab", [("bold", 0, 2), ("italic", 0, 2)]),
        ("<b>a</>", "a", [("bold", 0, 1)]),
        ("😀 <b>نوران</b>", "😀 نوران", [("bold", 3, 5)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<blockquote><b>a</b></blockquote>", "a", [("blockquote", 0, 1), ("bold", 0, 1)]),
        ("<code>a<b>b</b></code>", "ab", [("code", 0, 2)]),
        ("<b></b>x<i> </i>y", "x y", []),
        ("<b>†</b>", "†", [("bold", 0, 1)]),
        ("  <b> x </b>\n", "x", [("bold", 0, 1)]),
        ("&lt;b&gt; &amp;amp; &quot;", '<b> &amp; "', []),
        ("&#1606;&#x646;&nbsp;&copy;&", "نن&nbsp;&copy;&", []),
        ("a\u202bb<b>\u202ac\u202c</b>d", "abcd", [("bold", 2, 1)]),
        ("a\tb\x07c\rd\ne", "a b cd\ne", []),
        ("\u2067نوران\u2069", "\u2067نوران\u2069", []),
        ("\u200f\u200fنوران", "\u200c\u200fنوران", []),
        ("<b>\u200b\u2060</b> ", "", []),
    ],
)
def test_markup_becomes_text_and_entities(
    markup: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    parsed = parse_html(markup)
    assert parsed.text == text
    assert [(each["type"], each["offset"], each["length"]) for each in parsed.entities] == entities


@pytest.mark.parametrize(
    ("markup", "more"),
    [
        (
            '<a href="https://noran.example/a?b=1&amp;c=2">x</a>',
            {"type": "text_link", "url": "https://noran.example/a?b=1&c=2"},
        ),
        ("<a href='noran.example'>x</a>", {"type": "text_link", "url": "http://noran.example/"}),
        ("<a>noran.example</a>", {"type": "text_link", "url": "http://noran.example/"}),
        (
            '<a href="tg://user?id=610000001">x</a>',
            {"type": "text_mention", "user": {"id": 610000001}},
        ),
        ('<pre><code class="language-sql">x</code></pre>', {"type": "pre", "language": "sql"}),
        ("<pre>x</pre>", {"type": "pre"}),
        ('<code class="language-sql">x</code>', {"type": "code"}),
        (
            '<tg-emoji emoji-id="5368">😀</tg-emoji>',
            {"type": "custom_emoji", "custom_emoji_id": "5368"},
        ),
    ],
)
def test_an_attribute_becomes_what_the_entity_says(markup: str, more: dict[str, Any]) -> None:
    (entity,) = parse_html(markup).entities
    assert {key: value for key, value in entity.items() if key not in {"offset", "length"}} == more


def test_a_link_to_nowhere_is_plain_text() -> None:
    assert parse_html('<a href="javascript://x y">x</a><a href="mail to">y</a>').text == "xy"
    assert not parse_html('<a href="http://">x</a>').entities


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>a</i>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ن<x>a</x>", 'Unsupported start tag "x" at byte offset 2'),
        ("a<br/>", 'Unsupported start tag "br/" at byte offset 1'),
        ("5 < 6 > 4", 'Unsupported start tag "" at byte offset 2'),
        ("<@>", 'Unsupported start tag "@" at byte offset 0'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>ن<i>x</b></i>", 'Unmatched end tag at byte offset 9, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b />", 'Empty attribute name in the tag "b" at byte offset 0'),
        ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<blockquote><b><blockquote>x", "Can't nest blockquotes at byte offset 15"),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(markup: str, words: str) -> None:
    with pytest.raises(Unparsable) as refusal:
        parse_html(markup)
    assert str(refusal.value) == f"can't parse entities: {words}"


@pytest.mark.parametrize("text", ["a\ud83d", "\udc00", "&#xd83d;"])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(Unparsable, match="must be encoded in UTF-8"):
        parse_html(text)


def test_entities_past_the_hundredth_are_dropped_and_named() -> None:
    assert len(parse_html("<b>a</b>" * 100).entities) == 100
    assert not parse_html("<b>a</b>" * 100).dropped
    parsed = parse_html("<b>a</b>" * 101)
    assert (parsed.text, len(parsed.entities)) == ("a" * 101, 100)
    assert parsed.dropped == ["101 entities: past the hundredth dropped"]


@settings(deadline=None)
@given(VISIBLE)
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    parsed = parse_html(html.escape(text))
    assert (parsed.text, parsed.entities) == (text, [])


@settings(deadline=None)
@given(KEPT, VISIBLE, KEPT)
def test_an_entity_spans_exactly_its_words_in_utf_16(before: str, bold: str, after: str) -> None:
    parsed = parse_html(f"ن{html.escape(before)}<b>{html.escape(bold)}</b>{html.escape(after)}😀")
    (entity,) = parsed.entities
    units = parsed.text.encode("utf-16-le")
    start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
    assert units[start:end].decode("utf-16-le") == bold
    assert utf16(parsed.text) * 2 == len(units)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_what_is_cleaned_once_stays_as_it_is(text: str) -> None:
    once = clean(text, []).text
    assert clean(once, []).text == once
    assert not REPEATED_MARK.search(once)


@settings(deadline=None)
@given(st.text("<>/ab=\"' &;#x1ن😀\n", max_size=40))
def test_any_input_is_either_read_or_refused(markup: str) -> None:
    try:
        parsed = parse_html(markup)
    except Unparsable:
        return
    whole = utf16(parsed.text)
    assert all(
        0 <= one["offset"] < one["offset"] + one["length"] <= whole for one in parsed.entities
    )
