"""The reply to an update: one message, or a new version of a message that was sent before."""

from __future__ import annotations

from typing import NamedTuple

from bot.telegram.inbox import AnswerState
from bot.telegram.message import Buttons, OutgoingMessage, trusted_text


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


def say(text: str) -> Reply:
    """Return a reply that is only words."""
    return Reply(OutgoingMessage(trusted_text(text)))
