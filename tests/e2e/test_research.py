"""/who, /timeline and /archive: what the archive says of a name, of a topic, and of itself."""

from __future__ import annotations

from tests.fixtures.bot_process import Meet, labels, quotes
from tests.fixtures.sample_articles import SCHOOL


def test_a_name_is_quoted_and_its_timeline_and_context_are_a_tap_away(meet: Meet) -> None:
    huda = meet("en")
    profile = huda.say("/who layla hamdan")
    assert quotes(profile)[0] in SCHOOL
    assert "The Noran Courier" in profile["text"]
    assert labels(profile) == ["Context 1", "Watch this name", "Timeline"]
    assert "Layla Hamdan" in huda.tap(profile, "Context 1")["text"]
    timeline = huda.tap(profile, "Timeline")
    assert "20 January 2026" in timeline["text"]
    assert quotes(timeline)[0] in SCHOOL


def test_the_name_of_a_profile_is_watched_by_a_tap(meet: Meet) -> None:
    huda = meet("en")
    watched = huda.tap(huda.say("/who layla hamdan"), "Watch this name")
    assert "I will alert you to every new article about" in watched["text"]
    assert "layla hamdan" in huda.say("/watching")["text"]


def test_a_name_that_no_article_has_is_said_to_be_unknown_and_searched_by_a_tap(meet: Meet) -> None:
    huda = meet("en")
    unknown = huda.say("/who Layla of the school")
    assert "No article in the archive mentions" in unknown["text"]
    assert quotes(huda.tap(unknown, "Search the archive"))[0] in SCHOOL


def test_a_plain_message_and_a_command_lead_to_the_same_timeline(meet: Meet) -> None:
    huda = meet("en")
    by_command = huda.say("/timeline school")
    assert quotes(by_command)[0] in SCHOOL
    assert huda.say("timeline of school")["text"] == by_command["text"]


def test_the_archive_is_shown_as_a_picture_with_its_size(meet: Meet) -> None:
    shown = meet("en").say("/archive")
    assert shown["photo"]
    assert "Articles in the archive: 4" in shown["caption"]


def test_a_question_without_an_answer_leads_to_the_picture_of_the_archive(meet: Meet) -> None:
    huda = meet("en")
    refusal = huda.say("Who won the chess championship in Reykjavik?")
    shown = huda.tap(refusal, "Archive contents")
    assert shown["photo"]
    assert "Nearest passages" in labels(huda.now(refusal))


def test_a_command_without_an_argument_says_how_it_is_used(meet: Meet) -> None:
    huda = meet("en")
    assert "/who " in huda.say("/who")["text"]
    assert "/timeline " in huda.say("/timeline")["text"]


def test_the_picture_of_a_timeline_comes_by_a_button(meet: Meet) -> None:
    huda = meet("en")
    timeline = huda.say("/timeline noran")
    text = timeline["text"]
    assert text.index("1. \u2068The Noran Courier") < text.index("2. \u2068source unknown")
    picture = huda.tap(timeline, "📊")
    assert picture["photo"]
    assert "Articles per week" in picture["caption"]
