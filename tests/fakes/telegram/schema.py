"""Whether a call is sound: by Telegram's schema where it is at hand, else by a small table."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

Check = Callable[[str, dict[str, Any], Collection[str]], list[str]]

TO_CHAT = (
    "chat_id!:chat message_thread_id:int disable_notification:bool protect_content:bool"
    " business_connection_id:str direct_messages_topic_id:int allow_paid_broadcast:bool"
    " message_effect_id:str suggested_post_parameters:json reply_parameters:json"
    " reply_markup:json parse_mode:str"
)
CAPTION = "caption:str caption_entities:json"
AN_EDIT = "business_connection_id:str chat_id:chat message_id:int inline_message_id:str"
SCOPED = "scope:json language_code:str"
SERVED = {
    "getMe": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:json",
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "setMyCommands": f"commands!:json {SCOPED}",
    "getMyCommands": SCOPED,
    "deleteMyCommands": SCOPED,
    "getMyDescription": "language_code:str",
    "getMyShortDescription": "language_code:str",
    "getMyDefaultAdministratorRights": "for_channels:bool",
    "setMyDefaultAdministratorRights": "rights:json for_channels:bool",
    "getUserProfilePhotos": "user_id!:int offset:int limit:int",
    "setMyProfilePhoto": "photo!:json",
    "setMyDescription": "description:str language_code:str",
    "setMyShortDescription": "short_description:str language_code:str",
    "sendMessage": f"{TO_CHAT} text!:str entities:json link_preview_options:json",
    "sendDocument": f"{TO_CHAT} {CAPTION} document!:str thumbnail:str"
    " disable_content_type_detection:bool",
    "sendPhoto": f"{TO_CHAT} {CAPTION} photo!:str show_caption_above_media:bool has_spoiler:bool",
    "editMessageText": f"{AN_EDIT} text:str parse_mode:str entities:json link_preview_options:json"
    " rich_message:json reply_markup:json",
    "editMessageReplyMarkup": f"{AN_EDIT} reply_markup:json",
    "deleteMessage": "chat_id!:chat message_id!:int",
    "sendChatAction": "business_connection_id:str chat_id!:chat message_thread_id:int action!:str",
    "answerCallbackQuery": "callback_query_id!:str text:str show_alert:bool url:str cache_time:int",
    "answerInlineQuery": "inline_query_id!:str results!:json cache_time:int is_personal:bool"
    " next_offset:str button:json",
    "getChat": "chat_id!:chat",
    "getChatMember": "chat_id!:chat user_id!:int",
    "leaveChat": "chat_id!:chat",
    "getFile": "file_id!:str",
    "setMessageReaction": "chat_id!:chat message_id!:int reaction:json is_big:bool",
}


def _table(fields: str) -> tuple[dict[str, str], tuple[str, ...]]:
    pairs = [field.split(":") for field in fields.split()]
    kinds = {name.rstrip("!"): kind for name, kind in pairs}
    return kinds, tuple(name[:-1] for name, _ in pairs if name.endswith("!"))


METHODS = {method: _table(fields) for method, fields in SERVED.items()}
TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "bool": (bool,),
    "str": (str,),
    "json": (dict, list),
    "chat": (int, str),
}


def decoded(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters as values: numbers, booleans and JSON that came as form fields."""
    kinds = METHODS[method][0] if method in METHODS else {}
    return {name: _value(kinds.get(name, "str"), value) for name, value in params.items()}


def _value(kind: str, value: Any) -> Any:
    if not isinstance(value, str) or kind == "str":
        return value
    if kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    try:
        return json.loads(value) if kind == "json" else int(value)
    except ValueError:
        return value


def by_table(method: str, params: dict[str, Any], files: Collection[str] = ()) -> list[str]:
    """Problems of one call to a method that the double serves."""
    if method not in METHODS:
        return [f"unknown method {method}"]
    kinds, required = METHODS[method]
    problems = []
    for name, value in decoded(method, params).items():
        if name not in kinds:
            if name not in files:
                problems.append(f"{name}: unknown parameter of {method}")
        elif not isinstance(value, TYPES[kinds[name]]) or (
            kinds[name] == "int" and isinstance(value, bool)
        ):
            problems.append(f"{name}: not {kinds[name]}")
    missing = [name for name in required if name not in params and name not in files]
    return problems + [f"{name}: required by {method}" for name in missing]


def load_check() -> Check:
    """The check by Telegram's own schema beside BRIEFING_EVAL_DIR; without it, the table's."""
    named = os.environ.get("BRIEFING_EVAL_DIR")
    if not named:
        return by_table
    folder = Path(named).resolve().parent / "telegram"
    both = (folder / "check_call.py", folder / "bot-api.json")
    return _loaded(both[0]) if all(path.is_file() for path in both) else by_table


@functools.cache
def _loaded(path: Path) -> Check:
    spec = importlib.util.spec_from_file_location("telegram_check_call", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    check: Check = module.check_call
    return check
