"""Handle the approval of articles from feeds, singly or in batches."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot.editorial import approval_view
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_view import PER_PAGE
from bot.editorial.drafts import IsEditor
from bot.editorial.roles import audit_actor
from bot.feeds.approvals import ApprovalCounts, ApprovalService
from bot.feeds.store.approval_queue import PendingArticle
from bot.i18n.languages import UiLanguage
from bot.runtime.executors import Executors
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply import Reply
from index.archive import Archive
from index.draft_preparation import PreparedDraft

_Decide = Callable[[Sequence[PendingArticle], str], Coroutine[Any, Any, ApprovalCounts]]
_LAST_PAGE = 1_000_000


class ApprovalHandlers:
    """Handles the buttons of the articles that wait for approval."""

    def __init__(
        self,
        archive: Archive,
        approvals: ApprovalService,
        executors: Executors,
        is_editor: IsEditor,
    ) -> None:
        """Create the handlers; `is_editor` returns whether a user is currently an editor."""
        self._archive = archive
        self._approvals = approvals
        self._queue = approvals.queue
        self._executors = executors
        self._is_editor = is_editor

    async def handle_callback(
        self, callback: EditorialCallback, editor_id: int, lang: UiLanguage
    ) -> Reply:
        """Handle a button of the approval list or of an article in it."""
        page = min(callback.argument, _LAST_PAGE)
        match callback.action:
            case "yes" | "no":
                articles = await self._queue.list_between(callback.number, callback.argument)
                message = await self._apply_decision(
                    articles[:PER_PAGE], callback.action, editor_id, lang, 0
                )
            case "approve" | "refuse":
                article = await self._queue.find(callback.number)
                decision = "yes" if callback.action == "approve" else "no"
                articles = [article] if article else []
                message = await self._apply_decision(articles, decision, editor_id, lang, page)
            case "show":
                message = await self._render_one(callback.number, page, lang)
            case _:
                message = await self.render_page(page, lang)
        return Reply(message, edits=True)

    async def render_page(
        self, page: int, lang: UiLanguage, header_lines: Sequence[str] = ()
    ) -> OutgoingMessage:
        """Return a page of the approval list."""
        count = await self._queue.count()
        page = min(page, max(0, count - 1) // PER_PAGE)
        articles = await self._queue.list_open(limit=PER_PAGE, offset=page * PER_PAGE)
        prepared_drafts = await self._executors.editor_lookup.run(
            lambda: [self._prepare(article) for article in articles]
        )
        return approval_view.render_list(
            header_lines, list(zip(articles, prepared_drafts, strict=True)), page, count, lang
        )

    async def _render_one(self, number: int, page: int, lang: UiLanguage) -> OutgoingMessage:
        article = await self._queue.find(number)
        if article is None:
            return approval_view.render_gone(lang)
        prepared = await self._executors.editor_lookup.run(lambda: self._prepare(article))
        return approval_view.render_article(article, prepared, page, lang)

    async def _apply_decision(
        self,
        articles: Sequence[PendingArticle],
        decision: str,
        editor_id: int,
        lang: UiLanguage,
        page: int,
    ) -> OutgoingMessage:
        """Decide on the articles as long as the user is an editor; return the list afterwards."""
        decide: _Decide = self._approvals.approve if decision == "yes" else self._approvals.reject
        counts: list[ApprovalCounts] = []
        for article in articles:
            if not await self._is_editor(editor_id):
                break
            counts.append(await decide([article], audit_actor(editor_id)))
        total = ApprovalCounts(*map(sum, zip(*counts, strict=True)))
        return await self.render_page(page, lang, [approval_view.counts_text(total, lang)])

    def _prepare(self, article: PendingArticle) -> PreparedDraft:
        return self._archive.prepare_draft(article.extracted.to_draft())
