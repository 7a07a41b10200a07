"""The digest as its subscribers get it: over days, through faults, downtime and moves."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from bot.digest.models import EditionPreferences
from bot.digest.store.schema import subscriptions
from index.archive import Archive
from index.storage.database import Database
from index.storage.row_mapping import format_utc
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat, Json
from tests.fixtures.bot_process import BotProcess, Person, labels
from tests.fixtures.digest_simulation import (
    Books,
    Clock,
    OpenAt,
    subscribe,
    subscription,
    timed_bot,
)
from tests.fixtures.editors import OWNER, plain
from tests.fixtures.sample_articles import PROJECT, draft

Seen = TypeVar("Seen")
HEAD = "Digest of {day} · stories: {count}".partition("{")[0]
MISSED = ("The digests of these days did not reach you because I was offline: {days}").partition(
    "{"
)[0]
DUE = timedelta(hours=6)
"""08:00 in Tripoli, after midnight UTC."""
NEWS = (
    "The ferry Almaza of Tarsha has a new captain, Ilias Durra.",
    "A white whale was seen off the lighthouse of Noran.",
    "The library of Noran lends kites to children now.",
    "Snow fell on the dunes of Zallum for an hour.",
    "The bakers of Kilnrow built a tenth oven of brick.",
    "A clock without hands was found under the bridge of Sarab.",
)


KNOWN = """
[[name]]
kind = "person"
ar = ["إلياس درة"]
en = ["Ilias Durra"]
fr = ["Ilias Dourra"]
seen = ["an invented town"]

[[name]]
kind = "place"
ar = ["زلوم"]
en = ["Zallum"]
fr = ["Zalloum"]
seen = ["an invented town"]
"""
"""Names that the bot of these tests knows, beside those of the project."""


class Week:
    """A week of a module's own, with what is in all of them: the archive, its clock, the bot."""

    def __init__(
        self, first: datetime, archive: Archive, clock: Clock, bot: BotProcess, books: Books
    ) -> None:
        self.first = first
        self.archive = archive
        self.clock = clock
        self.bot = bot
        self.books = books
        self.double = bot.double
        self.people: list[Person] = []
        self._news = itertools.count()

    def at(self, day: int, hours: float = 0) -> datetime:
        """A moment of a day, so many hours after the edition is due."""
        return self.first + timedelta(days=day, hours=hours) + DUE

    def go(self, day: int, hours: float = 0) -> None:
        self.clock.set(self.at(day, hours))

    def day(self, number: int) -> str:
        """A day as English readers see it."""
        return f"{self.at(number):%-d %B %Y}"

    def publish(self, day: int, hours: float, *, published: str | None = "today") -> str:
        """Add an article at that moment; return the beginning of its text."""
        self.go(day, hours)
        number = next(self._news)
        text = NEWS[number % len(NEWS)]
        when = f"{self.clock():%Y-%m-%d}" if published == "today" else published
        article_id = f"{self.first:%Y%m%d}-{number}"
        self.archive.add(draft(article_id, text, source="The Noran Ledger", published=when))
        return text

    def subscriber(self) -> Person:
        """Somebody new, who gets editions until the week is over."""
        person = Person(self.double, "en")
        chosen = subscription(person.chat.id, "Africa/Tripoli", "08:00", self.clock())
        subscribe(self.bot.archive, self.double.bot.id, self.clock, [chosen])
        self.people.append(person)
        return person

    def editions(self, chat: Chat) -> list[str]:
        return [text for text in map(plain, self.messages(chat)) if text.startswith(HEAD)]

    def messages(self, chat: Chat) -> list[Json]:
        return [each for each in self.double.sent(chat) if "text" in each]

    def wait_for_edition(self, chat: Chat, day: int) -> str:
        """Wait until the edition of a day is sent, and noted so; return its text."""
        self.wait_for_state(chat, day, "sent")
        head = f"{HEAD}{self.day(day)}"
        heads = (f"{head} ", f"{head}\n")
        (text,) = [text for text in self.editions(chat) if text.startswith(heads)]
        return text

    def wait_for_state(self, chat: Chat, day: int, state: str) -> Any:
        """Wait until the edition of a day is in that state; return its line of the ledger."""

        def found() -> list[Any]:
            return [each for each in self.lines(chat, state) if each.of == self.of(day)]

        return self.wait_for(found, f"{state} in the ledger")[0]

    def wait_for(self, found: Callable[[], Seen], what: str) -> Seen:
        """Wait for what no call tells of: updates that ask nothing keep the bot calling."""

        def looked_at() -> Seen:
            seen = found()
            if not (seen or self.double.state.updates.waiting):
                self.double.push({"poll": {}})
            return seen

        return self.double.wait_for(looked_at, what=what)

    def lines(self, chat: Chat, *states: str) -> list[Any]:
        rows: list[Any] = self.books.rows(*states, kind="edition")
        return [each for each in rows if each.chat_id == chat.id]

    def is_subscribed(self, chat: Chat) -> bool:
        there = select(subscriptions.c.next_at).filter_by(chat_id=chat.id)
        with self.books._database.read_transaction() as connection:
            return connection.scalar(there) is not None

    def of(self, day: int) -> str:
        return f"{self.at(day):%Y-%m-%d}"


@pytest.fixture(scope="module")
def weeks(
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
    open_at: OpenAt,
) -> Iterator[Iterator[Week]]:
    """Weeks of one bot, far enough from one another for no news of one to be in the next."""
    folder = tmp_path_factory.mktemp("delivering")
    shutil.copytree(PROJECT / "config", folder / "config")
    with (folder / "config" / "names.toml").open("a", encoding="utf-8") as names:
        names.write(KNOWN)
    first = datetime(2026, 2, 2, tzinfo=UTC)
    with Double() as double:
        with (
            open_at(folder, first) as (archive, clock),
            timed_bot(
                double,
                folder,
                models_folder,
                clock,
                config_dir=folder / "config",
                telegram_owners=OWNER,
                telegram_messages_per_second=0,
            ) as bot,
        ):
            bot.wait_ready()
            books = Books(folder / "archive")
            yield (
                Week(first + timedelta(days=14 * number), archive, clock, bot, books)
                for number in itertools.count()
            )
            books.close()
        double.check()


@pytest.fixture
def week(weeks: Iterator[Week]) -> Iterator[Week]:
    """A week whose subscribers are gone at its end, with what was planned for them."""
    there = next(weeks)
    there.go(-1, 0.5)
    yield there
    there.double.faults.clear()
    for person in there.people:
        if not (person.user.blocked or person.chat.shut):
            person.say("/unsubscribe")


def test_the_first_edition_holds_a_day_and_the_next_what_came_since(week: Week) -> None:
    too_old = week.publish(-1, -1)
    fresh = week.publish(-1, 1)
    reader = Person(week.double, "en")
    reader.say("/subscribe")
    week.people.append(reader)
    week.go(0)
    first = week.wait_for_edition(reader.chat, 0)
    assert fresh in first
    assert too_old not in first
    later = week.publish(0, 1)
    week.go(1)
    second = week.wait_for_edition(reader.chat, 1)
    assert later in second
    assert fresh not in second


def test_what_was_missed_is_sent_late_the_same_day_or_skipped_and_said_in_the_next(
    week: Week,
) -> None:
    reader = week.subscriber()
    week.publish(-1, 20)
    assert week.bot.terminate() == 0
    week.go(0, 11)
    week.bot.restart()
    assert MISSED not in week.wait_for_edition(reader.chat, 0)
    late_title = week.publish(1, -1)
    week.go(2, 12.5)  # as of a machine that was asleep
    week.wait_for_state(reader.chat, 2, "skipped")
    assert len(week.editions(reader.chat)) == 1
    week.go(3)
    edition = week.wait_for_edition(reader.chat, 3)
    assert f"{MISSED}{week.day(1)}, {week.day(2)}\n" in edition
    assert late_title in edition
    week.go(4)
    assert MISSED not in week.wait_for_edition(reader.chat, 4)
    assert len(week.editions(reader.chat)) == 3


def test_a_day_without_news_is_said_or_passed_over_as_the_reader_chose(week: Week) -> None:
    silent, loud = week.subscriber(), week.subscriber()
    silent.double.tap(silent.user, silent.say("/digest"), "Day without news")
    week.double.wait_for(
        lambda: any(
            "If there is no news: send nothing" in text
            for text in map(plain, week.messages(silent.chat))
        ),
        what="the choice",
    )
    week.go(0)
    assert "There is no news." in week.wait_for_edition(loud.chat, 0)
    assert week.wait_for_state(silent.chat, 0, "skipped").why == "silent"
    news = week.publish(0, 1)
    week.go(1)
    assert news in week.wait_for_edition(silent.chat, 1)
    assert len(week.editions(silent.chat)) == 1


def test_what_telegram_holds_back_is_sent_once_it_may_be(week: Week) -> None:
    reader = week.subscriber()
    week.double.faults.add("429", "sendMessage", reader.chat.id, times=2, retry_after=1)
    week.go(0)
    week.wait_for_edition(reader.chat, 0)
    assert not week.double.faults.queue
    assert len(week.editions(reader.chat)) == 1


def test_what_may_have_arrived_is_offered_once_and_shown_by_its_button(week: Week) -> None:
    news = week.publish(-1, 20)
    reader = week.subscriber()
    week.double.faults.add("cut_after", "sendMessage", reader.chat.id)
    week.go(0)
    line = week.wait_for_state(reader.chat, 0, "parked")
    assert len(week.editions(reader.chat)) == 1
    offer = f"Digest of {week.day(0)} not received? Show it"
    answer = reader.say("/help")
    assert labels(answer)[-1] == offer
    assert offer not in labels(reader.say("/help"))
    listed = json.loads(week.bot.briefing("digest", "ledger", "--state", "parked", "--json"))
    assert line.number in [each["number"] for each in listed["deliveries"]]
    assert news in plain(reader.tap(answer, offer))
    listed = json.loads(week.bot.briefing("digest", "ledger", "--state", "parked", "--json"))
    assert line.number not in [each["number"] for each in listed["deliveries"]]


def test_an_offer_that_a_crash_left_unsent_is_made_with_the_reply_all_the_same(week: Week) -> None:
    reader = week.subscriber()
    week.double.faults.add("cut_after", "sendMessage", reader.chat.id)
    week.go(0)
    week.wait_for_state(reader.chat, 0, "parked")
    week.double.faults.add("429", "sendMessage", reader.chat.id, retry_after=60)
    asked = week.double.say(reader.user, "/help")
    week.double.wait_for(lambda: not week.double.faults.queue, what="a refusal")
    week.wait_for(lambda: not week.bot.inbox().sending, "its note")
    week.bot.restart()
    answer = week.double.wait_for(lambda: week.double.replies(asked), what="the reply")[0]
    assert f"Digest of {week.day(0)} not received? Show it" in labels(answer)


@pytest.mark.parametrize("how", ["the button", "the operator"])
def test_an_edition_that_is_shown_or_sent_days_later_takes_no_other_days_place(
    week: Week, how: str
) -> None:
    reader = week.subscriber()
    week.double.faults.add("502", "sendMessage", reader.chat.id)
    week.go(0)
    line = week.wait_for_state(reader.chat, 0, "parked")
    week.go(1)
    week.wait_for_edition(reader.chat, 1)
    week.go(2, -1)
    if how == "the button":
        offered = reader.say("/help")
        reader.tap(offered, labels(offered)[-1])
    else:
        said = week.bot.briefing("digest", "resend", str(line.number))
        assert said.startswith(f"{line.number} (edition {week.of(0)}, chat {reader.chat.id}) is")
    week.wait_for_edition(reader.chat, 0)
    week.go(2)
    week.wait_for_edition(reader.chat, 2)


def test_an_edition_that_was_on_its_way_at_a_crash_takes_no_other_days_place(week: Week) -> None:
    reader = week.subscriber()
    week.double.faults.add("hang", "sendMessage", reader.chat.id)
    week.go(0)
    week.wait_for_state(reader.chat, 0, "sending")
    week.double.wait_for(lambda: not week.double.faults.queue, what="the call")
    week.bot.kill()
    week.go(1, -1)
    week.bot.restart()
    week.wait_for_state(reader.chat, 0, "parked")
    week.go(1)
    week.wait_for_edition(reader.chat, 1)
    assert len(week.editions(reader.chat)) == 1


@pytest.mark.parametrize("how", ["blocked", "deactivated"])
def test_who_cannot_be_written_to_is_tried_once_and_unsubscribed(week: Week, how: str) -> None:
    reader = week.subscriber()
    if how == "blocked":
        reader.user.blocked = True  # and the update that would tell so is still to come
    else:
        reader.chat.shut = "user is deactivated"
    week.go(0)
    assert week.wait_for_state(reader.chat, 0, "failed").why == "blocked"
    week.go(1)
    other = week.subscriber()
    week.go(2)
    week.wait_for_edition(other.chat, 2)
    assert len(week.lines(reader.chat)) == 1


def test_who_blocks_the_bot_gets_nothing_after_letting_it_in_again(week: Week) -> None:
    reader, other = week.subscriber(), week.subscriber()
    week.double.block(reader.user)
    week.double.unblock(reader.user)
    week.wait_for(lambda: not week.is_subscribed(reader.chat), "the end")
    assert plain(reader.say("/digest")) == (
        "You are not subscribed to the daily digest. Tap below to get it every "
        "day at 08:00, Tripoli time."
    )
    week.go(0)
    week.wait_for_edition(other.chat, 0)
    assert not week.lines(reader.chat)


@pytest.mark.parametrize("migration", ["by an update", "by a refusal"])
def test_a_group_that_moved_is_followed_and_gets_each_edition_once(
    week: Week, migration: str
) -> None:
    admin = Person(week.double, "en")
    group = week.double.group("Noran Square", admin.user)
    admin.say("/subscribe@noran_briefing_bot", chat=group)
    first = week.publish(-1, 20)
    week.go(0)
    assert first in week.wait_for_edition(group, 0)
    since = week.publish(0, 1)
    if migration == "by an update":
        new = week.double.migrate(group)
        admin.say("/digest@noran_briefing_bot", chat=new)
        week.go(0, 2)
    else:
        new = week.double.state.new_chat("supergroup", "Noran Square", group.members)
        group.moved_to = new.id
    week.go(1)
    next_edition = week.wait_for_edition(new, 1)
    assert since in next_edition
    assert first not in next_edition
    later = week.publish(1, 1)
    week.go(2)
    last = week.wait_for_edition(new, 2)
    assert later in last
    assert since not in last
    assert [each.of for each in week.lines(new)] == [week.of(day) for day in range(3)]
    assert len(week.editions(group)) == 1
    admin.say("/unsubscribe@noran_briefing_bot", chat=new)


def test_a_channel_gets_its_edition_without_buttons_and_a_forum_in_its_topic(week: Week) -> None:
    admin = Person(week.double, "en")
    channel = week.double.channel("Noran Radio")
    forum = week.double.supergroup("Noran Forum", admin.user, forum=True)
    admin.say("/subscribe", chat=channel)
    admin.say("/subscribe@noran_briefing_bot", chat=forum, thread=77)
    first = week.publish(-1, 20)
    week.go(0)
    for chat in (channel, forum):
        week.wait_for_state(chat, 0, "sent")
        assert first in plain(week.messages(chat)[-1])
    assert labels(week.messages(channel)[-1]) == []
    assert labels(week.messages(forum)[-1])
    assert week.messages(forum)[-1]["thread"] == 77
    admin.say("/unsubscribe", chat=channel)
    admin.say("/unsubscribe@noran_briefing_bot", chat=forum)


def test_the_weeks_chart_is_a_picture_with_its_days_below_it(week: Week) -> None:
    reader = week.subscriber()
    for _ in NEWS:
        week.publish(-1, 20)
    week.go(0)
    week.wait_for_edition(reader.chat, 0)
    drawn = reader.tap(week.messages(reader.chat)[-1], "📊 Most mentioned")
    assert drawn["photo"]
    assert drawn["caption"].startswith("Most mentioned in the news · from ")
    shown = [c for c in reader.double.journal if c.params.get("chat_id") == reader.chat.id]
    assert any(call.params.get("action") == "upload_photo" for call in shown)


def test_a_clock_that_is_set_back_brings_no_edition_twice(week: Week) -> None:
    reader, other = week.subscriber(), week.subscriber()
    for day in (0, 1, 0, 1):
        week.go(day)
        for each in (reader, other):
            week.wait_for_edition(each.chat, day)
    reader.say("/unsubscribe")
    reader.say("/subscribe")
    week.go(2)
    for each in (reader, other):
        week.wait_for_edition(each.chat, 2)
    assert len(week.editions(reader.chat)) == len(week.editions(other.chat)) == 3


def test_owners_are_shown_what_became_of_editions_and_nobody_else_is(week: Week) -> None:
    reader = week.subscriber()
    week.double.faults.add("502", "sendMessage", reader.chat.id)
    week.go(0)
    line = week.wait_for_state(reader.chat, 0, "parked")
    shown = plain(Person(week.double, "en", "Nadia", OWNER).say("/status"))
    assert shown.startswith("Subscribers: 1\n")
    assert "in doubt" in shown
    assert f"{line.number}: edition {week.of(0)}, chat {reader.chat.id}" in shown
    assert "I do not know this command" in plain(reader.say("/status"))


def test_an_edition_that_is_due_is_not_lost_by_a_change_of_what_it_is_like(tmp_path: Path) -> None:
    due = datetime(2026, 2, 3, 6, tzinfo=UTC)
    clock = Clock(tmp_path / "clock", due - timedelta(hours=1))
    chosen = subscription(5, "Africa/Tripoli", "08:00", clock())
    subscribe(tmp_path, 7, clock, [chosen])
    clock.set(due + timedelta(seconds=5))
    subscribe(
        tmp_path, 7, clock, [chosen.model_copy(update={"taste": EditionPreferences(length=10)})]
    )
    database = Database(tmp_path)
    with database.read_transaction() as connection:
        (row,) = connection.execute(select(subscriptions))
    database.close()
    assert json.loads(row.taste)["length"] == 10
    assert row.next_at == format_utc(due)


def test_what_finds_no_connection_is_sent_once_there_is_one(
    tmp_path: Path, models_folder: Path
) -> None:
    due = datetime(2026, 2, 3, 6, tzinfo=UTC)
    clock = Clock(tmp_path / "clock", due - timedelta(hours=1))
    with Double() as gone:
        chat = gone.private(gone.user())
        bot = timed_bot(gone, tmp_path, models_folder, clock)
        chosen = subscription(chat.id, "Africa/Tripoli", "08:00", clock())
        subscribe(bot.archive, gone.bot.id, clock, [chosen])
        bot.start()
        bot.wait_ready()
    clock.set(due)
    with bot.stderr.open(encoding="utf-8") as log, ExitStack() as ends:
        ends.callback(bot.kill)
        for _ in range(600):  # what is closed tells of no call
            if "(NOT_SENT)" in log.read():
                break
            Event().wait(0.05)
        with Double(port=gone.port) as there:
            chat = there.private(there.user(id=chat.id))
            there.wait_for(lambda: there.sent(chat), what="the edition")
            assert plain(there.sent(chat)[0]).startswith(HEAD)
            assert "(NOT_SENT)" in bot.log
            assert "(UNKNOWN)" not in bot.log
            assert bot.terminate() == 0
            assert len(there.sent(chat)) == 1
        ends.pop_all()
