"""Feeds at the desk: /feeds lists, adds, pauses and removes them; lists of them come and go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from bot.editorial import feed_view as screens
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_store import DraftStore
from bot.editorial.executors import EditorialExecutors
from bot.editorial.field_input import NONE, InvalidFieldValue
from bot.editorial.importer import SourceImporter
from bot.editorial.roles import logged_as
from bot.feeds.keyword_filter import InvalidKeywords
from bot.feeds.manager import FeedManager
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import DuplicateFeed, FollowedFeed
from bot.i18n.catalogue import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.i18n.editorial_strings import DESK
from bot.i18n.feed_strings import FEED_WORDS
from bot.telegram.message import OutgoingMessage, trusted_text
from bot.telegram.message_content import FileRef
from bot.telegram.reply import Attachment, Reply, say
from index.errors import NotFoundError
from index.ingest.feeds.opml import read_opml
from index.ingest.rejections import RejectReason, SourceRejected
from index.text.normalise import fold

EXPORT = "export"
"""«/feeds export» sends all feeds as a list."""
LIST_NAME = "feeds.opml"
_PERHAPS = frozenset((".xml", ""))
"""What a list of feeds may be called that is not called .opml."""
_IS_LIST = re.compile(rb"<opml[\s>/]", re.IGNORECASE)
_BEGINNING = 4_096
_LAST_PAGE = 1_000_000
_MAX_SOURCE_LENGTH = 200
_BETWEEN_WORDS = re.compile(r"[,،;؛\n]")
_LANGUAGES = {
    **UI_LANGUAGES,
    **{name: lang for lang, name in UI_LANGUAGE_NAMES.items()},
    **dict.fromkeys(("arabic", "arabe", "عربي", "عربية"), "ar"),
    **dict.fromkeys(("anglais", "الإنجليزية", "الإنكليزية", "إنجليزي", "إنجليزية"), "en"),
    **dict.fromkeys(("french", "francais", "الفرنسية", "فرنسي", "فرنسية"), "fr"),
}
_FOLDED: Mapping[str, str] = {fold(name): tag for name, tag in _LANGUAGES.items()}


class FeedHandlers:
    """What editors do with feeds."""

    def __init__(
        self,
        control: FeedManager,
        held: ApprovalQueue,
        drafts: DraftStore,
        bringer: SourceImporter,
        lanes: EditorialExecutors,
        *,
        zone: ZoneInfo,
        enabled: bool,
    ) -> None:
        """Make it; `enabled` says whether this bot follows feeds."""
        self._control = control
        self._held = held
        self._drafts = drafts
        self._bringer = bringer
        self._lanes = lanes
        self._zone = zone
        self._enabled = enabled

    async def command(
        self, argument: str, file: FileRef | None, editor: int, lang: UiLanguage
    ) -> Reply:
        """Answer /feeds: all of them, one by its number, a new one by its address, or a list."""
        if file and not argument:
            return await self.file(file, editor, lang) or say(FEED_WORDS[lang]["bad list"])
        if not argument:
            return Reply(await self._page(0, lang))
        if argument.casefold() == EXPORT:
            return await self._export(lang)
        if argument.isdecimal() and len(argument) < 10:
            return Reply(await self._feed(int(argument), lang))
        return await self._add(argument, editor, lang)

    async def file(self, file: FileRef, editor: int, lang: UiLanguage) -> Reply | None:
        """Follow the feeds of a list that an editor sent; None where the file is none."""
        suffix = PurePath(file.name or "").suffix.casefold()
        if suffix != ".opml" and suffix not in _PERHAPS:
            return None
        try:
            content = await self._bringer.content(file)
        except SourceRejected as refused:
            return say(DESK[lang][refused.refusal]) if suffix == ".opml" else None
        if suffix != ".opml" and not _is_list(content):
            return None
        return await self._take_in(content, editor, lang)

    async def pressed(self, pressed: EditorialCallback, editor: int, lang: UiLanguage) -> Reply:
        """Do what a button of the list, or of a feed, asks for."""
        await self._drafts.drop_prompt(editor)
        if pressed.of == "feeds":
            if pressed.what == "how":
                return _edited(screens.how(lang))
            return _edited(await self._page(min(pressed.number, _LAST_PAGE), lang))
        try:
            return _edited(await self._act(pressed, editor, lang))
        except NotFoundError:
            return _edited(OutgoingMessage(trusted_text(FEED_WORDS[lang]["no such feed"])))

    async def write(
        self, number: int, field: str, said: str | None, editor: int, lang: UiLanguage
    ) -> Reply:
        """Put what an editor wrote into a feed's settings; None is something without words.

        Raises `InvalidFieldValue`.
        """
        if said is None:
            raise InvalidFieldValue(_asked(field, lang))
        choice = _choice(field, said.strip(), lang)
        try:
            feed = await self._control.choose(number, logged_as(editor), **choice)
        except InvalidKeywords as unfit:
            raise InvalidFieldValue(screens.unfit(unfit, lang)) from None
        except NotFoundError:
            return say(FEED_WORDS[lang]["no such feed"])
        return Reply(screens.feed(feed, lang, self._zone))

    def dead(self, feed: FollowedFeed, lang: UiLanguage) -> OutgoingMessage:
        """Return what is told of a feed that is dead."""
        return screens.dead(feed, lang, self._zone)

    async def _act(
        self, pressed: EditorialCallback, editor: int, lang: UiLanguage
    ) -> OutgoingMessage:
        """Do what a button of a feed asks for. Raises `NotFoundError`."""
        control, number, by = self._control, pressed.number, logged_as(editor)
        match pressed.what:
            case "pause":
                return self._shown(await control.pause(number, by), lang)
            case "resume":
                return self._shown(await control.resume(number, by), lang)
            case "hold" | "atonce":
                hold = pressed.what == "hold"
                return self._shown(await control.choose(number, by, hold=hold), lang)
            case "remove":
                return screens.ask_remove(await control.feeds.one(number), lang)
            case "really":
                gone = await control.feeds.remove(number, by)
                return await self._page(0, lang, screens.removed(gone, lang))
        feed = await control.feeds.one(number)
        if pressed.what in screens.FIELDS:
            await self._drafts.ask_for(editor, "feed", number, pressed.what)
            return screens.prompt(number, pressed.what, lang)
        return self._shown(feed, lang)

    async def _add(self, address: str, editor: int, lang: UiLanguage) -> Reply:
        words = FEED_WORDS[lang]
        try:
            feed = await self._control.add(_whole(address), logged_as(editor))
        except DuplicateFeed as known:
            return Reply(await self._feed(known.number, lang, words["known already"]))
        except SourceRejected as refused:
            return say(DESK[lang][refused.refusal])
        return Reply(self._shown(feed, lang, words["added"]))

    async def _take_in(self, content: bytes, editor: int, lang: UiLanguage) -> Reply:
        try:
            read = await self._lanes.look_up(lambda: read_opml(content))
        except SourceRejected as refused:
            too_large = refused.refusal is RejectReason.TOO_LARGE
            words = DESK[lang][refused.refusal] if too_large else FEED_WORDS[lang]["bad list"]
            return say(words)
        done = await self._control.import_opml(read.outlines, logged_as(editor))
        unread = [(name, screens.why(refusal, lang)) for name, refusal in read.bad]
        return Reply(screens.imported(done, unread, lang))

    async def _export(self, lang: UiLanguage) -> Reply:
        count = len(await self._control.feeds.all())
        if not count:
            return Reply(await self._page(0, lang))
        content = await self._control.export_opml()
        return Reply(screens.exported(count, lang), document=Attachment(LIST_NAME, content))

    async def _page(self, page: int, lang: UiLanguage, said: str = "") -> OutgoingMessage:
        feeds, waiting = await self._control.feeds.all(), await self._held.count()
        return screens.listed(feeds, page, waiting, lang, said=said, enabled=self._enabled)

    async def _feed(self, number: int, lang: UiLanguage, said: str = "") -> OutgoingMessage:
        try:
            return self._shown(await self._control.feeds.one(number), lang, said)
        except NotFoundError:
            return OutgoingMessage(trusted_text(FEED_WORDS[lang]["no such feed"]))

    def _shown(self, feed: FollowedFeed, lang: UiLanguage, said: str = "") -> OutgoingMessage:
        return screens.feed(feed, lang, self._zone, said)


def _asked(field: str, lang: UiLanguage) -> str:
    return FEED_WORDS[lang][f"write {field}"]


def _choice(field: str, said: str, lang: UiLanguage) -> dict[str, Any]:
    """Return what an editor decided, as it is kept; "" takes it away. Raises `InvalidFieldValue`."""
    nothing = said in NONE
    match field:
        case "require" | "refuse":
            return {field: [] if nothing else _BETWEEN_WORDS.split(said)}
        case "language":
            tag = "" if nothing else _FOLDED.get(fold(said))
        case _:
            tag = "" if nothing else said if len(said) <= _MAX_SOURCE_LENGTH else None
    if tag is None:
        raise InvalidFieldValue(_asked(field, lang))
    return {field: tag}


def _whole(address: str) -> str:
    """Return an address as a fetch takes it: people leave its beginning away."""
    if "://" in address or "." not in address.partition("/")[0]:
        return address
    return f"https://{address}"


def _is_list(content: bytes) -> bool:
    """Say whether a file begins as OPML does, in any encoding that Western letters survive."""
    return bool(_IS_LIST.search(content[:_BEGINNING].replace(b"\0", b"")))


def _edited(screen: OutgoingMessage) -> Reply:
    return Reply(screen, edits=True)
