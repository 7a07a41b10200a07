"""The chat: what is said without an answer, and what /nearest and /all go back to."""

from __future__ import annotations

import pytest

from bot.cli.chat import ChatSession
from bot.cli.render.answers import BRACKETS
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from index.archive import Archive
from tests.fixtures.sample_articles import SCHOOL, draft
from tests.fixtures.unanswerable_archive import Silent

PUPILS = "How many pupils enrolled in the new school of Noran?"
IN_2019 = "How many pupils enrolled in the new school of Noran in 2019?"
IN_JANUARY = "How many pupils enrolled in the new school of Noran in January 2026?"
STATS_LINE = "Articles in the archive: 1 (on 20 January 2026)."


@pytest.fixture
def school(archive: Archive) -> Archive:
    """An archive with one article."""
    archive.add(draft("school", SCHOOL, published="2026-01-20"))
    return archive


def talk(archive: Archive, lang: UiLanguage = "en") -> ChatSession:
    return ChatSession(archive, lang, BRACKETS)


def test_without_an_answer_it_says_so_what_is_held_and_how_to_see_the_nearest(
    school: Archive,
) -> None:
    chat = talk(Silent(school))
    assert chat.reply(PUPILS).split("\n") == [
        "The archive has no answer to this question.",
        STATS_LINE,
        "/nearest shows the nearest passages.",
    ]
    assert chat.reply("/nearest").startswith(
        "The nearest passages, which may not answer the question:"
    )
    assert "two hundred pupils" in chat.reply("/nearest")


def test_an_empty_window_offers_the_nearest_outside_and_all_dates(school: Archive) -> None:
    chat = talk(school)
    nothing = "Nothing in the archive was published from 1 January 2019 to 31 December 2019."
    ways = ["/nearest shows the nearest passages.", "/all searches all dates."]
    assert chat.reply(IN_2019).split("\n") == [nothing, STATS_LINE, *ways]
    assert chat.reply("/nearest").startswith(
        f"{nothing}\nThe nearest passages outside those dates, which may not answer the question:\n"
    )
    widened = chat.reply("/ALL")
    assert widened.startswith("All dates were searched.\nFrom the archive:\n")
    assert "two hundred pupils" in widened
    assert chat.reply("/all") == "All dates were searched."


def test_an_answer_of_a_window_names_it_and_offers_all_dates(school: Archive) -> None:
    lines = talk(school).reply(IN_JANUARY).split("\n")
    assert lines[0] == "Searched only articles published from 1 January 2026 to 31 January 2026."
    assert lines[1] == "From the archive:"
    assert lines[-2:] == ["", "/all searches all dates."]


@pytest.mark.parametrize("lang", ["ar", "en", "fr"])
def test_before_any_question_the_nearest_and_all_dates_ask_for_one(
    school: Archive, lang: UiLanguage
) -> None:
    chat = talk(school, lang)
    for command in ("/nearest", "/all"):
        assert chat.reply(command) == translator(lang).gettext(
            "Ask a question first: /nearest and /all go back to the last one."
        )
        assert command in chat.reply("/help")


def test_after_an_answer_the_nearest_are_its_quotes(school: Archive) -> None:
    chat = talk(school)
    chat.reply(PUPILS)
    chat.reply("😀")
    assert chat.reply("/nearest") == (
        "The last question was answered: its quotes are the nearest passages."
    )
    assert chat.reply("/all") == "All dates were searched."


def test_an_empty_archive_is_called_empty_whatever_is_asked_of_it(archive: Archive) -> None:
    chat = talk(archive)
    for line in (PUPILS, IN_2019, "/nearest"):
        assert chat.reply(line) == (
            "The archive is empty: add articles with briefing add or briefing import."
        )
