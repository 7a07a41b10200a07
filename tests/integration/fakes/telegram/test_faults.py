from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.fakes.telegram.client import Client
from tests.fakes.telegram.faults import Faults
from tests.fakes.telegram.schema import by_table, load_check
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat


@pytest.fixture
def api(double: Double) -> Iterator[Client]:
    with Client(double) as client:
        yield client


@pytest.fixture
def chat(double: Double) -> Chat:
    return double.private(double.user())


def test_a_429_names_the_seconds_and_has_no_effect(double: Double, api: Client, chat: Chat) -> None:
    double.faults.add("429", retry_after=7)
    answer = api.http.post(api.url("sendMessage"), data={"chat_id": str(chat.id), "text": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    assert double.sent() == []
    assert (double.journal[0].fault, double.journal[0].accepted) == ("429", False)
    assert api("sendMessage", chat_id=chat.id, text="x")["ok"]


def test_a_fault_waits_for_the_call_it_was_planned_for(
    double: Double, api: Client, chat: Chat
) -> None:
    other = double.private(double.user())
    double.faults.add("403", "sendMessage", chat.id, times=2)
    assert api("getMe")["ok"]
    assert api("getUpdates")["ok"]
    assert api("sendMessage", chat_id=other.id, text="x")["ok"]
    words = [api.refusal("sendMessage", chat_id=chat.id, text="x") for _ in range(2)]
    assert words == ["Forbidden: bot was blocked by the user"] * 2
    assert api("sendMessage", chat_id=chat.id, text="x")["ok"]
    with pytest.raises(ValueError, match="no such faults: 418"):
        double.faults.add("418")


def test_a_500_is_json_and_a_502_is_a_page_of_html(double: Double, api: Client) -> None:
    double.faults.add("500", "getMe")
    double.faults.add("502", "getMe")
    assert api("getMe")["description"] == "Internal Server Error"
    page = api.http.get(api.url("getMe"))
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "502 Bad Gateway" in page.text


@pytest.mark.parametrize(
    ("kind", "sent"), [("cut_before", 0), ("cut_after", 1), ("hang", 0), ("hang_after", 1)]
)
def test_a_connection_ends_without_an_answer_before_or_after_the_effect(
    double: Double, api: Client, chat: Chat, kind: str, sent: int
) -> None:
    double.faults.add(kind, "sendMessage", seconds=0)
    with pytest.raises(httpx.RemoteProtocolError):
        api("sendMessage", chat_id=chat.id, text="x")
    (call,) = double.journal
    assert (call.status, call.fault, call.accepted) == (None, kind, bool(sent))
    assert len(double.sent(chat)) == sent
    assert (call.message_id is not None) == bool(sent)


def test_a_gateway_may_fail_after_the_effect(double: Double, api: Client, chat: Chat) -> None:
    double.faults.add("500", "sendMessage", after=True)
    assert api("sendMessage", chat_id=chat.id, text="x")["error_code"] == 500
    assert len(double.sent(chat)) == 1


def test_a_hang_lasts_until_it_is_released_and_never_has_its_effect(
    double: Double, api: Client, chat: Chat
) -> None:
    double.faults.add("hang", "sendMessage")
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(api, "sendMessage", chat_id=chat.id, text="x")
        double.wait_for(lambda: double.journal, what="the call")
        assert api("getMe")["ok"]
        assert not call.done()
        double.release()
        assert isinstance(call.exception(120), httpx.RemoteProtocolError)
    assert double.sent() == []


def test_a_client_that_gives_up_on_a_hang_leaves_nothing_behind(
    double: Double, api: Client, chat: Chat
) -> None:
    double.faults.add("hang_after", "sendMessage")
    params = {"chat_id": str(chat.id), "text": "x"}
    with pytest.raises(httpx.ReadTimeout):
        api.http.post(api.url("sendMessage"), data=params, timeout=0.1)
    double.wait_for(lambda: double.sent(chat), what="the message")
    assert len(double.sent(chat)) == 1


def test_a_poll_can_fail_only_by_name(double: Double, api: Client) -> None:
    double.say(double.user(), "x")
    double.faults.add("502", "getUpdates")
    double.faults.add("cut_after", "getUpdates")
    assert api.http.get(api.url("getUpdates")).status_code == 502
    with pytest.raises(httpx.RemoteProtocolError):
        api("getUpdates")
    assert len(api.updates()) == 1


def test_closing_ends_polls_and_hangs() -> None:
    double = Double()
    clients = Client(double), Client(double)
    with ThreadPoolExecutor(2) as threads, clients[0] as api, clients[1] as other:
        with double:
            double.faults.add("hang", "getMe")
            hang = threads.submit(api, "getMe")
            poll = threads.submit(other, "getUpdates", timeout=50)
            double.wait_for(lambda: double.journal and double._polls, what="both")
        assert isinstance(hang.exception(120), httpx.RemoteProtocolError)
        assert poll.result(120)["result"] == []


def test_the_same_seed_strews_the_same_faults() -> None:
    def drawn(seed: int) -> list[str | None]:
        faults = Faults()
        faults.sprinkle(share=0.2, seed=seed)
        found = [faults.next("sendMessage", 1) for _ in range(200)]
        return [fault.kind if fault else None for fault in found]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
    assert 10 < sum(kind is not None for kind in drawn(7)) < 80


def test_a_sprinkle_falls_only_on_the_methods_it_names(
    double: Double, api: Client, chat: Chat
) -> None:
    double.faults.sprinkle(share=1, kinds=["500"], methods={"sendMessage"})
    assert api("getMe")["ok"]
    assert api("sendMessage", chat_id=chat.id, text="x")["error_code"] == 500
    double.faults.clear()
    assert api("sendMessage", chat_id=chat.id, text="x")["ok"]


@pytest.mark.parametrize("source", ["table", "schema"])
def test_the_table_and_the_schema_agree(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check = by_table if source == "table" else load_check()
    if source == "schema" and check is by_table:
        pytest.skip("BRIEFING_EVAL_DIR names no folder beside Telegram's schema")
    message = {"chat_id": "1", "text": "[x]", "reply_parameters": '{"message_id": 3}'}
    assert check("sendMessage", message, ()) == []
    assert check("sendDocument", {"chat_id": 1}, ["document"]) == []
    assert check("sendMessage", {"chat_id": "1"}, ()) == ["text: required by sendMessage"]
    assert check("sendMessage", {**message, "txt": "x"}, ()) == [
        "txt: unknown parameter of sendMessage"
    ]
    assert len(check("deleteMessage", {"chat_id": 1, "message_id": "x"}, ())) == 1
    assert check("sendMesage", {}, ()) == ["unknown method sendMesage"]


def test_without_the_schema_the_table_checks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BRIEFING_EVAL_DIR", raising=False)
    assert load_check() is by_table
    monkeypatch.setenv("BRIEFING_EVAL_DIR", str(tmp_path / "none"))
    assert load_check() is by_table
