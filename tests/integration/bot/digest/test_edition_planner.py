"""What an edition holds: what came since the last one, in the first one since a day before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.digest.edition_planner import POLL_INTERVAL_SECONDS, EditionPlanner
from bot.digest.options import PlanningOptions
from bot.digest.payloads import EditionPayload
from bot.digest.store.deliveries import DeliveryRow
from index.archive import Archive
from index.clock import LocalTime
from index.storage.database import Database
from tests.fixtures.digest_stores import DigestStores, chosen, use
from tests.fixtures.sample_articles import TRIPOLI, SetClock, draft

LATE_HOUR = 20
Morning = Callable[..., list[EditionPayload]]


def a_newsroom(stores: DigestStores, archive: Archive, clock: SetClock) -> EditionPlanner:
    return EditionPlanner(
        stores.subscribers,
        stores.people,
        archive,
        LocalTime(clock, TRIPOLI),
        lambda: None,
        PlanningOptions(LATE_HOUR, POLL_INTERVAL_SECONDS),
    )


@pytest.fixture
def morning(archive: Archive, clock: SetClock, tmp_path: Path) -> Iterator[Morning]:
    """Plan what is due, and let it be sent (or what else `how` names); return what was planned."""
    database = Database(tmp_path / "archive")

    def plan(how: str = "sent") -> list[EditionPayload]:
        async def work(stores: DigestStores) -> list[EditionPayload]:
            await stores.people.load()
            await a_newsroom(stores, archive, clock).plan()
            found = await stores.ledger.next_planned(100)
            for each in found:
                if how != "skip":
                    await stores.ledger.claim(each)
                await settle(stores, each, how)
            said = [await stores.ledger.load_content(each.content or 0) for each in found]
            return [each for each in said if isinstance(each, EditionPayload)]

        return use(database, clock, work)

    yield plan
    database.close()


async def settle(stores: DigestStores, of: DeliveryRow, how: str) -> None:
    if how == "sent":
        await stores.ledger.mark_sent(of)
    elif how == "park":
        await stores.ledger.mark_in_doubt(of)
    elif how == "fail":
        await stores.ledger.mark_failed(of, "refused")
    else:
        await stores.ledger.mark_skipped(of, "late")


@pytest.fixture
def keep(clock: SetClock, tmp_path: Path, archive: Archive) -> Iterator[Callable[..., None]]:
    """Subscribe a chat, from now on."""
    database = Database(tmp_path / "archive")

    def subscribe(chat: int, **more: Any) -> None:
        use(
            database,
            clock,
            lambda stores: stores.subscribers.save(chosen(chat, clock(), **more), clock()),
        )

    yield subscribe
    database.close()


def add(archive: Archive, number: int) -> int:
    archive.add(draft(f"a{number}", f"Boat number {number} came into the harbour of Noran."))
    return archive.last_change()


def next_morning(clock: SetClock, hour: int = 6) -> None:
    """Go on to 08:00 in Tripoli."""
    clock.now = (clock.now + timedelta(days=1)).replace(hour=hour, minute=0, second=0)


def only(found: list[EditionPayload]) -> EditionPayload:
    (one,) = found
    return one


def test_the_first_edition_begins_24_hours_before_and_the_next_where_that_ended(
    archive: Archive, clock: SetClock, morning: Morning, keep: Callable[..., None]
) -> None:
    old = add(archive, 1)
    clock.move(hours=22)
    keep(5)
    lately = add(archive, 2)
    next_morning(clock)
    first = only(morning())
    assert (first.after, first.upto) == (old, lately)
    assert first.since == clock.now.date() - timedelta(days=3)
    newest = add(archive, 3)
    next_morning(clock)
    second = only(morning())
    assert (second.after, second.upto) == (lately, newest)


@pytest.mark.parametrize(
    ("how", "counts_as_delivered"), [("park", True), ("fail", False), ("skip", False)]
)
def test_what_may_have_arrived_is_not_told_again_and_what_did_not_is(
    archive: Archive,
    clock: SetClock,
    morning: Morning,
    keep: Callable[..., None],
    how: str,
    counts_as_delivered: bool,
) -> None:
    add(archive, 1)
    keep(5)
    next_morning(clock)
    first = only(morning(how))
    next_morning(clock)
    second = only(morning())
    assert second.after == (first.upto if counts_as_delivered else 1)
    assert second.missed == ((first.day,) if how == "skip" else ())


def test_after_weeks_what_came_longer_ago_than_could_be_news_is_not_looked_at(
    archive: Archive, clock: SetClock, morning: Morning, keep: Callable[..., None]
) -> None:
    keep(5)
    add(archive, 1)
    next_morning(clock)
    morning()
    long_ago = add(archive, 2)
    clock.move(days=20)
    lately = add(archive, 3)
    next_morning(clock)
    back = only(morning())
    assert (back.after, back.upto) == (long_ago, lately)


def test_all_who_are_due_at_a_time_get_the_same_though_news_comes_in_between(
    archive: Archive, clock: SetClock, tmp_path: Path
) -> None:
    database = Database(tmp_path / "archive")
    add(archive, 1)

    async def work(stores: DigestStores) -> list[DeliveryRow]:
        newsroom = a_newsroom(stores, archive, clock)
        later = clock() + timedelta(days=1, minutes=1)
        await stores.subscribers.save(chosen(5, clock()), clock())
        await stores.subscribers.save(chosen(6, clock()), later)
        next_morning(clock)
        assert await newsroom.plan() == 1
        add(archive, 2)
        clock.now = later
        assert await newsroom.plan() == 1
        return await stores.ledger.next_planned(10)

    found = use(database, clock, work)
    database.close()
    assert [each.chat for each in found] == [5, 6]
    assert found[0].content == found[1].content


def test_language_length_topics_and_silence_are_the_readers(
    archive: Archive, clock: SetClock, morning: Morning, keep: Callable[..., None]
) -> None:
    keep(5, language="fr", length=10, include=("fish",), exclude=("football",), silent=True)
    next_morning(clock)
    found = only(morning())
    assert (found.language, found.length, found.silent) == ("fr", 10, True)
    assert (found.include, found.exclude) == (("fish",), ("football",))
    assert found.day == date(2026, 2, 6)
