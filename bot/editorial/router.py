"""What an editor's update gets back; everyone else's goes on to the reader's replies."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.answers import commands
from bot.answers.router import ReaderRouter
from bot.digest.store.deliveries import DeliveryOutbox
from bot.digest.views.delivery_status import MAX_IN_DOUBT, delivered
from bot.editorial.admins import AdminHandlers
from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.articles import ArticleHandlers
from bot.editorial.callbacks import EditorialCallback, press
from bot.editorial.draft_store import DraftStore, PendingInput
from bot.editorial.drafts import DraftHandlers
from bot.editorial.executors import EditorialExecutors
from bot.editorial.feeds import FeedHandlers
from bot.editorial.field_input import FieldParser, InvalidFieldValue
from bot.editorial.import_request import ImportRequest, is_only_links, of_material, of_text
from bot.editorial.importer import SourceImporter
from bot.editorial.roles import INVITED, Role, Roles
from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import FollowedFeed
from bot.i18n.catalogue import WORDS, UiLanguage
from bot.i18n.editorial_strings import DESK
from bot.i18n.feed_strings import FEED_WORDS
from bot.i18n.phrases import bad_question
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

COMMANDS = frozenset(("add", "articles", "feeds", "log", "admins", "status", "cancel"))
_OWNERS = frozenset(("admins", "status"))


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
        bringer: SourceImporter,
        keeper: FeedServices,
        ledger: DeliveryOutbox,
        *,
        zone: ZoneInfo,
        clock: Clock,
        follows: bool,
        joined: Callable[[int], None],
        left: Callable[[int], None],
    ) -> None:
        """Make it; `joined` and `left` are told of who becomes an editor or no longer is one.

        `follows` says whether this bot follows feeds.
        """
        self._reader = reader
        self._roles = roles
        self._drafts = drafts
        self._ledger = ledger
        self._bringer = bringer
        self._fields = FieldParser(bringer, zone, clock)
        self._lanes = EditorialExecutors()
        self._adding = DraftHandlers(archive, drafts, bringer, self._lanes, self._may)
        self._library = ArticleHandlers(archive, reader, drafts, inbox, self._lanes, clock)
        self._feeds = FeedHandlers(
            keeper.control,
            keeper.approving.held,
            drafts,
            bringer,
            self._lanes,
            zone=zone,
            enabled=follows,
        )
        self._held = ApprovalHandlers(archive, keeper.approving, self._lanes, self._may)
        self._staff = AdminHandlers(archive, roles, me, self._lanes, joined, left)

    def close(self) -> None:
        """Begin nothing more."""
        self._lanes.close()
        self._bringer.close()
        self._reader.close()

    def lang(self, update: IncomingUpdate) -> UiLanguage:
        """Return the language in which to speak to whoever sent the update."""
        return self._reader.lang(update)

    async def list_for(self, editor: int) -> OutgoingMessage:
        """Return the list of articles that wait, as an editor is sent it unasked."""
        lang = self._reader.ui_language_of(editor)
        return await self._held.page(0, lang, [FEED_WORDS[lang]["daily"]])

    def dead_feed_for(self, editor: int, feed: FollowedFeed) -> OutgoingMessage:
        """Return what an editor is told of a feed that is dead."""
        return self._feeds.dead(feed, self._reader.ui_language_of(editor))

    def needs_archive(self, update: IncomingUpdate) -> bool:
        """Say whether the reply waits for its chat's turn; an editor's work does not."""
        return not self.is_editorial(update) and self._reader.needs_archive(update)

    def is_editorial(self, update: IncomingUpdate) -> bool:
        """Say whether an update is an editor's work, in their private chat or addressed to it."""
        wants = update.wants
        if isinstance(wants, CommandEvent) and _is_invitation(wants):
            return wants.place.private
        if wants.person is None or wants.person.id not in self._roles:
            return False
        match wants:
            case CommandEvent(name="help"):
                return wants.place.private
            case CommandEvent():
                return wants.name in COMMANDS
            case ButtonEvent():
                return wants.place.private and press(wants.data) is not None
            case QuestionEvent() if wants.place.private:
                return self._drafts.asked_for(wants.person.id) or _is_material(wants)
            case NonTextEvent():
                return bool(wants.material and wants.material.file)
        return False

    async def reply(self, update: IncomingUpdate) -> Reply | None:
        """Return the reply to an update; None where it needs none."""
        if not self.is_editorial(update):
            return await self._reader.reply(update)
        lang, wants = self.lang(update), update.wants
        assert wants.person is not None, "it is somebody's work"
        if isinstance(wants, CommandEvent) and _is_invitation(wants):
            return await self._staff.join(wants.argument, wants.person, lang)
        role = await self._roles.role(wants.person.id)
        if role is Role.READER:
            return await self._reader.reply(update)
        match wants:
            case CommandEvent():
                return await self._command(update.id, wants, role, lang)
            case ButtonEvent():
                return await self._pressed(wants, role, lang)
            case QuestionEvent() | NonTextEvent():
                return await self._message(update, wants, lang)
        return None

    async def _command(
        self, update_id: int, wants: CommandEvent, role: Role, lang: UiLanguage
    ) -> Reply:
        words, editor = DESK[lang], wants.person.id
        if wants.name in _OWNERS and role is not Role.OWNER:
            return commands.command(wants.name, lang)
        if not wants.place.private:
            return say(words["private only"])
        await self._drafts.drop_prompt(editor)
        if wants.name == "help":
            return say(f"{WORDS[lang]['help here']}\n\n{words['how to add']}\n\n{words['help']}")
        if wants.name in _OWNERS:
            return await self._owners(wants.name, lang)
        match wants.name:
            case "add":
                return await self._add(update_id, wants, lang)
            case "articles":
                try:
                    return await self._library.command(
                        update_id, wants.place.chat, wants.argument, lang
                    )
                except InvalidQuestion as fault:
                    return say(bad_question(fault, lang))
            case "feeds":
                file = wants.material.file if wants.material else None
                return await self._feeds.command(wants.argument, file, editor, lang)
            case "log":
                return await self._staff.log(lang)
        return say(words["cancelled"])

    async def _owners(self, name: str, lang: UiLanguage) -> Reply:
        if name == "admins":
            return await self._staff.admins(lang)
        return Reply(delivered(*await self._ledger.status(MAX_IN_DOUBT), lang))

    async def _add(self, update_id: int, wants: CommandEvent, lang: UiLanguage) -> Reply:
        if wants.argument:
            wanted: ImportRequest | None = of_text(wants.argument)
        elif wants.material:
            if listed := await self._list_of_feeds(wants, lang):
                return listed
            wanted = of_material(wants.material)
        else:
            return Reply(await self._how_to_add(wants.person.id, lang))
        if wanted is None:
            return say(DESK[lang]["nothing in reply"])
        return await self._brought(update_id, wants, wanted, lang)

    async def _message(
        self, update: IncomingUpdate, wants: QuestionEvent | NonTextEvent, lang: UiLanguage
    ) -> Reply | None:
        """Take a message for what was asked for, or for something to add."""
        editor, material = wants.person.id, wants.material
        if not (material and material.origin):
            prompt = await self._drafts.claim(editor, update.id)
            if prompt:
                return await self._written(update, wants, prompt, lang)
        if listed := await self._list_of_feeds(wants, lang):
            return listed
        wanted = of_material(material) if material and _is_material(wants) else None
        if wanted is None:
            return await self._reader.reply(update)
        return await self._brought(update.id, wants, wanted, lang)

    async def _list_of_feeds(
        self, wants: QuestionEvent | NonTextEvent | CommandEvent, lang: UiLanguage
    ) -> Reply | None:
        """Follow the feeds of a list that came as a file; None where none did."""
        file = wants.material.file if wants.material else None
        return await self._feeds.file(file, wants.person.id, lang) if file else None

    async def _brought(
        self,
        update_id: int,
        wants: QuestionEvent | NonTextEvent | CommandEvent,
        wanted: ImportRequest,
        lang: UiLanguage,
    ) -> Reply:
        at_once = await self._roles.at_once(wants.person.id)
        return await self._adding.add(update_id, wants.person, wanted, lang, at_once=at_once)

    async def _written(
        self,
        update: IncomingUpdate,
        wants: QuestionEvent | NonTextEvent,
        prompt: PendingInput,
        lang: UiLanguage,
    ) -> Reply | None:
        """Put what an editor wrote where it belongs, or say why it does not fit and ask again."""
        words = DESK[lang]
        editor = wants.person.id
        try:
            if prompt.of == "feed":
                said = wants.text if isinstance(wants, QuestionEvent) else None
                return await self._feeds.write(prompt.number, prompt.field, said, editor, lang)
            changes = await self._fields.read(wants, prompt.field, lang)
            if prompt.of == "draft":
                return await self._adding.write(prompt.number, changes, editor, lang)
            return await self._library.write(prompt.number, changes, editor, lang)
        except InvalidFieldValue as unfit:
            told = f"{unfit.said}\n{words['or cancel']}"
        except InvalidInputError as error:
            told = words["not usable"].format(reason=error.message)
        await self._drafts.release(editor, update.id)
        return say(told)

    async def _may(self, editor: int) -> bool:
        return await self._roles.role(editor) is not Role.READER

    async def _pressed(self, wants: ButtonEvent, role: Role, lang: UiLanguage) -> Reply | None:
        pressed = press(wants.data)
        assert pressed is not None, "it is an editor's button"
        editor = wants.person.id
        if pressed.of in _ELSEWHERE:
            await self._drafts.drop_prompt(editor)
        match pressed.of:
            case "draft" | "batch":
                return await self._adding.pressed(pressed, editor, lang)
            case "feed" | "feeds":
                return await self._feeds.pressed(pressed, editor, lang)
            case "held":
                return await self._held.pressed(pressed, editor, lang)
            case "log":
                return await self._staff.log(lang, pressed.number)
            case "once":
                await self._roles.choose_at_once(editor, yes=bool(pressed.number))
                return Reply(await self._how_to_add(editor, lang), edits=True)
            case "admin":
                return await self._pressed_admin(pressed, editor, role, lang)
        return await self._library.pressed(pressed, editor, wants.place.chat, lang)

    async def _pressed_admin(
        self, pressed: EditorialCallback, editor: int, role: Role, lang: UiLanguage
    ) -> Reply | None:
        if role is not Role.OWNER:
            return None
        if pressed.what == "invite":
            return await self._staff.invite(editor, lang)
        return await self._staff.revoke(pressed.number, editor, lang)

    async def _how_to_add(self, editor: int, lang: UiLanguage) -> OutgoingMessage:
        words, on = DESK[lang], await self._roles.at_once(editor)
        turn = Button(words["turn at once off" if on else "turn at once on"], f"once:{int(not on)}")
        said = f"{words['how to add']}\n\n{words['at once on' if on else 'at once off']}"
        return OutgoingMessage(trusted_text(said), ((turn,),))


_ELSEWHERE = frozenset(("held", "log", "once", "admin"))
"""Where a button leads away from what an editor was asked to write; the others see to it."""


def _is_invitation(command: CommandEvent) -> bool:
    return command.name == "start" and command.argument.startswith(INVITED)


def _is_material(wants: QuestionEvent | NonTextEvent) -> bool:
    """Say whether a message is something to add, and no question."""
    material = wants.material
    if material is None:
        return False
    if material.origin or material.file:
        return True
    return is_only_links(material.text or "")
