"""Who may change what a chat receives."""

from __future__ import annotations

from bot.telegram.sender import MessageSender
from bot.telegram.updates import Actor, ReplyTarget


class ChatPermissions:
    """Asks Telegram who administers a chat."""

    def __init__(self, sender: MessageSender) -> None:
        self._sender = sender

    async def may_manage(self, target: ReplyTarget, actor: Actor) -> bool | None:
        """Return whether a sender may change a chat's settings: in groups its admins may.

        A sender who writes in the name of the chat itself is one of them. None where Telegram does
        not say.
        """
        if target.is_private or actor.id == target.chat_id:
            return True
        return await self._sender.is_admin(target.chat_id, actor.id)
