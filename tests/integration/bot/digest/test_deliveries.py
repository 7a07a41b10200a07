"""The ledger: every step is from the state before it, and nothing is sent by two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from bot.digest.payloads import AlertPayload, EditionPayload
from bot.digest.schedule import DueEdition
from bot.digest.store.deliveries import (
    RETENTION_PERIOD,
    DeliveryRow,
    count_deliveries,
    list_deliveries,
    resend,
)
from bot.digest.store.subscribers import DueSubscriber, PlanningDecision
from bot.digest.store.watches import PlannedAlert, Watch
from index.errors import InvalidInputError, NotFoundError
from index.storage.database import Database
from tests.fixtures.digest_stores import BOT, DigestStores, chosen, only, use
from tests.fixtures.sample_articles import SetClock

CHAT, UPTO = 5, 40
LONG_AFTER = datetime(2026, 12, 1, tzinfo=UTC)
Result = TypeVar("Result")


class Do(Protocol):
    """Do something as a process of its own."""

    def __call__(self, work: Callable[[DigestStores], Awaitable[Result]]) -> Result: ...


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def do(database: Database, clock: SetClock) -> Do:

    def run(work: Callable[[DigestStores], Awaitable[Result]]) -> Result:
        return use(database, clock, work)

    return run


def decided(
    day: date, now: datetime, *missed: date, **about: Any
) -> Callable[[DueSubscriber], PlanningDecision]:
    """Decide the same for everybody: an edition of that day, and what was missed."""
    edition = EditionPayload(
        language="en",
        day=day,
        after=0,
        upto=UPTO,
        since=day - timedelta(days=3),
        length=5,
        missed=missed,
        **about,
    )
    due = DueEdition(day, now, now + timedelta(hours=12))
    return lambda _: PlanningDecision(edition, due, missed, now + timedelta(days=1))


@pytest.fixture
def planned(do: Do, clock: SetClock) -> DeliveryRow:
    """An edition that is planned for a chat."""

    async def plan(stores: DigestStores) -> DeliveryRow:
        await stores.subscribers.save(chosen(CHAT, clock()), clock())
        await stores.subscribers.plan_due(decided(clock().date(), clock()), clock(), 10)
        return only(await stores.ledger.next_planned(10))

    return do(plan)


def state(database: Database) -> str:
    with database.read_transaction() as connection:
        return only(
            list_deliveries(connection, list(count_deliveries(connection).by_state), 10)
        ).state


def told_upto(do: Do) -> int | None:
    """Return up to which change the one subscriber has been told."""
    delivered: list[int | None] = []

    def decide(of: DueSubscriber) -> PlanningDecision:
        delivered.append(of.delivered_through_seq)
        return PlanningDecision(None, None, (), LONG_AFTER)

    do(lambda stores: stores.subscribers.plan_due(decide, LONG_AFTER, 10))
    (one,) = delivered
    return one


def test_of_two_processes_that_begin_to_send_one_does(do: Do, planned: DeliveryRow) -> None:
    began = [do(lambda stores: stores.ledger.claim(planned)) for _ in range(2)]
    assert began == [True, False]


def test_a_subscriber_has_one_line_for_a_day_however_often_it_is_planned(
    do: Do, planned: DeliveryRow, clock: SetClock
) -> None:
    async def again(stores: DigestStores) -> list[DeliveryRow]:
        await stores.subscribers.save(chosen(CHAT, clock(), at=9 * 60), clock())
        looked_at = await stores.subscribers.plan_due(decided(clock().date(), clock()), clock(), 10)
        assert looked_at == 1
        return await stores.ledger.next_planned(10)

    assert do(again) == [planned]


def test_what_cannot_have_arrived_is_planned_again(do: Do, planned: DeliveryRow) -> None:
    async def fail(stores: DigestStores) -> list[DeliveryRow]:
        await stores.ledger.claim(planned)
        assert await stores.ledger.next_planned(10) == []
        await stores.ledger.mark_planned(planned)
        return await stores.ledger.next_planned(10)

    assert do(fail) == [planned]


def test_what_a_crash_leaves_sending_is_parked_and_counts_as_told(
    do: Do, planned: DeliveryRow, database: Database
) -> None:
    do(lambda stores: stores.ledger.claim(planned))
    assert do(lambda stores: stores.ledger.recover()) == 1
    assert state(database) == "parked"
    assert told_upto(do) == UPTO


def test_what_is_parked_is_offered_with_one_reply_and_again_with_the_same_one(
    do: Do, planned: DeliveryRow
) -> None:
    async def offers(stores: DigestStores) -> list[list[int]]:
        await stores.ledger.recover()
        await stores.ledger.claim(planned)
        await stores.ledger.mark_in_doubt(planned)
        assert stores.ledger.may_have_offers(CHAT)
        found = [await stores.ledger.claim_offers(CHAT, update, 3) for update in (1, 1, 2)]
        assert not stores.ledger.may_have_offers(CHAT)
        return [[each.number for each in some] for some in found]

    assert do(offers) == [[planned.number], [planned.number], []]


def test_what_was_parked_before_a_start_is_still_to_be_offered(
    do: Do, planned: DeliveryRow
) -> None:
    do(lambda stores: stores.ledger.claim(planned))
    do(lambda stores: stores.ledger.mark_in_doubt(planned))

    async def start(stores: DigestStores) -> bool:
        await stores.ledger.recover()
        return stores.ledger.may_have_offers(CHAT)

    assert do(start)


def test_what_is_parked_is_shown_to_its_own_chat_only_and_is_then_sent(
    do: Do, planned: DeliveryRow, database: Database
) -> None:
    do(lambda stores: stores.ledger.claim(planned))
    do(lambda stores: stores.ledger.mark_in_doubt(planned))
    assert do(lambda stores: stores.ledger.release_in_doubt(planned.number, CHAT + 1)) is None
    assert state(database) == "parked"
    released = do(lambda stores: stores.ledger.release_in_doubt(planned.number, CHAT))
    assert released
    assert released.number == planned.number
    assert state(database) == "sent"


def test_only_what_is_parked_or_failed_can_be_sent_again(
    do: Do, planned: DeliveryRow, database: Database, clock: SetClock
) -> None:
    with pytest.raises(NotFoundError):
        resend(database, planned.number + 1, clock())
    with pytest.raises(InvalidInputError, match="is planned"):
        resend(database, planned.number, clock())
    do(lambda stores: stores.ledger.claim(planned))
    do(lambda stores: stores.ledger.mark_sent(planned))
    with pytest.raises(InvalidInputError, match="is sent"):
        resend(database, planned.number, clock())
    assert state(database) == "sent"


def test_what_is_sent_again_is_planned_for_a_day_and_can_be_parked_and_offered_again(
    do: Do, planned: DeliveryRow, database: Database, clock: SetClock
) -> None:
    async def park(stores: DigestStores) -> list[DeliveryRow]:
        await stores.ledger.claim(planned)
        await stores.ledger.mark_in_doubt(planned)
        return await stores.ledger.claim_offers(CHAT, 1, 3)

    assert do(park)
    clock.move(hours=20)
    assert resend(database, planned.number, clock()).state == "parked"
    again = only(do(lambda stores: stores.ledger.next_planned(10)))
    assert again.until
    assert datetime.fromisoformat(again.until) > clock(), "it is not too late for it"
    assert do(park)


def test_who_has_unsubscribed_is_sent_nothing_again(
    do: Do, planned: DeliveryRow, database: Database, clock: SetClock
) -> None:
    do(lambda stores: stores.ledger.claim(planned))
    do(lambda stores: stores.ledger.mark_in_doubt(planned))
    do(lambda stores: stores.subscribers.unsubscribe(CHAT, "left"))
    with pytest.raises(InvalidInputError, match="not subscribed any more"):
        resend(database, planned.number, clock())


def test_who_unsubscribes_gets_nothing_that_was_planned(
    do: Do, planned: DeliveryRow, database: Database
) -> None:
    assert do(lambda stores: stores.subscribers.unsubscribe(CHAT, "left"))
    assert state(database) == "skipped"
    assert not do(lambda stores: stores.ledger.claim(planned))
    assert do(lambda stores: stores.subscribers.get(CHAT)) is None
    ended = do(lambda stores: stores.subscribers.get_including_ended(CHAT))
    assert ended
    assert ended.chat == CHAT


def test_who_blocks_the_bot_is_unsubscribed_in_the_same_step(do: Do, planned: DeliveryRow) -> None:
    do(lambda stores: stores.alerts.add(CHAT, None, "fish", "en"))
    do(lambda stores: stores.ledger.claim(planned))
    do(lambda stores: stores.ledger.mark_failed(planned, "blocked"))
    assert do(lambda stores: stores.subscribers.get(CHAT)) is None
    assert do(lambda stores: stores.alerts.list_for_chat(CHAT)) == []


def test_what_finds_no_room_in_one_offer_is_offered_in_the_next_editions_first(
    do: Do, planned: DeliveryRow, clock: SetClock
) -> None:
    async def offers(stores: DigestStores) -> list[list[str]]:
        await stores.ledger.recover()
        for number in range(4):
            watch = Watch(1, CHAT, None, "fish", "en")
            of = AlertPayload(language="en", watched="fish", article=number)
            alert = PlannedAlert(watch, of, clock() + timedelta(days=1), deferred=False)
            await stores.alerts.record_alerts([alert], number)
        for each in await stores.ledger.next_planned(10):
            await stores.ledger.claim(each)
            await stores.ledger.mark_in_doubt(each)
        found = [await stores.ledger.claim_offers(CHAT, update, 3) for update in (1, 2)]
        assert not stores.ledger.may_have_offers(CHAT)
        return [[each.kind for each in some] for some in found]

    assert do(offers) == [["edition", "alert", "alert"], ["alert", "alert"]]


def test_where_the_new_group_has_subscribed_itself_the_old_one_gets_nothing_more(
    do: Do, planned: DeliveryRow, database: Database, clock: SetClock
) -> None:
    do(lambda stores: stores.subscribers.save(chosen(-100, clock()), clock()))
    do(lambda stores: stores.subscribers.migrate_chat(CHAT, -100))
    assert do(lambda stores: stores.subscribers.get(CHAT)) is None
    assert do(lambda stores: stores.subscribers.get(-100))
    late = chosen(CHAT, clock())
    do(lambda stores: stores.subscribers.save(late, clock(), is_new=False))
    assert do(lambda stores: stores.subscribers.get(CHAT)) is None
    assert len(do(lambda stores: stores.ledger.next_planned(10))) <= 1


def test_a_clock_that_was_far_ahead_silences_nobody(
    do: Do, planned: DeliveryRow, clock: SetClock
) -> None:
    ahead = clock() + timedelta(days=1_000)

    async def through(stores: DigestStores) -> list[date]:
        await stores.ledger.claim(planned)
        await stores.ledger.mark_sent(planned)
        await stores.subscribers.plan_due(decided(ahead.date(), ahead), ahead, 10)
        clock.move(days=1)
        await stores.subscribers.plan_due(decided(clock().date(), clock()), clock(), 10)
        last = await stores.subscribers.last_decision(CHAT)
        assert last
        assert last.day == clock().date()
        return [date.fromisoformat(each.of) for each in await stores.ledger.next_planned(10)]

    assert do(through) == [clock().date(), ahead.date()]


def test_a_subscription_that_cannot_be_read_keeps_nobody_else_from_theirs(
    do: Do, database: Database, clock: SetClock
) -> None:
    for chat in (1, 2, 3):
        subscription = chosen(chat, clock())
        do(lambda stores: stores.subscribers.save(subscription, clock()))  # noqa: B023 - run at once
    with database.write_transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE subscriptions SET schedule = replace(schedule, 'Tripoli', 'Noran') "
            "WHERE chat_id = 2"
        )
    do(lambda stores: stores.subscribers.plan_due(decided(clock().date(), clock()), clock(), 10))
    assert [each.chat for each in do(lambda stores: stores.ledger.next_planned(10))] == [1, 3]


def test_a_group_that_moves_takes_its_editions_and_watches_with_it(
    do: Do, planned: DeliveryRow, clock: SetClock
) -> None:
    do(lambda stores: stores.alerts.add(CHAT, None, "fish", "en"))
    do(lambda stores: stores.ledger.claim(planned))
    for _ in range(2):  # it is told by the call that failed, and by an update
        do(lambda stores: stores.subscribers.migrate_chat(CHAT, -100))
    do(lambda stores: stores.ledger.mark_sent(planned))  # with the id that it had
    assert do(lambda stores: stores.subscribers.get(CHAT)) is None
    moved = do(lambda stores: stores.subscribers.get(-100))
    assert moved
    assert moved.chat == -100
    assert [watch.topic for watch in do(lambda stores: stores.alerts.list_for_chat(-100))] == [
        "fish"
    ]
    last = do(lambda stores: stores.subscribers.last_decision(-100))
    assert last
    assert last.day == clock().date()
    assert told_upto(do) == UPTO


def test_while_an_edition_is_open_no_other_is_planned(
    do: Do, planned: DeliveryRow, clock: SetClock
) -> None:
    async def later(stores: DigestStores) -> list[DeliveryRow]:
        clock.move(days=1, hours=1)
        assert await stores.subscribers.plan_due(decided(clock().date(), clock()), clock(), 10) == 1
        return await stores.ledger.next_planned(10)

    assert do(later) == [planned]


def test_those_who_get_the_same_share_one_content(do: Do, clock: SetClock) -> None:
    async def plan(stores: DigestStores) -> set[int | None]:
        for chat in range(50):
            await stores.subscribers.save(chosen(chat + 1, clock()), clock())
        await stores.subscribers.plan_due(decided(clock().date(), clock()), clock(), 100)
        return {each.content for each in await stores.ledger.next_planned(100)}

    assert len(do(plan)) == 1


def test_days_that_were_missed_are_skipped_and_unsaid_until_an_edition_comes(
    do: Do, clock: SetClock
) -> None:
    today = clock().date()
    yesterday = today - timedelta(days=1)
    unsaid: list[tuple[date, ...]] = []

    async def through(stores: DigestStores) -> None:
        await stores.subscribers.save(chosen(CHAT, clock()), clock())

        def missed(_: DueSubscriber) -> PlanningDecision:
            return PlanningDecision(None, None, (yesterday,), clock())

        def look(of: DueSubscriber) -> PlanningDecision:
            unsaid.append(of.unreported_missed)
            return decided(today, clock())(of)

        await stores.subscribers.plan_due(missed, clock(), 10)
        await stores.subscribers.plan_due(look, clock(), 10)
        clock.move(days=1)
        await stores.ledger.claim(of := only(await stores.ledger.next_planned(10)))
        await stores.ledger.mark_sent(of)

        def again(of: DueSubscriber) -> PlanningDecision:
            unsaid.append(of.unreported_missed)
            return PlanningDecision(None, None, (), clock())

        await stores.subscribers.plan_due(again, clock(), 10)

    do(through)
    assert unsaid == [(yesterday,), ()]


def test_what_is_long_over_is_forgotten_and_what_is_to_be_sent_is_not(
    do: Do, planned: DeliveryRow, clock: SetClock
) -> None:
    clock.move(days=RETENTION_PERIOD.days + 2)
    do(lambda stores: stores.ledger.delete_expired())
    assert do(lambda stores: stores.ledger.next_planned(10)) == [planned]
    do(lambda stores: stores.ledger.mark_skipped(planned, "late"))
    do(lambda stores: stores.ledger.delete_expired())
    assert do(lambda stores: stores.ledger.load_content(planned.content or 0)) is None


def test_another_bots_ledger_is_left_alone(
    do: Do, planned: DeliveryRow, database: Database
) -> None:
    do(lambda stores: stores.ledger.claim(planned))
    with database.write_transaction() as connection:
        connection.exec_driver_sql(f"UPDATE deliveries SET bot_id = {BOT + 1}")
    assert do(lambda stores: stores.ledger.recover()) == 0
    assert state(database) == "sending"
