"""Messages that say which dates were searched, that nothing answers, and what is nearest."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answers.views import render_answer, render_nearest, render_no_answer
from bot.i18n.languages import UI_LANGUAGES
from bot.i18n.phrases import ALL_DATES
from bot.i18n.translations import translator
from index.models import DateWindow, Quote
from tests.fixtures.messages import EMPTY, JANUARY, STATS, answer, datas, no_answer, quote, taken


@pytest.mark.parametrize(
    ("window", "head"),
    [
        (None, "From the archive:"),
        (ALL_DATES, "All dates were searched.\nFrom the archive:"),
        (
            DateWindow(since=date(2026, 1, 1)),
            "Searched only articles published since 1 January 2026.\nFrom",
        ),
    ],
)
def test_an_answer_says_which_dates_were_searched_where_any_were_named(
    window: DateWindow | None, head: str
) -> None:
    screen = render_answer(
        answer(quote(), window=window), "en", 7, late=False, has_more=True
    ).message
    assert taken(screen).text.startswith(head)
    assert datas(screen) == [
        "around:7:0",
        "more:7",
        *["all:7"] * ("Searched" in head),
        "up:7",
        "down:7",
    ]


STATS_LINES = "Articles in the archive: 1,200 (from 10 January 2026 to 4 February 2026)."
SAID_JANUARY = "published from 1 January 2026 to 31 January 2026"


@pytest.mark.parametrize(("near", "has_newest"), [((), False), ((quote(),), True)])
@pytest.mark.parametrize(
    ("window", "searched", "said"),
    [
        (None, 7, ["The archive has no answer to this question."]),
        (ALL_DATES, 7, ["All dates were searched.", "The archive has no answer to this question."]),
        (JANUARY, 7, [f"Nothing that was {SAID_JANUARY} answers this question."]),
        (JANUARY, 0, [f"Nothing in the archive was {SAID_JANUARY}."]),
    ],
)
def test_without_an_answer_that_is_said_and_what_is_held_and_what_is_left_to_look_for(
    window: DateWindow | None,
    searched: int,
    said: list[str],
    near: tuple[Quote, ...],
    has_newest: bool,
) -> None:
    found = no_answer(*near, window=window, searched=searched)
    screen = render_no_answer(found, STATS, "en", 7, late=True, has_newest=has_newest)
    assert taken(screen).text.split("\n\n") == [
        ("Sorry, I was offline when your question came. Here is the answer, late."),
        *said,
        STATS_LINES,
    ]
    assert datas(screen) == [
        *["nearest:7"] * len(near),
        *["latest:7"] * has_newest,
        "overview",
        *["all:7"] * (window == JANUARY),
    ]


def test_without_an_answer_the_buttons_are_called_what_they_do() -> None:
    screens = [
        render_no_answer(
            no_answer(quote(), window=JANUARY), STATS, lang, 7, late=False, has_newest=True
        )
        for lang in UI_LANGUAGES.values()
    ]
    latest, overview = (
        [translator(lang).gettext(label) for lang in UI_LANGUAGES.values()]
        for label in ("The latest on this", "Archive contents")
    )
    assert [button.label for screen in screens for row in screen.buttons for button in row] == [
        *("أقرب المقاطع", latest[0], overview[0], "البحث في كل التواريخ"),
        *("Nearest passages", latest[1], overview[1], "Search all dates"),
        *("Passages les plus proches", latest[2], overview[2], "Chercher sans limite de date"),
    ]


def test_the_newest_on_a_subject_are_said_to_be_no_more_than_that_and_lead_on() -> None:
    found = no_answer(quote(), window=JANUARY)
    message = render_nearest(found, "en", 7, has_more=True, on_subject=True).message
    said = "The newest articles on this topic, which may not answer the question:\n"
    assert taken(message).text.startswith(said)
    assert datas(message) == ["around:7:0", "more:7", "nearest:7", "all:7"]
    message = render_nearest(found, "en", 7, has_more=False, has_newest=True).message
    assert datas(message) == ["around:7:0", "latest:7", "all:7"]


@pytest.mark.parametrize(
    ("window", "searched", "head"),
    [
        (None, 7, []),
        (JANUARY, 7, [f"Searched only articles {SAID_JANUARY}."]),
        (JANUARY, 0, [f"Nothing in the archive was {SAID_JANUARY}."]),
    ],
)
def test_the_nearest_are_said_to_be_no_more_than_that_and_where_they_are_from(
    window: DateWindow | None, searched: int, head: list[str]
) -> None:
    laid = render_nearest(
        no_answer(quote(), window=window, searched=searched), "en", 7, has_more=False
    )
    outside = " outside those dates" * (not searched)
    said = f"The nearest passages{outside}, which may not answer the question:"
    assert taken(laid.message).text.startswith("\n".join([*head, said]))
    assert datas(laid.message) == ["around:7:0", *["all:7"] * (window == JANUARY)]


@pytest.mark.parametrize(
    "said", ["ar الأرشيف فارغ", "en The archive is empty", "fr Les archives sont vides"]
)
@pytest.mark.parametrize("window", [None, JANUARY, ALL_DATES])
def test_an_empty_archive_is_called_empty_without_the_editors_commands(
    said: str, window: DateWindow | None
) -> None:
    screen = render_no_answer(
        no_answer(window=window, searched=0), EMPTY, UI_LANGUAGES[said[:2]], 7, late=False
    )
    assert taken(screen).text.startswith(said[3:])
    assert "briefing" not in screen.text.html
    assert screen.buttons == ()
