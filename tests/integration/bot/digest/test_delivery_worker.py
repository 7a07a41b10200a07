"""The courier: where a forum's topic is gone, where the bot is silenced, where a call breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.digest.delivery_worker import DeliveryWorker
from bot.digest.edition_stories import EditionStories
from bot.digest.payloads import EditionPayload
from bot.digest.renderer import PayloadRenderer
from bot.digest.schedule import DueEdition
from bot.digest.store.deliveries import DeliveryRow, list_deliveries
from bot.digest.store.payloads import read_content
from bot.digest.store.subscribers import DueSubscriber, PlanningDecision
from bot.runtime.executors import Executors
from bot.settings import TelegramSettings
from bot.telegram.api import TelegramApi, build_client
from bot.telegram.call_limiter import CallOptions
from bot.telegram.sender import MessageSender
from index.archive import Archive
from index.storage.database import Database
from tests.fakes.telegram.server import Double
from tests.fixtures.digest_stores import DigestStores, chosen, only, use
from tests.fixtures.sample_articles import SetClock

Deliver = Callable[..., DeliveryRow]


@pytest.fixture
def deliver(double: Double, archive: Archive, clock: SetClock, tmp_path: Path) -> Iterator[Deliver]:
    """Plan an edition for a chat and let the courier work until nothing is to be sent."""
    database = Database(tmp_path / "archive")
    editions = EditionStories(archive, Executors())

    def run(chat: int, thread: int | None = None, broken: bool = False) -> DeliveryRow:
        async def work(stores: DigestStores) -> None:
            await stores.subscribers.save(chosen(chat, clock(), thread=thread), clock())
            await stores.alerts.add(chat, thread, "fish", "en")
            await stores.subscribers.plan_due(decided(clock), clock(), 10)
            settings = TelegramSettings.model_validate(
                {"base_url": double.base_url, "messages_per_second": 0}
            )
            telegram = build_client(settings, double.token)
            await telegram.initialize()
            if broken:
                telegram.__class__ = Breaking
            errors: list[BaseException] = []
            courier = DeliveryWorker(
                stores.ledger,
                PayloadRenderer(archive, editions, stores.ledger),
                MessageSender(telegram),
                lambda chat: stores.people.set_reachable(chat, reachable=False),
                clock,
                errors.append,
                poll_interval=0.01,
            )
            task = asyncio.create_task(courier.run())
            async with asyncio.timeout(20):
                while state(database).state in ("planned", "sending"):  # noqa: ASYNC110
                    await asyncio.sleep(0)
            task.cancel()
            await courier.stop(1)
            await telegram.shutdown()

        use(database, clock, work)
        return state(database)

    yield run
    database.close()


class Breaking(TelegramApi):
    """A client that breaks in a way that nobody has thought of, when it may have sent."""

    async def post_message(self, options: CallOptions | None = None, **fields: Any) -> None:
        await super().post_message(options, **fields)
        raise RuntimeError("nobody has thought of this")


def decided(clock: SetClock) -> Callable[[DueSubscriber], PlanningDecision]:
    today = clock().date()
    edition = EditionPayload(language="en", day=today, after=0, upto=0, since=today, length=5)
    due = DueEdition(today, clock(), clock() + timedelta(hours=12))
    return lambda _: PlanningDecision(edition, due, (), clock() + timedelta(days=1))


def state(database: Database) -> DeliveryRow:
    with database.read_transaction() as connection:
        states = ("planned", "sending", "sent", "failed", "parked", "skipped")
        return only(list_deliveries(connection, states, 10))


def look(database_of: Path, clock: SetClock, chat: int) -> tuple[bool, int | None, int]:
    """Say whether a chat is subscribed, in which topic, and how much it watches."""
    database = Database(database_of)

    async def found(stores: DigestStores) -> tuple[bool, int | None, int]:
        of = await stores.subscribers.get(chat)
        watched = await stores.alerts.list_for_chat(chat)
        return of is not None, of.thread if of else None, len(watched)

    try:
        return use(database, clock, found)
    finally:
        database.close()


def test_what_was_for_a_topic_that_is_gone_comes_to_the_forum_itself(
    double: Double, deliver: Deliver, tmp_path: Path, clock: SetClock
) -> None:
    forum = double.supergroup("Harbour", double.user(), forum=True)
    assert deliver(forum.id, thread=7).state == "sent"
    assert [message.get("message_thread_id") for message in forum.sent] == [None]
    assert look(tmp_path / "archive", clock, forum.id) == (True, None, 1)


@pytest.mark.parametrize(("refusals", "state", "length"), [(2, "sent", 1), (4, "failed", 0)])
def test_an_edition_that_telegram_finds_too_long_is_sent_with_fewer_stories(
    double: Double,
    deliver: Deliver,
    tmp_path: Path,
    clock: SetClock,
    refusals: int,
    state: str,
    length: int,
) -> None:
    chat = double.private(double.user())
    double.faults.add("400", "sendMessage", times=refusals, words="message is too long")
    outcome = deliver(chat.id)
    assert outcome.state == state
    assert len(chat.sent) == (state == "sent")
    database = Database(tmp_path / "archive")
    with database.read_transaction() as connection:
        content = read_content(connection, outcome.content or 0)
    database.close()
    assert isinstance(content, EditionPayload)
    assert content.length == length


def test_where_the_bot_may_not_write_just_now_nothing_is_ended(
    double: Double, deliver: Deliver, tmp_path: Path, clock: SetClock
) -> None:
    group = double.supergroup("Harbour", double.user())
    group.muted = True
    outcome = deliver(group.id)
    assert (outcome.state, outcome.why) == ("failed", "refused")
    assert look(tmp_path / "archive", clock, group.id) == (True, None, 1)


def test_where_the_bot_was_thrown_out_everything_is_ended(
    double: Double, deliver: Deliver, tmp_path: Path, clock: SetClock
) -> None:
    group = double.supergroup("Harbour", double.user())
    group.shut = "bot was kicked from the supergroup chat"
    outcome = deliver(group.id)
    assert (outcome.state, outcome.why) == ("failed", "blocked")
    assert look(tmp_path / "archive", clock, group.id) == (False, None, 0)


def test_a_call_that_breaks_as_nobody_has_thought_of_is_parked_not_left(
    double: Double, deliver: Deliver
) -> None:
    user = double.user()
    double.private(user)
    assert deliver(user.id, broken=True).state == "parked"
