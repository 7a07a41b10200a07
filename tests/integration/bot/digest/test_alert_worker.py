"""Watching: a word at once when news of something comes, once for a story, ten of them a day."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import insert

from bot.digest.store.schema import deliveries
from bot.i18n.translations import translator
from index.archive import Archive
from index.storage.database import Database
from index.storage.row_mapping import format_utc
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json
from tests.fixtures.bot_process import BotProcess, Person, labels, quotes
from tests.fixtures.digest_simulation import (
    Books,
    Clock,
    OpenAt,
    timed_bot,
)
from tests.fixtures.editors import plain
from tests.fixtures.sample_articles import draft
from tests.fixtures.story_events import BRIDGE

BELL = "🔔 "
STOP = "Stop these alerts"
KHOURY = (
    "Camels are cheaper at the spring fair of Zallum. Amal Khoury sold forty of them in a morning.",
    "The court of Sarab has thrown out a quarrel over a well. Its judge was the young Amal Khoury.",
    "Fishermen have found a bronze anchor on a reef. It hangs in the house of Amal Khoury now.",
)
"""Stories that have nothing but a name in common."""


class Newsdesk(NamedTuple):
    """An archive that a bot watches, and the clock of both."""

    archive: Archive
    clock: Clock
    bot: BotProcess
    numbers: Iterator[int]

    def publish(self, text: str, *, published: str | None = "today", quiet: bool = False) -> None:
        today = f"{self.clock():%Y-%m-%d}"
        when = today if published == "today" else published
        article = draft(
            f"news-{next(self.numbers)}", text, source="The Noran Ledger", published=when
        )
        self.archive.add(article, suppress_alerts=quiet)

    def watcher(self, *watched: str) -> Person:
        person = Person(self.bot.double, "en")
        for each in watched:
            assert plain(person.say(f"/watch {each}")).startswith("I will alert you to every new")
        return person

    def wait_for_alerts(self, person: Person, count: int) -> list[Json]:
        found = self.bot.double.wait_for(
            lambda: alerts(person) if len(alerts(person)) >= count else [], what="an alert"
        )
        assert len(found) == count
        return found

    def planned(self, person: Person) -> int:
        """How many alerts somebody has been sent, or is to be: those may come in any order."""
        books = Books(self.bot.archive)
        rows = books.rows("planned", "sending", "sent", kind="alert")
        books.close()
        return sum(row.chat_id == person.chat.id for row in rows)


def alerts(person: Person) -> list[Json]:
    sent = person.double.sent(person.chat)
    return [each for each in sent if each.get("text", "").startswith(BELL)]


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
    open_at: OpenAt,
) -> Iterator[Newsdesk]:
    folder = tmp_path_factory.mktemp("watching")
    with Double() as double:
        with (
            open_at(folder, datetime(2026, 2, 1, 9, tzinfo=UTC)) as (archive, clock),
            timed_bot(double, folder, models_folder, clock) as bot,
        ):
            archive.add(draft("before", "Rashid Amrani has left Noran.", published="2026-02-01"))
            bot.wait_ready()
            yield Newsdesk(archive, clock, bot, itertools.count())
        double.check()


@pytest.fixture
def stores(running: Newsdesk) -> Newsdesk:
    """The newsdesk a week later: nothing of the tests before is news there."""
    running.clock.set(running.clock() + timedelta(days=7))
    return running


def test_news_of_what_is_watched_comes_at_once_with_its_quote_and_source(stores: Newsdesk) -> None:
    person = stores.watcher("Durra")
    stores.publish("The bakers of Kilnrow built a tenth oven of brick.")
    stores.publish("The ferry has a new captain. Ilias Durra took the wheel at noon.")
    (alert,) = stores.wait_for_alerts(person, 1)
    assert stores.planned(person) == 1
    assert plain(alert).startswith("🔔 Durra\n")
    (quote,) = quotes(alert)
    assert "Ilias Durra took the wheel at noon." in quote
    assert "The Noran Ledger · " in plain(alert)


@pytest.mark.parametrize("dated", [True, False])
def test_a_story_is_told_once_whatever_papers_and_watches_it_is_in(
    stores: Newsdesk, *, dated: bool
) -> None:
    person = stores.watcher("نوران", "Darwish")
    for each in BRIDGE[:2]:
        stores.publish(f"{each.title}. {each.text}", published="today" if dated else None)
    stores.publish("Salem Darwish opened a garden of figs on Lamp Street.")
    found = stores.wait_for_alerts(person, 2)
    assert stores.planned(person) == 2
    assert sorted("garden of figs" in plain(each) for each in found) == [False, True]


def test_what_came_quietly_or_is_old_is_no_news_and_what_has_no_date_is(stores: Newsdesk) -> None:
    person = stores.watcher("Zidan")
    old = f"{stores.clock() - timedelta(days=5):%Y-%m-%d}"
    stores.publish("Omar Zidan sold a bell without a tongue.", quiet=True)
    stores.publish("Omar Zidan bought a boat.", published=old)
    stores.publish("A choir sang for Omar Zidan.", published=None)
    (alert,) = stores.wait_for_alerts(person, 1)
    assert stores.planned(person) == 1
    assert "A choir sang" in plain(alert)
    assert "date unknown" in plain(alert)


def test_after_ten_in_a_day_the_rest_comes_in_one_message_in_the_evening(stores: Newsdesk) -> None:
    person = stores.watcher("Khoury")
    database = Database(stores.bot.archive)
    with database.write_transaction() as connection:
        now = format_utc(stores.clock() - timedelta(hours=1))
        line = {"bot_id": stores.bot.double.bot.id, "chat_id": person.chat.id, "kind": "alert"}
        times = {"due_at": now, "decided_at": now, "finished_at": now, "again": False}
        connection.execute(
            insert(deliveries),
            [{**line, **times, "of": str(90_000 + each), "state": "sent"} for each in range(9)],
        )
    database.close()
    for each in KHOURY:
        stores.publish(each)
    (alert,) = stores.wait_for_alerts(person, 1)
    assert KHOURY[0].split(". ")[1] in plain(alert)
    stores.clock.set(stores.clock().replace(hour=18))
    _, summary = stores.wait_for_alerts(person, 2)
    assert plain(summary).startswith("🔔 More alerts: 2\n")
    assert all(each.split(". ")[0] in plain(summary) for each in KHOURY[1:])
    assert plain(summary).count("The Noran Ledger") == 2


def test_an_alert_is_stopped_by_its_button(stores: Newsdesk) -> None:
    person = stores.watcher("Sarraf", "Hakim")
    stores.publish("Dalia Sarraf wound up the tower with four clocks.")
    (alert,) = stores.wait_for_alerts(person, 1)
    assert labels(alert) == [STOP]
    stopped = plain(person.tap(alert, STOP))
    assert stopped == "I will no longer alert you about: Sarraf"
    assert plain(person.tap(alert, STOP)).startswith("You are not watching that")
    stores.publish("Dalia Sarraf sold a sundial to a stranger.")
    stores.publish("Jamal Hakim pressed the first oil of winter.")
    _, second = stores.wait_for_alerts(person, 2)
    assert stores.planned(person) == 2
    assert "first oil" in plain(second)


def test_what_is_watched_is_listed_and_taken_away_by_button_number_or_name(
    stores: Newsdesk,
) -> None:
    person = stores.watcher("حفتر", '"border security"', "Tarsha")
    for spelling in ("«حفتر»", "Haftar", "hifter"):
        assert plain(person.say(f"/watch {spelling}")) == "You are already watching: حفتر"
    listed = person.say("/watching")
    assert plain(listed) == "Names and topics you watch:\n1. حفتر\n2. border security\n3. Tarsha"
    person.double.tap(person.user, listed, "✕ Tarsha")
    person.wait_for_buttons(listed, "✕ حفتر", "✕ border security")
    assert plain(person.say("/unwatch ٢")).endswith("to: border security")
    assert plain(person.say("/unwatch Haftar")) == "I will no longer alert you about: حفتر"
    assert plain(person.say("/unwatch Tarsha")).startswith("You are not watching that")
    assert plain(person.say("/watching")).startswith("You are not watching anything")


def test_an_alert_that_may_not_have_arrived_is_offered(stores: Newsdesk) -> None:
    person = stores.watcher("Maalouf")
    stores.bot.double.faults.add("502", "sendMessage", person.chat.id)
    stores.publish("Khalil Maalouf built a stairway into the river.")
    stores.bot.double.wait_for(lambda: not stores.bot.double.faults.queue, what="the call")
    offer = "Alert not received? Show it"

    def offered() -> Json | None:
        answer = person.say("/help")
        return answer if offer in labels(answer) else None

    answer = stores.bot.double.wait_for(offered, what="the offer")
    assert answer is not None
    assert "stairway into the river" in plain(person.tap(answer, offer))


def test_alerts_speak_the_language_that_was_chosen_since(stores: Newsdesk) -> None:
    person = stores.watcher("Qasim")
    person.say("/language fr")
    stores.publish("Sana Qasim opened a hall of forty looms.")
    (alert,) = stores.wait_for_alerts(person, 1)
    assert labels(alert) == [translator("fr").gettext("Stop these alerts")]
