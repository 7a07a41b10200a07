"""The bot in Telegram: compose its services, run them, and close them in reverse order."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, closing
from functools import partial
from typing import Any

from telegram.error import InvalidToken, TelegramError

from bot.answers.commands import MENU
from bot.answers.feedback import FeedbackHandlers
from bot.answers.handlers import AnswerHandlers
from bot.answers.quote_actions import QuoteActions
from bot.digest.callbacks import SettingsAction
from bot.digest.handlers.digest import DigestHandlers
from bot.digest.handlers.editions import EditionHandlers
from bot.digest.handlers.subscriptions import SubscriptionHandlers
from bot.digest.in_doubt_offers import InDoubtOffers
from bot.digest.services import DigestEnvironment, DigestServices
from bot.digest.timezones import lookup
from bot.digest.views import chart
from bot.digest.views.delivery_status import MAX_IN_DOUBT, render_delivery_status
from bot.editorial.admins import AdminHandlers
from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.articles import ArticleHandlers
from bot.editorial.draft_store import DraftStore
from bot.editorial.drafts import DraftHandlers
from bot.editorial.feed_notices import FeedNotices
from bot.editorial.feeds import FeedHandlers
from bot.editorial.field_input import FieldParser
from bot.editorial.handlers import EditorialHandlers, EditorialSections
from bot.editorial.importer import SourceImporter
from bot.editorial.roles import Roles
from bot.feeds.notifications import NoticeRecipients, NoticeRenderers, Notifier
from bot.feeds.poll_lock import run_exclusively
from bot.feeds.services import FeedEnvironment, FeedServices
from bot.i18n.languages import UiLanguage
from bot.inline.handlers import InlineQueryHandler
from bot.privacy.handlers import PrivacyHandlers
from bot.privacy.store import Forget, PersonalDataStore
from bot.research.handlers import ResearchHandlers
from bot.runtime.db_writer import DatabaseWriter
from bot.runtime.executors import Executors
from bot.runtime.lifecycle import (
    exit_on_sigterm,
    run_together,
    run_until,
    single_instance,
    stop_on_signals,
)
from bot.runtime.maintenance import delete_expired_daily
from bot.runtime.tasks import BackgroundTasks
from bot.settings import PREFIX, Settings, load_boilerplate
from bot.telegram.api import (
    SendOutcome,
    TelegramApi,
    build_client,
    rejected_token_error,
    retry_delay,
)
from bot.telegram.chat_changes import ChatChangeHandlers
from bot.telegram.chats import ChatPreferences
from bot.telegram.command_menu import CommandMenu
from bot.telegram.dispatcher import UpdateDispatcher, UserLimits
from bot.telegram.error_reporter import ErrorReporter
from bot.telegram.feedback_store import FeedbackStore
from bot.telegram.inbox import Inbox
from bot.telegram.message import OutgoingMessage
from bot.telegram.permissions import ChatPermissions
from bot.telegram.polling import poll
from bot.telegram.rate_limits import Backoff, UserRateLimiter
from bot.telegram.receiver import UpdateReceiver
from bot.telegram.reply_delivery import ReplyDelivery
from bot.telegram.routing import Router
from bot.telegram.sender import MessageSender
from bot.telegram.updates import BotIdentity
from index.archive import Archive
from index.clock import Clock, LocalTime, system_clock
from index.errors import SettingsError
from index.storage.database import Database
from index.text.dictionary import load_dictionaries

logger = logging.getLogger(__name__)

_STOP_SECONDS = 2.5
"""How long the calls that are on their way may take when the bot stops."""
_SWITCH_INTERVAL_SECONDS = 0.0005
"""How long a Python thread runs before it yields to another that waits; by default 0.005.

Answering a question changes threads dozens of times, and each time waits so long for a thread that
is busy with something else, such as an article of a feed.
"""
_WARM_UP_DELAY_SECONDS = 60
"""When dictionaries, charts and time zones are prepared: after what waited for the start."""
_COMMANDS_PER_MINUTE, _COMMAND_BURST = 60, 30
_INLINE_QUERIES_PER_MINUTE, _INLINE_QUERY_BURST = 120, 30


def serve(
    settings: Settings,
    archive: Archive,
    clock: Clock = system_clock,
    poll_interval: float | None = None,
) -> None:
    """Run the bot in Telegram until SIGTERM or SIGINT.

    `poll_interval` is the number of seconds between two looks at what is due; tests with short
    days set it. Raises `SettingsError` where there is no token, or Telegram refuses it.
    """
    secret = settings.telegram.token
    if secret is None or not secret.get_secret_value():
        raise SettingsError(
            "there is no token for Telegram",
            f"Ask @BotFather for one and set it as {PREFIX}TELEGRAM_TOKEN",
        )
    token = secret.get_secret_value()
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    try:
        with exit_on_sigterm():
            archive.warm_up()
            with single_instance(settings.data_dir, token):
                asyncio.run(_serve(settings, token, archive, clock, poll_interval))
    except InvalidToken:
        raise rejected_token_error() from None


async def _serve(
    settings: Settings, token: str, archive: Archive, clock: Clock, poll_interval: float | None
) -> None:
    async with AsyncExitStack() as stack:
        stop_event = stack.enter_context(stop_on_signals())
        database = stack.enter_context(closing(Database(settings.data_dir)))
        # Each writer commits only so often: through one, a question would wait for a feed.
        chat_writer, feed_writer, digest_writer = (DatabaseWriter(database) for _ in range(3))
        for writer in (chat_writer, feed_writer, digest_writer):
            stack.push_async_callback(writer.close)
        executors = stack.enter_context(closing(Executors()))
        telegram = build_client(settings.telegram, token)
        stack.push_async_callback(telegram.shutdown)
        bot = _Bot(settings, archive, telegram, executors, clock)
        main = bot.run(chat_writer, feed_writer, digest_writer, poll_interval)
        await run_until(stop_event, asyncio.create_task(main))


class _Bot:
    """The composition of one run; each method composes one feature."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        telegram: TelegramApi,
        executors: Executors,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._telegram = telegram
        self._executors = executors
        self._clock = clock
        self._local_time = LocalTime(clock, settings.zone)
        self._error_reporter = ErrorReporter(settings.telegram.owners, settings.language, clock)
        self._tasks = BackgroundTasks(self._error_reporter.report)

    async def run(
        self,
        chat_writer: DatabaseWriter,
        feed_writer: DatabaseWriter,
        digest_writer: DatabaseWriter,
        poll_interval: float | None,
    ) -> None:
        """Connect, answer what the last run left, then poll and answer until cancelled."""
        settings, archive, clock, tasks = self._settings, self._archive, self._clock, self._tasks
        me = await _wait_until_connected(self._telegram)
        preferences = ChatPreferences(chat_writer, clock, settings.language)
        inbox = Inbox(chat_writer, me.id, clock)
        roles = Roles(chat_writer, settings.telegram.owners, clock)
        drafts = DraftStore(chat_writer, me.id, clock)
        for store in (preferences, roles, drafts):
            await store.load()
        sender = MessageSender(self._telegram)
        on_error = self._error_reporter.report
        digest = DigestServices(
            settings,
            archive,
            digest_writer,
            self._executors,
            preferences,
            sender,
            DigestEnvironment(me.id, on_error, clock, poll_interval),
        )
        sender.listen_for_migration(partial(_spawn_call, tasks, digest.subscribers.migrate_chat))
        feeds = FeedServices(
            settings, archive, feed_writer, self._executors, on_error, FeedEnvironment(clock)
        )
        menus = CommandMenu(self._telegram, sender, settings.language, MENU)
        importer = SourceImporter(
            self._telegram.download,
            load_boilerplate(settings.config_dir),
            settings.zone,
            clock,
            self._executors.imports,
            allow_loopback=settings.fetching.allow_loopback,
        )
        sections = self._compose_editorial_sections(
            me,
            importer,
            ArticleHandlers(archive, drafts, inbox, self._executors, clock),
            roles,
            drafts,
            feeds,
            menus,
        )
        forget_in_memory: list[Forget] = []
        personal_data = PersonalDataStore(chat_writer, me.id, forget_in_memory)
        digest_handlers = self._compose_digest_handlers(digest, sender)
        answer_handlers = AnswerHandlers(
            archive,
            inbox,
            preferences,
            self._executors,
            QuoteActions(archive, me, allow_full_text=settings.telegram.full_text),
            SettingsAction(name="new").pack(),
            clock,
        )
        watches_and_questions = Router([digest_handlers.find_route, answer_handlers.find_route])
        reader_router = Router(
            [
                ChatChangeHandlers(preferences, digest.subscribers).find_route,
                PrivacyHandlers(personal_data, roles).find_route,
                digest_handlers.find_route,
                ResearchHandlers(
                    archive, inbox, self._executors, watches_and_questions.find_route, clock
                ).find_route,
                FeedbackHandlers(inbox, FeedbackStore(chat_writer, me.id, clock)).find_route,
                answer_handlers.find_route,
            ]
        )
        editorial = EditorialHandlers(
            roles,
            drafts,
            FieldParser(importer, settings.zone, clock),
            sections,
            partial(_read_delivery_status, digest),
            reader_router.handle,
        )
        delivery = ReplyDelivery(inbox, preferences, sender)
        dispatcher = UpdateDispatcher(
            Router([editorial.find_route, reader_router.find_route]),
            InDoubtOffers(digest.deliveries).add_to_reply,
            delivery,
            preferences,
            UserLimits(
                questions=UserRateLimiter(
                    settings.limits.questions_per_minute, settings.limits.burst, roles
                ),
                commands=UserRateLimiter(_COMMANDS_PER_MINUTE, _COMMAND_BURST, roles),
            ),
            tasks,
            self._error_reporter,
        )
        inline_queries = InlineQueryHandler(
            archive,
            digest.edition_stories.newest_stories,
            preferences,
            sender,
            self._executors.inline,
            UserRateLimiter(_INLINE_QUERIES_PER_MINUTE, _INLINE_QUERY_BURST, roles),
            on_error,
        )
        forget_in_memory += (
            preferences.forget,
            drafts.forget,
            partial(self._forget_editor, roles, menus),
            digest.forget,
            sender.forget,
            dispatcher.forget,
            inline_queries.forget,
        )
        receiver = UpdateReceiver(me, inbox, dispatcher, inline_queries.submit)
        notices = FeedNotices(sections.approvals, sections.feeds, preferences)
        notifier = Notifier(
            feeds.feed_manager.feeds,
            feeds.approvals.queue,
            NoticeRecipients(
                settings.telegram.owners, roles.list_editor_ids, partial(_deliver_notice, sender)
            ),
            NoticeRenderers(notices.render_pending_list, notices.render_feed_notice),
            self._local_time,
            settings.feeds.list_hour,
            on_error,
        )
        try:
            await _recover(receiver, digest)
            tasks.spawn(self._error_reporter.run(sender.send_text))
            tasks.spawn(inline_queries.run(dispatcher.has_waiting_questions))
            tasks.spawn(menus.show_reader_menus())
            for editor_id in await roles.list_editor_ids():
                self._show_editor_menu(menus, editor_id)
            tasks.spawn(feeds.approvals.resume_unfinished())
            tasks.spawn(self._warm_up())
            tasks.spawn(delete_expired_daily(inbox, drafts, feeds, digest))
            if settings.feeds.enabled:
                tasks.spawn(run_exclusively(settings.data_dir, feeds.poller.run, on_error))
                tasks.spawn(notifier.run())
            if settings.digest.enabled:
                tasks.spawn(digest.run())
            logger.info("Answering as @%s.", me.username)
            await run_together(
                poll(
                    self._telegram,
                    receiver.receive,
                    poll_timeout=settings.telegram.poll_seconds,
                    timeout_margin=settings.telegram.patience_seconds,
                ),
                dispatcher.run(),
            )
        finally:
            await tasks.cancel_all()
            await asyncio.gather(delivery.stop(_STOP_SECONDS), digest.stop(_STOP_SECONDS))

    async def _warm_up(self) -> None:
        """Load what takes seconds once, in pools that no question waits for."""
        await asyncio.sleep(_WARM_UP_DELAY_SECONDS)
        await self._executors.editions.run(load_dictionaries)
        await self._executors.editions.run(chart.warm_up)
        await self._executors.time_zones.run(lookup.warm_up)

    def _compose_digest_handlers(
        self, digest: DigestServices, sender: MessageSender
    ) -> DigestHandlers:
        return DigestHandlers(
            digest,
            EditionHandlers(
                self._archive,
                digest.edition_stories,
                digest.renderer,
                self._settings.zone,
                self._clock,
            ),
            SubscriptionHandlers(
                digest.subscribers,
                digest.plan_due_now,
                ChatPermissions(sender).may_manage,
                self._executors,
                self._clock,
                latest_delivery_hour=self._settings.digest.late_hour,
            ),
        )

    def _compose_editorial_sections(
        self,
        me: BotIdentity,
        importer: SourceImporter,
        articles: ArticleHandlers,
        roles: Roles,
        drafts: DraftStore,
        feeds: FeedServices,
        menus: CommandMenu,
    ) -> EditorialSections:
        settings, archive, executors = self._settings, self._archive, self._executors
        return EditorialSections(
            drafts=DraftHandlers(archive, drafts, importer, executors, roles.is_editor),
            articles=articles,
            feeds=FeedHandlers(
                feeds.feed_manager,
                feeds.approvals.queue,
                drafts,
                importer,
                executors,
                zone=settings.zone,
                enabled=settings.feeds.enabled,
            ),
            approvals=ApprovalHandlers(archive, feeds.approvals, executors, roles.is_editor),
            admins=AdminHandlers(
                archive,
                roles,
                me,
                executors,
                partial(self._show_editor_menu, menus),
                partial(_spawn_call, self._tasks, menus.remove_editor_menu),
                settings.zone,
            ),
        )

    def _forget_editor(self, roles: Roles, menus: CommandMenu, user_id: int) -> None:
        if roles.forget(user_id):
            self._tasks.spawn(menus.remove_editor_menu(user_id))

    def _show_editor_menu(self, menus: CommandMenu, editor_id: int) -> None:
        is_owner = editor_id in self._settings.telegram.owners
        self._tasks.spawn(menus.show_editor_menu(editor_id, is_owner=is_owner))


def _spawn_call(
    tasks: BackgroundTasks, call: Callable[..., Coroutine[Any, Any, object]], *arguments: int
) -> None:
    tasks.spawn(call(*arguments))


async def _read_delivery_status(digest: DigestServices, lang: UiLanguage) -> OutgoingMessage:
    return render_delivery_status(*await digest.deliveries.read_status(MAX_IN_DOUBT), lang)


async def _recover(receiver: UpdateReceiver, digest: DigestServices) -> None:
    """Answer what the last run left, and log what may have been sent or not."""
    in_doubt_deliveries, in_doubt_replies = await digest.recover(), await receiver.resume()
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
    """Send a message to an editor; return whether the bot may write to them."""
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
