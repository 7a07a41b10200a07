from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.telegram.client import Client
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat

UNCHANGED = (
    "message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)


@pytest.fixture
def api(double: Double) -> Iterator[Client]:
    with Client(double) as client:
        yield client


@pytest.fixture
def chat(double: Double) -> Chat:
    return double.private(double.user())


def keyboard(*buttons: dict[str, str]) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


def button(text: str = "More", data: str = "more") -> dict[str, str]:
    return {"text": text, "callback_data": data}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n\u202e"}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "ن" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ({"text": "x", "chat_id": 5}, "chat not found"),
        ({"text": "x", "message_thread_id": 9}, "message thread not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "reply_markup": keyboard(button(data="ن" * 33))}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "reply_markup": keyboard(button(text=" "))},
            "can't parse inline keyboard button: Button text must be non-empty",
        ),
        (
            {"text": "x", "reply_markup": keyboard({"text": "a"})},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "reply_markup": keyboard({"text": "a", "url": "ftp://x"})},
            "inline keyboard button URL 'ftp://x' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[button()]] * 101}},
            "reply markup is too long",
        ),
    ],
)
def test_a_message_is_refused_in_telegrams_words(
    double: Double, api: Client, chat: Chat, params: dict[str, Any], words: str
) -> None:
    assert api.refusal("sendMessage", **{"chat_id": chat.id, **params}) == f"Bad Request: {words}"
    assert double.sent() == []
    assert (double.journal[0].status, double.journal[0].accepted) == (400, False)


@pytest.mark.parametrize(
    "params",
    [
        {"text": "😀" * 2048},
        {"text": f"<b>{'&lt;' * 4096}</b>", "parse_mode": "html"},
        {"text": "x", "reply_parameters": {"message_id": 99, "allow_sending_without_reply": True}},
        {"text": "x", "reply_markup": keyboard(button(data="ن" * 32))},
        {"text": "x", "reply_markup": {"inline_keyboard": [[button()]] * 100}},
    ],
)
def test_what_just_fits_is_sent(
    double: Double, api: Client, chat: Chat, params: dict[str, Any]
) -> None:
    assert api("sendMessage", chat_id=chat.id, **params)["ok"]
    assert len(double.sent(chat)) == 1


def test_half_a_surrogate_pair_is_refused_in_a_json_body(api: Client, chat: Chat) -> None:
    body = f'{{"chat_id": {chat.id}, "text": "x\\ud83d"}}'
    headers = {"content-type": "application/json"}
    answer = api.http.post(api.url("sendMessage"), content=body, headers=headers).json()
    assert answer["description"] == "Bad Request: text must be encoded in UTF-8"


def test_a_caption_holds_1024_units(api: Client, chat: Chat) -> None:
    params = {"chat_id": str(chat.id), "caption": f"<i>{'😀' * 512}</i>", "parse_mode": "HTML"}
    files = {"photo": ("x.png", b"png")}
    assert api.http.post(api.url("sendPhoto"), data=params, files=files).json()["ok"]
    params["caption"] += "!"
    answer = api.http.post(api.url("sendPhoto"), data=params, files=files).json()
    assert answer["description"] == "Bad Request: message caption is too long"


def test_a_document_that_is_nowhere_is_refused(api: Client, chat: Chat) -> None:
    words = "Bad Request: wrong file identifier/HTTP URL specified"
    assert api.refusal("sendDocument", chat_id=chat.id, document="none") == words
    assert api.refusal("getFile", file_id="none") == "Bad Request: invalid file_id"


def test_an_edit_must_change_something(double: Double, api: Client, chat: Chat) -> None:
    params = {"chat_id": chat.id, "text": "<b>x</b>", "parse_mode": "HTML"}
    message_id = api("sendMessage", **params, reply_markup=keyboard(button()))["result"][
        "message_id"
    ]
    target = {"chat_id": chat.id, "message_id": message_id}
    same = {**params, **target, "text": "<strong>x</strong> "}
    assert (
        api.refusal("editMessageText", **same, reply_markup=keyboard(button()))
        == f"Bad Request: {UNCHANGED}"
    )
    assert "reply_markup" not in api("editMessageText", **same)["result"]
    assert api.refusal("editMessageReplyMarkup", **target) == f"Bad Request: {UNCHANGED}"
    assert api("editMessageReplyMarkup", **target, reply_markup=keyboard(button()))["ok"]
    assert api("editMessageText", **target, text="y")["result"]["text"] == "y"
    (message,) = double.sent(chat)
    assert (message["text"], message["html"], "entities" in message) == ("y", "y", False)


def test_only_the_bots_own_messages_that_still_exist_are_edited(
    double: Double, api: Client
) -> None:
    said = double.say(double.user(), "x")
    target = {"chat_id": said["chat"]["id"], "message_id": said["message_id"]}
    assert (
        api.refusal("editMessageText", **target, text="y") == "Bad Request: message can't be edited"
    )
    double.delete(said)
    assert (
        api.refusal("editMessageText", **target, text="y")
        == "Bad Request: message to edit not found"
    )


def test_a_deleted_message_is_replied_to_no_more(double: Double, api: Client) -> None:
    said = double.say(double.user(), "x")
    double.delete(said)
    params = {"chat_id": said["chat"]["id"], "text": "y"}
    reply = {"message_id": said["message_id"]}
    words = "Bad Request: message to be replied not found"
    assert api.refusal("sendMessage", **params, reply_parameters=reply) == words
    reply["allow_sending_without_reply"] = True
    assert "reply_to_message" not in api("sendMessage", **params, reply_parameters=reply)["result"]
    assert double.replies(said) == []


def test_the_bot_deletes_its_own_messages_and_in_groups_no_others(
    double: Double, api: Client
) -> None:
    user = double.user()
    group = double.group("Noran readers", user)
    said = double.say(user, "x", chat=group)
    own = api("sendMessage", chat_id=group.id, text="y")["result"]["message_id"]
    target = {"chat_id": group.id, "message_id": own}
    assert api("deleteMessage", **target)["ok"]
    assert api.refusal("deleteMessage", **target) == "Bad Request: message to delete not found"
    theirs = {"chat_id": group.id, "message_id": said["message_id"]}
    assert api.refusal("deleteMessage", **theirs) == "Bad Request: message can't be deleted"
    assert double.sent(group)[0]["deleted"] is True


def test_an_answer_in_a_forum_stays_in_its_topic(double: Double, api: Client) -> None:
    user = double.user()
    forum = double.supergroup("Noran forum", user, forum=True)
    said = double.say(user, "x", chat=forum, thread=7)
    reply = {"message_id": said["message_id"]}
    sent = api("sendMessage", chat_id=forum.id, text="y", reply_parameters=reply)["result"]
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (7, True)
    assert api("sendChatAction", chat_id=forum.id, action="typing", message_thread_id=7)["ok"]
    words = "Bad Request: message thread not found"
    assert api.refusal("sendMessage", chat_id=forum.id, text="y", message_thread_id=8) == words


def test_a_reaction_needs_its_message(double: Double, api: Client) -> None:
    said = double.say(double.user(), "x")
    target = {"chat_id": said["chat"]["id"], "reaction": [{"type": "emoji", "emoji": "👍"}]}
    assert api("setMessageReaction", **target, message_id=said["message_id"])["ok"]
    words = "Bad Request: message to react not found"
    assert api.refusal("setMessageReaction", **target, message_id=99) == words


def test_a_channel_post_has_no_author(double: Double, api: Client) -> None:
    double.say(double.user(), "x", chat=double.channel("Noran today"))
    (update,) = api("getUpdates")["result"]
    assert update["channel_post"]["sender_chat"]["type"] == "channel"
    assert "from" not in update["channel_post"]
