"""What an update gets back: one message, or a new face for one that is there already."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from bot.i18n.catalogue import UiLanguage
from bot.telegram.inbox import AnswerState
from bot.telegram.message import Buttons, OutgoingMessage, trusted_text
from bot.telegram.updates import IncomingUpdate


class Attachment(NamedTuple):
    """A file that goes with a message; the message's words stand below it."""

    name: str
    content: bytes
    is_photo: bool = False
    """It is to be seen, not to be saved."""


class Reply(NamedTuple):
    """The one message that answers an update."""

    message: OutgoingMessage
    answer_state: AnswerState | None = None
    """What it shows, where buttons go back to it."""
    edits: bool = False
    """It takes the place of the message whose button was pressed."""
    remaining_buttons: Buttons | None = None
    """The buttons that stay under the message whose button was pressed, where they change."""
    attachment: Attachment | None = None
    """What is sent with it; such a reply takes no message's place."""


class ReplyHandler(Protocol):
    """Whoever knows what to reply."""

    def lang(self, update: IncomingUpdate) -> UiLanguage:
        """Return the language in which to speak to whoever sent the update."""

    def needs_archive(self, update: IncomingUpdate) -> bool:
        """Say whether the reply takes the archive, and so waits for its turn."""

    def is_editorial(self, update: IncomingUpdate) -> bool:
        """Say whether it is an editor's work: it may take long, and waits for nobody's turn."""

    async def reply(self, update: IncomingUpdate) -> Reply | None:
        """Return the reply to an update; None where it needs none."""


def say(text: str) -> Reply:
    """Return a reply that is only words."""
    return Reply(OutgoingMessage(trusted_text(text)))
