"""The library: the archive's articles, to page through, search, correct, remove and restore."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.answers.router import ReaderRouter
from bot.editorial import article_view as screens
from bot.editorial import draft_view as drafts
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_store import DraftStore
from bot.editorial.draft_view import PER_PAGE
from bot.editorial.executors import EditorialExecutors
from bot.editorial.roles import logged_as
from bot.i18n.catalogue import UiLanguage, shown_number
from bot.i18n.editorial_strings import DESK
from bot.telegram.inbox import AnswerState, Inbox
from bot.telegram.message import Buttons, HtmlText, OutgoingMessage, trusted_text
from bot.telegram.reply import Reply
from index.archive import Archive
from index.clock import Clock
from index.errors import InvalidInputError, NotFoundError
from index.models import Article

RESTORED_WITHIN = timedelta(days=30)
REMOVED = "removed"
"""«/articles removed» lists what can be restored."""
_MAX_RESULTS = 40
_LAST_PAGE = 1_000_000
FIELDS = ("title", "source", "published", "text")


class ArticleHandlers:
    """What editors do with the articles that are there."""

    def __init__(
        self,
        archive: Archive,
        reader: ReaderRouter,
        drafts: DraftStore,
        inbox: Inbox,
        lanes: EditorialExecutors,
        clock: Clock,
    ) -> None:
        self._archive = archive
        self._reader = reader
        self._drafts = drafts
        self._inbox = inbox
        self._lanes = lanes
        self._clock = clock

    async def command(self, update_id: int, chat: int, argument: str, lang: UiLanguage) -> Reply:
        """Answer /articles: all of them, those removed, one by its number, or what matches."""
        if not argument:
            return Reply(await self._lanes.look_up(lambda: self._page(0, lang)))
        if argument.casefold() == REMOVED:
            return Reply(await self._lanes.look_up(lambda: self._removed(0, lang)))
        if argument.isdecimal() and len(argument) < 10:
            return Reply(await self._article(int(argument), lang))
        given = AnswerState(chat=chat, question=argument, shown=())
        return Reply(await self._found(argument, 0, update_id, lang), given)

    async def pressed(
        self, pressed: EditorialCallback, editor: int, chat: int, lang: UiLanguage
    ) -> Reply | None:
        """Do what a button of a list or of an article asks for."""
        page = min(pressed.number, _LAST_PAGE)
        match pressed.of:
            case "library":
                screen = await self._lanes.look_up(lambda: self._page(page, lang))
            case "removed":
                screen = await self._lanes.look_up(lambda: self._removed(page, lang))
            case "found":
                given = await self._inbox.given(pressed.number)
                if given is None or given.chat != chat:
                    screen = await self._lanes.look_up(lambda: self._page(0, lang))
                else:
                    words = given.question
                    screen = await self._found(words, pressed.place, pressed.number, lang)
            case _:
                return await self._pressed_article(pressed, editor, lang)
        return Reply(screen, edits=True)

    async def write(
        self, number: int, changes: dict[str, Any], editor: int, lang: UiLanguage
    ) -> Reply:
        """Put what an editor wrote into an article's fields. Raises `InvalidInputError`."""

        def edit() -> None:
            article = self._archive.article_by_number(number)[0]
            self._archive.edit(article.id, by=logged_as(editor), **changes)

        await self._lanes.embed(edit)
        return Reply(await self._article(number, lang, DESK[lang]["edited"]))

    async def _pressed_article(
        self, pressed: EditorialCallback, editor: int, lang: UiLanguage
    ) -> Reply:
        words, by = DESK[lang], logged_as(editor)
        if pressed.what in FIELDS:
            await self._drafts.ask_for(editor, "article", pressed.number, pressed.what)
            asked = drafts.prompt(f"article:{pressed.number}", pressed.what, lang)
            return Reply(asked, edits=True)
        await self._drafts.drop_prompt(editor)
        said = ""
        if pressed.what in ("remove", "restore"):
            restores = pressed.what == "restore"
            act = self._archive.restore if restores else self._archive.remove

            def change() -> None:
                article, removed = self._archive.article_by_number(pressed.number)
                if removed == restores:
                    act(article.id, by=by)

            try:
                await self._lanes.look_up(change)
                said = words["restored" if restores else "removed"]
            except NotFoundError:
                said = ""
        return Reply(await self._article(pressed.number, lang, said), edits=True)

    async def _article(self, number: int, lang: UiLanguage, said: str = "") -> OutgoingMessage:
        def look() -> OutgoingMessage:
            try:
                article, removed = self._archive.article_by_number(number)
            except InvalidInputError:
                return OutgoingMessage(trusted_text(DESK[lang]["no such article"]))
            proof = self._archive.prepare_draft(article)
            return screens.article(article, proof, lang, removed=removed, said=said)

        return await self._lanes.look_up(look)

    def _page(self, page: int, lang: UiLanguage) -> OutgoingMessage:
        words, count = DESK[lang], self._archive.holdings().articles
        page = min(page, max(0, count - 1) // PER_PAGE)
        first = page * PER_PAGE
        shown = self._archive.articles(limit=PER_PAGE, offset=first)
        said = words["library"].format(
            first=shown_number(first + 1, lang),
            last=shown_number(first + len(shown), lang),
            count=shown_number(count, lang),
        )
        turns = drafts.turns("library:{page}", page, more=first + len(shown) < count)
        return _list(trusted_text(said), shown, lang, first + 1, turns)

    def _removed(self, page: int, lang: UiLanguage) -> OutgoingMessage:
        first = page * PER_PAGE
        since = self._clock() - RESTORED_WITHIN
        shown = self._archive.articles(
            removed=True, removed_since=since, limit=PER_PAGE + 1, offset=first
        )
        turns = drafts.turns("removed:{page}", page, more=len(shown) > PER_PAGE)
        head = trusted_text(DESK[lang]["library removed"])
        return _list(head, shown[:PER_PAGE], lang, first + 1, turns)

    async def _found(self, words: str, page: int, key: int, lang: UiLanguage) -> OutgoingMessage:
        understood = await self._reader.understand(words)
        found = await self._reader.look_up(
            lambda: self._archive.search(understood, limit=_MAX_RESULTS)
        )
        first = page * PER_PAGE
        head = trusted_text(DESK[lang]["library found"].format(words=screens.run(words)))
        turns = drafts.turns(f"found:{key}:page:{{page}}", page, more=len(found) > first + PER_PAGE)
        return _list(head, found[first : first + PER_PAGE], lang, first + 1, turns)


def _list(
    head: HtmlText, shown: Sequence[Article], lang: UiLanguage, first: int, buttons: Buttons
) -> OutgoingMessage:
    if not shown:
        return OutgoingMessage(trusted_text(DESK[lang]["library none"]), buttons)
    return screens.articles(head, shown, lang, first, buttons)
