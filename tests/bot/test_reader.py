"""What a reader gets back: an answer, what goes on from it, and what its buttons find later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.reader import ask
from bot.store.inbox import Given
from bot.telegram.reply import Reply
from bot.words import WORDS
from index.archive import Archive
from tests.town import PORT, RAIN, SCHOOL, draft

NOW = timedelta(0)
QUESTION = "What happened in Noran?"


@pytest.fixture
def filled(archive: Archive) -> Archive:
    for article_id, text in (("port", PORT), ("school", SCHOOL), ("rain", RAIN)):
        archive.add(draft(article_id, text))
    for number in range(6):
        archive.add(draft(f"ship{number}", f"Ship number {number} came to Noran. It brought salt."))
    return archive


def asked(archive: Archive, waited: timedelta = NOW) -> Reply:
    return ask.ask(archive, archive.understand(QUESTION), "en", 11, 5, waited=waited)


def shown(reply: Reply) -> list[str]:
    assert reply.given is not None
    return [each.article_id for each in reply.given.shown]


def test_more_and_more_brings_every_passage_once_and_then_says_that_there_is_none(
    filled: Archive,
) -> None:
    reply = asked(filled)
    found, rounds = shown(reply), 0
    while reply.given and reply.given.shown:
        more = any(
            button.data == f"more:{11 + rounds}" for row in reply.screen.buttons for button in row
        )
        rounds += 1
        reply = ask.more(
            filled, filled.understand(QUESTION), reply.given, 10 + rounds, "en", 11 + rounds
        )
        assert more == bool(reply.given)
        found += shown(reply) if reply.given else []
    assert len(found) == len(set(found)) == 9
    assert reply.screen.text.html == WORDS["en"]["no more"]


def test_an_archive_that_cannot_answer_says_so_and_what_it_holds(archive: Archive) -> None:
    reply = asked(archive, timedelta(minutes=61))
    assert reply.screen.text.html == f"{WORDS['en']['late']}\n\n{WORDS['en']['nothing held']}"
    assert shown(reply) == []


def test_the_nearest_passages_are_called_that_and_have_buttons_of_their_own(
    filled: Archive,
) -> None:
    given = Given(chat=5, question=QUESTION, shown=())
    reply = ask.nearest(filled, filled.understand(QUESTION), given, 11, "en", 12)
    assert reply.screen.text.html.startswith(f"<b>{WORDS['en']['nearest']}</b>")
    assert len(shown(reply)) == 3
    assert reply.screen.buttons[0][0].data == "around:12:0"
    assert reply.given
    assert (reply.given.chat, reply.given.continues, reply.leaves) == (5, 11, ())


def test_the_lines_around_a_quote_are_gone_with_its_article_and_with_its_words(
    filled: Archive,
) -> None:
    reply = asked(filled)
    assert reply.given
    first, second, third = reply.given.shown
    assert "<b>" in ask.around(filled, first, "en").screen.text.html
    filled.remove(first.article_id)
    old = filled.article(second.article_id).text
    filled.edit(second.article_id, text=f"New words. {old}")
    for quote in (first, second):
        assert ask.around(filled, quote, "en").screen.text.html == WORDS["en"]["gone"]
    assert (
        ask.page(filled, first, 0, "en", "page:1:0", edits=False).screen.text.html
        == (WORDS["en"]["gone"])
    )
    assert "<b>" in ask.around(filled, third, "en").screen.text.html
