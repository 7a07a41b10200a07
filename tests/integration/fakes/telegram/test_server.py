from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.fakes.telegram.client import Client
from tests.fakes.telegram.server import Double

OVERTAKEN = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@pytest.fixture
def api(double: Double) -> Iterator[Client]:
    with Client(double) as client:
        yield client


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def poll_ahead(
    double: Double, threads: ThreadPoolExecutor, api: Client, **params: Any
) -> Future[dict[str, Any]]:
    """Start a long poll and return when the double holds it open."""
    before = double._polls
    poll = threads.submit(api, "getUpdates", timeout=30, **params)
    double.wait_for(lambda: double._polls > before, what="the poll")
    return poll


def test_the_bot_knows_itself_only_by_its_token(double: Double, api: Client) -> None:
    assert api("getMe")["result"]["username"] == "noran_briefing_bot"
    assert api("getMe")["result"]["id"] == int(double.token.partition(":")[0])
    wrong = api.http.get(f"{double.base_url}7000001:WRONG/getMe")
    assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized")
    double.revoke()
    assert api("getMe")["error_code"] == 401


def test_an_unknown_method_is_not_found_and_noted(double: Double, api: Client) -> None:
    assert api("sendMesage")["description"] == "Not Found"
    with pytest.raises(AssertionError, match="unknown method sendMesage"):
        double.check()
    double.problems.clear()


def test_every_kind_of_body_is_read(double: Double, api: Client) -> None:
    chat = double.private(double.user())
    url = api.url("sendMessage")
    params = {"chat_id": str(chat.id), "text": "نوران + 1"}
    api.http.get(url, params=params)
    api.http.post(url, data=params)
    api.http.post(url, json={**params, "chat_id": chat.id})
    api.http.post(url, files={name: (None, value) for name, value in params.items()})
    assert [message["text"] for message in double.sent(chat)] == ["نوران + 1"] * 4
    assert {call.params["chat_id"] for call in double.journal[:2]} == {chat.id}


def test_a_reply_is_found_by_the_message_it_answers(double: Double, api: Client) -> None:
    user = double.user("Salma", "ar")
    said = double.say(user, "من اجتمع؟")
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "more"}]]}
    answer = api(
        "sendMessage",
        chat_id=user.id,
        text="<b>😀</b> x",
        parse_mode="HTML",
        reply_parameters={"message_id": said["message_id"]},
        reply_markup=keyboard,
    )
    (reply,) = double.replies(said)
    assert (reply["text"], reply["html"], reply["reply_to"]) == (
        "😀 x",
        "<b>😀</b> x",
        said["message_id"],
    )
    assert reply["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert answer["result"]["reply_to_message"]["text"] == "من اجتمع؟"
    assert answer["result"]["reply_markup"] == keyboard
    assert "html" not in answer["result"]
    (call,) = double.journal
    assert (call.method, call.status, call.accepted) == ("sendMessage", 200, True)
    assert call.message_id == reply["message_id"]


def test_a_users_commands_and_mentions_become_entities(double: Double) -> None:
    said = double.say(double.user(), "😀 /ask@noran_briefing_bot who? @salma_n, not a/b")
    assert said["entities"] == [
        {"type": "bot_command", "offset": 3, "length": 23},
        {"type": "mention", "offset": 32, "length": 8},
    ]


def test_updates_wait_until_a_higher_offset_acknowledges_them(double: Double, api: Client) -> None:
    user = double.user()
    for text in ("a", "b", "c"):
        double.say(user, text)
    first, second, third = api.updates()
    assert api.updates(limit=2) == [first, second]
    assert api.updates(offset=third) == [third]
    assert api.updates() == [third]
    assert api.updates(offset=third + 1) == []


def test_a_negative_offset_keeps_only_the_last_updates(double: Double, api: Client) -> None:
    user = double.user()
    for text in ("a", "b", "c"):
        double.say(user, text)
    last = api.updates(offset=-1)
    assert len(last) == 1
    assert api.updates() == last


def test_an_acknowledged_update_can_come_again_once(double: Double, api: Client) -> None:
    double.say(double.user(), "a")
    (update_id,) = api.updates()
    assert api.updates(offset=update_id + 1) == []
    double.redeliver(update_id)
    assert api.updates(offset=update_id + 1) == [update_id]
    assert api.updates(offset=update_id + 1) == []
    with pytest.raises(ValueError, match="no update 1 was"):
        double.redeliver(1)


def test_a_long_poll_ends_as_soon_as_someone_writes(
    double: Double, api: Client, threads: ThreadPoolExecutor
) -> None:
    poll = poll_ahead(double, threads, api)
    double.say(double.user(), "a")
    assert [update["message"]["text"] for update in poll.result(120)["result"]] == ["a"]


def test_a_second_poller_ends_the_first(
    double: Double, api: Client, threads: ThreadPoolExecutor
) -> None:
    first = poll_ahead(double, threads, api)
    second = poll_ahead(double, threads, api)
    assert first.result(120)["description"] == OVERTAKEN
    double.push({"poll_answer": {"poll_id": "1"}})
    assert len(second.result(120)["result"]) == 1
    double.conflict(times=1)
    assert api("getUpdates")["error_code"] == 409
    assert api("getUpdates")["ok"]


def test_only_the_kinds_asked_for_are_queued_from_then_on(double: Double, api: Client) -> None:
    user = double.user()
    double.block(user)
    assert len(api.updates(allowed_updates=["message", "edited_message"])) == 1
    double.unblock(user)
    said = double.say(user, "a")
    assert double.edit(user, said, "b")["text"] == "b"
    kinds = [set(update) - {"update_id"} for update in api("getUpdates")["result"]]
    assert kinds == [{"my_chat_member"}, {"message"}, {"edited_message"}]


def test_dropping_pending_updates_empties_the_queue(double: Double, api: Client) -> None:
    double.say(double.user(), "a")
    assert api("getWebhookInfo")["result"]["pending_update_count"] == 1
    assert api("deleteWebhook", drop_pending_updates=True)["result"] is True
    assert api.updates() == []


def test_a_tap_brings_the_button_and_its_message(double: Double, api: Client) -> None:
    user = double.user()
    double.private(user)
    button = {"text": "More", "callback_data": "more:1"}
    api("sendMessage", chat_id=user.id, text="x", reply_markup={"inline_keyboard": [[button]]})
    (message,) = double.sent()
    query = double.tap(user, message, "More")
    assert (query["data"], query["message"]["message_id"]) == ("more:1", message["message_id"])
    assert double.tap(user, message, "more:1")["data"] == "more:1"
    with pytest.raises(ValueError, match="no button 'Less' among"):
        double.tap(user, message, "Less")
    assert api("answerCallbackQuery", callback_query_id=query["id"])["result"] is True
    double.query_timeout(query["id"])
    late = api("answerCallbackQuery", callback_query_id=query["id"])["description"]
    assert (
        late == "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )


def test_commands_are_kept_by_language(double: Double, api: Client) -> None:
    commands = [{"command": "ask", "description": "اسأل"}]
    assert api("setMyCommands", commands=commands, language_code="ar")["result"] is True
    assert api("getMyCommands", language_code="ar")["result"] == commands
    assert api("getMyCommands")["result"] == []
    assert api("deleteMyCommands", language_code="ar")["result"] is True
    assert api("getMyCommands", language_code="ar")["result"] == []
    wrong = [{"command": "Ask!", "description": "x"}]
    assert api("setMyCommands", commands=wrong)["description"] == "Bad Request: BOT_COMMAND_INVALID"


def test_files_go_both_ways(double: Double, api: Client) -> None:
    user = double.user()
    double.private(user)
    url = api.url("sendDocument")
    params = {"chat_id": str(user.id), "caption": "<b>c</b>", "parse_mode": "HTML"}
    api.http.post(url, data=params, files={"document": ("news.txt", b"Noran")})
    (sent,) = double.sent()
    assert (sent["caption"], sent["document"]["file_name"]) == ("c", "news.txt")
    assert double.content(sent["document"]["file_id"]) == b"Noran"
    document = double.file("خبر".encode(), "x.txt")
    double.say(user, "", document=document)
    path = api("getFile", file_id=document["file_id"])["result"]["file_path"]
    assert api.http.get(f"{double.base_file_url}{double.token}/{path}").text == "خبر"
    assert api.http.get(f"{double.base_file_url}{double.token}/none").status_code == 404


def test_a_migrated_group_names_its_supergroup(double: Double, api: Client) -> None:
    user = double.user()
    group = double.group("Noran readers", user)
    new = double.migrate(group)
    refusal = api("sendMessage", chat_id=group.id, text="x")
    assert refusal["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert refusal["parameters"] == {"migrate_to_chat_id": new.id}
    assert api("sendMessage", chat_id=new.id, text="x")["ok"]
    old, fresh = [update["message"] for update in api("getUpdates")["result"]]
    assert (old["migrate_to_chat_id"], fresh["migrate_from_chat_id"]) == (new.id, group.id)
    assert api("getChatMember", chat_id=new.id, user_id=user.id)["result"]["status"] == "creator"


def test_someone_who_blocked_the_bot_is_out_of_reach_until_they_return(
    double: Double, api: Client
) -> None:
    user = double.user()
    double.block(user)
    refusal = api("sendMessage", chat_id=user.id, text="x")
    assert (refusal["error_code"], refusal["description"]) == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    double.unblock(user)
    assert api("sendMessage", chat_id=user.id, text="x")["ok"]
    statuses = [
        one["my_chat_member"]["new_chat_member"]["status"] for one in api("getUpdates")["result"]
    ]
    assert statuses == ["kicked", "member"]


def test_a_bot_thrown_out_or_gone_may_not_write(double: Double, api: Client) -> None:
    user = double.user()
    group, other = double.group("Readers", user), double.supergroup("Writers", user)
    double.kick(group, user)
    assert api("leaveChat", chat_id=other.id)["result"] is True
    words = [
        api("sendMessage", chat_id=chat.id, text="x")["description"] for chat in (group, other)
    ]
    assert words == [
        "Forbidden: bot was kicked from the group chat",
        "Forbidden: bot is not a member of the supergroup chat",
    ]


def test_waiting_for_what_never_comes_shows_the_last_calls(double: Double, api: Client) -> None:
    api("getMe")
    with pytest.raises(AssertionError, match=r"a reply did not come(.|\n)*getMe"):
        double.wait_for(lambda: False, seconds=0, what="a reply")


def test_what_telegram_drops_without_a_word_is_a_problem(double: Double, api: Client) -> None:
    chat = double.private(double.user())
    assert api("sendMessage", chat_id=chat.id, text="x", parse_mod="HTML")["ok"]
    assert api("sendMessage", chat_id=chat.id, text="<b>a</b>" * 101, parse_mode="HTML")["ok"]
    with pytest.raises(AssertionError, match="parse_mod"):
        double.check()
    unknown, dropped = double.problems
    assert unknown == "sendMessage: parse_mod: unknown parameter of sendMessage"
    assert dropped == "101 entities: past the hundredth dropped"
    double.problems.clear()


def test_an_unchecked_double_keeps_no_journal() -> None:
    with Double(check=False, keep_journal=False) as double, Client(double) as api:
        assert api("getMe", x=1)["ok"]
        assert (double.journal, double.problems) == ([], [])
