"""What a reader gets back: an answer, what goes on from it, and what its buttons find later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot.answers import questions
from bot.answers.callbacks import AnswerCallback, QuoteCallback
from bot.answers.quote_actions import QuoteActions
from bot.telegram.callback_data import parse_callback_data
from bot.telegram.inbox import AnswerState, QuotedPassage
from bot.telegram.reply import Reply
from bot.telegram.updates import BotIdentity
from index.archive import Archive
from index.models import DateWindow
from index.search import event_grouping
from index.text.gazetteer import GazetteerConfig, GazetteerEntry
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, OpenArchive, SetClock, draft
from tests.fixtures.unanswerable_archive import Silent

NOW = timedelta(0)
GoOn = Callable[..., Reply]
QUESTION = "Which ships came to Noran, and what did they bring?"
SHIPS = ("Heron Monday salt", "Amal Tuesday figs", "Rival Friday tin", "Otter Sunday rope")
LAST_YEAR = DateWindow(since=date(2025, 1, 1), until=date(2025, 12, 31))


@pytest.fixture
def filled(archive: Archive) -> Archive:
    for article_id, text in (("port", PORT), ("school", SCHOOL), ("rain", RAIN)):
        archive.add(draft(article_id, text))
    for ship in SHIPS:
        name, day, goods = ship.split()
        article_text = f"The ship {name} came to Noran on {day}. It brought {goods}."
        archive.add(draft(name, article_text, published="2026-01-05"))
    return archive


def asked(archive: Archive, waited: timedelta = NOW, question: str = QUESTION) -> Reply:
    return questions.answer_question(
        archive, archive.encode_question(question), "en", 11, 5, waited=waited
    )


def tapped(act: GoOn, archive: Archive, before: Reply, of: int = 11) -> Reply:
    """Go on from an answer to the update `of`, in the update after it."""
    assert before.answer_state
    understood = archive.encode_question(before.answer_state.question)
    return act(archive, understood, before.answer_state, of, "en", of + 1)


def pressed(archive: Archive, before: Reply, data: str, of: int = 11) -> Reply:
    """Press a button of an answer to the update `of` that searches again."""
    assert before.answer_state
    callback = parse_callback_data(data)
    assert isinstance(callback, AnswerCallback)
    state = questions.change_search(before.answer_state, callback)
    encoded = archive.encode_question(state.question, literal=state.literal)
    return questions.search_again(archive, encoded, state, of, "en", of + 1)


def went_on(archive: Archive, before: Reply, data: str, of: int = 11) -> Reply:
    """Press a button of an answer to the update `of` that shows other passages."""
    assert before.answer_state
    callback = parse_callback_data(data)
    assert isinstance(callback, AnswerCallback)
    state = questions.change_search(before.answer_state, callback)
    encoded = archive.encode_question(state.question)
    return questions.nearest_passages(archive, encoded, state, of, "en", of + 1)


def datas(reply: Reply, *kinds: str) -> list[str]:
    every = [button.callback_data or "" for row in reply.message.buttons for button in row]
    return [data for data in every if data.partition(":")[0] in kinds]


def shown(reply: Reply) -> list[str]:
    assert reply.answer_state is not None
    return [each.article_id for each in reply.answer_state.shown]


def test_more_and_more_brings_every_passage_once_and_then_says_that_there_is_none(
    filled: Archive,
) -> None:
    reply = asked(filled)
    found, rounds = shown(reply), 0
    while reply.answer_state and reply.answer_state.shown:
        more = datas(reply, "more") == [f"more:{11 + rounds}"]
        reply = tapped(questions.more_quotes, filled, reply, 11 + rounds)
        rounds += 1
        assert more == bool(reply.answer_state)
        found += shown(reply) if reply.answer_state else []
    assert len(found) == len(set(found)) == 7
    assert reply.message.text.html == "There are no more quotes."


def test_an_archive_that_cannot_answer_says_so_and_what_it_holds(archive: Archive) -> None:
    reply = asked(archive, timedelta(minutes=61))
    assert (
        reply.message.text.html
        == "Sorry, I was offline when your question came. Here is the answer, late.\n\nThe archive is empty: no article has been added to it yet."
    )
    assert shown(reply) == []


def test_the_nearest_passages_are_called_that_and_have_buttons_of_their_own(
    filled: Archive,
) -> None:
    silent = Silent(filled)
    abstained = asked(silent)
    assert datas(abstained, "nearest", "more", "all") == ["nearest:11"]
    reply = tapped(questions.nearest_passages, silent, abstained)
    assert reply.message.text.html.startswith(
        "<b>The nearest passages, which may not answer the question:</b>"
    )
    assert len(shown(reply)) == 3
    assert reply.message.buttons[0][0].callback_data == "around:12:0"
    assert reply.answer_state
    assert (reply.answer_state.chat, reply.answer_state.continues, reply.remaining_buttons) == (
        5,
        11,
        (),
    )


def test_more_of_the_nearest_are_the_next_nearest_and_still_called_that(filled: Archive) -> None:
    silent = Silent(filled)
    reply = tapped(questions.nearest_passages, silent, asked(silent))
    found = shown(reply)
    for update in (12, 13):
        assert datas(reply, "more") == [f"more:{update}"]
        reply = tapped(questions.more_quotes, silent, reply, update)
        assert reply.message.text.html.startswith(
            "<b>The nearest passages, which may not answer the question:</b>"
        )
        found += shown(reply)
    assert len(found) == len(set(found)) == 7
    assert datas(reply, "more") == []


def test_more_of_the_nearest_are_answers_once_there_are_some(filled: Archive) -> None:
    silent = Silent(filled)
    reply = tapped(
        questions.more_quotes, filled, tapped(questions.nearest_passages, silent, asked(silent)), 12
    )
    assert "The nearest passages, which may not answer the question:" not in reply.message.text.html
    assert reply.answer_state
    assert reply.answer_state.near is False


def test_more_of_an_answer_that_do_not_answer_are_called_the_nearest(filled: Archive) -> None:
    reply = tapped(questions.more_quotes, Silent(filled), asked(filled))
    assert reply.message.text.html.startswith(
        "<b>The nearest passages, which may not answer the question:</b>"
    )
    assert reply.answer_state
    assert reply.answer_state.near


def test_the_nearest_give_way_to_an_answer_that_has_come_since(filled: Archive) -> None:
    reply = tapped(questions.nearest_passages, filled, asked(Silent(filled)))
    assert reply.message.text.html.startswith("<b>From the archive:</b>")
    assert reply.answer_state
    assert (reply.answer_state.continues, reply.remaining_buttons) == (11, ())


def test_what_a_question_of_a_time_shows_and_goes_on_with_is_of_that_time(filled: Archive) -> None:
    reply = asked(filled, question=f"{QUESTION[:-1]} in January 2026?")
    assert "from 1 January 2026 to 31 January 2026" in reply.message.text.html
    assert datas(reply, "more", "all") == ["more:11", "all:11"]
    following = tapped(questions.more_quotes, filled, reply)
    assert {*shown(reply), *shown(following)} == {ship.split()[0] for ship in SHIPS}
    assert datas(following, "more", "all") == ["all:12"]
    assert following.remaining_buttons
    assert [len(row) for row in following.remaining_buttons] == [3]


def test_a_time_is_the_one_that_was_searched_however_late_it_is_gone_on_from(
    filled: Archive, clock: SetClock
) -> None:
    reply = asked(filled, question=f"{QUESTION[:-1]} last month?")
    clock.move(days=40)
    following = tapped(questions.more_quotes, filled, reply)
    assert reply.answer_state
    assert following.answer_state
    assert following.answer_state.window == reply.answer_state.window
    assert shown(following)


def test_all_dates_are_searched_anew_and_so_is_what_goes_on_from_them(filled: Archive) -> None:
    reply = asked(filled, question=f"{QUESTION[:-1]} in 2025?")
    assert "Nothing in the archive was published from 1 January 2025" in reply.message.text.html
    assert datas(reply, "nearest", "all") == ["nearest:11", "all:11"]
    assert reply.answer_state
    assert reply.answer_state.window == LAST_YEAR
    widened = pressed(filled, reply, "all:11")
    head = "<b>All dates were searched.</b>\n<b>From the archive:</b>"
    assert widened.message.text.html.startswith(head)
    assert (datas(widened, "more", "all"), widened.remaining_buttons) == (["more:12"], ())
    following = tapped(questions.more_quotes, filled, widened, 12)
    assert not {*shown(widened)} & {*shown(following)}
    assert shown(following)
    assert following.answer_state
    assert following.answer_state.window == DateWindow()
    assert datas(following, "more", "all") == ["more:13"]


def test_all_dates_may_have_no_answer_either(filled: Archive) -> None:
    silent = Silent(filled)
    reply = asked(silent, question=f"{QUESTION[:-1]} in January 2026?")
    assert "January 2026 answers this question" in reply.message.text.html
    widened = pressed(silent, reply, "all:11")
    assert "The archive has no answer to this question." in widened.message.text.html
    assert datas(widened, "nearest", "all") == ["nearest:12"]
    near = tapped(questions.nearest_passages, silent, widened, 12)
    assert near.message.text.html.startswith("<b>All dates were searched.</b>")


def test_the_nearest_outside_an_empty_time_are_said_to_be_outside(filled: Archive) -> None:
    reply = tapped(
        questions.nearest_passages, filled, asked(filled, question=f"{QUESTION[:-1]} in 2025?")
    )
    assert (
        "The nearest passages outside those dates, which may not answer the question:"
    ) in reply.message.text.html
    assert datas(reply, "all") == ["all:12"]


def test_where_a_time_has_no_more_quotes_all_dates_can_still_be_searched(filled: Archive) -> None:
    reply = asked(filled, question=f"{QUESTION[:-1]} in January 2026?")
    last = tapped(questions.more_quotes, filled, tapped(questions.more_quotes, filled, reply), 12)
    assert last.message.text.html == "There are no more quotes."
    assert last.remaining_buttons
    assert [button.callback_data for button in last.remaining_buttons[-1]] == ["all:12"]


@pytest.mark.parametrize(
    "window", [LAST_YEAR, DateWindow(), DateWindow(since=date(2026, 1, 1)), None]
)
def test_an_answer_that_was_given_is_remembered_with_its_days(window: DateWindow | None) -> None:
    given = AnswerState(chat=5, question=QUESTION, shown=(), window=window, near=True)
    assert AnswerState.model_validate_json(given.model_dump_json()) == given


def test_an_answer_that_an_earlier_version_gave_is_still_understood() -> None:
    given = AnswerState.model_validate_json(
        '{"chat":5,"question":"q","shown":[],"earlier":[],"continues":null,"continued_by":null}'
    )
    assert (given.window, given.near) == (None, False)


def test_the_lines_around_a_quote_are_gone_with_its_article_and_with_its_words(
    filled: Archive,
) -> None:
    reply = asked(filled)
    assert reply.answer_state
    first, second, third = reply.answer_state.shown
    around = QuoteCallback(action="around", update_id=1, quote_index=0)
    actions = QuoteActions(filled, BotIdentity(1, "briefing_bot"), allow_full_text=True)

    def context(passage: QuotedPassage) -> str:
        return actions.show_context(passage, "en", around, asked=True).message.text.html

    assert "<b>" in context(first)
    filled.remove(first.article_id)
    old = filled.article(second.article_id).text
    filled.edit(second.article_id, text=f"New words. {old}")
    for quote in (first, second):
        assert context(quote) == "The article has been changed or removed since that answer."
    page = actions.show_page(first, "en", around)
    assert page
    assert page.message.text.html == "The article has been changed or removed since that answer."
    assert "<b>" in context(third)


def test_a_corrected_question_says_what_was_searched_and_can_be_searched_as_written(
    filled: Archive,
) -> None:
    reply = asked(filled, question="Which ship brouhgt salt to Noran?")
    assert "Searched for: \u2068Which ship brought salt to Noran?\u2069" in reply.message.text.html
    assert datas(reply, "literal") == ["literal:11"]
    written = pressed(filled, reply, "literal:11")
    assert "Searched for:" not in written.message.text.html
    assert written.answer_state
    assert written.answer_state.literal
    assert datas(written, "literal") == []


def test_a_source_is_named_and_all_sources_can_be_searched(filled: Archive) -> None:
    filled.edit("Heron", source="BBC")
    reply = asked(filled, question=f"According to the BBC, {QUESTION}")
    assert "Searched only these sources: \u2068BBC\u2069" in reply.message.text.html
    everywhere = pressed(filled, reply, "sources:11")
    assert "Searched only these sources" not in everywhere.message.text.html
    assert datas(everywhere, "sources") == []
    assert len(shown(everywhere)) == 3


def test_the_newest_on_the_subject_of_a_question_without_an_answer_is_offered(
    filled: Archive, clock: SetClock
) -> None:
    clock.move(days=300)
    reply = asked(filled, question="Was the ship Heron in Noran last week?")
    assert "The newest article in the archive is from 5 January 2026." in reply.message.text.html
    assert datas(reply, "latest") == ["latest:11"]
    latest = went_on(filled, reply, "latest:11")
    assert shown(latest) == ["Heron"]
    assert "The newest articles on this topic, which may not answer" in latest.message.text.html
    nearest = went_on(filled, latest, "nearest:12", of=12)
    assert "The nearest passages outside those dates" in nearest.message.text.html
    assert datas(nearest, "latest") == ["latest:13"]
    assert nearest.answer_state
    assert not nearest.answer_state.earlier


def test_what_has_nothing_on_its_subject_is_offered_no_newest(
    filled: Archive, clock: SetClock
) -> None:
    clock.move(days=300)
    reply = asked(filled, question="Did the chess players come to Noran last week?")
    assert datas(reply, "latest", "overview") == ["overview"]


def test_the_newest_on_a_subject_are_about_the_names_where_nothing_is_about_the_question(
    open_archive: OpenArchive,
) -> None:
    ar, en, fr = ("كريم زهران",), ("Karim Zahran",), ("Karim Zahrane",)
    karim = GazetteerEntry(kind="person", ar=ar, en=en, fr=fr, unverified=(*ar, *en, *fr))
    archive = open_archive(names=GazetteerConfig(name=(karim,)))
    for day, verb in ((3, "زار"), (5, "غادر")):
        archive.add(draft(f"{day}", f"{verb} كريم زهران نوران.", published=f"2026-01-0{day}"))
    asked_of = archive.encode_question("Which football club does Karim Zahran support?")
    newest = archive.find_newest_on_subject(asked_of, limit=3)
    assert [quote.article.id for quote in newest.nearest] == ["5", "3"]
    assert not newest.answered
    assert {quote.event for quote in newest.nearest} == {None}
    news = archive.find_newest_on_subject(archive.encode_question("latest news"), limit=1)
    assert [quote.article.id for quote in news.nearest] == ["5"]


def test_events_have_their_days_before_them_and_a_button_for_each_year(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_grouping, "MAX_SCORE_LEAD", 1.0)
    talks = {
        2018: "They spoke of a bridge, a ferry and the harbour wall, and signed nothing.",
        2026: "Teachers and farmers came as well, because both had asked for cheaper water.",
    }
    for year, about in talks.items():
        text = f"Karim Zahran met Layla Hamdan in Noran. {about}"
        archive.add(draft(str(year), text, published=f"{year}-03-04"))
    reply = asked(archive, question="Who met in Noran?")
    assert shown(reply) == ["2026", "2018"]
    html = reply.message.text.html
    days = [html.index(f"<b>4 March {year}</b>") for year in (2026, 2018)]
    assert days == sorted(days)
    assert datas(reply, "year") == ["year:11:2026", "year:11:2018"]
    only = pressed(archive, reply, "year:11:2018")
    assert shown(only) == ["2018"]
    assert "from 1 January 2018 to 31 December 2018" in only.message.text.html


def test_each_of_several_questions_is_answered_and_can_be_asked_alone(filled: Archive) -> None:
    parts = ["متى يعود الميناء إلى العمل؟", "How many pupils enrolled in the new school?"]
    encoded = [filled.encode_question(part) for part in parts]
    reply = questions.answer_several(
        filled, encoded, " ".join(parts), "en", 11, 5, waited=timedelta(0)
    )
    html = reply.message.text.html
    assert html.index(f"<b>«{parts[0]}»</b>") < html.index(f"<b>«{parts[1]}»</b>")
    assert shown(reply) == ["port", "school"]
    assert datas(reply, "part", "around") == [
        "around:11:0",
        "around:11:1",
        "part:11:0",
        "part:11:1",
    ]
