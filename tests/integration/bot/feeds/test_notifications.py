"""What editors are told of feeds unasked: the day's list, and feeds that are dead, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.feeds.entry_diff import diff_entries
from bot.feeds.notifications import (
    FeedNotice,
    FeedNoticeKind,
    NoticeRecipients,
    NoticeRenderers,
    Notifier,
    due_feed_notices,
    list_day,
)
from bot.feeds.poll_lock import run_exclusively
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import (
    DEFAULT_OPTIONS,
    DiscoveredFeed,
    FeedHealth,
    FeedOptions,
    FeedState,
    FeedStore,
    FollowedFeed,
)
from bot.feeds.store.items import FeedItemStore, ItemResult, ItemState
from bot.feeds.store.sites import MAX_NEW_SITES, SiteStore
from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.message import OutgoingMessage, trusted_text
from index.clock import LocalTime
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.feeds.models import Feed, FeedEntry, FeedKind
from index.ingest.http.fetcher import NO_VALIDATORS
from index.ingest.rejections import RejectReason, SourceRejected
from index.storage.database import Database
from tests.fixtures.sample_articles import PORT, TRIPOLI, SetClock

EMPTY = Feed(kind=FeedKind.RSS)
NOW = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)
OWNER, LAYLA, OMAR = 1, 2, 3
FOUND = DiscoveredFeed("https://noran.example/feed", "noran.example", FeedKind.RSS, "Noran Ledger")
DEAD = FeedHealth(
    NOW - timedelta(days=2),
    NOW,
    5,
    RejectReason.UNREACHABLE,
    "x",
    None,
    0,
    0,
    NOW - timedelta(days=2),
)


def followed(
    health: FeedHealth = DEAD,
    *,
    state: FeedState = FeedState.ACTIVE,
    by: str = f"telegram {LAYLA}",
    notified_at: datetime | None = None,
) -> FollowedFeed:
    added = NOW - timedelta(days=9)
    return FollowedFeed(3, FOUND, DEFAULT_OPTIONS, state, added, by, NOW, notified_at, health)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-02-05T05:59:00+00:00", None),
        ("2026-02-05T06:00:00+00:00", "2026-02-05"),
        ("2026-02-05T21:59:00+00:00", "2026-02-05"),
        ("2026-02-05T22:30:00+00:00", None),
    ],
)
def test_a_days_list_is_due_from_its_hour_to_midnight_in_the_configured_zone(
    now: str, day: str | None
) -> None:
    assert list_day(datetime.fromisoformat(now), TRIPOLI, 8) == day


@pytest.mark.parametrize(
    "feed",
    [
        followed(notified_at=NOW),
        followed(state=FeedState.PAUSED),
        followed(DEAD._replace(failing_since=NOW - timedelta(hours=23))),
        followed(DEAD._replace(failures=0)),
    ],
    ids=["told already", "paused", "failing for less than a day", "well"],
)
def test_nobody_is_told_of_a_feed_that_is_not_dead_or_was_told_of(feed: FollowedFeed) -> None:
    assert due_feed_notices([feed], [OWNER], [OWNER, LAYLA], NOW) == []


def test_a_feed_that_is_gone_is_told_of_at_once() -> None:
    gone = followed(DEAD._replace(succeeded_at=NOW, failures=1), state=FeedState.GONE)
    assert due_feed_notices([gone], [OWNER], [OWNER, LAYLA], NOW) == [
        FeedNotice(FeedNoticeKind.DEAD, gone, (LAYLA,), (OWNER,))
    ]


@pytest.mark.parametrize(
    ("by", "owners", "staff", "whom", "instead"),
    [
        (f"telegram {LAYLA}", (OWNER,), (OWNER, LAYLA, OMAR), (LAYLA,), (OWNER,)),
        (f"telegram {LAYLA}", (OWNER,), (OWNER, OMAR), (OWNER,), ()),
        ("terminal", (OWNER,), (OWNER, OMAR), (OWNER,), ()),
        ("terminal", (), (LAYLA, OMAR), (LAYLA, OMAR), ()),
    ],
    ids=["who added it", "who added it is gone", "from the terminal", "without owners"],
)
def test_who_added_a_dead_feed_is_told_of_it_or_else_the_owners(
    by: str,
    owners: tuple[int, ...],
    staff: tuple[int, ...],
    whom: tuple[int, ...],
    instead: tuple[int, ...],
) -> None:
    feed = followed(by=by)
    assert due_feed_notices([feed], owners, staff, NOW) == [
        FeedNotice(FeedNoticeKind.DEAD, feed, whom, instead)
    ]


def test_nobody_is_left_to_be_told_and_the_feed_waits_for_somebody() -> None:
    assert due_feed_notices([followed()], [], [], NOW) == []


class FeedHarness:
    """Notices over a database, and what they sent."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.sent: list[tuple[int, str]] = []
        self.unreachable: set[int] = set()
        self.failures: list[BaseException] = []
        self._folder = folder

    def run(self, work: Callable[[Notifier, FeedStore, FeedItemStore], Awaitable[Any]]) -> None:
        """Do something with them; each time is like a restart."""

        async def act() -> None:
            database = Database(self._folder)
            writing = DatabaseWriter(database)
            feeds, approvals = FeedStore(writing, self.clock), ApprovalQueue(writing, self.clock)

            async def deliver(whom: int, screen: OutgoingMessage) -> bool:
                self.sent.append((whom, screen.text.html))
                return whom not in self.unreachable

            async def list_for(_: int) -> OutgoingMessage:
                return OutgoingMessage(trusted_text(f"{await approvals.count()} wait"))

            async def staff() -> list[int]:
                return [OWNER, LAYLA]

            notices = Notifier(
                feeds,
                approvals,
                NoticeRecipients([OWNER], staff, deliver),
                NoticeRenderers(
                    list_for,
                    lambda _, notice: OutgoingMessage(
                        trusted_text(
                            f"{notice.feed.source}: {notice.kind} {notice.feed.health.queued or ''}".strip()
                        )
                    ),
                ),
                LocalTime(self.clock, TRIPOLI),
                8,
                self.failures.append,
            )
            try:
                await work(notices, feeds, FeedItemStore(writing, self.clock))
            finally:
                await writing.close()
                database.close()

        asyncio.run(act())

    def tell(self) -> list[tuple[int, str]]:
        """Let them tell what is to be told, as after a restart; return what that was."""
        self.sent.clear()
        self.run(lambda notices, *_: notices.send_due())
        return self.sent


@pytest.fixture
def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FeedHarness:
    monkeypatch.setattr("bot.runtime.db_writer._PAUSE_SECONDS", 0)
    return FeedHarness(tmp_path)


async def hold(feeds: FeedStore, items: FeedItemStore) -> None:
    """Let an article wait for approval."""
    number = await feeds.add(FOUND, FeedOptions(hold=True), f"telegram {LAYLA}")
    entry = FeedEntry(id="1", title="The port", summary=PORT)
    read = Feed(kind=FeedKind.RSS, entries=(entry,))
    await items.record_entries(number, read, diff_entries(read.entries, []), "x", NO_VALIDATORS)
    [item] = (await items.find_due()).items
    story = ExtractedArticle(text=PORT).model_dump_json()
    await items.record_result(item, ItemResult(ItemState.PENDING_APPROVAL), story)


def test_each_of_the_staff_is_sent_the_days_list_once_through_restarts(
    harness: FeedHarness,
) -> None:
    harness.run(lambda _, feeds, items: hold(feeds, items))
    assert harness.tell() == [(OWNER, "1 wait"), (LAYLA, "1 wait")]
    assert harness.tell() == []
    harness.clock.move(days=1)
    assert harness.tell() == [(OWNER, "1 wait"), (LAYLA, "1 wait")]


def test_what_comes_after_the_hour_waits_for_the_next_days_list(harness: FeedHarness) -> None:
    assert harness.tell() == []
    harness.run(lambda _, feeds, items: hold(feeds, items))
    assert harness.tell() == []
    harness.clock.move(days=1)
    assert len(harness.tell()) == 2


def test_a_dead_feed_is_told_of_once_until_it_lives_and_dies_again(harness: FeedHarness) -> None:
    async def fail(_: Notifier, feeds: FeedStore, items: FeedItemStore) -> None:
        if not await feeds.list_all():
            await feeds.add(FOUND, DEFAULT_OPTIONS, f"telegram {LAYLA}")
        for _try in range(3):
            error = SourceRejected(RejectReason.UNREACHABLE, "x")
            await items.mark_failed(1, error, harness.clock() + timedelta(hours=1))

    harness.run(fail)
    assert harness.tell() == []
    harness.clock.move(days=1)
    assert harness.tell() == [(LAYLA, "Noran Ledger: dead")]
    harness.clock.move(days=1)
    assert harness.tell() == []
    harness.run(lambda _, feeds, items: items.mark_unchanged(1, NO_VALIDATORS))
    harness.clock.move(days=9)
    harness.run(fail)
    assert harness.tell() == []
    harness.clock.move(days=1)
    assert harness.tell() == [(LAYLA, "Noran Ledger: dead")]


def test_a_feed_that_leads_to_too_many_sites_is_told_of_once_a_week_at_most(
    harness: FeedHarness,
) -> None:
    async def lead(_: Notifier, feeds: FeedStore, items: FeedItemStore) -> None:
        if not await feeds.list_all():
            await feeds.add(FOUND, DEFAULT_OPTIONS, f"telegram {LAYLA}")
        sites = SiteStore(items._write)
        for number in range(MAX_NEW_SITES + 1):
            await sites.add(f"{harness.clock():%j}-{number}.example", 1, harness.clock())

    told = []
    for _day in range(9):
        harness.run(lead)
        told.append([*harness.tell(), *harness.tell()])
        harness.clock.move(days=1)
    notice = (LAYLA, "Noran Ledger: site limit")
    assert told == [[notice], *[[]] * 6, [notice], []]


def test_a_feed_that_brings_too_many_entries_is_told_of_once_until_all_were_taken(
    harness: FeedHarness,
) -> None:
    async def burst(first: int, feeds: FeedStore, items: FeedItemStore) -> None:
        if not await feeds.list_all():
            await feeds.add(FOUND, DEFAULT_OPTIONS, f"telegram {LAYLA}")
            await items.record_entries(1, EMPTY, diff_entries((), []), "x", NO_VALIDATORS)
        numbers = range(first, first + 60)
        entries = [FeedEntry(id=str(n), title=f"News {n}", summary=PORT) for n in numbers]
        diff = diff_entries(entries, await items.list_known(1))
        await items.record_entries(1, EMPTY, diff, "x", NO_VALIDATORS)

    harness.run(lambda _, feeds, items: burst(0, feeds, items))
    assert harness.tell() == [(LAYLA, "Noran Ledger: queue 10")]
    assert harness.tell() == []
    harness.run(lambda _, feeds, items: items.mark_unchanged(1, NO_VALIDATORS))
    assert harness.tell() == []
    harness.run(lambda _, feeds, items: burst(100, feeds, items))
    assert harness.tell() == [(LAYLA, "Noran Ledger: queue 10")]


def test_where_who_added_a_dead_feed_cannot_be_reached_the_owners_are_told(
    harness: FeedHarness,
) -> None:
    async def die(_: Notifier, feeds: FeedStore, items: FeedItemStore) -> None:
        await feeds.add(FOUND, DEFAULT_OPTIONS, f"telegram {LAYLA}")
        await items.mark_failed(
            1, SourceRejected(RejectReason.NOT_FOUND, "x"), harness.clock(), gone=True
        )

    harness.unreachable = {LAYLA}
    harness.run(die)
    assert harness.tell() == [(LAYLA, "Noran Ledger: dead"), (OWNER, "Noran Ledger: dead")]


def test_a_feed_that_is_resumed_and_gone_again_is_told_of_again(harness: FeedHarness) -> None:
    async def go(_: Notifier, feeds: FeedStore, items: FeedItemStore) -> None:
        if not await feeds.list_all():
            await feeds.add(FOUND, DEFAULT_OPTIONS, f"telegram {LAYLA}")
        await items.mark_failed(
            1, SourceRejected(RejectReason.NOT_FOUND, "x"), harness.clock(), gone=True
        )

    harness.run(go)
    assert len(harness.tell()) == 1
    harness.run(lambda _, feeds, __: feeds.set_state(1, FeedState.ACTIVE, "nadia"))
    harness.run(go)
    assert len(harness.tell()) == 1


class SentNotices:
    """Counts what it is told, and wakes who waits for the second."""

    def __init__(self) -> None:
        self.said: list[object] = []
        self.twice = asyncio.Event()

    def __call__(self, what: object) -> None:
        self.said.append(what)
        if len(self.said) == 2:
            self.twice.set()


def test_notices_go_on_after_an_error(
    harness: FeedHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feeds.notifications.INTERVAL_SECONDS", 0)

    async def twice(notices: Notifier, *_: Any) -> None:
        async def broken() -> list[int]:
            raise OSError("the disk is full")

        notices._list_editor_ids, notices._on_error = broken, SentNotices()
        running = asyncio.create_task(notices.run())
        await asyncio.wait_for(notices._on_error.twice.wait(), 120)
        running.cancel()

    harness.run(twice)


def test_one_process_at_a_time_follows_feeds_and_the_next_begins_when_it_ends(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        begun, tasks = SentNotices(), []

        def work(name: str) -> Callable[[], Awaitable[None]]:
            async def follow_for_ever() -> None:
                begun(name)
                await asyncio.Event().wait()

            return follow_for_ever

        for name in ("first", "second"):
            following = run_exclusively(tmp_path, work(name), begun, lock_poll_interval=0)
            tasks.append(asyncio.create_task(following))
            for _ in range(20):
                await asyncio.sleep(0)
        assert begun.said == ["first"]
        assert (tmp_path / "feeds.lock").exists()
        tasks[0].cancel()
        await asyncio.wait_for(begun.twice.wait(), 120)
        assert begun.said == ["first", "second"]
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())


def test_following_that_breaks_off_is_told_and_begun_again(tmp_path: Path) -> None:
    async def work() -> None:
        raise OSError("the disk is full")

    async def run() -> None:
        failures = SentNotices()
        task = asyncio.create_task(run_exclusively(tmp_path, work, failures, restart_delay=0))
        await asyncio.wait_for(failures.twice.wait(), 120)
        assert {type(each) for each in failures.said} == {OSError}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
