"""What the buttons of one quote show: its context, pages of its article, and its citation."""

from __future__ import annotations

import hashlib

from bot.answers import excerpt_view
from bot.answers.callbacks import QuoteCallback
from bot.answers.deep_links import QuoteLink
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import N_, translator
from bot.telegram.inbox import AnswerState, QuotedPassage
from bot.telegram.reply import Reply, say
from bot.telegram.updates import BotIdentity
from index.archive import Archive
from index.errors import InvalidInputError, NotFoundError
from index.models import Excerpt

_GONE = N_("The article has been changed or removed since that answer.")


def text_digest(text: str) -> str:
    """Return a digest by which a quoted text is recognised."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class QuoteActions:
    """Shows a quote of an answer, as its buttons ask."""

    def __init__(self, archive: Archive, me: BotIdentity, *, allow_full_text: bool) -> None:
        self._archive = archive
        self._me = me
        self._allow_full_text = allow_full_text

    def show_context(
        self, passage: QuotedPassage, lang: UiLanguage, callback: QuoteCallback, *, asked: bool
    ) -> Reply:
        """Show the context of a quote, or say that its article was changed or removed.

        The buttons carry `callback` with their own action; without a question that was `asked`
        none searches again.
        """
        excerpt = self._find_excerpt(passage)
        if excerpt is None:
            return say(translator(lang).gettext(_GONE))
        link = QuoteLink.for_passage(excerpt.article, passage)
        buttons = excerpt_view.quote_buttons(
            excerpt.article,
            lang,
            callback,
            self._me.start_link(link.payload),
            has_full_text=self._allow_full_text,
            searches_source=asked and excerpt.article.source is not None,
        )
        return Reply(excerpt_view.render_excerpt(excerpt, lang, buttons))

    def open_link(self, link: QuoteLink, lang: UiLanguage, update_id: int, chat_id: int) -> Reply:
        """Show the quote that a deep link names, or say that its article is gone."""
        try:
            article, is_removed = self._archive.article_by_number(link.article_number)
        except NotFoundError:
            return say(translator(lang).gettext(_GONE))
        if is_removed:
            return say(translator(lang).gettext(_GONE))
        passage = QuotedPassage(
            article_id=article.id, start=link.start, end=link.end, digest=link.digest
        )
        callback = QuoteCallback(action="around", update_id=update_id, quote_index=0)
        reply = self.show_context(passage, lang, callback, asked=False)
        return reply._replace(answer_state=AnswerState(chat=chat_id, question="", shown=(passage,)))

    def show_page(
        self, passage: QuotedPassage, lang: UiLanguage, callback: QuoteCallback
    ) -> Reply | None:
        """Show one page of the article of a quote; None if whole articles are not shown."""
        if not self._allow_full_text:
            return None
        try:
            article = self._archive.article(passage.article_id)
        except InvalidInputError:
            return say(translator(lang).gettext(_GONE))
        edits = callback.page is not None
        page = excerpt_view.render_page(article, callback.page or 0, lang, callback)
        return Reply(page, edits=edits)

    def show_citation(self, passage: QuotedPassage, lang: UiLanguage) -> Reply:
        """Show the citation of a quote's article, to be copied."""
        try:
            article = self._archive.article(passage.article_id)
        except InvalidInputError:
            return say(translator(lang).gettext(_GONE))
        return Reply(excerpt_view.render_citations(article, lang))

    def _find_excerpt(self, passage: QuotedPassage) -> Excerpt | None:
        """Return the excerpt around a passage; None if its article was changed or removed."""
        try:
            excerpt = self._archive.excerpt_around(passage.article_id, passage.start, passage.end)
        except InvalidInputError:
            return None
        quoted = excerpt.article.text[passage.start : passage.end]
        return excerpt if text_digest(quoted) == passage.digest else None
