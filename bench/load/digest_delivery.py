"""How fast briefings go out, and what questions notice of it: the bot in a process of its own.

    python -m bench.load.digest_delivery [--subscribers 2000] [--seconds 60]
        [--planned 50000] [--asked 2] [--days 30] [--delay 100] [--json]
        [--articles FILE --questions FILE]

The real bot, with its own settings, runs against a stand-in for Telegram on this machine, which
answers at once and then, of the same bot, after --delay milliseconds. For each of the two:

idle      questions are asked, --asked a second whatever becomes of them, by people who are no
          subscribers: half of --seconds before the delivery, half after it
delivery  an edition falls due for --subscribers chats at one moment; while the first third goes
          out nobody asks anything, while the rest does questions come at the same pace

Then --planned more fall due at one moment, and questions are asked while these are planned (which
is when the first of them go out as well). Without --articles the archive holds the invented news of
the tests, and what is asked are its headlines. Subscribers have three languages and three
lengths, and had an edition on each of the last --days.

A rate is the number of editions that arrived after a first second, by the seconds from its end to
the last of them: 20 are sent at once at the beginning. While questions are asked their answers come
out of the same pace, so the rate of all messages is given beside that of the editions. A question
takes from the moment it is written until its reply is at the stand-in. Of a transaction that writes
the time is taken from its having the lock to the end of its commit.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import numpy as np
from aiohttp import web
from sqlalchemy import Connection, func, insert, literal, select, update

from bot.app import serve
from bot.cli.context import Console
from bot.digest.store.schema import deliveries, subscriptions
from bot.settings import load_boilerplate, load_settings
from index.archive import Archive
from index.embeddings.build.prepare import DEFAULT_MODEL
from index.embeddings.embedder import load_embedder
from index.embeddings.use_encoder import UniversalSentenceEncoder
from index.evaluation import read_questions
from index.storage.database import Database
from index.storage.row_mapping import format_utc
from tests.fakes.telegram.server import Double
from tests.fixtures.bot_process import BotProcess
from tests.fixtures.digest_simulation import subscription
from tests.fixtures.sample_articles import PROJECT, TRIPOLI, draft
from tests.fixtures.story_events import ALL

PACE = 25
"""Messages a second: the bot's own setting."""
NEWS = datetime(2026, 2, 4, 5, tzinfo=UTC)
"""When the news comes in and people subscribe, by the bot's clock."""
BEGINS = NEWS + timedelta(hours=1, minutes=1)
"""When the bot begins: a minute after editions are due in Tripoli."""
TODAY = NEWS.date().isoformat()
LATER = NEWS + timedelta(days=3)
"""When something is due for those for whom nothing is due now."""
LOOK_AGAIN = 2.0
"""Seconds between two looks of the bot at what is due; by itself it takes 10 to 20."""
LANGUAGES = ("ar", "en", "fr")
LENGTHS = (3, 5, 10)
ASKERS = 100
TRANSACTIONS = "transactions"
"""A file beside the archive: when each transaction got the lock, and how many seconds it took."""


class Slow(Double):
    """A stand-in whose answers to everything but polls can take a while."""

    delay = 0.0

    async def _answer(
        self, request: web.BaseRequest, token: str, method: str
    ) -> web.StreamResponse:
        answer = await super()._answer(request, token, method)
        if self.delay and method != "getUpdates":
            await asyncio.sleep(self.delay)
        return answer


class Span(NamedTuple):
    """From when to when, in monotonic seconds."""

    begin: float
    end: float

    def holds(self, instant: float) -> bool:
        return self.begin <= instant <= self.end


class Town:
    """Subscribers and others who write to the bot, and when what they got arrived."""

    def __init__(
        self, double: Slow, folder: Path, asked: Sequence[str], options: argparse.Namespace
    ) -> None:
        self.double = double
        self._database = Database(folder)
        self._asked = itertools.cycle(asked)
        self._days = options.days
        askers = [double.user(language_code="en") for _ in range(ASKERS)]
        self._turn = itertools.cycle(askers)
        self._open: dict[int, float] = {}
        self._subscribers: set[int] = set()
        self._read = 0
        self.editions: list[float] = []
        self.messages: list[float] = []
        self.took: list[tuple[float, float]] = []
        """When each question was asked, and how long its answer took, in seconds."""

    def close(self) -> None:
        self._database.close()

    def subscribe(self, count: int) -> list[int]:
        """Enter so many subscribers for whom nothing is due; return their chats."""
        chats = [self.double.private(self.double.user()).id for _ in range(count)]
        rows = [self._row(place, chat) for place, chat in enumerate(chats)]
        with self._database.write_transaction() as connection:
            connection.execute(insert(subscriptions), rows)
        for ago in range(self._days, 0, -1):
            self._remember(chats, NEWS - timedelta(days=ago))
        self._subscribers |= set(chats)
        return chats

    def _remember(self, chats: Sequence[int], sent_at: datetime) -> None:
        """Enter an edition that came to each of these chats."""
        alike = {
            "kind": "edition",
            "of": sent_at.date().isoformat(),
            "state": "sent",
            "due_at": format_utc(sent_at),
            "decided_at": format_utc(sent_at),
            "finished_at": format_utc(sent_at),
        }
        own = subscriptions.c.chat_id.between(chats[0], chats[-1])
        whom = select(
            subscriptions.c.bot_id, subscriptions.c.chat_id, *map(literal, alike.values())
        ).where(own)
        with self._database.write_transaction() as connection:
            connection.execute(insert(deliveries).from_select(["bot_id", "chat_id", *alike], whom))

    def fall_due(self, chats: Sequence[int]) -> float:
        """Let an edition fall due for these, who follow on one another; return when."""
        own = subscriptions.c.chat_id.between(chats[0], chats[-1])
        with self._database.write_transaction() as connection:
            connection.execute(update(subscriptions).where(own).values(next_at=format_utc(NEWS)))
        return time.monotonic()

    def left_to_plan(self, chats: Sequence[int]) -> int:
        own = subscriptions.c.chat_id.between(chats[0], chats[-1])
        due = select(func.count()).where(own, subscriptions.c.next_at == format_utc(NEWS))
        with self._database.read_transaction() as connection:
            return connection.scalar(due) or 0

    def planned_at(self, chats: Sequence[int]) -> list[float]:
        """Return when, by its own clock, the bot planned each batch of these; seconds."""
        own = deliveries.c.chat_id.between(chats[0], chats[-1])
        query = select(deliveries.c.decided_at).where(own, deliveries.c.of == TODAY).distinct()
        with self._database.read_transaction() as connection:
            found = [datetime.fromisoformat(at) for at in connection.scalars(query)]
        return sorted(at.timestamp() for at in found)

    @contextmanager
    def asking(self, pace: float) -> Iterator[None]:
        """Have `pace` questions a second asked until the block ends, and these answered."""
        over = Event()
        thread = Thread(target=self._ask, args=[pace, over])
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        give_up = time.monotonic() + 60
        while self.look() and time.monotonic() < give_up:
            time.sleep(0.02)
        assert not self._open, "a question was not answered within a minute"

    def _ask(self, pace: float, over: Event) -> None:
        begin = time.monotonic()
        for number in itertools.count():
            if over.wait(max(0.0, begin + number / pace - time.monotonic())):
                return
            user = next(self._turn)
            with self.double.changed:
                self._open[user.id] = time.monotonic()
                self.double.say(user, next(self._asked))

    def look(self) -> int:
        """Read the calls that came since; return how many questions are open."""
        with self.double.changed:
            calls = self.double.journal[self._read :]
            self._read += len(calls)
            for call in calls:
                if call.method != "sendMessage" or not call.accepted:
                    continue
                chat = call.params["chat_id"]
                self.messages.append(call.at)
                if chat in self._subscribers:
                    self.editions.append(call.at)
                elif asked := self._open.pop(chat, None):
                    self.took.append((asked, call.at - asked))
            return len(self._open)

    def wait_for_editions(self, count: int) -> None:
        """Wait until so many have arrived since the beginning; at most ten times as long."""
        give_up = time.monotonic() + 60 + 10 * (count - len(self.editions)) / PACE
        while len(self.editions) < count:
            assert time.monotonic() < give_up, "the editions do not arrive"
            time.sleep(0.05)
            self.look()

    def _row(self, place: int, chat: int) -> dict[str, object]:
        length = LENGTHS[place // 3 % 3]
        chosen = subscription(chat, "Africa/Tripoli", "08:00", NEWS, length=length)
        return {
            "bot_id": self.double.bot.id,
            "chat_id": chat,
            "language": LANGUAGES[place % 3],
            "schedule": chosen.schedule.model_dump_json(),
            "taste": chosen.taste.model_dump_json(),
            "next_at": format_utc(LATER),
            "made_at": format_utc(NEWS),
        }


def delivery(town: Town, count: int, options: argparse.Namespace) -> dict[str, float]:
    """Measure a delivery between two idle times."""
    chats = town.subscribe(count)
    time.sleep(1)
    idle = [_idle(town, options)]
    before = len(town.editions)
    due = town.fall_due(chats)
    town.wait_for_editions(before + count // 3)
    begin = time.monotonic()
    with town.asking(options.asked):
        town.wait_for_editions(before + count)
        end = time.monotonic()
    idle.append(_idle(town, options))
    first = town.editions[before]
    alone = Span(first + 1, town.editions[before + count // 3 - 1])
    both = Span(begin, town.editions[-1])
    editions, messages = town.editions[before:], town.messages
    return {
        "first edition after, s": first - due,
        "editions, share of the pace": _rate(editions, Span(first + 1, editions[-1])) / PACE,
        "the same while nobody asks": _rate(editions, alone) / PACE,
        "the same while questions are asked": _rate(editions, both) / PACE,
        "all messages while questions are asked": _rate(messages, both) / PACE,
        **_waits("idle", _took(town, *idle)),
        **_waits("delivery", _took(town, Span(begin, end))),
    }


def planning(town: Town, count: int, asked: float, notes: Path) -> dict[str, float]:
    """Measure what it takes to plan many, and what questions notice of it."""
    chats = town.subscribe(count)
    time.sleep(1)
    with town.asking(asked):
        begin = town.fall_due(chats)
        while town.left_to_plan(chats):
            time.sleep(0.25)
            town.look()
        end = time.monotonic()
    batches = town.planned_at(chats)
    spent = np.array([took for at, took in _transactions(notes) if Span(begin, end).holds(at)])
    return {
        "planned a second": count * (1 - 1 / len(batches)) / (batches[-1] - batches[0]),
        "all planned after, s": end - begin,
        "transaction p50, ms": 1000 * float(np.median(spent)),
        "transaction p95, ms": 1000 * float(np.percentile(spent, 95)),
        "longest transaction, ms": 1000 * float(spent.max()),
        **_waits("planning", _took(town, Span(begin, end))),
    }


def _idle(town: Town, options: argparse.Namespace) -> Span:
    begin = time.monotonic()
    with town.asking(options.asked):
        time.sleep(options.seconds / 2)
    return Span(begin, time.monotonic())


def _rate(times: Sequence[float], span: Span) -> float:
    return sum(map(span.holds, times)) / (span.end - span.begin)


def _took(town: Town, *spans: Span) -> list[float]:
    return [took for asked, took in town.took if any(span.holds(asked) for span in spans)]


def _waits(name: str, took: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(took, [50, 95])
    return {
        f"questions, {name}": len(took),
        f"question p50, {name}, ms": 1000 * float(p50),
        f"question p95, {name}, ms": 1000 * float(p95),
    }


def _transactions(notes: Path) -> list[tuple[float, float]]:
    lines = (line.split() for line in notes.read_text("ascii").splitlines())
    return [(float(at), float(took)) for at, took in lines]


def serve_noting(notes: Path) -> None:
    """Run the bot with a clock that begins at `BEGINS`, and note its transactions."""
    shift = BEGINS - datetime.now(UTC)
    plain = Database.write_transaction
    with notes.open("a", 1, "ascii") as out:

        @contextmanager
        def writing(self: Database) -> Iterator[Connection]:
            with plain(self) as connection:
                begin = time.monotonic()
                yield connection
            out.write(f"{begin:.6f} {time.monotonic() - begin:.6f}\n")

        Database.write_transaction = writing  # type: ignore[method-assign]
        console = Console(as_json=False)
        with console.open_archive() as archive:
            serve(console.settings, archive, lambda: datetime.now(UTC) + shift, LOOK_AGAIN)


def fill(folder: Path) -> None:
    """Put the news into an archive."""
    settings = load_settings()
    with Archive(
        folder,
        lambda: load_embedder(DEFAULT_MODEL, settings.model_dir),
        UniversalSentenceEncoder,
        zone=TRIPOLI,
        boilerplate=load_boilerplate(settings.config_dir),
        clock=lambda: NEWS,
    ) as archive:
        for each in ALL:
            fields = {name: value for name, value in each._asdict().items() if name != "text"}
            archive.add(draft(fields.pop("id"), each.text, **fields))


def measure(work: Path, options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Run everything; return the figures by what they are of."""
    notes = work / TRANSACTIONS
    program = [sys.executable, str(Path(__file__).resolve()), "serve", str(notes)]
    found: dict[str, dict[str, float]] = {}
    with Slow(check=False) as double:
        bot = BotProcess(double, work, load_settings().model_dir, program=program)
        bot.set(telegram_poll_seconds=None, log_level="WARNING")
        bot.environment["PYTHONPATH"] = str(PROJECT)
        if options.articles:
            bot.briefing("import", str(options.articles.resolve()))
        fill(bot.archive)
        asked = [each.title for each in ALL]
        if options.questions:
            asked = [each.question for each in read_questions(options.questions)]
        town = Town(double, bot.archive, asked, options)
        with bot:
            bot.wait_ready()
            with town.asking(options.asked):
                time.sleep(5)
            for delay in (0, options.delay):
                double.delay = delay / 1000
                part = delivery(town, options.subscribers, options)
                part["p95 delivery / idle"] = _ratio(part, part, "delivery")
                found[f"answers after {delay} ms"] = part
            double.delay = 0.0
            part = planning(town, options.planned, options.asked, notes)
            part["p95 planning / idle"] = _ratio(part, found["answers after 0 ms"], "planning")
            found[f"planning {options.planned}"] = part
            bot.kill()
        town.close()
        lines = bot.log.splitlines()
        assert not lines, f"the bot complained: {lines[0]}"
    return found


def _ratio(part: dict[str, float], idle: dict[str, float], name: str) -> float:
    return part[f"question p95, {name}, ms"] / idle["question p95, idle, ms"]


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        serve_noting(Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subscribers", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--planned", type=int, default=50_000)
    parser.add_argument("--asked", type=float, default=2)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--delay", type=int, default=100)
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="briefing-delivery-") as work:
        found = measure(Path(work), options)
    if options.json:
        print(json.dumps({"load": os.getloadavg()[0], **found}, indent=2))
        return
    for name, part in found.items():
        print(f"\n{name}")
        for what, value in part.items():
            print(f"  {what:44}{value:10.2f}")


if __name__ == "__main__":
    main()
