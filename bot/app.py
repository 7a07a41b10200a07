"""The bot in Telegram, wired together: what is made, what runs beside what, and how it ends."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout
from telegram.error import InvalidToken, TelegramError

from bot.answers.router import ReaderRouter
from bot.digest.handlers.router import DigestRouter
from bot.digest.in_doubt_offers import InDoubtOffers
from bot.digest.services import DigestServices
from bot.editorial.draft_store import DraftStore
from bot.editorial.importer import SourceImporter
from bot.editorial.roles import Roles
from bot.editorial.router import EditorialRouter
from bot.feeds.notifications import NoticeRenderers, Notifier
from bot.feeds.poll_lock import follow
from bot.feeds.services import FeedServices
from bot.runtime.db_writer import DatabaseWriter
from bot.settings import PREFIX, Settings, load_boilerplate
from bot.telegram.api import SendOutcome, TelegramApi, client, wait_after
from bot.telegram.chats import ChatPreferences
from bot.telegram.command_menu import CommandMenu
from bot.telegram.dispatcher import UpdateDispatcher
from bot.telegram.error_reporter import ErrorReporter
from bot.telegram.inbox import Inbox
from bot.telegram.message import OutgoingMessage
from bot.telegram.polling import poll
from bot.telegram.rate_limits import Backoff, SendRateLimiter, UserRateLimiter
from bot.telegram.sender import MessageSender
from bot.telegram.updates import BotIdentity
from index.archive import Archive
from index.clock import Clock, system_clock
from index.errors import SettingsError, StoreError
from index.storage.database import Database

logger = logging.getLogger(__name__)

_STOP_SECONDS = 2.5
"""How long what is being sent may take to arrive when the bot is stopped."""
_LEAVE_SECONDS = 4.0
"""After which the process ends whatever is still going on: the inbox says what was sent."""
_DAY_SECONDS = 86_400
_TURN_SECONDS = 0.0005
"""How long one of Python's threads works before another that wants to may; by default 0.005.

Answering a question changes hands dozens of times, and each time waits so long for a thread that is
busy with something else, such as an article that a feed brings.
"""
_COMMANDS_PER_MINUTE, _COMMANDS_AT_ONCE = 60, 30


def serve(
    settings: Settings,
    archive: Archive,
    clock: Clock = system_clock,
    look_again: float | None = None,
) -> None:
    """Run the bot in Telegram until SIGTERM or SIGINT.

    Tests whose days are short set how many seconds are between two looks at what is due.
    Raises `SettingsError` where there is no token, or Telegram refuses it.
    """
    secret = settings.telegram.token
    if secret is None or not secret.get_secret_value():
        raise SettingsError(
            "there is no token for Telegram",
            f"Ask @BotFather for one and set it as {PREFIX}TELEGRAM_TOKEN",
        )
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        with _leaving_at_once():
            archive.prepare()
            with _alone(settings.data_dir, secret.get_secret_value()):
                asyncio.run(_serve(settings, secret.get_secret_value(), archive, clock, look_again))
    except InvalidToken:
        raise SettingsError(
            "Telegram does not know this token, or no longer",
            f"Copy it again from @BotFather into {PREFIX}TELEGRAM_TOKEN, and see that "
            f"{PREFIX}TELEGRAM_BASE_URL, if it is set, ends in /bot",
        ) from None


@contextmanager
def _leaving_at_once() -> Iterator[None]:
    """End at SIGTERM without ado until the loop has handlers, also where the bot is process 1."""
    before = signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _alone(folder: Path, token: str) -> Iterator[None]:
    """Let one process at a time run a bot over an archive; the next one waits for its end."""
    name = hashlib.sha256(token.encode()).hexdigest()[:12]
    lock = FileLock(folder / f"bot-{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.warning("Another process runs this bot over this archive: waiting for its end.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


async def _serve(
    settings: Settings, token: str, archive: Archive, clock: Clock, look_again: float | None
) -> None:
    with _stopped_by_signals() as stop:
        telegram = client(settings.telegram, token)
        async with _open(settings) as ways:
            try:
                running = asyncio.create_task(
                    _run(settings, telegram, ways, archive, clock, look_again)
                )
                asked = asyncio.create_task(stop.wait())
                await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
                for task in (running, asked):
                    task.cancel()
                await asyncio.gather(asked, return_exceptions=True)
                try:
                    await running
                except asyncio.CancelledError:
                    logger.info("Stopped.")
            finally:
                await telegram.shutdown()


async def _run(
    settings: Settings,
    telegram: TelegramApi,
    ways: DbWriters,
    archive: Archive,
    clock: Clock,
    look_again: float | None,
) -> None:
    """Connect, answer what the last run left, then poll and answer until cancelled."""
    writing = ways.people
    me = await _wait_until_connected(telegram)
    people = ChatPreferences(writing, clock)
    await people.load()
    inbox = Inbox(writing, me.id, clock)
    chosen = settings.telegram
    roles = Roles(writing, chosen.owners, clock)
    await roles.load()
    drafts = DraftStore(writing, me.id, clock)
    await drafts.load()
    sender = MessageSender(
        telegram,
        SendRateLimiter(chosen.messages_per_second),
        lambda old, new: desk.spawn(press.subscribers.moved(old, new)),
    )
    report = ErrorReporter(
        chosen.owners,
        lambda owner, words: desk.spawn(sender.tell(owner, words)),
        settings.language,
        clock,
    )
    press = DigestServices(
        settings,
        archive,
        ways.press,
        people,
        sender,
        me.id,
        report.failed,
        clock,
        look_again=look_again,
    )
    reader = ReaderRouter(
        archive,
        inbox,
        people,
        DigestRouter(
            press,
            archive,
            sender,
            zone=settings.zone,
            late_hour=settings.digest.late_hour,
            clock=clock,
        ),
        language=settings.language,
        full_text=chosen.full_text,
        clock=clock,
    )
    bringer = SourceImporter(
        telegram.download,
        load_boilerplate(settings.config_dir),
        settings.zone,
        clock,
        allow_loopback=settings.fetching.allow_loopback,
    )
    keeper = FeedServices(settings, archive, ways.feeds, failed=report.failed, clock=clock)
    menus = CommandMenu(telegram, sender, settings.language)
    editor = EditorialRouter(
        reader,
        archive,
        me,
        inbox,
        roles,
        drafts,
        bringer,
        keeper,
        press.ledger,
        zone=settings.zone,
        clock=clock,
        follows=settings.feeds.enabled,
        joined=lambda person: desk.spawn(menus.for_editor(person, owner=person in chosen.owners)),
        left=lambda person: desk.spawn(menus.for_reader(person)),
    )
    notices = Notifier(
        keeper.control.feeds,
        keeper.approving.held,
        roles.staff,
        partial(_delivered, sender),
        NoticeRenderers(editor.list_for, editor.dead_feed_for),
        owners=chosen.owners,
        zone=settings.zone,
        hour=settings.feeds.list_hour,
        clock=clock,
        failed=report.failed,
    )
    limits = settings.limits
    desk = UpdateDispatcher(
        me,
        InDoubtOffers(editor, press.ledger),
        inbox,
        people,
        sender,
        report,
        press.subscribers,
        questions=UserRateLimiter(limits.questions_per_minute, limits.burst, roles),
        others=UserRateLimiter(_COMMANDS_PER_MINUTE, _COMMANDS_AT_ONCE, roles),
    )
    try:
        await _recover(desk, press)
        desk.spawn(menus.for_everybody())
        for each in await roles.staff():
            desk.spawn(menus.for_editor(each, owner=each in chosen.owners))
        desk.spawn(keeper.approving.finish())
        desk.spawn(_forget_daily(inbox, drafts, keeper, press))
        if settings.feeds.enabled:
            desk.spawn(follow(settings.data_dir, keeper.poller.run, report.failed))
            desk.spawn(notices.run())
        if settings.digest.enabled:
            desk.spawn(press.run())
        logger.info("Answering as @%s.", me.username)
        polling = poll(
            telegram,
            desk.receive,
            seconds=chosen.poll_seconds,
            patience=chosen.patience_seconds,
        )
        working = asyncio.create_task(desk.work())
        try:
            await asyncio.gather(polling, working)
        finally:
            working.cancel()
    finally:
        await asyncio.gather(desk.stop(_STOP_SECONDS), press.stop(_STOP_SECONDS))
        press.close()
        keeper.close()
        editor.close()


async def _recover(desk: UpdateDispatcher, press: DigestServices) -> None:
    """Answer what the last run left, and say what of it nobody can know."""
    parked, unknown = await press.recover(), await desk.resume()
    if unknown:
        logger.warning(
            "%d replies were being sent when the bot last ended, and nobody can know whether "
            "they arrived: `briefing inbox` lists them",
            unknown,
        )
    if parked:
        logger.warning(
            "%d editions or alerts were being sent when the bot last ended, and nobody can know "
            "whether they arrived: `briefing digest ledger` lists them",
            parked,
        )


async def _delivered(sender: MessageSender, whom: int, screen: OutgoingMessage) -> bool:
    """Send somebody a message; say whether they can be reached."""
    return (await sender.deliver(whom, screen)).fate is not SendOutcome.FORBIDDEN


async def _wait_until_connected(telegram: TelegramApi) -> BotIdentity:
    """Return who the bot is, as soon as Telegram can be reached. Raises `InvalidToken`."""
    backoff = Backoff()
    while True:
        try:
            await telegram.initialize()
            await telegram.delete_webhook()
        except InvalidToken:
            raise
        except (TelegramError, TypeError, KeyError, AttributeError) as error:
            wait = wait_after(error, backoff)
            logger.warning("Telegram cannot be reached, again in %.1f s: %s", wait, error)
            await asyncio.sleep(wait)
        else:
            return BotIdentity(telegram.id, telegram.username)


async def _forget_daily(*stores: Inbox | DraftStore | FeedServices | DigestServices) -> None:
    while True:
        try:
            for each in stores:
                await each.forget()
        except StoreError as error:
            logger.warning("What is old was not forgotten today: %s", error)
        await asyncio.sleep(_DAY_SECONDS)


class DbWriters(NamedTuple):
    """Ways to write into the database.

    Each commits only so often: through one, a question would wait until a feed has had its turn,
    or an edition.
    """

    people: DatabaseWriter
    feeds: DatabaseWriter
    press: DatabaseWriter


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[DbWriters]:
    database = Database(settings.data_dir)
    ways = DbWriters(DatabaseWriter(database), DatabaseWriter(database), DatabaseWriter(database))
    try:
        yield ways
    finally:
        for each in ways:
            await each.close()
        database.close()


@contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set; from then on the process has seconds to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def begin_to_stop() -> None:
        if not stop.is_set():
            stop.set()
            leave = threading.Timer(_LEAVE_SECONDS, os._exit, (0,))
            leave.daemon = True
            leave.start()

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, begin_to_stop)
    try:
        yield stop
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
