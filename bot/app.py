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
from bot.feeds.poll_lock import run_exclusively
from bot.feeds.services import FeedServices
from bot.runtime.db_writer import DatabaseWriter
from bot.settings import PREFIX, Settings, load_boilerplate
from bot.telegram.api import SendOutcome, TelegramApi, build_client, retry_delay
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
_EXIT_SECONDS = 4.0
"""After which the process ends whatever is still going on: the inbox says what was sent."""
_DAY_SECONDS = 86_400
_SWITCH_INTERVAL_SECONDS = 0.0005
"""How long one of Python's threads works before another that wants to may; by default 0.005.

Answering a question changes hands dozens of times, and each time waits so long for a thread that is
busy with something else, such as an article that a feed brings.
"""
_COMMANDS_PER_MINUTE, _COMMAND_BURST = 60, 30


def serve(
    settings: Settings,
    archive: Archive,
    clock: Clock = system_clock,
    poll_interval: float | None = None,
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
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    try:
        with _exit_on_sigterm():
            archive.warm_up()
            with _single_instance(settings.data_dir, secret.get_secret_value()):
                asyncio.run(
                    _serve(settings, secret.get_secret_value(), archive, clock, poll_interval)
                )
    except InvalidToken:
        raise SettingsError(
            "Telegram does not know this token, or no longer",
            f"Copy it again from @BotFather into {PREFIX}TELEGRAM_TOKEN, and see that "
            f"{PREFIX}TELEGRAM_BASE_URL, if it is set, ends in /bot",
        ) from None


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """End at SIGTERM without ado until the loop has handlers, also where the bot is process 1."""
    previous_handler = signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous_handler)


@contextmanager
def _single_instance(data_dir: Path, token: str) -> Iterator[None]:
    """Let one process at a time run a bot over an archive; the next one waits for its end."""
    name = hashlib.sha256(token.encode()).hexdigest()[:12]
    lock = FileLock(data_dir / f"bot-{name}.lock")
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
    settings: Settings, token: str, archive: Archive, clock: Clock, poll_interval: float | None
) -> None:
    with _stop_on_signals() as stop_event:
        telegram = build_client(settings.telegram, token)
        async with _open_writers(settings) as writers:
            try:
                bot_task = asyncio.create_task(
                    _run(settings, telegram, writers, archive, clock, poll_interval)
                )
                stop_task = asyncio.create_task(stop_event.wait())
                await asyncio.wait({bot_task, stop_task}, return_when=asyncio.FIRST_COMPLETED)
                for task in (bot_task, stop_task):
                    task.cancel()
                await asyncio.gather(stop_task, return_exceptions=True)
                try:
                    await bot_task
                except asyncio.CancelledError:
                    logger.info("Stopped.")
            finally:
                await telegram.shutdown()


async def _run(
    settings: Settings,
    telegram: TelegramApi,
    writers: DbWriters,
    archive: Archive,
    clock: Clock,
    poll_interval: float | None,
) -> None:
    """Connect, answer what the last run left, then poll and answer until cancelled."""
    writer = writers.chats
    me = await _wait_until_connected(telegram)
    preferences = ChatPreferences(writer, clock)
    await preferences.load()
    inbox = Inbox(writer, me.id, clock)
    telegram_settings = settings.telegram
    roles = Roles(writer, telegram_settings.owners, clock)
    await roles.load()
    drafts = DraftStore(writer, me.id, clock)
    await drafts.load()
    sender = MessageSender(
        telegram,
        SendRateLimiter(telegram_settings.messages_per_second),
        lambda old_chat_id, new_chat_id: dispatcher.spawn(
            digest.subscribers.migrate_chat(old_chat_id, new_chat_id)
        ),
    )
    error_reporter = ErrorReporter(
        telegram_settings.owners,
        lambda owner_id, text: dispatcher.spawn(sender.send_text(owner_id, text)),
        settings.language,
        clock,
    )
    digest = DigestServices(
        settings,
        archive,
        writers.digest,
        preferences,
        sender,
        me.id,
        error_reporter.report,
        clock,
        poll_interval=poll_interval,
    )
    reader_router = ReaderRouter(
        archive,
        inbox,
        preferences,
        DigestRouter(
            digest,
            archive,
            sender,
            zone=settings.zone,
            latest_delivery_hour=settings.digest.late_hour,
            clock=clock,
        ),
        default_lang=settings.language,
        allow_full_text=telegram_settings.full_text,
        clock=clock,
    )
    importer = SourceImporter(
        telegram.download,
        load_boilerplate(settings.config_dir),
        settings.zone,
        clock,
        allow_loopback=settings.fetching.allow_loopback,
    )
    feed_services = FeedServices(
        settings, archive, writers.feeds, on_error=error_reporter.report, clock=clock
    )
    command_menu = CommandMenu(telegram, sender, settings.language)
    editorial_router = EditorialRouter(
        reader_router,
        archive,
        me,
        inbox,
        roles,
        drafts,
        importer,
        feed_services,
        digest.deliveries,
        zone=settings.zone,
        clock=clock,
        feeds_enabled=settings.feeds.enabled,
        on_editor_added=lambda user_id: dispatcher.spawn(
            command_menu.show_editor_menu(user_id, is_owner=user_id in telegram_settings.owners)
        ),
        on_editor_removed=lambda user_id: dispatcher.spawn(
            command_menu.remove_editor_menu(user_id)
        ),
    )
    notifier = Notifier(
        feed_services.feed_manager.feeds,
        feed_services.approvals.queue,
        roles.list_editor_ids,
        partial(_deliver_notice, sender),
        NoticeRenderers(editorial_router.render_pending_list, editorial_router.render_dead_feed),
        owners=telegram_settings.owners,
        zone=settings.zone,
        hour=settings.feeds.list_hour,
        clock=clock,
        on_error=error_reporter.report,
    )
    limits = settings.limits
    dispatcher = UpdateDispatcher(
        me,
        InDoubtOffers(editorial_router, digest.deliveries),
        inbox,
        preferences,
        sender,
        error_reporter,
        digest.subscribers,
        question_limiter=UserRateLimiter(limits.questions_per_minute, limits.burst, roles),
        command_limiter=UserRateLimiter(_COMMANDS_PER_MINUTE, _COMMAND_BURST, roles),
    )
    try:
        await _recover(dispatcher, digest)
        dispatcher.spawn(command_menu.show_reader_menus())
        for editor_id in await roles.list_editor_ids():
            dispatcher.spawn(
                command_menu.show_editor_menu(
                    editor_id, is_owner=editor_id in telegram_settings.owners
                )
            )
        dispatcher.spawn(feed_services.approvals.resume_unfinished())
        dispatcher.spawn(_forget_daily(inbox, drafts, feed_services, digest))
        if settings.feeds.enabled:
            dispatcher.spawn(
                run_exclusively(settings.data_dir, feed_services.poller.run, error_reporter.report)
            )
            dispatcher.spawn(notifier.run())
        if settings.digest.enabled:
            dispatcher.spawn(digest.run())
        logger.info("Answering as @%s.", me.username)
        poll_loop = poll(
            telegram,
            dispatcher.receive,
            poll_timeout=telegram_settings.poll_seconds,
            timeout_margin=telegram_settings.patience_seconds,
        )
        dispatch_task = asyncio.create_task(dispatcher.run())
        try:
            await asyncio.gather(poll_loop, dispatch_task)
        finally:
            dispatch_task.cancel()
    finally:
        await asyncio.gather(dispatcher.stop(_STOP_SECONDS), digest.stop(_STOP_SECONDS))
        digest.close()
        feed_services.close()
        editorial_router.close()


async def _recover(dispatcher: UpdateDispatcher, digest: DigestServices) -> None:
    """Answer what the last run left, and say what of it nobody can know."""
    in_doubt_deliveries, in_doubt_replies = await digest.recover(), await dispatcher.resume()
    if in_doubt_replies:
        logger.warning(
            "%d replies were being sent when the bot last ended, and nobody can know whether "
            "they arrived: `briefing inbox` lists them",
            in_doubt_replies,
        )
    if in_doubt_deliveries:
        logger.warning(
            "%d editions or alerts were being sent when the bot last ended, and nobody can know "
            "whether they arrived: `briefing digest ledger` lists them",
            in_doubt_deliveries,
        )


async def _deliver_notice(sender: MessageSender, chat_id: int, message: OutgoingMessage) -> bool:
    """Send somebody a message; say whether they can be reached."""
    return (await sender.deliver(chat_id, message)).outcome is not SendOutcome.FORBIDDEN


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
            wait = retry_delay(error, backoff)
            logger.warning("Telegram cannot be reached, again in %.1f s: %s", wait, error)
            await asyncio.sleep(wait)
        else:
            return BotIdentity(telegram.id, telegram.username)


async def _forget_daily(*stores: Inbox | DraftStore | FeedServices | DigestServices) -> None:
    while True:
        try:
            for store in stores:
                await store.delete_expired()
        except StoreError as error:
            logger.warning("What is old was not forgotten today: %s", error)
        await asyncio.sleep(_DAY_SECONDS)


class DbWriters(NamedTuple):
    """Ways to write into the database.

    Each commits only so often: through one, a question would wait until a feed has had its turn,
    or an edition.
    """

    chats: DatabaseWriter
    feeds: DatabaseWriter
    digest: DatabaseWriter


@asynccontextmanager
async def _open_writers(settings: Settings) -> AsyncIterator[DbWriters]:
    database = Database(settings.data_dir)
    writers = DbWriters(
        DatabaseWriter(database), DatabaseWriter(database), DatabaseWriter(database)
    )
    try:
        yield writers
    finally:
        for writer in writers:
            await writer.close()
        database.close()


@contextmanager
def _stop_on_signals() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set; from then on the process has seconds to end."""
    stop_event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def request_stop() -> None:
        if not stop_event.is_set():
            stop_event.set()
            exit_timer = threading.Timer(_EXIT_SECONDS, os._exit, (0,))
            exit_timer.daemon = True
            exit_timer.start()

    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, request_stop)
    try:
        yield stop_event
    finally:
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(signal_number)
