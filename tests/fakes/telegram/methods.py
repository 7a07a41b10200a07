"""The Bot API's methods as the double serves them, one function each."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from tests.fakes.telegram.checks import Note, formatted, keyboard, placed
from tests.fakes.telegram.state import Chat, Json, Refused, TelegramState, shown

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"(?:[a-z]{2})?")
ACTIONS = re.compile(
    "typing|choose_sticker|find_location|(?:upload|record)_(?:video|voice|video_note)"
    "|upload_(?:photo|document)"
)
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
RIGHTS = (
    "is_anonymous can_manage_chat can_delete_messages can_promote_members can_manage_video_chats"
    " can_restrict_members can_change_info can_invite_users can_post_stories can_edit_stories"
    " can_delete_stories"
)
FILE_LIMIT = 20 * 1024 * 1024
CONTENT = ("text", "entities", "reply_markup", "link_preview_options")
Uploads = dict[str, tuple[bytes, str]]


class Methods:
    """What the bot may ask of the state; `note` takes what Telegram would do without a word."""

    def __init__(self, state: TelegramState, note: Note) -> None:
        self.state = state
        self.note = note
        self.table: dict[str, Callable[[Json, Uploads], Any]] = {
            "getMe": self.get_me,
            "deleteWebhook": self.delete_webhook,
            "getWebhookInfo": self.get_webhook_info,
            "setMyCommands": self.set_commands,
            "getMyCommands": lambda params, _: self.state.commands.get(_scope(params), []),
            "deleteMyCommands": self.delete_commands,
            "setMyDescription": lambda params, _: self.describe(params, "description", 512),
            "setMyShortDescription": lambda params, _: self.describe(
                params, "short_description", 120
            ),
            "getMyDescription": lambda params, _: self.described(params, "description"),
            "getMyShortDescription": lambda params, _: self.described(params, "short_description"),
            "getMyDefaultAdministratorRights": self.get_rights,
            "setMyDefaultAdministratorRights": self.set_rights,
            "getUserProfilePhotos": self.get_pictures,
            "setMyProfilePhoto": self.set_picture,
            "sendMessage": self.send_message,
            "sendDocument": lambda params, uploads: self.send_file(params, uploads, "document"),
            "sendPhoto": lambda params, uploads: self.send_file(params, uploads, "photo"),
            "editMessageText": self.edit_text,
            "editMessageReplyMarkup": self.edit_markup,
            "deleteMessage": self.delete_message,
            "sendChatAction": self.chat_action,
            "answerCallbackQuery": self.answer_query,
            "answerInlineQuery": self.answer_inline_query,
            "getChat": self.get_chat,
            "getChatMember": self.get_member,
            "leaveChat": self.leave,
            "getFile": self.get_file,
            "setMessageReaction": self.react,
        }

    def call(self, method: str, params: Json, uploads: Uploads) -> Any:
        """The result as Telegram gives it; raises Refused."""
        return self.table[method](params, uploads)

    def get_me(self, params: Json, uploads: Uploads) -> Json:
        abilities = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
        return {**self.state.bot.as_json(), **abilities}

    def delete_webhook(self, params: Json, uploads: Uploads) -> bool:
        if params.get("drop_pending_updates") is True:
            self.state.updates.clear()
        return True

    def get_webhook_info(self, params: Json, uploads: Uploads) -> Json:
        waiting = len(self.state.updates.waiting)
        return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}

    def set_commands(self, params: Json, uploads: Uploads) -> bool:
        commands = params.get("commands") or []
        if len(commands) > 100:
            raise Refused("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not COMMAND.fullmatch(command.get("command", "").removeprefix("/")):
                raise Refused("BOT_COMMAND_INVALID")
            if not 1 <= len(command.get("description", "")) <= 256:
                raise Refused("BOT_COMMAND_DESCRIPTION_INVALID")
        self.state.commands[_scope(params)] = commands
        return True

    def delete_commands(self, params: Json, uploads: Uploads) -> bool:
        self.state.commands.pop(_scope(params), None)
        return True

    def describe(self, params: Json, key: str, limit: int) -> bool:
        words = params.get(key, "")
        if len(words) > limit:
            raise Refused(f"bot {key.replace('_', ' ')} is too long")
        self.state.descriptions[key, _language(params)] = words
        return True

    def described(self, params: Json, key: str) -> Json:
        return {key: self.state.descriptions.get((key, _language(params)), "")}

    def get_rights(self, params: Json, uploads: Uploads) -> Json:
        granted = self.state.channel_rights if params.get("for_channels") else {}
        return {**dict.fromkeys(RIGHTS.split(), False), **granted}

    def set_rights(self, params: Json, uploads: Uploads) -> bool:
        assert params.get("for_channels"), "the double keeps the rights in channels only"
        self.state.channel_rights = params.get("rights") or {}
        return True

    def get_pictures(self, params: Json, uploads: Uploads) -> Json:
        if params["user_id"] != self.state.bot.id:
            raise Refused("user not found")
        return {"total_count": len(self.state.pictures), "photos": []}

    def set_picture(self, params: Json, uploads: Uploads) -> bool:
        part = str(params["photo"].get("photo", "")).removeprefix("attach://")
        if params["photo"].get("type") != "static" or part not in uploads:
            raise Refused("PHOTO_INVALID")
        self.state.pictures.append(uploads[part][0])
        return True

    def send_message(self, params: Json, uploads: Uploads) -> Json:
        fields = formatted(params, caption=False, note=self.note)
        if params.get("link_preview_options"):
            fields["link_preview_options"] = params["link_preview_options"]
        return self.send(params, fields)

    def send(self, params: Json, fields: Json) -> Json:
        markup = keyboard(params.get("reply_markup"))
        chat = self.state.open_chat(params.get("chat_id"))
        about = {"from": self.state.bot.as_json(), "date": int(time.time())}
        message = chat.keep({**about, **placed(chat, params), **fields, **markup})
        self.state.sent.append(message)
        chat.sent.append(message)
        return shown(message)

    def send_file(self, params: Json, uploads: Uploads, kind: str) -> Json:
        fields = formatted(params, caption=True, note=self.note)
        keyboard(params.get("reply_markup"))
        self.state.open_chat(params.get("chat_id"))
        document = self.document(params, uploads, kind)
        if kind == "photo":
            size = {key: value for key, value in document.items() if key != "file_name"}
            return self.send(params, {**fields, "photo": [{**size, "width": 90, "height": 90}]})
        return self.send(params, {**fields, "document": document})

    def document(self, params: Json, uploads: Uploads, kind: str) -> Json:
        given = str(params.get(kind, ""))
        part = given.removeprefix("attach://") if given.startswith("attach://") else kind
        if part in uploads:
            content, name = uploads[part]
            if not content:
                raise Refused("file must be non-empty")
            return self.state.add_file(content, name)
        if given.startswith(("http://", "https://")):
            raise Refused("failed to get HTTP URL content")
        if given not in self.state.files:
            words = "wrong file identifier/HTTP URL specified"
            raise Refused(words if given else f"there is no {kind} in the request")
        return self.state.described(given)

    def edit_text(self, params: Json, uploads: Uploads) -> Json:
        fields = formatted(params, caption=False, note=self.note)
        if params.get("link_preview_options"):
            fields["link_preview_options"] = params["link_preview_options"]
        return self.edit(params, fields)

    def edit_markup(self, params: Json, uploads: Uploads) -> Json:
        return self.edit(params, None)

    def edit(self, params: Json, fields: Json | None) -> Json:
        """Give the message new content, or only a new keyboard where there are no fields."""
        markup = keyboard(params.get("reply_markup"))
        chat = self.state.open_chat(params.get("chat_id"))
        message = chat.messages.get(params.get("message_id", 0))
        if message is None:
            raise Refused("message to edit not found")
        if message.get("from", {}).get("id") != self.state.bot.id:
            raise Refused("message can't be edited")
        if fields is not None and "text" not in message:
            raise Refused("there is no text in the message to edit")
        gone = CONTENT if fields is not None else ("reply_markup",)
        edited = {key: value for key, value in message.items() if key not in gone}
        edited |= {**(fields or {}), **markup}
        if all(message.get(key) == edited.get(key) for key in CONTENT):
            raise Refused(
                "message is not modified: specified new message content and reply markup"
                " are exactly the same as a current content and reply markup of the message"
            )
        message.clear()
        message.update(edited, edit_date=int(time.time()))
        return shown(message)

    def delete_message(self, params: Json, uploads: Uploads) -> bool:
        chat = self.state.open_chat(params.get("chat_id"))
        message = chat.messages.get(params.get("message_id", 0))
        if message is None:
            raise Refused("message to delete not found")
        own = message.get("from", {}).get("id") == self.state.bot.id
        if not own and chat.type != "private" and self.state.bot.id not in chat.admins:
            raise Refused("message can't be deleted")
        del chat.messages[message["message_id"]]
        message["deleted"] = True
        return True

    def chat_action(self, params: Json, uploads: Uploads) -> bool:
        if not ACTIONS.fullmatch(params.get("action", "")):
            raise Refused("wrong parameter action in request")
        chat = self.state.open_chat(params.get("chat_id"))
        placed(chat, params)
        return True

    def answer_query(self, params: Json, uploads: Uploads) -> bool:
        if params.get("callback_query_id") not in self.state.queries:
            words = "query is too old and response timeout expired or query ID is invalid"
            raise Refused(words)
        if len(params.get("text", "")) > 200:
            raise Refused("MESSAGE_TOO_LONG")
        return True

    def answer_inline_query(self, params: Json, uploads: Uploads) -> bool:
        if params.get("inline_query_id") not in self.state.inline_queries:
            words = "query is too old and response timeout expired or query ID is invalid"
            raise Refused(words)
        results = params["results"]
        if len(results) > 50:
            raise Refused("RESULTS_TOO_MUCH")
        ids = [result["id"] for result in results]
        if len({*ids}) < len(ids):
            raise Refused("RESULT_ID_DUPLICATE")
        if not all(1 <= len(one.encode()) <= 64 for one in ids):
            raise Refused("RESULT_ID_INVALID")
        button = params.get("button") or {}
        if button and not START_PARAMETER.fullmatch(button.get("start_parameter", "")):
            raise Refused("SWITCH_PM_TEXT_EMPTY" if "text" not in button else "START_PARAM_INVALID")
        shown_results = []
        for result in results:
            if not result.get("title"):
                raise Refused("ARTICLE_TITLE_EMPTY")
            content = result["input_message_content"]
            typed = {"text": content["message_text"], "parse_mode": content.get("parse_mode")}
            inserted = formatted(typed, caption=False, note=self.note)
            shown_results.append({**result, "inserted": inserted})
        self.state.inline_answers[params["inline_query_id"]] = {**params, "results": shown_results}
        return True

    def get_chat(self, params: Json, uploads: Uploads) -> Json:
        known = {"accent_color_id": 0, "max_reaction_count": 11}
        gifts = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        types = {"accepted_gift_types": dict.fromkeys(gifts, False)}
        return {**self.state.chat(params.get("chat_id")).as_json(), **known, **types}

    def get_member(self, params: Json, uploads: Uploads) -> Json:
        chat = self.state.chat(params.get("chat_id"))
        user = self.state.users.get(params.get("user_id", 0))
        if user is None:
            raise Refused("user not found")
        return {"user": user.as_json(), **_standing(chat, user.id, user.id == self.state.bot.id)}

    def leave(self, params: Json, uploads: Uploads) -> bool:
        chat = self.state.open_chat(params.get("chat_id"))
        if chat.type == "private":
            raise Refused("chat member status can't be changed in private chats")
        chat.shut = f"bot is not a member of the {chat.type} chat"
        return True

    def get_file(self, params: Json, uploads: Uploads) -> Json:
        file_id = params.get("file_id", "")
        if file_id not in self.state.files:
            raise Refused("invalid file_id")
        described = self.state.described(file_id)
        if described["file_size"] > FILE_LIMIT:
            raise Refused("file is too big")
        described.pop("file_name")
        return {**described, "file_path": f"documents/{file_id}"}

    def react(self, params: Json, uploads: Uploads) -> bool:
        chat = self.state.open_chat(params.get("chat_id"))
        if params.get("message_id") not in chat.messages:
            raise Refused("message to react not found")
        return True


def _language(params: Json) -> str:
    code = params.get("language_code") or ""
    if not LANGUAGE.fullmatch(code):
        raise Refused("invalid language code specified")
    return str(code)


def _scope(params: Json) -> tuple[str, str]:
    scope = params.get("scope") or {"type": "default"}
    words = scope["type"] if scope.keys() == {"type"} else json.dumps(scope, sort_keys=True)
    return words, _language(params)


def _standing(chat: Chat, user_id: int, is_bot: bool) -> Json:
    if chat.type == "private" or (is_bot and user_id not in chat.admins):
        return {"status": "member"}
    if user_id == next(iter(chat.members), None):
        return {"status": "creator", "is_anonymous": False}
    if user_id in chat.admins:
        rights = dict.fromkeys(f"can_be_edited {RIGHTS}".split(), False)
        return {"status": "administrator", **rights}
    return {"status": "member" if user_id in chat.members else "left"}
