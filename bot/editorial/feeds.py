"""Handle feeds: list, add, change, pause and remove them, and import and export feed lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from bot.editorial import feed_view
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_store import DraftStore
from bot.editorial.field_input import EMPTY_VALUES, InvalidFieldValue
from bot.editorial.importer import SourceImporter
from bot.editorial.roles import audit_actor
from bot.editorial.texts import feed_reject_reason_text, reject_reason_text
from bot.feeds.keyword_filter import InvalidKeywords
from bot.feeds.manager import FeedManager
from bot.feeds.notifications import FeedNotice, FeedNoticeKind
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import DuplicateFeed, FollowedFeed
from bot.i18n.languages import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.i18n.translations import N_, translator
from bot.runtime.executors import Executors
from bot.telegram.message import OutgoingMessage, trusted_text
from bot.telegram.message_content import FileRef
from bot.telegram.reply import Attachment, Reply, say
from index.errors import NotFoundError
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.sandbox import read_opml_in_sandbox
from index.text.normalise import fold

EXPORT_ARGUMENT = "export"
"""Argument of `/feeds export`, which sends all feeds as an OPML file."""
OPML_FILE_NAME = "feeds.opml"
_POSSIBLE_OPML_SUFFIXES = frozenset((".xml", ""))
"""Suffixes, other than .opml, of files whose content may be OPML."""
_OPML_TAG = re.compile(rb"<opml[\s>/]", re.IGNORECASE)
_SNIFFED_BYTES = 4_096
_LAST_PAGE = 1_000_000
_NOT_A_FEED_LIST = N_(
    "That is not a readable list of feeds (OPML), or it is empty. Export it "
    "from your feed reader again and send it."
)
_NO_SUCH_FEED = N_("There is no feed with this number.")
_MAX_SOURCE_LENGTH = 200
_KEYWORD_SEPARATORS = re.compile(r"[,،;؛\n]")
_LANGUAGES_BY_NAME = {
    **UI_LANGUAGES,
    **{name: lang for lang, name in UI_LANGUAGE_NAMES.items()},
    **dict.fromkeys(("arabic", "arabe", "عربي", "عربية"), "ar"),
    **dict.fromkeys(("anglais", "الإنجليزية", "الإنكليزية", "إنجليزي", "إنجليزية"), "en"),
    **dict.fromkeys(("french", "francais", "الفرنسية", "فرنسي", "فرنسية"), "fr"),
}
_LANGUAGES_BY_FOLDED_NAME: Mapping[str, str] = {
    fold(name): tag for name, tag in _LANGUAGES_BY_NAME.items()
}


class FeedHandlers:
    """Handles the commands, buttons, files and input of editors about feeds."""

    def __init__(
        self,
        feed_manager: FeedManager,
        approval_queue: ApprovalQueue,
        drafts: DraftStore,
        importer: SourceImporter,
        executors: Executors,
        *,
        zone: ZoneInfo,
        enabled: bool,
    ) -> None:
        """Create the handlers; `enabled` says whether this bot polls feeds."""
        self._feed_manager = feed_manager
        self._approval_queue = approval_queue
        self._drafts = drafts
        self._importer = importer
        self._executors = executors
        self._zone = zone
        self._enabled = enabled

    async def handle_command(
        self, argument: str, file: FileRef | None, editor_id: int, lang: UiLanguage
    ) -> Reply:
        """Answer /feeds: list all, show a number, add an address, export, or import a file."""
        if file and not argument:
            return await self.handle_file(file, editor_id, lang) or say(
                translator(lang).gettext(_NOT_A_FEED_LIST)
            )
        if not argument:
            return Reply(await self._render_page(0, lang))
        if argument.casefold() == EXPORT_ARGUMENT:
            return await self._export_opml(lang)
        if argument.isdecimal() and len(argument) < 10:
            return Reply(await self._render_by_number(int(argument), lang))
        return await self._add(argument, editor_id, lang)

    async def handle_file(self, file: FileRef, editor_id: int, lang: UiLanguage) -> Reply | None:
        """Follow the feeds of an OPML file; None if the file is not OPML."""
        suffix = PurePath(file.name or "").suffix.casefold()
        if suffix != ".opml" and suffix not in _POSSIBLE_OPML_SUFFIXES:
            return None
        try:
            content = await self._importer.download_file(file)
        except SourceRejected as error:
            return say(reject_reason_text(error.reason, lang)) if suffix == ".opml" else None
        if suffix != ".opml" and not _is_opml(content):
            return None
        return await self._import_opml(content, editor_id, lang)

    async def handle_callback(
        self, callback: EditorialCallback, editor_id: int, lang: UiLanguage
    ) -> Reply:
        """Handle a button of the list or of a feed."""
        await self._drafts.cancel_input(editor_id)
        if callback.subject == "feeds":
            if callback.action == "how":
                return _edit_reply(feed_view.render_help(lang))
            return _edit_reply(await self._render_page(min(callback.number, _LAST_PAGE), lang))
        try:
            return _edit_reply(await self._perform_action(callback, editor_id, lang))
        except NotFoundError:
            return _edit_reply(
                OutgoingMessage(trusted_text(translator(lang).gettext(_NO_SUCH_FEED)))
            )

    async def apply_input(
        self, number: int, field: str, text: str | None, editor_id: int, lang: UiLanguage
    ) -> Reply:
        """Apply an editor's input to an option of a feed; None is a message without text.

        Raises `InvalidFieldValue`.
        """
        if text is None:
            raise InvalidFieldValue(_prompt_text(field, lang))
        options = _parse_option(field, text.strip(), lang)
        try:
            feed = await self._feed_manager.update_options(
                number, audit_actor(editor_id), **options
            )
        except InvalidKeywords as error:
            raise InvalidFieldValue(feed_view.invalid_options_text(error, lang)) from None
        except NotFoundError:
            return say(translator(lang).gettext(_NO_SUCH_FEED))
        return Reply(feed_view.render_feed(feed, lang, self._zone))

    def render_notice(self, notice: FeedNotice, lang: UiLanguage) -> OutgoingMessage:
        """Return a notice about a feed."""
        match notice.kind:
            case FeedNoticeKind.DEAD:
                return feed_view.render_dead_feed(notice.feed, lang, self._zone)
            case FeedNoticeKind.SITE_LIMIT:
                return feed_view.render_site_limit(notice.feed, lang)
            case FeedNoticeKind.QUEUE:
                return feed_view.render_queue(notice.feed, lang)

    async def _perform_action(
        self, callback: EditorialCallback, editor_id: int, lang: UiLanguage
    ) -> OutgoingMessage:
        """Perform the action of a feed's button. Raises `NotFoundError`."""
        feed_manager, number, actor = self._feed_manager, callback.number, audit_actor(editor_id)
        match callback.action:
            case "pause":
                return self._render_feed(await feed_manager.pause(number, actor), lang)
            case "resume":
                return self._render_feed(await feed_manager.resume(number, actor), lang)
            case "hold" | "atonce":
                hold = callback.action == "hold"
                return self._render_feed(
                    await feed_manager.update_options(number, actor, hold=hold), lang
                )
            case "remove":
                return feed_view.render_remove_confirmation(
                    await feed_manager.feeds.get(number), lang
                )
            case "really":
                removed = await feed_manager.feeds.remove(number, actor)
                return await self._render_page(0, lang, feed_view.removed_text(removed, lang))
        feed = await feed_manager.feeds.get(number)
        if callback.action in feed_view.EDITABLE_FIELDS:
            await self._drafts.request_input(editor_id, "feed", number, callback.action)
            return feed_view.render_prompt(number, callback.action, lang)
        return self._render_feed(feed, lang)

    async def _add(self, address: str, editor_id: int, lang: UiLanguage) -> Reply:
        _ = translator(lang).gettext
        try:
            feed = await self._feed_manager.add(_with_scheme(address), audit_actor(editor_id))
        except DuplicateFeed as duplicate:
            return Reply(
                await self._render_by_number(
                    duplicate.number, lang, _("I already follow this feed.")
                )
            )
        except SourceRejected as error:
            return say(reject_reason_text(error.reason, lang))
        return Reply(
            self._render_feed(
                feed,
                lang,
                _("I now follow this feed. Its last 20 articles are being added, without alerts."),
            )
        )

    async def _import_opml(self, content: bytes, editor_id: int, lang: UiLanguage) -> Reply:
        try:
            parsed = await self._executors.imports.run(lambda: read_opml_in_sandbox(content))
        except SourceRejected as error:
            text = (
                reject_reason_text(error.reason, lang)
                if error.reason in (RejectReason.TOO_LARGE, RejectReason.TOO_COMPLEX)
                else translator(lang).gettext(_NOT_A_FEED_LIST)
            )
            return say(text)
        result = await self._feed_manager.import_opml(parsed.outlines, audit_actor(editor_id))
        unreadable = [
            (name, feed_reject_reason_text(reason, lang)) for name, reason in parsed.rejected
        ]
        return Reply(feed_view.render_import_result(result, unreadable, lang))

    async def _export_opml(self, lang: UiLanguage) -> Reply:
        count = len(await self._feed_manager.feeds.list_all())
        if not count:
            return Reply(await self._render_page(0, lang))
        content = await self._feed_manager.export_opml()
        return Reply(
            feed_view.render_export(count, lang), attachment=Attachment(OPML_FILE_NAME, content)
        )

    async def _render_page(self, page: int, lang: UiLanguage, notice: str = "") -> OutgoingMessage:
        feeds, pending_count = (
            await self._feed_manager.feeds.list_all(),
            await self._approval_queue.count(),
        )
        return feed_view.render_list(
            feeds, page, pending_count, lang, notice=notice, enabled=self._enabled
        )

    async def _render_by_number(
        self, number: int, lang: UiLanguage, notice: str = ""
    ) -> OutgoingMessage:
        try:
            return self._render_feed(await self._feed_manager.feeds.get(number), lang, notice)
        except NotFoundError:
            return OutgoingMessage(trusted_text(translator(lang).gettext(_NO_SUCH_FEED)))

    def _render_feed(
        self, feed: FollowedFeed, lang: UiLanguage, notice: str = ""
    ) -> OutgoingMessage:
        return feed_view.render_feed(feed, lang, self._zone, notice)


def _prompt_text(field: str, lang: UiLanguage) -> str:
    return translator(lang).gettext(feed_view.FIELD_PROMPTS[field])


def _parse_option(field: str, text: str, lang: UiLanguage) -> dict[str, Any]:
    """Return the option that an editor's input sets; an empty value removes it.

    Raises `InvalidFieldValue`.
    """
    is_empty = text in EMPTY_VALUES
    match field:
        case "require" | "refuse":
            return {field: [] if is_empty else _KEYWORD_SEPARATORS.split(text)}
        case "language":
            value = "" if is_empty else _LANGUAGES_BY_FOLDED_NAME.get(fold(text))
        case _:
            value = "" if is_empty else text if len(text) <= _MAX_SOURCE_LENGTH else None
    if value is None:
        raise InvalidFieldValue(_prompt_text(field, lang))
    return {field: value}


def _with_scheme(address: str) -> str:
    """Return the address with a scheme: users often omit it."""
    if "://" in address or "." not in address.partition("/")[0]:
        return address
    return f"https://{address}"


def _is_opml(content: bytes) -> bool:
    """Return whether a file starts as OPML does, in any encoding that preserves ASCII letters."""
    return bool(_OPML_TAG.search(content[:_SNIFFED_BYTES].replace(b"\0", b"")))


def _edit_reply(message: OutgoingMessage) -> Reply:
    return Reply(message, edits=True)
