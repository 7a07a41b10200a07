"""The reply to an update: a new message, or an edit of an earlier one."""

from __future__ import annotations

from typing import NamedTuple

from bot.telegram.inbox import AnswerState
from bot.telegram.message import Buttons, OutgoingMessage, trusted_text


class Attachment(NamedTuple):
    """A file sent with a message, whose text becomes the caption."""

    name: str
    content: bytes
    is_photo: bool = False
    """Send it as a photo instead of a document."""


class Reply(NamedTuple):
    """The one message that answers an update."""

    message: OutgoingMessage
    answer_state: AnswerState | None = None
    """The state that the buttons of the message need."""
    edits: bool = False
    """Replace the message whose button was pressed, or `edited_message_id`."""
    edited_message_id: int | None = None
    """The earlier message to replace, if that is not the one whose button was pressed."""
    remaining_buttons: Buttons | None = None
    """The new buttons of the message whose button was pressed; None leaves them as they are."""
    attachment: Attachment | None = None
    """A file to send with the message; such a reply replaces no message."""
    notice: str | None = None
    """Show this text, at most 200 characters, to who pressed a button, and send no message.

    Only for a route that `answers_press`.
    """


def show_notice(text: str) -> Reply:
    """Return a reply that only who pressed a button sees, for a moment."""
    return say(text)._replace(notice=text)


def say(text: str) -> Reply:
    """Return a reply of plain text, without buttons."""
    return Reply(OutgoingMessage(trusted_text(text)))
