"""Handle what editors send: commands, material to add, input for fields, and buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from bot.answers import commands
from bot.editorial.admins import AdminHandlers
from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.articles import ArticleHandlers
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_store import DraftStore, PendingInput
from bot.editorial.drafts import DraftHandlers
from bot.editorial.feeds import FeedHandlers
from bot.editorial.field_input import FieldParser, InvalidFieldValue
from bot.editorial.import_request import (
    ImportRequest,
    is_only_links,
    request_from_content,
    request_from_text,
)
from bot.editorial.roles import Role, Roles
from bot.editorial.texts import CANCEL_HINT
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import question_error_text
from bot.i18n.translations import N_, translator
from bot.telegram.command_menu import EDITORS_MENU, OWNERS_MENU
from bot.telegram.invitation_tokens import INVITATION_PREFIX
from bot.telegram.message import Button, OutgoingMessage, trusted_text
from bot.telegram.reply import Reply, say
from bot.telegram.routing import Handler, Route
from bot.telegram.updates import (
    ButtonEvent,
    CommandEvent,
    IncomingEvent,
    IncomingUpdate,
    NonTextEvent,
    QuestionEvent,
)
from index.errors import InvalidInputError
from index.questions import InvalidQuestion

ReadDeliveryStatus = Callable[[UiLanguage], Awaitable[OutgoingMessage]]
"""Returns a message with the delivery status of editions and alerts."""
EDITOR_COMMANDS = frozenset(("add", "articles", "feeds", "log", "admins", "status", "cancel"))
_OWNER_COMMANDS = frozenset(("admins", "status"))

_ADD_HELP = N_(
    "Send what you have: /add with one or more links, /add with a text, /add "
    "in reply to a message, a forwarded post, or a file (txt, md, html, pdf, "
    "docx, jsonl). I show what I understood; nothing can be found before you "
    "publish it."
)


class EditorialSections(NamedTuple):
    """The handlers of the objects that editors work on."""

    drafts: DraftHandlers
    articles: ArticleHandlers
    feeds: FeedHandlers
    approvals: ApprovalHandlers
    admins: AdminHandlers


class EditorialHandlers:
    """Handles the updates of editors in their private chats."""

    def __init__(
        self,
        roles: Roles,
        drafts: DraftStore,
        field_parser: FieldParser,
        sections: EditorialSections,
        read_delivery_status: ReadDeliveryStatus,
        answer_as_reader: Handler,
    ) -> None:
        """Create the handlers; `answer_as_reader` handles messages that are not editorial."""
        self._roles = roles
        self._drafts = drafts
        self._field_parser = field_parser
        self._draft_handlers = sections.drafts
        self._article_handlers = sections.articles
        self._feed_handlers = sections.feeds
        self._approval_handlers = sections.approvals
        self._admin_handlers = sections.admins
        self._read_delivery_status = read_delivery_status
        self._answer_as_reader = answer_as_reader

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of an editor's update, or None if it is not editorial."""
        if isinstance(event, CommandEvent) and _is_invitation(event):
            return (
                Route(partial(self._accept_invitation, event), shows_typing=True)
                if event.target.is_private
                else None
            )
        if event.actor is None or event.actor.id not in self._roles:
            return _find_refusal(event)
        match event:
            case CommandEvent() if self._is_editor_command(event):
                return Route(partial(self._handle_editor_command, event), shows_typing=True)
            case ButtonEvent(callback=EditorialCallback() as callback) if event.target.is_private:
                return Route(partial(self._handle_callback, event, callback))
            case QuestionEvent(is_edited=False) if event.target.is_private and (
                self._drafts.is_awaiting_input(event.actor.id) or _is_importable(event)
            ):
                return Route(partial(self._handle_message, event), shows_typing=True)
            case NonTextEvent() if event.content and event.content.file:
                return Route(partial(self._handle_message, event), shows_typing=True)
        return None

    @staticmethod
    def _is_editor_command(event: CommandEvent) -> bool:
        if event.name == "help":
            return event.target.is_private
        return event.name in EDITOR_COMMANDS

    async def _accept_invitation(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        token_hash = event.argument.removeprefix(INVITATION_PREFIX)
        return await self._admin_handlers.accept_invitation(token_hash, event.actor, lang)

    async def _handle_editor_command(
        self, event: CommandEvent, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        role = await self._roles.current_role(event.actor.id)
        if role is Role.READER:
            return await self._answer_as_reader(update, lang)
        return await self._handle_command(update.id, event, role, lang)

    async def _handle_command(
        self, update_id: int, event: CommandEvent, role: Role, lang: UiLanguage
    ) -> Reply:
        _ = translator(lang).gettext
        editor_id = event.actor.id
        if event.name in _OWNER_COMMANDS and role is not Role.OWNER:
            return commands.reply_to_command(event.name, lang)
        if not event.target.is_private:
            return say(_("Editing is possible only in our private chat."))
        await self._drafts.cancel_input(editor_id)
        if event.name == "help":
            own_commands = OWNERS_MENU if role is Role.OWNER else EDITORS_MENU
            return say(
                "\n\n".join(
                    (
                        commands.reader_help(lang),
                        _(_ADD_HELP),
                        commands.command_list(own_commands, lang),
                    )
                )
            )
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
                except InvalidQuestion as error:
                    return say(question_error_text(error, lang))
            case "feeds":
                file = event.content.file if event.content else None
                return await self._feed_handlers.handle_command(
                    event.argument, file, editor_id, lang
                )
            case "log":
                return await self._admin_handlers.show_log(lang)
        return say(_("Cancelled."))

    async def _handle_owner_command(self, name: str, lang: UiLanguage) -> Reply:
        if name == "admins":
            return await self._admin_handlers.list_admins(lang)
        return Reply(await self._read_delivery_status(lang))

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
            return say(
                translator(lang).gettext(
                    "That message has no text, no link and no file that I can read."
                )
            )
        return await self._create_drafts(update_id, event, request, lang)

    async def _handle_message(
        self, event: QuestionEvent | NonTextEvent, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        """Apply a message as the requested input of a field, or add its content as drafts."""
        editor_id, content = event.actor.id, event.content
        if not await self._roles.is_editor(editor_id):
            return await self._answer_as_reader(update, lang)
        if not (content and content.origin):
            pending_input = await self._drafts.claim_input(editor_id, update.id)
            if pending_input:
                return await self._apply_input(update, event, pending_input, lang)
        if feeds_reply := await self._import_feed_list(event, lang):
            return feeds_reply
        request = request_from_content(content) if content and _is_importable(event) else None
        if request is None:
            return await self._answer_as_reader(update, lang)
        return await self._create_drafts(update.id, event, request, lang)

    async def _import_feed_list(
        self, event: QuestionEvent | NonTextEvent | CommandEvent, lang: UiLanguage
    ) -> Reply | None:
        """Follow the feeds of an attached feed list; None if the message has none."""
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
        """Apply an editor's input, or explain the error and ask again."""
        _ = translator(lang).gettext
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
        except InvalidFieldValue as error:
            error_text = f"{error.message}\n{_(CANCEL_HINT)}"
        except InvalidInputError as error:
            # Translators: {reason}: a sentence that says why.
            error_text = _("That cannot be used: {reason}").format(reason=error.message)
        await self._drafts.release_input(editor_id, update.id)
        return say(error_text)

    async def _handle_callback(
        self,
        event: ButtonEvent,
        callback: EditorialCallback,
        update: IncomingUpdate,
        lang: UiLanguage,
    ) -> Reply | None:
        editor_id = event.actor.id
        role = await self._roles.current_role(editor_id)
        if role is Role.READER:
            return await self._answer_as_reader(update, lang)
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
        _ = translator(lang).gettext
        is_immediate = await self._roles.publishes_immediately(editor_id)
        toggle_button = Button(
            (
                # Translators: Button.
                _("Preview first")
                if is_immediate
                # Translators: Button.
                else _("Publish at once")
            ),
            EditorialCallback(subject="once", number=int(not is_immediate)).pack(),
        )
        mode = (
            _(
                "Publishing at once is on: what raises no question is published without "
                "a preview, and can be undone."
            )
            if is_immediate
            else _("There is a preview before anything is published.")
        )
        text = f"{_(_ADD_HELP)}\n\n{mode}"
        return OutgoingMessage(trusted_text(text), ((toggle_button,),))


_INPUT_CANCELLING_SUBJECTS = frozenset(("held", "log", "once", "admin"))
"""Subjects whose buttons cancel a requested input; the other handlers do that themselves."""


def _find_refusal(event: IncomingEvent) -> Route | None:
    """Return the route of an editor's button that a reader presses: it does nothing."""
    if isinstance(event, ButtonEvent) and isinstance(event.callback, EditorialCallback):
        return Route(_ignore, notice=N_("This button is for editors."))
    return None


async def _ignore(_update: IncomingUpdate, _lang: UiLanguage) -> None:
    return None


def _is_invitation(command: CommandEvent) -> bool:
    return command.name == "start" and command.argument.startswith(INVITATION_PREFIX)


def _is_importable(event: QuestionEvent | NonTextEvent) -> bool:
    """Return whether a message is material to add rather than a question."""
    content = event.content
    if content is None:
        return False
    if content.origin or content.file:
        return True
    return is_only_links(content.text or "")
