"""What an editor's update gets back; everyone else's goes on to the reader's replies."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.answers import commands
from bot.answers.router import ReaderRouter
from bot.digest.store.deliveries import DeliveryOutbox
from bot.digest.views.delivery_status import MAX_IN_DOUBT, render_delivery_status
from bot.editorial.admins import AdminHandlers
from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.articles import ArticleHandlers
from bot.editorial.callbacks import EditorialCallback, parse_callback
from bot.editorial.draft_store import DraftStore, PendingInput
from bot.editorial.drafts import DraftHandlers
from bot.editorial.executors import EditorialExecutors
from bot.editorial.feeds import FeedHandlers
from bot.editorial.field_input import FieldParser, InvalidFieldValue
from bot.editorial.import_request import (
    ImportRequest,
    is_only_links,
    request_from_content,
    request_from_text,
)
from bot.editorial.importer import SourceImporter
from bot.editorial.roles import INVITATION_PREFIX, Role, Roles
from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import FollowedFeed
from bot.i18n.catalogue import STRINGS, UiLanguage
from bot.i18n.editorial_strings import DESK
from bot.i18n.feed_strings import FEED_WORDS
from bot.i18n.phrases import question_error_text
from bot.telegram.inbox import Inbox
from bot.telegram.message import Button, OutgoingMessage, trusted_text
from bot.telegram.reply import Reply, say
from bot.telegram.updates import (
    BotIdentity,
    ButtonEvent,
    CommandEvent,
    IncomingUpdate,
    NonTextEvent,
    QuestionEvent,
)
from index.archive import Archive
from index.clock import Clock
from index.errors import InvalidInputError
from index.questions import InvalidQuestion

EDITOR_COMMANDS = frozenset(("add", "articles", "feeds", "log", "admins", "status", "cancel"))
_OWNER_COMMANDS = frozenset(("admins", "status"))


class EditorialRouter:
    """Replies to editors in private chats, and hands all other updates to the reader."""

    def __init__(
        self,
        reader: ReaderRouter,
        archive: Archive,
        me: BotIdentity,
        inbox: Inbox,
        roles: Roles,
        drafts: DraftStore,
        importer: SourceImporter,
        feed_services: FeedServices,
        deliveries: DeliveryOutbox,
        *,
        zone: ZoneInfo,
        clock: Clock,
        feeds_enabled: bool,
        on_editor_added: Callable[[int], None],
        on_editor_removed: Callable[[int], None],
    ) -> None:
        """Make it.

        `on_editor_added` and `on_editor_removed` are told of who becomes an editor or no longer is
        one.

        `feeds_enabled` says whether this bot follows feeds.

        """
        self._reader = reader
        self._roles = roles
        self._drafts = drafts
        self._deliveries = deliveries
        self._importer = importer
        self._field_parser = FieldParser(importer, zone, clock)
        self._executors = EditorialExecutors()
        self._draft_handlers = DraftHandlers(
            archive, drafts, importer, self._executors, self._is_editor
        )
        self._article_handlers = ArticleHandlers(
            archive, reader, drafts, inbox, self._executors, clock
        )
        self._feed_handlers = FeedHandlers(
            feed_services.feed_manager,
            feed_services.approvals.queue,
            drafts,
            importer,
            self._executors,
            zone=zone,
            enabled=feeds_enabled,
        )
        self._approval_handlers = ApprovalHandlers(
            archive, feed_services.approvals, self._executors, self._is_editor
        )
        self._admin_handlers = AdminHandlers(
            archive, roles, me, self._executors, on_editor_added, on_editor_removed
        )

    def close(self) -> None:
        """Begin nothing more."""
        self._executors.close()
        self._importer.close()
        self._reader.close()

    def lang(self, update: IncomingUpdate) -> UiLanguage:
        """Return the language in which to speak to whoever sent the update."""
        return self._reader.lang(update)

    async def render_pending_list(self, editor_id: int) -> OutgoingMessage:
        """Return the list of articles that wait, as an editor is sent it unasked."""
        lang = self._reader.lang_for_user(editor_id)
        return await self._approval_handlers.render_page(0, lang, [FEED_WORDS[lang]["daily"]])

    def render_dead_feed(self, editor_id: int, feed: FollowedFeed) -> OutgoingMessage:
        """Return what an editor is told of a feed that is dead."""
        return self._feed_handlers.render_dead_feed(feed, self._reader.lang_for_user(editor_id))

    def needs_archive(self, update: IncomingUpdate) -> bool:
        """Say whether the reply waits for its chat's turn; an editor's work does not."""
        return not self.is_editorial(update) and self._reader.needs_archive(update)

    def is_editorial(self, update: IncomingUpdate) -> bool:
        """Say whether an update is an editor's work, in their private chat or addressed to it."""
        event = update.event
        if isinstance(event, CommandEvent) and _is_invitation(event):
            return event.target.is_private
        if event.actor is None or event.actor.id not in self._roles:
            return False
        match event:
            case CommandEvent(name="help"):
                return event.target.is_private
            case CommandEvent():
                return event.name in EDITOR_COMMANDS
            case ButtonEvent():
                return event.target.is_private and parse_callback(event.callback_data) is not None
            case QuestionEvent() if event.target.is_private:
                return self._drafts.is_awaiting_input(event.actor.id) or _is_importable(event)
            case NonTextEvent():
                return bool(event.content and event.content.file)
        return False

    async def reply(self, update: IncomingUpdate) -> Reply | None:
        """Return the reply to an update; None where it needs none."""
        if not self.is_editorial(update):
            return await self._reader.reply(update)
        lang, event = self.lang(update), update.event
        assert event.actor is not None, "it is somebody's work"
        if isinstance(event, CommandEvent) and _is_invitation(event):
            return await self._admin_handlers.accept_invitation(event.argument, event.actor, lang)
        role = await self._roles.current_role(event.actor.id)
        if role is Role.READER:
            return await self._reader.reply(update)
        match event:
            case CommandEvent():
                return await self._handle_command(update.id, event, role, lang)
            case ButtonEvent():
                return await self._handle_callback(event, role, lang)
            case QuestionEvent() | NonTextEvent():
                return await self._handle_message(update, event, lang)
        return None

    async def _handle_command(
        self, update_id: int, event: CommandEvent, role: Role, lang: UiLanguage
    ) -> Reply:
        words, editor_id = DESK[lang], event.actor.id
        if event.name in _OWNER_COMMANDS and role is not Role.OWNER:
            return commands.reply_to_command(event.name, lang)
        if not event.target.is_private:
            return say(words["private only"])
        await self._drafts.cancel_input(editor_id)
        if event.name == "help":
            return say(f"{STRINGS[lang]['help here']}\n\n{words['how to add']}\n\n{words['help']}")
        if event.name in _OWNER_COMMANDS:
            return await self._handle_owner_command(event.name, lang)
        match event.name:
            case "add":
                return await self._handle_add(update_id, event, lang)
            case "articles":
                try:
                    return await self._article_handlers.handle_command(
                        update_id, event.target.chat_id, event.argument, lang
                    )
                except InvalidQuestion as fault:
                    return say(question_error_text(fault, lang))
            case "feeds":
                file = event.content.file if event.content else None
                return await self._feed_handlers.handle_command(
                    event.argument, file, editor_id, lang
                )
            case "log":
                return await self._admin_handlers.show_log(lang)
        return say(words["cancelled"])

    async def _handle_owner_command(self, name: str, lang: UiLanguage) -> Reply:
        if name == "admins":
            return await self._admin_handlers.list_admins(lang)
        return Reply(
            render_delivery_status(*await self._deliveries.read_status(MAX_IN_DOUBT), lang)
        )

    async def _handle_add(self, update_id: int, event: CommandEvent, lang: UiLanguage) -> Reply:
        if event.argument:
            request: ImportRequest | None = request_from_text(event.argument)
        elif event.content:
            if feeds_reply := await self._import_feed_list(event, lang):
                return feeds_reply
            request = request_from_content(event.content)
        else:
            return Reply(await self._render_add_help(event.actor.id, lang))
        if request is None:
            return say(DESK[lang]["nothing in reply"])
        return await self._create_drafts(update_id, event, request, lang)

    async def _handle_message(
        self, update: IncomingUpdate, event: QuestionEvent | NonTextEvent, lang: UiLanguage
    ) -> Reply | None:
        """Take a message for what was asked for, or for something to add."""
        editor_id, content = event.actor.id, event.content
        if not (content and content.origin):
            pending_input = await self._drafts.claim_input(editor_id, update.id)
            if pending_input:
                return await self._apply_input(update, event, pending_input, lang)
        if feeds_reply := await self._import_feed_list(event, lang):
            return feeds_reply
        request = request_from_content(content) if content and _is_importable(event) else None
        if request is None:
            return await self._reader.reply(update)
        return await self._create_drafts(update.id, event, request, lang)

    async def _import_feed_list(
        self, event: QuestionEvent | NonTextEvent | CommandEvent, lang: UiLanguage
    ) -> Reply | None:
        """Follow the feeds of a list that came as a file; None where none did."""
        file = event.content.file if event.content else None
        return await self._feed_handlers.handle_file(file, event.actor.id, lang) if file else None

    async def _create_drafts(
        self,
        update_id: int,
        event: QuestionEvent | NonTextEvent | CommandEvent,
        request: ImportRequest,
        lang: UiLanguage,
    ) -> Reply:
        publish_immediately = await self._roles.publishes_immediately(event.actor.id)
        return await self._draft_handlers.add(
            update_id, event.actor, request, lang, publish_immediately=publish_immediately
        )

    async def _apply_input(
        self,
        update: IncomingUpdate,
        event: QuestionEvent | NonTextEvent,
        pending_input: PendingInput,
        lang: UiLanguage,
    ) -> Reply | None:
        """Put what an editor wrote where it belongs, or say why it does not fit and ask again."""
        words = DESK[lang]
        editor_id = event.actor.id
        try:
            if pending_input.subject == "feed":
                text = event.text if isinstance(event, QuestionEvent) else None
                return await self._feed_handlers.apply_input(
                    pending_input.number, pending_input.field, text, editor_id, lang
                )
            changes = await self._field_parser.parse(event, pending_input.field, lang)
            if pending_input.subject == "draft":
                return await self._draft_handlers.apply_input(
                    pending_input.number, changes, editor_id, lang
                )
            return await self._article_handlers.apply_input(
                pending_input.number, changes, editor_id, lang
            )
        except InvalidFieldValue as unfit:
            error_text = f"{unfit.message}\n{words['or cancel']}"
        except InvalidInputError as error:
            error_text = words["not usable"].format(reason=error.message)
        await self._drafts.release_input(editor_id, update.id)
        return say(error_text)

    async def _is_editor(self, editor_id: int) -> bool:
        return await self._roles.current_role(editor_id) is not Role.READER

    async def _handle_callback(
        self, event: ButtonEvent, role: Role, lang: UiLanguage
    ) -> Reply | None:
        callback = parse_callback(event.callback_data)
        assert callback is not None, "it is an editor's button"
        editor_id = event.actor.id
        if callback.subject in _INPUT_CANCELLING_SUBJECTS:
            await self._drafts.cancel_input(editor_id)
        match callback.subject:
            case "draft" | "batch":
                return await self._draft_handlers.handle_callback(callback, editor_id, lang)
            case "feed" | "feeds":
                return await self._feed_handlers.handle_callback(callback, editor_id, lang)
            case "held":
                return await self._approval_handlers.handle_callback(callback, editor_id, lang)
            case "log":
                return await self._admin_handlers.show_log(lang, callback.number)
            case "once":
                await self._roles.set_publishes_immediately(
                    editor_id, enabled=bool(callback.number)
                )
                return Reply(await self._render_add_help(editor_id, lang), edits=True)
            case "admin":
                return await self._handle_admin_callback(callback, editor_id, role, lang)
        return await self._article_handlers.handle_callback(
            callback, editor_id, event.target.chat_id, lang
        )

    async def _handle_admin_callback(
        self, callback: EditorialCallback, editor_id: int, role: Role, lang: UiLanguage
    ) -> Reply | None:
        if role is not Role.OWNER:
            return None
        if callback.action == "invite":
            return await self._admin_handlers.create_invitation(editor_id, lang)
        return await self._admin_handlers.revoke_admin(callback.number, editor_id, lang)

    async def _render_add_help(self, editor_id: int, lang: UiLanguage) -> OutgoingMessage:
        words, is_immediate = DESK[lang], await self._roles.publishes_immediately(editor_id)
        toggle_button = Button(
            words["turn at once off" if is_immediate else "turn at once on"],
            f"once:{int(not is_immediate)}",
        )
        text = f"{words['how to add']}\n\n{words['at once on' if is_immediate else 'at once off']}"
        return OutgoingMessage(trusted_text(text), ((toggle_button,),))


_INPUT_CANCELLING_SUBJECTS = frozenset(("held", "log", "once", "admin"))
"""Where a button leads away from what an editor was asked to write; the others see to it."""


def _is_invitation(command: CommandEvent) -> bool:
    return command.name == "start" and command.argument.startswith(INVITATION_PREFIX)


def _is_importable(event: QuestionEvent | NonTextEvent) -> bool:
    """Say whether a message is something to add, and no question."""
    content = event.content
    if content is None:
        return False
    if content.origin or content.file:
        return True
    return is_only_links(content.text or "")
