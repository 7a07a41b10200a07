"""Render the notices about feeds that the bot sends to editors."""

from __future__ import annotations

from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.feeds import FeedHandlers
from bot.feeds.notifications import FeedNotice
from bot.i18n.translations import translator
from bot.telegram.chats import ChatPreferences
from bot.telegram.message import OutgoingMessage


class FeedNotices:
    """Renders notices in the language of their recipient."""

    def __init__(
        self, approvals: ApprovalHandlers, feeds: FeedHandlers, preferences: ChatPreferences
    ) -> None:
        self._approvals = approvals
        self._feeds = feeds
        self._preferences = preferences

    async def render_pending_list(self, editor_id: int) -> OutgoingMessage:
        """Return the daily list of the articles that wait for approval."""
        lang = self._preferences.lang_of_user(editor_id)
        return await self._approvals.render_page(
            0, lang, [translator(lang).gettext("Today's articles waiting for your approval:")]
        )

    def render_feed_notice(self, editor_id: int, notice: FeedNotice) -> OutgoingMessage:
        """Return a notice about a feed."""
        return self._feeds.render_notice(notice, self._preferences.lang_of_user(editor_id))
