"""What the buttons below an answer say, and what they lead to: the lines around, and pages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answers.callbacks import (
    AnswerCallback,
    FeedbackCallback,
    LanguageCallback,
    OverviewCallback,
    PartCallback,
    QuoteCallback,
)
from bot.answers.commands import (
    MENU,
    ask_for_language,
    confirm_language,
    parse_language,
    reader_help,
    reply_to_command,
)
from bot.answers.excerpt_view import split_into_pages
from bot.answers.views import Offers, RecentPeriods, follow_up_buttons
from bot.answers.views import context_buttons as around_quotes
from bot.i18n.languages import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.i18n.translations import translator
from bot.telegram.callback_data import CallbackData, parse_callback_data
from bot.telegram.command_menu import DESCRIPTIONS, OWNERS_MENU
from bot.telegram.message import MAX_MESSAGE_LENGTH, utf16_length
from index.excerpts import CONTEXT_LENGTH, quote_with_context
from index.text.segmentation.sentences import split_sentences
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
def test_whatever_a_button_says_it_is_parsed_and_packed_again_or_is_nothing(data: str) -> None:
    callback = parse_callback_data(data)
    if callback is not None:
        assert data.partition(":")[0] == callback.pack().partition(":")[0]
        assert parse_callback_data(callback.pack()) == callback


@pytest.mark.parametrize(
    ("data", "callback"),
    [
        ("more:12", AnswerCallback(action="more", update_id=12)),
        ("nearest:0", AnswerCallback(action="nearest", update_id=0)),
        ("all:12", AnswerCallback(action="all", update_id=12)),
        ("sources:12", AnswerCallback(action="sources", update_id=12)),
        ("literal:12", AnswerCallback(action="literal", update_id=12)),
        ("latest:12", AnswerCallback(action="latest", update_id=12)),
        ("year:12:2018", AnswerCallback(action="year", update_id=12, year=2018)),
        ("newest:12", AnswerCallback(action="newest", update_id=12)),
        ("month:12:2018:2", AnswerCallback(action="month", update_id=12, year=2018, month=2)),
        ("up:12", FeedbackCallback(action="up", update_id=12)),
        ("cite:12:0", QuoteCallback(action="cite", update_id=12, quote_index=0)),
        ("source:12:0", QuoteCallback(action="source", update_id=12, quote_index=0)),
        ("part:12:1", PartCallback(update_id=12, part=1)),
        ("around:12:0", QuoteCallback(action="around", update_id=12, quote_index=0)),
        ("around:12:59", QuoteCallback(action="around", update_id=12, quote_index=59)),
        ("page:12:2:0", QuoteCallback(action="page", update_id=12, quote_index=2, page=0)),
        ("page:12:2:99999", QuoteCallback(action="page", update_id=12, quote_index=2, page=99_999)),
        ("overview", OverviewCallback()),
        ("language:ar", LanguageCallback(lang="ar")),
        ("language:fr", LanguageCallback(lang="fr")),
    ],
)
def test_a_button_of_the_bot_is_understood(data: str, callback: CallbackData) -> None:
    assert parse_callback_data(data) == callback
    assert callback.pack() == data


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
    assert parse_callback_data(data) is None


@given(st.integers(1, 20), SPEECH, st.integers(0, LARGEST), st.integers(1, 60))
@example(3, "ar", LARGEST, 1)
def test_every_button_below_an_answer_is_understood(
    count: int, lang: UiLanguage, key: int, first: int
) -> None:
    [around_them] = around_quotes(count, lang, key, first_number=first)
    expected = [
        QuoteCallback(action="around", update_id=key, quote_index=place) for place in range(count)
    ]
    assert [parse_callback_data(button.callback_data or "") for button in around_them] == expected
    recent = RecentPeriods(date(2026, 3, 1), 2026)
    offers = Offers(
        more=True,
        newest=True,
        nearest=True,
        latest=True,
        overview=True,
        as_written=True,
        all_sources=True,
        all_dates=True,
        years=(2026, 2018),
        periods=recent,
    )
    rows = follow_up_buttons(lang, key, offers)
    assert [[button.callback_data for button in row] for row in rows[:2]] == [
        [f"more:{key}", f"newest:{key}"],
        [f"month:{key}:2026:3", f"year:{key}:2026", f"year:{key}:2018"],
    ]
    assert [button.callback_data for row in rows[2:] for button in row] == [
        *(f"nearest:{key}", f"latest:{key}", "overview"),
        *(f"literal:{key}", f"sources:{key}", f"all:{key}"),
    ]
    for data in (button.callback_data or "" for row in rows for button in row):
        assert isinstance(parse_callback_data(data), AnswerCallback | OverviewCallback)


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
def test_two_buttons_share_a_row_only_where_a_phone_shows_both_whole(lang: UiLanguage) -> None:
    offers = Offers(nearest=True, latest=True, overview=True, as_written=True, all_dates=True)
    rows = follow_up_buttons(lang, 7, offers)
    for row in rows:
        assert len(row) == 1 or (len(row) == 2 and all(len(one.label) <= 20 for one in row))
    if lang == "en":
        assert list(map(len, rows)) == [2, 2, 1]


def test_one_year_alone_is_not_offered() -> None:
    assert follow_up_buttons("en", 7, Offers(years=(2026,))) == ()


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
def test_the_languages_are_chosen_by_buttons_that_name_them(lang: UiLanguage) -> None:
    screen = ask_for_language(lang).message
    [row] = screen.buttons
    assert screen.text.html == translator(lang).gettext("Which language shall I speak?")
    assert {button.label: parse_callback_data(button.callback_data) for button in row} == {
        name: LanguageCallback(lang=each) for each, name in UI_LANGUAGE_NAMES.items()
    }


@pytest.mark.parametrize("edits", [False, True])
def test_a_chosen_language_is_confirmed_in_it(edits: bool) -> None:
    reply = confirm_language("fr", edits=edits)
    assert reply.message.text.html == "Je parlerai français."
    assert reply.edits is edits


@pytest.mark.parametrize(
    ("argument", "lang"),
    [
        *(("fr", "fr"), (" AR\n", "ar"), ("English", "en"), ("français", "fr"), ("FRANÇAIS", "fr")),
        *(("العربية", "ar"), ("", None), ("de", None), ("fr en", None), ("française", None)),
    ],
)
def test_a_language_is_named_by_its_code_or_its_own_name(argument: str, lang: str | None) -> None:
    assert parse_language(argument) == lang


@given(st.text(st.characters()))
def test_any_words_behind_the_command_name_a_language_or_none(argument: str) -> None:
    assert parse_language(argument) in {None, *UI_LANGUAGES}


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("help", "Ask in your own words, in Arabic, English or French"),
        ("nonsense", "I do not know this command. Write a question"),
        ("digset", "I do not know this command. Did you mean \u2068/digest\u2069?"),
        ("lastest", "I do not know this command. Did you mean \u2068/latest\u2069?"),
    ],
)
def test_a_command_is_replied_to_in_the_readers_language(
    lang: UiLanguage, name: str, said: str
) -> None:
    reply = reply_to_command(name, lang)
    english = reply_to_command(name, "en").message.text.html
    assert english.startswith(said)
    assert (reply.message.text.html == english) == (lang == "en")
    assert reply.message.buttons == ()


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
def test_help_lists_what_can_be_tapped_one_command_a_line(lang: UiLanguage) -> None:
    lines = reader_help(lang).splitlines()
    listed = [line for line in lines if "/" in line[:3]]
    assert [line[3:].split("\u2069")[0] for line in listed] == [
        name for name in MENU if name != "help"
    ]


@pytest.mark.parametrize("lang", list(UI_LANGUAGES))
def test_every_command_of_the_menu_is_explained_in_few_words(lang: UiLanguage) -> None:
    explained = [translator(lang).gettext(DESCRIPTIONS[name]) for name in (*MENU, *OWNERS_MENU)]
    assert all(1 <= len(each) <= 256 for each in explained)


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
        draw(st.sampled_from([0, 5, 40, CONTEXT_LENGTH, 20_000])),
    )


@given(quoted())
def test_the_lines_around_a_quote_are_whole_sentences_within_reach(
    drawn: tuple[str, Span, Span, int],
) -> None:
    text, body, quote, reach = drawn
    shown = quote_with_context(text, body, quote, reach)
    inside = split_sentences(text, body)
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
    assert quote.slice(text) == "Salim left."
    assert (
        quote_with_context(text, body, quote).slice(text)
        == "The port closed. Salim left. Rain fell."
    )
    assert quote_with_context(text, body, quote, 2_000) == body
    assert quote_with_context("Amal left! " * 9, Span(0, 98), Span(44, 54), 25) == Span(22, 76)


def inked(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=60)
@given(STORIES)
def test_pages_hold_each_character_once_and_end_in_dots_only_inside_a_sentence(text: str) -> None:
    ends = {len(inked(text[: sentence.end])) for sentence in split_sentences(text)}
    whole, at = inked(text), 0
    for shown in split_into_pages(text):
        words = inked(shown).removesuffix("…")
        assert whole.startswith(words, at)
        at += len(words)
        assert (at in ends) != shown.endswith("…")
        assert utf16_length(shown) < MAX_MESSAGE_LENGTH - 500
    assert at == len(whole)


def test_pages_end_between_sentences_where_these_fit() -> None:
    assert {part[-5:] for part in split_into_pages("أعلن المدير سالم. " * 400)} == {"سالم."}


@pytest.mark.parametrize("gap", [" ", "\n", "\u200b"])
@pytest.mark.parametrize("rest", ["", "Then it left."])
def test_a_wide_gap_neither_hangs_the_pages_nor_overfills_one(
    must_end: None, gap: str, rest: str
) -> None:
    parts = split_into_pages(f"The delegation came.{gap * 9_000}{rest}")
    inner = [part.strip("…\u200b") for part in parts]
    assert [part for part in inner if part] == ["The delegation came.", *[rest] * bool(rest)]
    assert max(map(utf16_length, parts)) < MAX_MESSAGE_LENGTH - 500
