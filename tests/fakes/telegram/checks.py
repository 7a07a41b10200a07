"""What Telegram refuses of a call before it does anything: text, keyboards, targets."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.fakes.telegram.entities import parse_html
from tests.fakes.telegram.state import Chat, Json, Refused, quoted
from tests.fakes.telegram.text import Parsed, Unparsable, clean, utf16

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
DATA_LIMIT = 64
BUTTON_LIMIT = 100
MARKUP_LIMIT = 10_000
URL_SCHEMES = ("http://", "https://", "tg://")
BUTTON_ACTIONS = frozenset(
    {
        "callback_data",
        "url",
        "web_app",
        "login_url",
        "copy_text",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "callback_game",
        "pay",
    }
)
Note = Callable[[str], None]


def formatted(params: Json, *, caption: bool, note: Note) -> Json:
    """The fields of a message that its text makes; what is dropped silently is noted."""
    key, prefix, limit = (
        ("caption", "caption_", CAPTION_LIMIT) if caption else ("text", "", TEXT_LIMIT)
    )
    typed = params.get(key) or ""
    parsed = _parsed(typed, params.get("parse_mode"), params.get(f"{prefix}entities") or [], note)
    for words in parsed.dropped:
        note(words)
    if not parsed.text and not caption:
        raise Refused("message text is empty")
    if utf16(parsed.text) > limit:
        raise Refused(f"message {'caption ' if caption else ''}is too long")
    fields: Json = {key: parsed.text} if parsed.text else {}
    if parsed.entities:
        fields[f"{prefix}entities"] = parsed.entities
    return {**fields, "html": typed}


def _parsed(typed: str, mode: str | None, entities: list[Json], note: Note) -> Parsed:
    try:
        if not mode:
            return clean(typed, entities)
        if mode.lower() == "html":
            return parse_html(typed)
    except Unparsable as refusal:
        raise Refused(str(refusal)) from None
    note(f"the double reads no {mode}")
    raise Refused("unsupported parse_mode")


def keyboard(markup: object) -> Json:
    """The fields of a message that its reply_markup makes."""
    if not markup:
        return {}
    if not isinstance(markup, dict):
        raise Refused("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return {"keyboard": markup}
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused(
            'field "inline_keyboard" of the InlineKeyboardMarkup should be an Array of Arrays'
        )
    buttons = [button for row in rows for button in row]
    for button in buttons:
        _check_button(button)
    if len(buttons) > BUTTON_LIMIT or len(json.dumps(markup)) > MARKUP_LIMIT:
        raise Refused("reply markup is too long")
    kept = [row for row in rows if row]
    return {"reply_markup": {"inline_keyboard": kept}} if kept else {}


def _check_button(button: Json) -> None:
    words = "can't parse inline keyboard button: "
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise Refused(f'{words}Field "text" must be of type String')
    if not button["text"].strip():
        raise Refused(f"{words}Button text must be non-empty")
    if not BUTTON_ACTIONS & button.keys():
        raise Refused(f"{words}Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= DATA_LIMIT:
        raise Refused("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not url.lower().startswith(URL_SCHEMES):
        raise Refused(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")


def placed(chat: Chat, params: Json) -> Json:
    """The fields of a message that its thread and the message it replies to make."""
    thread = params.get("message_thread_id")
    if thread is not None and thread not in chat.threads:
        raise Refused("message thread not found")
    fields: Json = {}
    target = replied(chat, params.get("reply_parameters") or {})
    if target:
        fields["reply_to"] = target["message_id"]
        fields["reply_to_message"] = quoted(target)
        thread = thread or target.get("thread")
    if thread is not None:
        fields |= {"thread": thread, "message_thread_id": thread}
        fields |= {"is_topic_message": True} if chat.forum else {}
    return fields


def replied(chat: Chat, reply: Json) -> Json | None:
    """The message to reply to; None when there is none to name or none is needed."""
    if not reply:
        return None
    target = chat.messages.get(reply.get("message_id", 0))
    if target is None and not reply.get("allow_sending_without_reply"):
        raise Refused("message to be replied not found")
    return target
