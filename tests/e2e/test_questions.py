"""The bot as people meet it, in three languages: a real process, and a double in Telegram's place."""

from __future__ import annotations

import re

import pytest

from bot.answers.commands import MENU
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat, Json
from tests.fixtures.bot_process import (
    NEWS,
    QUARTERS,
    BotProcess,
    Meet,
    Person,
    StartBot,
    labels,
    links,
    marked,
    quotes,
)
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL

HARBOUR = "متى يعود ميناء الرمال إلى العمل؟"
BRIDGES = "Quels ponts le maire a-t-il fermés ?"
PUPILS = "How many pupils enrolled in the new school of Noran?"
TOWER = "Who built the tower with four clocks in Noran?"
COURIER = "The Noran Courier · 20 January 2026, 08:30"
UNSEEN = dict.fromkeys(map(ord, "\u200e\u200f\u2068\u2069"))
NO_PREVIEW = {"is_disabled": True}


@pytest.mark.parametrize(
    ("language", "question", "first_line", "quote", "best_sentence", "citation", "url"),
    [
        ("ar", HARBOUR, "من الأرشيف:", PORT, 0, "صحيفة نوران · 10 يناير 2026 · رابط", NEWS[0].url),
        ("en-GB", PUPILS, "From the archive:", SCHOOL, 1, f"{COURIER} · link", NEWS[1].url),
        (
            "fr",
            BRIDGES,
            "Dans les archives\u202f:",
            RAIN,
            1,
            "Le Matin de Noran · date inconnue",
            None,
        ),
    ],
)
def test_a_question_is_answered_word_for_word_with_source_date_and_link(
    meet: Meet,
    language: str,
    question: str,
    first_line: str,
    quote: str,
    best_sentence: int,
    citation: str,
    url: str | None,
) -> None:
    answer = meet(language).say(question)
    assert answer["text"].splitlines()[0] == first_line
    assert quotes(answer)[0] == quote
    assert any(quote.split(". ")[best_sentence] in each for each in marked(answer, "bold"))
    assert all(any(each in draft.text for draft in NEWS) for each in quotes(answer))
    assert f"1. {citation}" in answer["text"].translate(UNSEEN)
    assert (url in links(answer)) == (url is not None)
    assert all(len(found) < 3_000 for found in links(answer))


def test_an_answer_speaks_the_language_of_its_question_before_that_of_the_phone(
    meet: Meet,
) -> None:
    person = meet("en")
    answer = person.say(HARBOUR)
    assert answer["text"].startswith("من الأرشيف:")
    assert "السياق 1" in labels(answer)
    assert "صحيفة نوران" in person.tap(answer, "السياق 1")["text"]
    named = person.say("Noran")
    assert "Context 1" in labels(named)
    assert "Searched for" not in named["text"]


def test_a_first_question_sees_the_bot_type_and_no_message_has_a_preview(meet: Meet) -> None:
    person = meet("en")
    person.say(PUPILS)
    person.say("/help")
    calls = [c for c in person.double.journal if c.params.get("chat_id") == person.chat.id]
    methods = [call.method for call in calls]
    assert methods == ["sendChatAction", "sendMessage", "sendMessage"]
    assert calls[0].params["action"] == "typing"
    assert [c.params["link_preview_options"] for c in calls[1:]] == [NO_PREVIEW, NO_PREVIEW]


@pytest.mark.parametrize(
    ("language", "start", "help_", "about"),
    [
        ("ar", "أهلاً", "حرفياً", "عدد المقالات في الأرشيف: 4 (من 10 يناير 2026 إلى 31 يناير 2026)"),
        ("en", "Welcome", "word for word", "4 (from 10 January 2026 to 31 January 2026)"),
        ("fr", "Bienvenue", "mot pour mot", "4 (du 10 janvier 2026 au 31 janvier 2026)"),
    ],
)
def test_start_help_and_about_speak_the_language_of_who_asks(
    meet: Meet, language: str, start: str, help_: str, about: str
) -> None:
    person = meet(language)
    assert start in person.say("/start")["text"]
    assert start in person.say("/start from-a-link")["text"]
    assert help_ in person.say("/help")["text"]
    assert about in person.say("/about")["text"]


@pytest.mark.parametrize("language", [None, "de", "xx-unknown", "arz"])
def test_who_speaks_none_of_its_languages_is_spoken_to_in_arabic(
    meet: Meet, language: str | None
) -> None:
    assert "أهلاً" in meet(language).say("/start")["text"]


def test_more_brings_other_quotes_until_there_are_none_and_its_button_goes_away(meet: Meet) -> None:
    person = meet("en")
    message = person.say(TOWER)
    seen = quotes(message)
    while "More quotes" in labels(message):
        first = len(seen) - len(quotes(message)) + 1
        following = person.tap(message, "More quotes")
        person.wait_for_buttons(message, *(f"Context {n}" for n in range(first, len(seen) + 1)))
        assert re.search(rf"^\u200e{len(seen) + 1}[.–]", following["text"], re.MULTILINE)
        message, seen = following, seen + quotes(following)
    assert len(seen) > 9
    assert len(set(seen)) == len(seen)
    assert all(any(each in draft.text for draft in NEWS) for each in seen)


def test_more_pressed_twice_brings_one_message(meet: Meet) -> None:
    person = meet("en")
    answer = person.say(TOWER)
    queries = [person.double.tap(person.user, answer, "More quotes")["id"] for _ in range(2)]
    person.say(PUPILS)  # one chat's wishes are granted in turn, so both have been by now
    assert len(person.double.replies(answer)) == 1
    calls = person.double.journal
    person.double.wait_for(
        lambda: {*queries} <= {call.params.get("callback_query_id") for call in calls}
    )


def test_around_shows_a_quote_in_bold_among_the_lines_of_its_article(meet: Meet) -> None:
    person = meet("en")
    answer = person.say(TOWER)
    shown = person.tap(answer, "Context 1")
    (lines,) = quotes(shown)
    assert lines.startswith("… ")
    assert lines.endswith(" …")
    assert lines.strip("… ") in QUARTERS
    assert any(quotes(answer)[0] in each for each in marked(shown, "bold"))
    assert len(lines) > len(quotes(answer)[0]) + 400
    assert "31 January 2026" in shown["text"]
    assert labels(shown) == ["Cite", "Share"]
    whole = person.tap(person.say(PUPILS), "Context 1")
    assert quotes(whole) == [SCHOOL]


def test_the_full_text_is_there_where_the_operator_allows_it_and_turns_its_pages_in_one_message(
    double: Double, start_bot: StartBot
) -> None:
    start_bot(telegram_full_text=True)
    person = Person(double, "en")
    opened = person.tap(person.tap(person.say(TOWER), "Context 1"), "Full text")
    messages = len(double.sent())
    pages = quotes(opened)
    for button, title, after in (("▶", "Page 2 of 2", "◀"), ("◀", "Page 1 of 2", "▶")):
        double.tap(person.user, person.now(opened), button)
        person.wait_for_buttons(opened, after)
        assert person.now(opened)["text"].startswith(title)
        pages += quotes(person.now(opened))
    assert pages[0] == pages[2]
    assert "".join("".join(pages[:2]).split()) == "".join(QUARTERS.split())
    assert len(double.sent()) == messages
    short = person.tap(person.tap(person.say(PUPILS), "Context 1"), "Full text")
    assert quotes(short) == [SCHOOL]
    assert labels(short) == []


def test_a_removed_article_is_quoted_no_more_at_once_and_has_nothing_around(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    person = Person(double, "en")
    answer = person.say(PUPILS)
    assert quotes(answer)[0] == SCHOOL
    bot.briefing("articles", "remove", "school")
    again = person.say(PUPILS)
    assert quotes(again)
    assert SCHOOL not in quotes(again)
    assert "changed or removed" in person.tap(answer, "Context 1")["text"]


def test_a_chosen_language_is_spoken_at_once_and_after_a_restart(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    by_button, by_word = Person(double, "en"), Person(double, "fr")
    asked = by_button.say("/language")
    assert labels(asked) == ["العربية", "English", "Français"]
    double.tap(by_button.user, asked, "Français")
    by_button.wait_for_buttons(asked)
    assert by_button.now(asked)["text"] == "Je parlerai français."
    assert by_word.say("/language العربية")["text"] == "سأخاطبكم بالعربية."
    assert by_word.say("/language EN")["text"] == "I will speak English."
    assert labels(by_word.say("/language elvish")) == labels(asked)
    assert bot.terminate() == 0
    bot.restart()
    assert "Bienvenue" in by_button.say("/start")["text"]
    assert "Welcome" in by_word.say("/start")["text"]


@pytest.mark.parametrize(
    ("language", "empty", "short", "signs"),
    [
        ("ar", "لم تكتبوا سؤالاً", "حرف واحد", "رموزاً فقط"),
        ("en", "did not write a question", "One character", "only symbols"),
        ("fr", "pas écrit de question", "Un seul caractère", "seulement des symboles"),
    ],
)
def test_what_is_no_question_is_told_kindly(
    meet: Meet, language: str, empty: str, short: str, signs: str
) -> None:
    person = meet(language)
    assert empty in person.say("/ask")["text"]
    assert short in person.say("x")["text"]
    for question in ("😀", "؟", "\u200b"):
        assert signs in person.say(question)["text"]
    length = "1\u202f500" if language == "fr" else "1,500"
    assert length in person.say("🌧 Noran?" + "?" * 1492)["text"]


@pytest.mark.parametrize("content", ["sticker", "voice", "photo", "location", "poll"])
def test_who_sends_no_words_is_asked_for_some(meet: Meet, content: str) -> None:
    said = meet("en").say("", **{content: {"file_id": "a1"}})
    assert said["text"] == "I can read only text. Please write your question in words."


def test_an_album_of_pictures_is_told_once_that_only_text_is_read(meet: Meet) -> None:
    person = meet("en")
    album = [person.double.say(person.user, "", photo=[]) for _ in range(4)]
    person.say("/help")
    person.double.wait_for(lambda: person.double.replies(album[0]), what="the word")
    assert [len(person.double.replies(picture)) for picture in album] == [1, 0, 0, 0]


def test_a_picture_with_a_question_under_it_is_answered(meet: Meet) -> None:
    answer = meet("en").say("", photo=[{"file_id": "a1"}], caption=PUPILS)
    assert quotes(answer)[0] == SCHOOL


def test_an_unknown_command_is_met_with_a_way_on(meet: Meet) -> None:
    assert "/help" in meet("fr").say("/dunes")["text"]


@pytest.fixture
def square(shared_double: Double) -> Chat:
    return shared_double.supergroup("Noran Square")


@pytest.mark.parametrize(
    "words", [f"/ask@noran_briefing_bot {PUPILS}", f"/ask {PUPILS}", f"@Noran_Briefing_Bot {PUPILS}"]
)  # fmt: skip
def test_in_a_group_the_bot_answers_who_addresses_it(meet: Meet, square: Chat, words: str) -> None:
    answer = meet("en").say(words, chat=square)
    assert quotes(answer)[0] == SCHOOL


def test_in_a_group_the_bot_answers_a_reply_to_it_and_nothing_else(
    meet: Meet, square: Chat
) -> None:
    person = meet("en")
    first = person.say(f"@noran_briefing_bot {TOWER}", chat=square)
    neighbour = person.double.say(person.user, PUPILS, chat=square)
    for words in ("/help@dune_bot", "@dune_bot Noran?", "mail@noran_briefing_bots.example"):
        person.double.say(person.user, words, chat=square)
    person.double.say(person.user, PUPILS, chat=square, reply_to=neighbour)
    person.double.say(person.user, "", chat=square, sticker={"file_id": "a1"})
    answer = person.say(PUPILS, chat=square, reply_to=first)
    assert quotes(answer)[0] == SCHOOL
    assert len(person.double.sent(square)) == 2


def test_a_group_is_greeted_once_when_the_bot_is_added(meet: Meet) -> None:
    person, double = meet("en"), meet("en").double
    group = double.group("Noran Harbour", person.user)
    double.add_bot(group, person.user)
    double.wait_for(lambda: double.sent(group), what="a greeting")
    double.redeliver(max(double.state.updates.known))
    person.say(f"@noran_briefing_bot {PUPILS}", chat=group)
    greeting, _answer = double.sent(group)
    assert greeting["text"].startswith("Hello! To ask me")
    assert "\n" not in greeting["text"]


def test_an_answer_in_a_forum_goes_to_the_topic_of_its_question(meet: Meet) -> None:
    person = meet("en")
    forum = person.double.supergroup("Noran Forum", person.user, forum=True)
    answer = person.say(f"/ask {TOWER}", chat=forum, thread=77)
    shown = person.tap(answer, "Context 1")
    assert [answer["thread"], shown["thread"]] == [77, 77]


def test_the_menu_of_commands_is_there_in_each_language(
    shared_double: Double, shared_bot: BotProcess
) -> None:
    menus = shared_double.state.commands
    shared_double.wait_for(lambda: ("default", "fr") in menus, what="the last menu")
    assert {language for _, language in menus} == {"", "ar", "en", "fr"}
    assert menus["default", ""] == menus["default", "ar"]
    for menu in menus.values():
        assert [each["command"] for each in menu] == list(MENU)
    assert menus["default", "fr"][0]["description"] == "Aide"


def test_an_empty_archive_says_so_and_can_be_filled_while_the_bot_runs(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot(empty=True)
    person = Person(double, "en")
    for words in (PUPILS, "/about"):
        assert "The archive is empty" in person.say(words)["text"]
    (bot.folder / "school.txt").write_text(SCHOOL, "utf-8")
    bot.briefing("add", "school.txt")
    assert quotes(person.say(PUPILS)) == [SCHOOL]
    assert "Articles in the archive: 1" in person.say("/about")["text"]


def test_the_answer_to_a_question_that_was_deleted_arrives_all_the_same(meet: Meet) -> None:
    person = meet("en")
    double = person.double
    with double.changed:
        double.delete(double.say(person.user, PUPILS))
    double.wait_for(lambda: double.sent(person.chat), what="the answer")
    (answer,) = double.sent(person.chat)
    assert quotes(answer)[0] == SCHOOL
    assert "reply_to" not in answer


def test_a_button_of_an_answer_that_nobody_remembers_says_to_ask_again(meet: Meet) -> None:
    person = meet("en")
    answer = person.say(PUPILS)
    answer["reply_markup"] = {"inline_keyboard": [[{"text": "old", "callback_data": "more:7"}]]}
    assert "Please ask again" in person.tap(answer, "old")["text"]


def test_small_talk_has_a_reply_in_the_writers_language_and_a_way_to_the_news(meet: Meet) -> None:
    person = meet("en")
    reply = person.say("السلام عليكم")
    assert reply["text"].startswith("أهلاً بكم!")
    assert labels(reply) == ["آخر الأخبار"]
    assert quotes(person.tap(reply, "آخر الأخبار"))


def test_a_follow_up_is_asked_with_the_question_before_it_until_it_is_forgotten(
    meet: Meet,
) -> None:
    person = meet("en")
    person.say(PUPILS)
    followed = person.say("And who said so?")
    understood = "pupils enrolled in the new school of Noran — And who said so?"
    assert f"Searched for: {understood}" in followed["text"].translate(UNSEEN)
    assert person.say("/new")["text"] == "Done: your next question starts a new conversation."
    assert "Searched for:" not in person.say("And who said so?")["text"]


def test_the_latest_of_a_topic_is_a_command(meet: Meet) -> None:
    person = meet("en")
    assert quotes(person.say("/latest"))
    assert quotes(person.say("/latest pupils"))[0] == SCHOOL
    assert "Did you mean /latest?" in person.say("/lastest")["text"].translate(UNSEEN)


def type_inline(person: Person, text: str) -> Json:
    """Type words after the bot's name, and return what the bot offers to insert."""
    query_id = person.double.type_inline(person.user, text)
    answers = person.double.state.inline_answers
    person.double.wait_for(lambda: query_id in answers, what=f"results for {text!r}")
    return answers[query_id]


def test_in_any_chat_quotes_are_offered_to_who_never_opened_the_bot(meet: Meet) -> None:
    person = meet("en")
    offered = type_inline(person, PUPILS)
    first = offered["results"][0]
    assert first["title"] == COURIER
    assert first["description"] in SCHOOL
    assert first["inserted"]["text"].startswith(SCHOOL)
    assert (offered["cache_time"], offered["is_personal"]) == (300, False)
    assert type_inline(person, HARBOUR)["is_personal"]


def test_an_empty_inline_query_offers_the_newest_stories(meet: Meet) -> None:
    (newest,) = type_inline(meet("en"), "")["results"]
    assert newest["title"] == "source unknown · 31 January 2026"
    assert newest["description"] in QUARTERS


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("thank you!", "Ask the bot a question"),
        ("?", "Ask the bot a question"),
        ("Who won the chess championship on the moon?", "No answer found: ask the bot"),
    ],
)
def test_what_has_no_quotes_leads_to_the_bot(meet: Meet, words: str, label: str) -> None:
    offered = type_inline(meet("en"), words)
    assert offered["results"] == []
    assert offered["button"] == {"text": label, "start_parameter": "inline"}


def test_an_inline_query_is_stored_nowhere(meet: Meet, shared_bot: BotProcess) -> None:
    person = meet("en")
    counts = shared_bot.inbox()
    type_inline(person, PUPILS)
    assert shared_bot.inbox() == counts


def test_who_asks_for_it_is_told_what_is_stored_and_then_forgotten(
    meet: Meet, shared_bot: BotProcess
) -> None:
    person = meet("en")
    person.say("/language en")
    person.say("/watch Layla Hamdan")
    answer = person.say(PUPILS)
    assert "30 days" in person.say("/privacy")["text"]
    asked = person.say("/forgetme")
    assert labels(asked) == ["Erase everything"]
    person.double.tap(person.user, asked, "Erase everything")
    person.double.wait_for(lambda: "is erased" in person.now(asked)["text"], 20, "a report")
    assert "settings: 1\n" in person.now(asked)["text"]
    assert "answer is too old" in person.tap(answer, "Context 1")["text"]
    assert person.say("/watching")["text"].startswith("You are not watching anything")
    group = person.double.group("Noran Mole", person.user)
    said = person.say("/forgetme@noran_briefing_bot", chat=group)
    assert said["text"] == "Please write /forgetme in our private chat."
