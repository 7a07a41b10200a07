"""/digest: the news of a day as stories, in one message, turned and opened by buttons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.text.boilerplate import BoilerplateRules
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json
from tests.fixtures.bot_process import BotProcess, Person, labels, marked
from tests.fixtures.editors import UNSEEN
from tests.fixtures.sample_articles import TRIPOLI, draft
from tests.fixtures.story_events import ALL, BRIDGE

MORE = 4
"""Articles that tell of nothing else, so that the stories need two messages."""


@pytest.fixture(scope="module")
def shared_bot(
    shared_double: Double,
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
    embedder: Embedder,
    boilerplate: BoilerplateRules,
) -> Iterator[BotProcess]:
    """A bot over invented news of several papers and days."""
    folder = tmp_path_factory.mktemp("editions")
    others = (
        "The ferry of Tarsha has a new captain.",
        "A whale was seen off the lighthouse.",
        "The library of Noran lends kites now.",
        "Snow fell on the dunes for an hour.",
    )
    with Archive(
        folder / "archive", lambda: embedder, zone=TRIPOLI, boilerplate=boilerplate
    ) as archive:
        for each in ALL:
            fields = {k: v for k, v in each._asdict().items() if k not in ("id", "text")}
            archive.add(draft(each.id, each.text, **fields))
        for number, text in enumerate(others[:MORE]):
            archive.add(draft(f"other-{number}", text, source="Herald", published="2026-02-03"))
    with BotProcess(shared_double, folder, models_folder, telegram_poll_seconds=5) as bot:
        bot.wait_ready()
        yield bot


@pytest.fixture
def reader(shared_double: Double, shared_bot: BotProcess) -> Person:
    return Person(shared_double, "en", "Huda")


def plain(message: Json) -> str:
    return str(message["text"]).translate(UNSEEN)


def test_the_news_of_a_day_are_stories_with_quotes_word_for_word(reader: Person) -> None:
    digest_message = reader.say("/digest 2026-02-03")
    said = plain(digest_message)
    assert said.startswith("The news on 3 February 2026 · stories: 7")
    assert "1. Old Stone Bridge" in said or f"1. {BRIDGE[0].title}" in said
    assert "articles: 3 · independent sources: 3" in said
    texts = [each.text for each in ALL]
    quotes = [
        quote.translate(UNSEEN)
        for quote in marked(digest_message, "blockquote", "expandable_blockquote")
    ]
    assert len(quotes) >= 5
    assert sum(quote.splitlines()[0] in text for quote in quotes for text in texts) >= 5
    assert said.count(" · 3 February 2026") >= len(quotes)


def test_more_stories_take_the_messages_place_and_the_way_back_leads_to_the_first(
    reader: Person,
) -> None:
    digest_message = reader.say("/digest 2026-02-03")
    first = plain(digest_message)
    assert labels(digest_message)[-1] == "More stories"
    reader.double.tap(reader.user, digest_message, "More stories")
    reader.double.wait_for(
        lambda: plain(reader.now(digest_message)) != first, what="the other stories"
    )
    assert "\n\n6. " in plain(reader.now(digest_message))
    reader.double.tap(reader.user, reader.now(digest_message), "◀")
    reader.double.wait_for(
        lambda: plain(reader.now(digest_message)) == first, what="the first stories"
    )


def test_one_story_is_told_in_full_with_all_of_its_articles(reader: Person) -> None:
    digest_message = reader.say("/digest 2026-02-03")
    whole = plain(reader.tap(digest_message, "Story 1 in full"))
    assert "All articles on this story:" in whole
    assert all(each.source in whole for each in BRIDGE)
    assert BRIDGE[1].text in whole or BRIDGE[0].text in whole


def test_a_story_that_goes_on_from_the_day_before_says_so(reader: Person) -> None:
    assert "(continued)" in plain(reader.say("/digest 2026-02-04"))


def test_a_summary_of_a_day_asked_for_in_words_is_the_digest_of_that_day(reader: Person) -> None:
    assert plain(reader.say("Summarise 4 February 2026")) == plain(reader.say("/digest 2026-02-04"))


def test_a_day_is_named_in_any_language_and_the_words_are_the_readers(
    shared_double: Double, shared_bot: BotProcess
) -> None:
    reader = Person(shared_double, "ar", "Layla")
    said = plain(reader.say("/digest 3 فبراير 2026"))
    assert said.startswith("الأخبار المنشورة بتاريخ 3 فبراير 2026")
    assert f"1. {BRIDGE[0].title}" in said or f"1. {BRIDGE[1].title}" in said


def test_a_day_without_news_and_what_is_no_day_are_told(reader: Person) -> None:
    nothing = plain(reader.say("/digest now"))
    assert nothing.startswith("Nothing in the archive was published from")
    assert "Articles in the archive" in nothing
    assert plain(reader.say("/digest soon")).startswith("/digest now shows the news of yesterday")


@pytest.mark.parametrize(
    "data", ["edition:2026-13-01:2026-02-03:0", "story:2026-02-03:2026-02-03:9"]
)
def test_a_forged_button_does_no_harm(reader: Person, data: str) -> None:
    digest_message = reader.say("/digest 2026-02-03")
    forged = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
    reader.double.tap(reader.user, {**digest_message, "reply_markup": forged}, "x")
    assert plain(reader.say("/digest 2026-02-03")) == plain(digest_message)
