"""Handle the articles of the archive: list, search, correct, remove and restore them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from bot.editorial import article_view, draft_view
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_store import DraftStore
from bot.editorial.draft_view import PER_PAGE
from bot.editorial.roles import audit_actor
from bot.i18n.formats import number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.runtime.executors import Executors
from bot.telegram.inbox import AnswerState, Inbox
from bot.telegram.message import Buttons, HtmlText, OutgoingMessage, trusted_text
from bot.telegram.reply import Reply
from index.archive import Archive
from index.clock import Clock
from index.errors import InvalidInputError, NotFoundError
from index.models import Article

RESTORE_WINDOW = timedelta(days=30)
REMOVED_ARGUMENT = "removed"
"""Argument of `/articles removed`, which lists what can be restored."""
_MAX_RESULTS = 40
_LAST_PAGE = 1_000_000
EDITABLE_FIELDS = ("title", "source", "published", "text")


class ArticleHandlers:
    """Handles the commands, buttons and input of editors about articles."""

    def __init__(
        self,
        archive: Archive,
        drafts: DraftStore,
        inbox: Inbox,
        executors: Executors,
        clock: Clock,
    ) -> None:
        self._archive = archive
        self._drafts = drafts
        self._inbox = inbox
        self._executors = executors
        self._clock = clock

    async def handle_command(
        self, update_id: int, chat_id: int, argument: str, lang: UiLanguage
    ) -> Reply:
        """Answer /articles: list all or the removed ones, show a number, or search."""
        if not argument:
            return Reply(
                await self._executors.editor_lookup.run(lambda: self._render_page(0, lang))
            )
        if argument.casefold() == REMOVED_ARGUMENT:
            return Reply(
                await self._executors.editor_lookup.run(lambda: self._render_removed(0, lang))
            )
        if argument.isdecimal() and len(argument) < 10:
            return Reply(await self._render_article(int(argument), lang))
        answer_state = AnswerState(chat=chat_id, question=argument, shown=())
        return Reply(await self._render_results(argument, 0, update_id, lang), answer_state)

    async def handle_callback(
        self, callback: EditorialCallback, editor_id: int, chat_id: int, lang: UiLanguage
    ) -> Reply | None:
        """Handle a button of a list or of an article."""
        page = min(callback.number, _LAST_PAGE)
        match callback.subject:
            case "library":
                message = await self._executors.editor_lookup.run(
                    lambda: self._render_page(page, lang)
                )
            case "removed":
                message = await self._executors.editor_lookup.run(
                    lambda: self._render_removed(page, lang)
                )
            case "found":
                answer_state = await self._inbox.find_answer_state(callback.number)
                if answer_state is None or answer_state.chat != chat_id:
                    message = await self._executors.editor_lookup.run(
                        lambda: self._render_page(0, lang)
                    )
                else:
                    question = answer_state.question
                    message = await self._render_results(
                        question, callback.argument, callback.number, lang
                    )
            case _:
                return await self._handle_article_callback(callback, editor_id, lang)
        return Reply(message, edits=True)

    async def apply_input(
        self, number: int, changes: dict[str, Any], editor_id: int, lang: UiLanguage
    ) -> Reply:
        """Apply an editor's input to an article's fields. Raises `InvalidInputError`."""

        def edit() -> None:
            article = self._archive.article_by_number(number)[0]
            self._archive.edit(article.id, actor=audit_actor(editor_id), **changes)

        await self._executors.publishing.run(edit)
        return Reply(await self._render_article(number, lang, translator(lang).gettext("Edited.")))

    async def _handle_article_callback(
        self, callback: EditorialCallback, editor_id: int, lang: UiLanguage
    ) -> Reply:
        _ = translator(lang).gettext
        actor = audit_actor(editor_id)
        if callback.action in EDITABLE_FIELDS:
            await self._drafts.request_input(editor_id, "article", callback.number, callback.action)
            prompt = draft_view.render_prompt("article", callback.number, callback.action, lang)
            return Reply(prompt, edits=True)
        await self._drafts.cancel_input(editor_id)
        notice = ""
        if callback.action in ("remove", "restore"):
            restores = callback.action == "restore"
            apply = self._archive.restore if restores else self._archive.remove

            def change() -> None:
                article, removed = self._archive.article_by_number(callback.number)
                if removed == restores:
                    apply(article.id, actor=actor)

            try:
                await self._executors.editor_lookup.run(change)
                notice = (
                    _("Restored to the archive.")
                    if restores
                    else _("Removed from every answer. It can be restored within 30 days.")
                )
            except NotFoundError:
                notice = ""
        return Reply(await self._render_article(callback.number, lang, notice), edits=True)

    async def _render_article(
        self, number: int, lang: UiLanguage, notice: str = ""
    ) -> OutgoingMessage:
        def render() -> OutgoingMessage:
            try:
                article, removed = self._archive.article_by_number(number)
            except InvalidInputError:
                return OutgoingMessage(
                    trusted_text(translator(lang).gettext("There is no article with this number."))
                )
            prepared = self._archive.prepare_draft(article)
            return article_view.render_article(
                article, prepared, lang, removed=removed, notice=notice
            )

        return await self._executors.editor_lookup.run(render)

    def _render_page(self, page: int, lang: UiLanguage) -> OutgoingMessage:
        _ = translator(lang).gettext
        count = self._archive.stats().articles
        page = min(page, max(0, count - 1) // PER_PAGE)
        first = page * PER_PAGE
        articles = self._archive.articles(limit=PER_PAGE, offset=first)
        # Translators: {first}: the first number of the page; {last}: the last number of the page;
        # {count}: a number of articles.
        header = _("Articles {first}–{last} of {count}, newest first").format(
            first=number_text(first + 1, lang),
            last=number_text(first + len(articles), lang),
            count=number_text(count, lang),
        )
        page_buttons = draft_view.page_buttons(
            _library_data, page, has_more=first + len(articles) < count
        )
        return _render_list(trusted_text(header), articles, lang, first + 1, page_buttons)

    def _render_removed(self, page: int, lang: UiLanguage) -> OutgoingMessage:
        first = page * PER_PAGE
        since = self._clock() - RESTORE_WINDOW
        articles = self._archive.articles(
            removed=True, removed_since=since, limit=PER_PAGE + 1, offset=first
        )
        page_buttons = draft_view.page_buttons(
            _removed_data, page, has_more=len(articles) > PER_PAGE
        )
        header = trusted_text(translator(lang).gettext("Removed in the last 30 days:"))
        return _render_list(header, articles[:PER_PAGE], lang, first + 1, page_buttons)

    async def _render_results(
        self, question: str, page: int, update_id: int, lang: UiLanguage
    ) -> OutgoingMessage:
        encoded_question = await self._executors.inference.run(
            partial(self._archive.encode_question, question, literal=True)
        )
        articles = await self._executors.lookup.run(
            lambda: self._archive.search_articles(encoded_question, limit=_MAX_RESULTS)
        )
        first = page * PER_PAGE
        header = trusted_text(
            translator(lang)
            # Translators: {words}: words that an editor wrote.
            .gettext("Articles that match “{words}”:")
            .format(words=article_view.sanitize(question))
        )

        def results_data(page: int) -> str:
            return EditorialCallback(
                subject="found", number=update_id, action="page", argument=page
            ).pack()

        page_buttons = draft_view.page_buttons(
            results_data, page, has_more=len(articles) > first + PER_PAGE
        )
        return _render_list(
            header, articles[first : first + PER_PAGE], lang, first + 1, page_buttons
        )


def _library_data(page: int) -> str:
    return EditorialCallback(subject="library", number=page).pack()


def _removed_data(page: int) -> str:
    return EditorialCallback(subject="removed", number=page).pack()


def _render_list(
    header: HtmlText, articles: Sequence[Article], lang: UiLanguage, first: int, buttons: Buttons
) -> OutgoingMessage:
    if not articles:
        return OutgoingMessage(
            trusted_text(translator(lang).gettext("There are no articles here.")), buttons
        )
    return article_view.render_list(header, articles, lang, first, buttons)
