"""Questions without an answer, and questions of a time, as people meet them in Telegram."""

from __future__ import annotations

import pytest

from bot.i18n.languages import UI_LANGUAGES
from bot.i18n.translations import translator
from tests.e2e.test_questions import NO_PREVIEW
from tests.fixtures.bot_process import NEWS, Meet, Person, labels, quotes
from tests.fixtures.sample_articles import SCHOOL

CHESS = {
    "ar": "من فاز ببطولة الشطرنج في ريكيافيك؟",
    "en": "Who won the chess championship in Reykjavik?",
    "fr": "Qui a remporté le championnat d'échecs à Reykjavik ?",
}
PUPILS = "How many pupils enrolled in the new school of Noran in {time}?"
TOWER = "Who built the tower with four clocks in Noran in January 2026?"
CONTENTS = "Archive contents"
AROUND = ["Context 1", "Context 2", "Context 3"]
NOTHING_IN_2019 = "Nothing in the archive was published from 1 January 2019 to 31 December 2019."
NEAREST = "The nearest passages, which may not answer the question:"


@pytest.mark.parametrize(
    ("language", "said", "stats_line", "button", "title"),
    [
        (
            "ar",
            "لا جواب في الأرشيف عن هذا السؤال.",
            "عدد المقالات في الأرشيف: 4 (من 10 يناير 2026 إلى 31 يناير 2026).",
            "أقرب المقاطع",
            "أقرب المقاطع، وقد لا تجيب عن السؤال:",
        ),
        (
            "en",
            "The archive has no answer to this question.",
            "Articles in the archive: 4 (from 10 January 2026 to 31 January 2026).",
            "Nearest passages",
            NEAREST,
        ),
        (
            "fr",
            "Il n'y a pas de réponse à cette question dans les archives.",
            "Articles dans les archives\u202f: 4 (du 10 janvier 2026 au 31 janvier 2026).",
            "Passages les plus proches",
            "Les passages les plus proches, qui ne répondent peut-être pas à la question\u202f:",
        ),
    ],
)
def test_what_the_news_do_not_answer_is_refused_and_the_nearest_is_one_button_away(
    meet: Meet, language: str, said: str, stats_line: str, button: str, title: str
) -> None:
    person = meet(language)
    refusal = person.say(CHESS[language])
    assert refusal["text"] == f"{said}\n\n{stats_line}"
    assert labels(refusal) == [button, translator(UI_LANGUAGES[language]).gettext(CONTENTS)]
    near = person.tap(refusal, button)
    assert near["text"].splitlines()[0] == title
    assert quotes(near)
    assert all(any(each in draft.text for draft in NEWS) for each in quotes(near))
    person.wait_for_buttons(refusal)
    sent = [c for c in person.double.journal if c.params.get("chat_id") == person.chat.id]
    assert [c.params["link_preview_options"] for c in sent if c.method == "sendMessage"] == [
        NO_PREVIEW,
        NO_PREVIEW,
    ]


def test_more_of_the_nearest_are_still_called_that_and_each_has_its_lines(meet: Meet) -> None:
    person = meet("en")
    near = person.tap(person.say(CHESS["en"]), "Nearest passages")
    assert labels(near) == [*AROUND, "More quotes"]
    following = person.tap(near, "More quotes")
    person.wait_for_buttons(near, *AROUND)
    assert following["text"].startswith(f"{NEAREST}\n\n")
    assert "\u200e4–6. " in following["text"]
    assert not {*quotes(near)} & {*quotes(following)}
    (lines,) = quotes(person.tap(following, "Context 4"))
    assert quotes(following)[0].split(". ")[0] in lines


def test_a_time_in_which_nothing_was_published_is_said_and_all_dates_are_one_button_away(
    meet: Meet,
) -> None:
    person = meet("en")
    refusal = person.say(PUPILS.format(time="2019"))
    assert refusal["text"].split("\n\n")[0] == NOTHING_IN_2019
    assert labels(refusal) == [
        "Nearest passages",
        "The latest on this",
        CONTENTS,
        "Search all dates",
    ]
    answer = person.tap(refusal, "Search all dates")
    assert answer["text"].splitlines()[:2] == ["All dates were searched.", "From the archive:"]
    assert quotes(answer)[0] == SCHOOL
    assert labels(answer) == [*AROUND, "More quotes", "Newest first", "👍", "👎"]
    person.wait_for_buttons(refusal)
    following = person.tap(answer, "More quotes")
    assert "Nothing in the archive" not in following["text"]
    assert not {*quotes(answer)} & {*quotes(following)}


def test_the_nearest_outside_a_time_are_said_to_be_outside_it_and_lead_on_to_all_dates(
    meet: Meet,
) -> None:
    person = meet("en")
    near = person.tap(person.say(PUPILS.format(time="2019")), "Nearest passages")
    assert near["text"].splitlines()[:2] == [
        NOTHING_IN_2019,
        "The nearest passages outside those dates, which may not answer the question:",
    ]
    assert quotes(person.tap(near, "Search all dates"))[0] == SCHOOL
    person.wait_for_buttons(near, *AROUND)


def test_the_newest_on_the_subject_are_shown_whenever_they_were_published(meet: Meet) -> None:
    person = meet("en")
    newest = person.tap(person.say(PUPILS.format(time="2019")), "The latest on this")
    said = "The newest articles on this topic, which may not answer the question:"
    assert newest["text"].splitlines()[0] == said
    assert quotes(newest)[0] == SCHOOL
    assert labels(newest) == ["Context 1", "Nearest passages", "Search all dates"]
    near = person.tap(newest, "Nearest passages")
    assert near["text"].startswith(NOTHING_IN_2019)
    assert "The latest on this" in labels(near)


def test_an_answer_of_a_time_names_it_and_more_of_it_and_all_dates_can_be_had(meet: Meet) -> None:
    person = meet("en")
    answer = person.say(TOWER)
    searched = "Searched only articles published from 1 January 2026 to 31 January 2026."
    assert answer["text"].splitlines()[:2] == [searched, "From the archive:"]
    assert labels(answer) == [*AROUND, "More quotes", "Search all dates", "👍", "👎"]
    following = person.tap(answer, "More quotes")
    person.wait_for_buttons(answer, *AROUND)
    assert labels(following)[-1] == "Search all dates"
    widened = person.tap(following, "Search all dates")
    assert widened["text"].startswith("All dates were searched.\n")
    assert quotes(widened)[0] == quotes(answer)[0]
    assert "Search all dates" not in labels(widened)


def test_a_time_with_news_but_without_an_answer_is_told_from_one_without_news(meet: Meet) -> None:
    person = meet("en")
    refusal = person.say("Who won the chess championship of Reykjavik in January 2026?")
    assert refusal["text"].startswith(
        "Nothing that was published from 1 January 2026 to 31 January 2026 answers this question."
    )
    widened = person.tap(refusal, "Search all dates")
    assert widened["text"].startswith(
        "All dates were searched.\n\nThe archive has no answer to this question.\n\nArticles"
    )
    assert labels(widened) == ["Nearest passages", CONTENTS]


def test_all_dates_pressed_twice_are_searched_once(meet: Meet) -> None:
    person = meet("en")
    refusal = person.say(PUPILS.format(time="2019"))
    for button in ("Search all dates", "Search all dates", "Nearest passages"):
        person.double.tap(person.user, refusal, button)
    person.say(PUPILS.format(time="January 2026"))  # a chat's wishes are granted in turn
    assert len(person.double.replies(refusal)) == 1


@pytest.mark.parametrize("data", ["all:7", "nearest:7", "all:{theirs}", "nearest:{theirs}"])
def test_a_button_of_an_answer_that_is_not_there_or_not_theirs_says_to_ask_again(
    meet: Meet, data: str
) -> None:
    person, other = meet("en"), meet("en")
    theirs = pressed(other, other.say(PUPILS.format(time="2019")))
    answer = person.say(PUPILS.format(time="2019"))
    forged = {"text": "forged", "callback_data": data.format(theirs=theirs)}
    answer["reply_markup"] = {"inline_keyboard": [[forged]]}
    assert "Please ask again" in person.tap(answer, "forged")["text"]


@pytest.mark.parametrize("data", ["all", "all:", "all:x", "all:1:2", "ALL:1", "all:" + "9" * 20])
def test_a_button_that_the_bot_never_made_does_nothing(meet: Meet, data: str) -> None:
    person = meet("en")
    answer = person.say(PUPILS.format(time="2019"))
    answer["reply_markup"] = {"inline_keyboard": [[{"text": "forged", "callback_data": data}]]}
    person.double.tap(person.user, answer, "forged")
    assert person.say("/help")
    assert person.double.replies(answer) == []


def pressed(person: Person, message: dict[str, object]) -> str:
    """Return the number of the answer that a message's first button goes on from."""
    rows = person.now(message)["reply_markup"]["inline_keyboard"]
    return str(rows[0][0]["callback_data"]).partition(":")[2]
