"""What readers do with an answer: edit its question, cite it, share it, and say what they think."""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import parse_qs, urlsplit

from bot.telegram.feedback_store import read_feedback
from index.storage.database import Database
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json
from tests.fixtures.bot_process import BotProcess, Meet, Person, labels, quotes
from tests.fixtures.sample_articles import PORT, SCHOOL

PUPILS = "How many pupils enrolled in the new school of Noran?"
HARBOUR = "When will the port of Noran reopen?"


def test_an_edited_question_edits_its_answer_whose_buttons_still_work(meet: Meet) -> None:
    person = meet("en")
    double = person.double
    question = double.say(person.user, PUPILS)
    double.wait_for(lambda: double.replies(question), what="the answer")
    (answer,) = double.replies(question)
    double.edit(person.user, question, HARBOUR)
    double.wait_for(lambda: PORT in quotes(person.now(answer)), what="the edited answer")
    assert len(double.sent(person.chat)) == 1
    assert PORT in quotes(person.tap(person.now(answer), "Context 1"))[0]


def test_a_shared_link_opens_the_very_quote(meet: Meet) -> None:
    person, friend = meet("en"), meet("ar")
    context = person.tap(person.say(PUPILS), "Context 1")
    assert labels(context) == ["Original ↗", "Cite", "Share", "Only this source"]
    share = button(context, "Share")["url"]
    (link,) = parse_qs(urlsplit(share).query)["url"]
    (payload,) = parse_qs(urlsplit(link).query)["start"]
    opened = friend.say(f"/start {payload}")
    assert quotes(opened) == [SCHOOL]
    assert labels(opened) == ["الأصل ↗", "توثيق", "مشاركة"]
    wrong = payload[:-1] + ("0" if payload[-1] != "0" else "1")
    assert quotes(friend.say(f"/start {wrong}")) == []


def test_a_citation_and_its_bibtex_are_copied_by_a_button(meet: Meet) -> None:
    person = meet("en")
    cited = person.tap(person.tap(person.say(PUPILS), "Context 1"), "Cite")
    assert (
        "The Noran Courier, 20 January 2026, 08:30, https://noran.example/school" in cited["text"]
    )
    copied = button(cited, "Copy BibTeX")["copy_text"]["text"]
    assert copied.startswith("@misc{")
    assert copied in cited["text"]


def test_a_question_can_be_asked_again_of_the_source_of_a_quote(meet: Meet) -> None:
    person = meet("en")
    context = person.tap(person.say(PUPILS), "Context 1")
    again = person.tap(context, "Only this source")
    assert "Searched only these sources: The Noran Courier" in again["text"].replace(
        "\u2068", ""
    ).replace("\u2069", "")


def test_what_readers_think_of_an_answer_is_exported_as_a_question_of_eval(
    meet: Meet, shared_bot: BotProcess
) -> None:
    person = meet("en")
    double = person.double
    answer = person.say(PUPILS)
    for thumb in ("👎", "👍"):
        query = double.tap(person.user, answer, thumb)
        thanks = {"callback_query_id": query["id"], "text": "Thank you for your rating."}
        double.wait_for(partial(was_sent, double, thanks), what="the thanks")
    person.say("/help")
    double.wait_for(lambda: exported(shared_bot) == [(PUPILS, "school", "up")], what="the rating")


def test_a_reaction_to_an_answer_rates_it_until_it_is_taken_away(
    meet: Meet, shared_bot: BotProcess
) -> None:
    person = meet("en")
    double = person.double
    answer, other = person.say(HARBOUR), person.say("/language")
    double.react(person.user, other, "👍")
    for emoji, rating in (("👍", ("port", "up")), ("👎", (None, "down"))):
        double.react(person.user, answer, emoji)
        double.wait_for(partial(thanked, person, answer, emoji), what="the thanks")
        assert ratings(shared_bot) == [(HARBOUR, *rating)]
    double.redeliver(max(double.state.updates.known))
    double.react(person.user, answer, "🔥", "👎")
    double.react(person.user, answer, "🔥")
    person.say("/about")  # a chat's wishes are granted in turn
    assert ratings(shared_bot) == []
    assert len(double.replies(answer)) == 2
    assert double.replies(other) == []


def test_what_a_person_rated_by_a_reaction_is_erased_with_all_else(
    meet: Meet, shared_bot: BotProcess
) -> None:
    person = meet("en")
    double = person.double
    answer = person.say(HARBOUR)
    double.react(person.user, answer, "👍")
    double.wait_for(lambda: double.replies(answer), what="the thanks")
    asked = person.say("/forgetme")
    double.tap(person.user, asked, "Erase everything")
    double.wait_for(lambda: "is erased" in person.now(asked)["text"], what="the end")
    assert ratings(shared_bot) == []


def thanked(person: Person, answer: Json, emoji: str) -> bool:
    texts = [reply["text"] for reply in person.double.replies(answer)]
    return texts == ["Thank you for your rating."] * ("👍👎".index(emoji) + 1)


def ratings(bot: BotProcess) -> list[tuple[str, str | None, str]]:
    """What is stored of the answers to `HARBOUR`."""
    database = Database(bot.archive)
    try:
        records = read_feedback(database)
    finally:
        database.close()
    return [
        (record.question, record.article_id, record.rating)
        for record in records
        if record.question == HARBOUR
    ]


def exported(bot: BotProcess) -> list[tuple[str, str, str]]:
    lines = bot.briefing("feedback", "export").splitlines()
    rows = map(json.loads, lines)
    return [(row["question"], row["article_id"], row["rating"]) for row in rows]


def was_sent(double: Double, params: Json) -> bool:
    return any(params.items() <= call.params.items() for call in double.journal)


def button(message: Json, label: str) -> Json:
    rows = message["reply_markup"]["inline_keyboard"]
    (found,) = [each for row in rows for each in row if each["text"] == label]
    return dict(found)
