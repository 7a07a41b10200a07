"""Many subscribers over days, faults of every kind, and the process killed again and again."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.digest.models import Subscription
from bot.digest.schedule import due_on
from index.archive import Archive
from tests.fakes.telegram.server import Double
from tests.fixtures.bot_process import BotProcess
from tests.fixtures.digest_simulation import (
    LATE_HOUR,
    Books,
    Clock,
    OpenAt,
    subscribe,
    subscription,
    timed_bot,
)
from tests.fixtures.sample_articles import draft
from tests.fixtures.story_events import ALL

pytestmark = pytest.mark.usefixtures("unmeasured")

ZONES = (
    "Africa/Tripoli",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Pacific/Auckland",
)
FIRST = datetime(2026, 2, 3, 18, tzinfo=UTC)
ONE_PER_CENT_429_ONE_5XX_HALF_CUT = (*("429",) * 4, *("500", "502") * 2, *("cut_after",) * 2)
LOST = frozenset({"500", "502", "cut_after"})
"""Faults after which nobody can know whether a message arrived."""
_HEAD = re.compile(r"Digest of (\d+ \w+ \d{4})")


@pytest.fixture
def press(tmp_path: Path, open_at: OpenAt) -> Iterator[tuple[Archive, Clock, Books]]:
    """An archive at a time of its own, and the ledger in it."""
    with open_at(tmp_path, FIRST) as (archive, clock):
        books = Books(tmp_path / "archive")
        yield archive, clock, books
        books.close()


@pytest.mark.parametrize(
    ("count", "days", "kills"), [(100, 3, 3), pytest.param(5_000, 7, 20, marks=pytest.mark.soak)]
)
def test_nobody_gets_an_edition_twice_and_nobody_misses_one_whose_fate_was_known(
    double: Double,
    press: tuple[Archive, Clock, Books],
    tmp_path: Path,
    models_folder: Path,
    count: int,
    days: int,
    kills: int,
) -> None:
    archive, clock, books = press
    people = [double.user() for _ in range(count)]
    blocked = {each.id for each in people[::50]}
    for each in people:
        double.private(each)
        each.blocked = each.id in blocked
    chosen = [
        subscription(user.id, ZONES[place % len(ZONES)], "08:00", FIRST, length=(3, 5)[place % 2])
        for place, user in enumerate(people)
    ]
    subscribe(tmp_path / "archive", double.state.bot.id, clock, chosen)
    due = expected(chosen, days)
    double.faults.sprinkle(0.025, ONE_PER_CENT_429_ONE_5XX_HALF_CUT, {"sendMessage"}, seed=count)
    with timed_bot(
        double,
        tmp_path,
        models_folder,
        clock,
        telegram_messages_per_second=0,
        telegram_patience_seconds=30,
        log_level="ERROR",
    ) as bot:
        bot.wait_ready()
        storm = Storm(double, bot, books, killing(len(due), kills, seed=count))
        for number, step_at in enumerate(sorted({at for at, _, _ in due})):
            publish(archive, number, days)
            clock.set(step_at)
            there = {(chat, day) for at, chat, day in due if at <= step_at and chat not in blocked}
            storm.settle(there)
        storm.end()
    check(double, books, storm, due, blocked)


class Storm:
    """The bot's days: it is killed after so and so many messages, and begun again."""

    def __init__(self, double: Double, bot: BotProcess, books: Books, kill_at: list[int]) -> None:
        self.double = double
        self.bot = bot
        self.books = books
        self.kill_at = kill_at
        self.sending: set[tuple[int, str]] = set()
        """What was being sent when it was killed."""
        self._over: set[tuple[int, str]] = set()
        self._read = 0

    def settle(self, wanted: set[tuple[int, str]]) -> None:
        """Wait until each of these was sent or lost, killing the bot where it is time to."""
        while True:
            self.double.wait_for(
                lambda: self._is_time() or wanted <= self._settled(), 300, "the editions"
            )
            if not self._is_time():
                return
            self.bot.kill()
            del self.kill_at[0]
            self.sending |= {(row.chat_id, row.of) for row in self.books.rows("sending")}
            self.bot.start()
            self.bot.wait_ready()

    def end(self) -> None:
        """Wait until the bot has noted all of it."""
        self.double.wait_for(self._is_quiet, 300, "the last notes")

    def _is_time(self) -> bool:
        return bool(self.kill_at) and len(self.double.journal) >= self.kill_at[0]

    def _settled(self) -> set[tuple[int, str]]:
        """Return all that was sent or lost by now, by the double's journal."""
        for call in self.double.journal[self._read :]:
            if call.method == "sendMessage" and (call.accepted or call.fault in LOST):
                self._over.add((call.params["chat_id"], day_of(call.params["text"])))
        self._read = len(self.double.journal)
        return self._over | self.sending

    def _is_quiet(self) -> bool:
        counts = self.books.counts()
        return not counts["planned"] + counts["sending"]


def check(
    double: Double,
    books: Books,
    storm: Storm,
    due: list[tuple[datetime, int, str]],
    blocked: set[int],
) -> None:
    """Hold what arrived, by the double's books, against what the bot's own say."""
    rows = {(row.chat_id, row.of): row.state for row in books.rows(kind="edition")}
    arrived = Counter(
        (message["chat"]["id"], day_of(message["text"])) for message in double.state.sent
    )
    unknown = {
        (call.params["chat_id"], day_of(call.params["text"]))
        for call in double.journal
        if call.method == "sendMessage" and call.fault in LOST
    }
    parked = {key for key, state in rows.items() if state == "parked"}
    assert not storm.kill_at, "it was not killed often enough"
    assert unknown, "the storm was none"
    assert max(arrived.values()) == 1, "somebody got an edition twice"
    assert parked == unknown | storm.sending, "what is parked is what nobody can know"
    known = {(chat, day) for _, chat, day in due if chat not in blocked} - parked
    assert {rows[key] for key in known} == {"sent"}, "an edition was left"
    assert known <= arrived.keys(), "an edition was missed"
    assert arrived.keys() <= {(chat, day) for _, chat, day in due}, "one came that was not due"
    assert not blocked & {chat for chat, _ in arrived}
    refused = Counter(chat for chat, _ in rows.keys() - parked if chat in blocked)
    assert set(refused.values()) == {1}, "who has blocked the bot is tried once"


def publish(archive: Archive, number: int, days: int) -> None:
    """Add some of the news at the beginning of each day."""
    day, hour = divmod(number, len(ZONES))
    if hour:
        return
    for each in ALL[day::days]:
        fields = {name: value for name, value in each._asdict().items() if name != "text"}
        archive.add(draft(fields.pop("id"), each.text, **fields))


def killing(count: int, kills: int, seed: int) -> list[int]:
    """Return after how many calls the bot is killed, spread over all of them by chance."""
    share, chance = count // (kills + 1), random.Random(seed)
    return [place * share + chance.randrange(1, share) for place in range(kills)]


def expected(chosen: list[Subscription], days: int) -> list[tuple[datetime, int, str]]:
    """Return all editions that are due in so many days: when, for whom, and of which day."""
    found = []
    for each in chosen:
        first = FIRST.astimezone(each.schedule.tz).date()
        for ahead in range(days + 1):
            due = due_on(each.schedule, first + timedelta(days=ahead), LATE_HOUR)
            if due and FIRST <= due.due_at < FIRST + timedelta(days=days):
                found.append((due.due_at, each.chat, due.day.isoformat()))
    return found


def day_of(text: str) -> str:
    found = _HEAD.search(text)
    assert found, text
    return datetime.strptime(found[1], "%d %B %Y").date().isoformat()  # noqa: DTZ007 - a day
