"""What editors are told of feeds unasked, by a running bot, and lists of feeds on their way."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.feeds.entry_diff import diff_entries
from bot.feeds.store.feeds import DEFAULT_OPTIONS, DiscoveredFeed, FeedOptions, FeedStore
from bot.feeds.store.items import FeedItemStore, ItemResult, ItemState
from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.api import SendOutcome
from bot.telegram.message import OutgoingMessage, plain_text
from bot.telegram.reply import Attachment
from bot.telegram.sender import MessageSender, SendResult
from bot.telegram.updates import ReplyTarget
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.feeds.models import Feed, FeedEntry, FeedKind
from index.ingest.http.fetcher import NO_VALIDATORS
from index.ingest.rejections import RejectReason, SourceRejected
from index.storage.database import Database
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat, Json
from tests.fixtures.bot_process import Person, StartBot, labels
from tests.fixtures.editors import DAM, FERRY, OWNER, plain
from tests.integration.bot.telegram.test_sender import chat_of, through


def fill(folder: Path) -> None:
    """Follow a feed that died two days ago, and one of which an article waits."""
    now = datetime.now(UTC)

    async def act() -> None:
        database = Database(folder)
        writing = DatabaseWriter(database)
        try:
            before = FeedStore(writing, lambda: now - timedelta(days=3))
            site = "noran.example"
            dead = DiscoveredFeed(f"https://{site}/dead", site, FeedKind.RSS, "The Dead Letter")
            number = await before.add(dead, DEFAULT_OPTIONS, "terminal")
            items = FeedItemStore(writing, lambda: now)
            for day in (2, 1, 0):
                error = SourceRejected(RejectReason.UNREACHABLE, "nobody answers")
                tried = FeedItemStore(writing, partial(lambda day: now - timedelta(days=day), day))
                await tried.mark_failed(number, error, now + timedelta(hours=9))
            held_feed = DiscoveredFeed(
                f"https://{site}/held", site, FeedKind.RSS, "The Waiting Room"
            )
            number = await before.add(held_feed, FeedOptions(hold=True), f"telegram {OWNER}")
            entries = [FeedEntry(id=name, title=name, summary=name) for name in ("ferry", "dam")]
            read = Feed(kind=FeedKind.RSS, entries=tuple(entries))
            await items.record_entries(number, read, diff_entries(entries, []), "x", NO_VALIDATORS)
            for item, words in zip((await items.find_due()).items, (DAM, FERRY), strict=True):
                story = ExtractedArticle(
                    text=words, title=item.entry.title, source="The Waiting Room"
                )
                await items.record_result(
                    item, ItemResult(ItemState.PENDING_APPROVAL), story.model_dump_json()
                )
            await items.schedule_next_poll(number, now + timedelta(hours=9))
        finally:
            await writing.close()
            database.close()

    asyncio.run(act())


def test_the_days_list_and_a_dead_feed_are_told_with_buttons_that_work(
    double: Double, start_bot: StartBot, noran_archive: Path, tmp_path: Path
) -> None:
    shutil.copytree(noran_archive, tmp_path / "archive")
    fill(tmp_path / "archive")
    owner = Person(double, "en", "Nadia", OWNER)
    start_bot(telegram_owners=OWNER, feeds_list_hour=0, language="en")

    def notices_that_begin(beginning: str) -> list[Json]:
        return [each for each in double.sent(owner.chat) if plain(each).startswith(beginning)]

    dead = double.wait_for(
        lambda: notices_that_begin("I have not been able to read this feed"), what="a notice"
    )[0]
    assert "The Dead Letter" in plain(dead)
    assert "The site does not answer. I keep trying" in plain(dead)
    double.tap(owner.user, dead, "Show the feed")
    double.wait_for(lambda: "Pause" in labels(owner.now(dead)), what="the feed")

    daily = double.wait_for(
        lambda: notices_that_begin("Today's articles waiting"), what="the list"
    )[0]
    assert "Waiting for approval: 2" in plain(daily)
    double.tap(owner.user, daily, "Approve all shown")
    double.wait_for(lambda: plain(owner.now(daily)).startswith("2 added."), what="a decision")
    assert "The Waiting Room" in plain(owner.say("Who opened the dam above Noran?"))


LIST = Attachment("feeds.opml", b"<opml/>")


@pytest.mark.parametrize(
    ("fault", "fate", "arrived"),
    [
        (None, SendOutcome.SENT, 1),
        ("429", SendOutcome.NOT_SENT, 0),
        ("403", SendOutcome.FORBIDDEN, 0),
        ("500", SendOutcome.NOT_SENT, 0),
        ("502", SendOutcome.UNKNOWN, 0),
        ("cut_after", SendOutcome.UNKNOWN, 1),
    ],
)
def test_what_became_of_a_file_is_told_by_the_answer_as_of_a_message(
    double: Double, fault: str | None, fate: SendOutcome, arrived: int
) -> None:
    chat = chat_of(double)
    if fault:
        double.faults.add(fault, "sendDocument")

    async def post(sender: MessageSender) -> SendResult:
        return await sender.post(
            ReplyTarget(chat.id), OutgoingMessage(plain_text("قائمة <b>")), attachment=LIST
        )

    assert through(double, post).outcome is fate
    sent = double.sent(chat)
    assert [double.content(each["document"]["file_id"]) for each in sent] == [b"<opml/>"] * arrived
    assert [each["caption"] for each in sent] == ["قائمة <b>"] * arrived


@pytest.mark.parametrize(("fault", "arrived"), [("500", 1), ("cut_before", 0)])
def test_what_is_told_unasked_is_sent_again_only_where_it_cannot_have_arrived(
    double: Double, fault: str, arrived: int
) -> None:
    chat: Chat = chat_of(double)
    double.faults.add(fault, "sendMessage")
    through(double, lambda sender: sender.deliver(chat.id, OutgoingMessage(plain_text("سلام"))))
    assert len(double.sent(chat)) == arrived
    assert sum(call.method == "sendMessage" for call in double.journal) == 1 + arrived
