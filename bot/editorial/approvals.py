"""What feeds bring and editors approve: the articles that wait, decided on one by one or many."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot.editorial import approval_view as screens
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_view import PER_PAGE
from bot.editorial.drafts import May
from bot.editorial.executors import EditorialExecutors
from bot.editorial.roles import logged_as
from bot.feeds.approvals import ApprovalCounts, ApprovalService
from bot.feeds.store.approval_queue import PendingArticle
from bot.i18n.catalogue import UiLanguage
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply import Reply
from index.archive import Archive
from index.draft_preparation import PreparedDraft

_Decide = Callable[[Sequence[PendingArticle], str], Coroutine[Any, Any, ApprovalCounts]]
_LAST_PAGE = 1_000_000


class ApprovalHandlers:
    """What editors do with the articles that wait for them."""

    def __init__(
        self, archive: Archive, approving: ApprovalService, lanes: EditorialExecutors, may: May
    ) -> None:
        """`may` says whether somebody is an editor at this moment."""
        self._archive = archive
        self._approving = approving
        self._held = approving.held
        self._lanes = lanes
        self._may = may

    async def pressed(self, pressed: EditorialCallback, editor: int, lang: UiLanguage) -> Reply:
        """Do what a button of the list, or of an article in it, asks for."""
        page = min(pressed.place, _LAST_PAGE)
        match pressed.what:
            case "yes" | "no":
                chosen = await self._held.between(pressed.number, pressed.place)
                screen = await self._decide(chosen[:PER_PAGE], pressed.what, editor, lang, 0)
            case "approve" | "refuse":
                one = await self._held.one(pressed.number)
                decision = "yes" if pressed.what == "approve" else "no"
                chosen = [one] if one else []
                screen = await self._decide(chosen, decision, editor, lang, page)
            case "show":
                screen = await self._one(pressed.number, page, lang)
            case _:
                screen = await self.page(page, lang)
        return Reply(screen, edits=True)

    async def page(self, page: int, lang: UiLanguage, head: Sequence[str] = ()) -> OutgoingMessage:
        """Return a page of what waits."""
        count = await self._held.count()
        page = min(page, max(0, count - 1) // PER_PAGE)
        items = await self._held.open(limit=PER_PAGE, offset=page * PER_PAGE)
        proofs = await self._lanes.look_up(lambda: [self._proof(each) for each in items])
        return screens.listed(head, list(zip(items, proofs, strict=True)), page, count, lang)

    async def _one(self, number: int, page: int, lang: UiLanguage) -> OutgoingMessage:
        item = await self._held.one(number)
        if item is None:
            return screens.gone(lang)
        proof = await self._lanes.look_up(lambda: self._proof(item))
        return screens.one(item, proof, page, lang)

    async def _decide(
        self, chosen: Sequence[PendingArticle], what: str, editor: int, lang: UiLanguage, page: int
    ) -> OutgoingMessage:
        """Decide on each of the articles, while whoever decides may; then show what waits still."""
        decide: _Decide = self._approving.approve if what == "yes" else self._approving.refuse
        done: list[ApprovalCounts] = []
        for each in chosen:
            if not await self._may(editor):
                break
            done.append(await decide([each], logged_as(editor)))
        total = ApprovalCounts(*map(sum, zip(*done, strict=True)))
        return await self.page(page, lang, [screens.decided(total, lang)])

    def _proof(self, of: PendingArticle) -> PreparedDraft:
        return self._archive.prepare_draft(of.brought.draft())
