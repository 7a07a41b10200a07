"""What the buttons below an answer say, and what they lead to: the lines around, and pages."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answers.callbacks import AnswerCallback, wish
from bot.answers.commands import MENU, choose_language, command, language_chosen, named_language
from bot.answers.excerpt_view import pages
from bot.answers.views import around as around_quotes
from bot.answers.views import follow_up_buttons
from bot.i18n.catalogue import UI_LANGUAGE_NAMES, UI_LANGUAGES, WORDS, UiLanguage
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.message import MAX_MESSAGE_LENGTH, utf16
from index.text.excerpt import REACH, around
from index.text.segmentation.sentences import sentences
from index.text.spans import Span
from tests.fixtures.sample_updates import PRESSED

LARGEST = 2**62 - 1
"""The largest id of an update that the bot takes."""
SPEECH = st.sampled_from(list(UI_LANGUAGES.values()))
KINDS = st.sampled_from(["more", "nearest", "all", "around", "page", "language", "More", ""])
PARTS = (
    st.integers(-1, 2**70).map(str) | st.sampled_from(["", "ar", "٣", "²", "1\n", " 1"]) | st.text()
)
DATA = st.builds(lambda kind, parts: ":".join([kind, *parts]), KINDS, st.lists(PARTS, max_size=4))


@given(st.text(st.characters()) | DATA | st.sampled_from(PRESSED))
def test_whatever_a_button_says_it_is_a_wish_a_language_or_nothing(data: str) -> None:
    wanted = wish(data)
    if isinstance(wanted, AnswerCallback):
        assert wanted.what in {"more", "nearest", "all", "around", "page"}
        assert wanted.key >= 0
        assert (wanted.place is None) == (wanted.what in {"more", "nearest", "all"})
        assert data.startswith(f"{wanted.what}:")
    else:
        assert wanted in {None, *UI_LANGUAGES}


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("more:12", AnswerCallback("more", 12, None, None)),
        ("nearest:0", AnswerCallback("nearest", 0, None, None)),
        ("all:12", AnswerCallback("all", 12, None, None)),
        ("around:12:0", AnswerCallback("around", 12, 0, None)),
        ("around:12:59", AnswerCallback("around", 12, 59, None)),
        ("page:12:2:0", AnswerCallback("page", 12, 2, 0)),
        ("page:12:2:99999", AnswerCallback("page", 12, 2, 99_999)),
        ("language:ar", "ar"),
        ("language:fr", "fr"),
    ],
)
def test_a_button_of_the_bot_is_understood(data: str, wanted: AnswerCallback | UiLanguage) -> None:
    assert wish(data) == wanted


@pytest.mark.parametrize(
    "data",
    [
        *(
            "",
            ":",
            "more",
            "more:",
            "more:x",
            "more:-1",
            "more:12\n",
            " more:12",
            "more:1e3",
            "More:12",
        ),
        *(
            "more:12:0",
            "nearest:12:0",
            "all:12:0",
            "all",
            "all:",
            "around:12",
            "around:12:",
            "around:12:-1",
            "around:12:1000",
        ),
        *(
            "page:12",
            "page:12:2:",
            "page:12:2:100000",
            "page:12:2:0:0",
            "around:1:2:3:4",
            "lang:ar",
        ),
        *(
            "language:",
            "language:de",
            "language:AR",
            "language:ar:0",
            "language",
            "more:" + "9" * 30,
        ),
    ],
)
def test_what_no_button_of_the_bot_says_is_nothing(data: str) -> None:
    assert wish(data) is None


@given(st.integers(1, 20), SPEECH, st.integers(0, LARGEST), st.integers(1, 60))
@example(3, "ar", LARGEST, 1)
def test_every_button_below_an_answer_is_understood(
    count: int, lang: UiLanguage, key: int, first: int
) -> None:
    [around_them] = around_quotes(count, lang, key, first=first)
    wishes = [AnswerCallback("around", key, place, None) for place in range(count)]
    assert [wish(button.data) for button in around_them] == wishes
    further = follow_up_buttons(lang, key, more=True, near=True, wider=True)
    ways = ["more", "nearest", "all"]
    assert [wish(button.data) for (button,) in further] == [
        AnswerCallback(way, key, None, None) for way in ways
    ]


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
def test_the_languages_are_chosen_by_buttons_that_name_them(lang: UiLanguage) -> None:
    screen = choose_language(lang).screen
    [row] = screen.buttons
    assert screen.text.html == WORDS[lang]["choose language"]
    assert {button.label: wish(button.data) for button in row} == {
        name: each for each, name in UI_LANGUAGE_NAMES.items()
    }


@pytest.mark.parametrize("edits", [False, True])
def test_a_chosen_language_is_confirmed_in_it(edits: bool) -> None:
    reply = language_chosen("fr", edits=edits)
    assert reply.screen.text.html == "Je parlerai français."
    assert reply.edits is edits


@pytest.mark.parametrize(
    ("argument", "lang"),
    [
        *(("fr", "fr"), (" AR\n", "ar"), ("English", "en"), ("français", "fr"), ("FRANÇAIS", "fr")),
        *(("العربية", "ar"), ("", None), ("de", None), ("fr en", None), ("française", None)),
    ],
)
def test_a_language_is_named_by_its_code_or_its_own_name(argument: str, lang: str | None) -> None:
    assert named_language(argument) == lang


@given(st.text(st.characters()))
def test_any_words_behind_the_command_name_a_language_or_none(argument: str) -> None:
    assert named_language(argument) in {None, *UI_LANGUAGES}


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
@pytest.mark.parametrize(
    ("name", "said"), [("start", "start"), ("help", "help here"), ("nonsense", "unknown command")]
)
def test_a_command_is_replied_to_in_the_readers_language(
    lang: UiLanguage, name: str, said: str
) -> None:
    reply = command(name, lang)
    assert reply.screen.text.html == WORDS[lang][said]
    assert reply.screen.buttons == ()


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
def test_every_command_of_the_menu_is_explained_in_few_words(lang: UiLanguage) -> None:
    words = {**WORDS[lang], **BRIEFING[lang]}
    assert all(1 <= len(words[f"menu {name}"]) <= 256 for name in MENU)


STORY = [
    "وصل الوفد إلى نوران. ",
    "Amal left! ",
    "no end ",
    "😀" * 90,
    "\n",
    "ن" * 3_500,
    "<&> ",
    "؟",
]
STORIES = st.builds(
    lambda pieces, times: f"نوران. {(''.join(pieces) * times)[:14_000]}",
    st.lists(st.sampled_from(STORY), max_size=20),
    st.sampled_from([1, 5, 60]),
)


@st.composite
def quoted(draw: st.DrawFn) -> tuple[str, Span, Span, int]:
    """Return a text, its story, a part of that, and how far to look around it."""
    text = draw(st.text(min_size=1) | STORIES)
    start, first, last, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 4)))
    return (
        text,
        Span(start, end),
        Span(first, last),
        draw(st.sampled_from([0, 5, 40, REACH, 20_000])),
    )


@given(quoted())
def test_the_lines_around_a_quote_are_whole_sentences_within_reach(
    drawn: tuple[str, Span, Span, int],
) -> None:
    text, body, quote, reach = drawn
    shown = around(text, body, quote, reach)
    inside = sentences(text, body)
    assert max(body.start, quote.start - reach) <= shown.start <= quote.start
    assert quote.end <= shown.end <= min(body.end, quote.end + reach)
    assert shown.start in {quote.start, *(sentence.start for sentence in inside)}
    assert shown.end in {quote.end, *(sentence.end for sentence in inside)}
    for sentence in inside:
        assert not quote.start - reach <= sentence.start < shown.start
        assert not shown.end < sentence.end <= quote.end + reach


def test_the_lines_around_stop_at_the_storys_ends_and_leave_a_long_sentence_out() -> None:
    text = f"By Amal. The port closed. Salim left. Rain fell. {'So ' * 300}it ended. Read also."
    body, quote = Span(9, text.index(" Read also")), Span(26, 37)
    assert quote.of(text) == "Salim left."
    assert around(text, body, quote).of(text) == "The port closed. Salim left. Rain fell."
    assert around(text, body, quote, 2_000) == body
    assert around("Amal left! " * 9, Span(0, 98), Span(44, 54), 25) == Span(22, 76)


def inked(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=60)
@given(STORIES)
def test_pages_hold_each_character_once_and_end_in_dots_only_inside_a_sentence(text: str) -> None:
    ends = {len(inked(text[: sentence.end])) for sentence in sentences(text)}
    whole, at = inked(text), 0
    for shown in pages(text):
        words = inked(shown).removesuffix("…")
        assert whole.startswith(words, at)
        at += len(words)
        assert (at in ends) != shown.endswith("…")
        assert utf16(shown) < MAX_MESSAGE_LENGTH - 500
    assert at == len(whole)


def test_pages_end_between_sentences_where_these_fit() -> None:
    assert {part[-5:] for part in pages("أعلن المدير سالم. " * 400)} == {"سالم."}


@pytest.mark.parametrize("gap", [" ", "\n", "\u200b"])
@pytest.mark.parametrize("rest", ["", "Then it left."])
def test_a_wide_gap_neither_hangs_the_pages_nor_overfills_one(
    must_end: None, gap: str, rest: str
) -> None:
    parts = pages(f"The delegation came.{gap * 9_000}{rest}")
    inner = [part.strip("…\u200b") for part in parts]
    assert [part for part in inner if part] == ["The delegation came.", *[rest] * bool(rest)]
    assert max(map(utf16, parts)) < MAX_MESSAGE_LENGTH - 500
