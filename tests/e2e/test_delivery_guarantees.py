"""Nothing is lost and nothing is sent twice: crashes, stops, floods and Telegram's bad days."""

from __future__ import annotations

import json
import signal
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bot.i18n.translations import translator
from bot.telegram.call_limiter import MAX_CONCURRENT_CALLS
from tests.fakes.telegram.journal import Call
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json
from tests.fixtures.bot_process import Person, StartBot, quotes

ASKED = "When will the port of Noran reopen?"


def sends(double: Double, chat: int | None = None) -> list[Call]:
    return [
        call
        for call in double.journal
        if call.method == "sendMessage" and chat in (None, call.params["chat_id"])
    ]


def wait_for_reply(double: Double, message: Json) -> Json:
    double.wait_for(lambda: double.replies(message), what="a reply")
    return double.replies(message)[0]


def test_what_waited_when_the_bot_was_killed_is_answered_at_the_next_start_once(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    reader = Person(double, "en")
    double.faults.add("429", "sendMessage", retry_after=600)
    asked = [double.say(reader.user, ASKED) for _ in range(3)]
    double.wait_for(lambda: sends(double), what="the attempt that is refused")
    double.wait_for(lambda: bot.inbox().waiting == 3, what="all three recorded")
    bot.restart()
    for message in asked:
        wait_for_reply(double, message)
    double.wait_for(lambda: bot.inbox().done == {"sent": 3}, what="all three noted")
    assert [len(double.replies(message)) for message in asked] == [1, 1, 1]


def test_a_reply_cut_off_by_a_kill_is_listed_and_not_sent_again(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    reader = Person(double, "en")
    double.faults.add("hang_after", "sendMessage")
    asked = double.say(reader.user, ASKED)
    double.wait_for(lambda: double.replies(asked), what="the reply whose answer hangs")
    bot.restart()
    reader.say("/help")
    assert len(double.replies(asked)) == 1
    assert (
        bot.inbox().unknown[0].items() >= {"update_id": 810001, "chat_id": reader.user.id}.items()
    )
    assert json.loads(bot.briefing("inbox", "--json"))["unknown"] == [*bot.inbox().unknown]
    assert "nobody can know" in bot.log
    assert f"chat {reader.user.id}" in bot.briefing("inbox")


def test_a_connection_cut_under_a_reply_is_counted_and_the_chat_goes_on(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    reader = Person(double, "en")
    double.faults.add("cut_before", "sendMessage")
    lost = double.say(reader.user, ASKED)
    reader.say(ASKED)
    assert double.replies(lost) == []
    assert len(bot.inbox().unknown) == 1


@pytest.mark.parametrize("fault", ["429", "500"])
def test_a_reply_that_telegram_could_not_take_is_sent_again(
    double: Double, start_bot: StartBot, fault: str
) -> None:
    bot = start_bot()
    reader = Person(double, "en")
    double.faults.add(fault, "sendMessage", times=2)
    assert quotes(reader.say(ASKED))
    assert [call.status for call in sends(double)] == [int(fault), int(fault), 200]
    assert bot.inbox().unknown == ()


def test_polling_survives_conflicts_failures_cuts_and_stalls(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot(telegram_poll_seconds=1, telegram_patience_seconds=4)
    reader = Person(double, "en")
    asked = []
    for fault in ("conflict", "500", "502", "429", "cut_before", "cut_after", "hang"):
        if fault == "conflict":
            double.conflict()
        else:
            double.faults.add(fault, "getUpdates")
        asked.append(double.say(reader.user, ASKED))
        wait_for_reply(double, asked[-1])
        double.wait_for(lambda: not double.faults.queue, what=f"{fault} met")
    assert [len(double.replies(message)) for message in asked] == [1] * len(asked)
    assert "another process fetches updates with the same token" in bot.log


def test_an_update_delivered_twice_is_answered_once(double: Double, start_bot: StartBot) -> None:
    bot = start_bot()
    reader = Person(double, "en")
    first = double.say(reader.user, ASKED)
    wait_for_reply(double, first)
    double.redeliver(810001)
    reader.say("/help")
    bot.restart()
    double.redeliver(810001)
    reader.say("/help")
    assert len(double.replies(first)) == 1


def test_a_question_older_than_an_hour_is_answered_with_an_apology(
    double: Double, start_bot: StartBot
) -> None:
    start_bot()
    reader = Person(double, "en")
    now = datetime.now(UTC)
    old = reader.say(ASKED, date=now - timedelta(minutes=70))
    recent = reader.say(ASKED, date=now - timedelta(minutes=50))
    assert ("Sorry, I was offline when your question came. Here is the answer, late.") in old[
        "text"
    ]
    assert quotes(old) == quotes(recent)
    assert (
        "Sorry, I was offline when your question came. Here is the answer, late."
    ) not in recent["text"]


def test_one_who_sends_a_thousand_delays_nobody_and_is_told_once(
    double: Double, start_bot: StartBot
) -> None:
    flooder = Person(double, "en")
    bot = start_bot(telegram_messages_per_second=0, telegram_owners=flooder.user.id)
    readers = [Person(double, "en") for _ in range(20)]
    for _ in range(1000):
        double.say(flooder.user, ASKED)
    asked = [double.say(reader.user, ASKED) for reader in readers]
    help_wanted = double.say(Person(double, "en").user, "/help")
    for message in [*asked, help_wanted]:
        wait_for_reply(double, message)
    double.wait_for(lambda: bot.inbox().waiting == 0, what="an empty queue")
    assert all(len(double.replies(message)) == 1 for message in asked)
    order = [
        call.params["chat_id"] for call in sends(double) if "<blockquote" in call.params["text"]
    ]
    first = order.index(readers[0].user.id)
    last = max(order.index(reader.user.id) for reader in readers)
    assert order[first:last].count(flooder.user.id) <= 3, "the flooder was served out of turn"
    notices = [call for call in sends(double, flooder.user.id) if "waiting" in call.params["text"]]
    assert len(notices) <= 3


def test_a_chat_that_telegram_holds_back_holds_back_nobody_else(
    double: Double, start_bot: StartBot
) -> None:
    start_bot()
    limited, free = Person(double, "en"), Person(double, "en")
    double.faults.add("429", "sendMessage", chat_id=limited.user.id, retry_after=600)
    slow = double.say(limited.user, ASKED)
    double.wait_for(lambda: sends(double, limited.user.id), what="the refusal")
    free.say(ASKED)
    assert double.replies(slow) == []


def test_limits_are_told_kindly_and_owners_have_none(double: Double, start_bot: StartBot) -> None:
    owner = Person(double, "en")
    start_bot(limits_questions_per_minute=1, limits_burst=2, telegram_owners=f"{owner.user.id}, 5")
    reader = Person(double, "fr")
    assert quotes(reader.say(ASKED))
    assert quotes(reader.say(ASKED))
    assert "beaucoup de questions" in reader.say(ASKED)["text"]
    for _ in range(4):
        assert quotes(owner.say(ASKED))


def test_help_does_not_wait_for_the_questions_of_the_same_chat(
    double: Double, start_bot: StartBot
) -> None:
    start_bot()
    reader = Person(double, "en")
    double.faults.add("hang", "sendMessage")
    double.say(reader.user, ASKED)
    double.wait_for(lambda: double._hanging, what="a reply that hangs")
    reader.say("/help")


def test_who_blocked_the_bot_is_noted_and_the_others_are_served(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    gone, reader = Person(double, "en"), Person(double, "en")
    double.faults.add("403", "sendMessage", chat_id=gone.user.id)
    double.say(gone.user, ASKED)
    reader.say(ASKED)
    double.wait_for(lambda: "forbidden" in str(bot.inbox().done), what="the note")
    with sqlite3.connect(bot.archive / "archive.sqlite3") as database:
        found = database.execute("SELECT id FROM people WHERE unreachable_since IS NOT NULL")
        assert found.fetchall() == [(gone.user.id,)]
    database.close()


def test_an_answer_follows_its_group_to_the_supergroup(double: Double, start_bot: StartBot) -> None:
    start_bot()
    user = double.user("Salma", "en")
    group = double.group("Noran", user)
    double.faults.add("429", "sendMessage", chat_id=group.id, retry_after=1)
    double.say(user, f"/ask {ASKED}", chat=group)
    double.wait_for(lambda: sends(double, group.id), what="the refusal")
    supergroup = double.migrate(group)
    double.wait_for(lambda: double.sent(supergroup), what="the answer")
    assert quotes(double.sent(supergroup)[0])


def test_an_error_has_one_reference_for_the_user_the_log_and_the_owners(
    double: Double, start_bot: StartBot
) -> None:
    owner, reader = Person(double, "en"), Person(double, "fr")
    bot = start_bot(telegram_owners=owner.user.id, language="en")
    with sqlite3.connect(bot.archive / "archive.sqlite3") as database:
        database.execute("ALTER TABLE passages RENAME TO lost")
    database.close()
    first = reader.say("Quand rouvre le port ?")
    second = reader.say("Et l'école ?")
    assert first["text"].startswith(
        translator("fr")
        .gettext("Something went wrong on my side and I could not answer. Reference: {reference}")
        .partition("{")[0]
    )
    reference = first["text"].rpartition(" ")[2]
    double.wait_for(lambda: double.sent(owner.chat), what="word to the owner")
    owner.say("/help")
    notices = [sent["text"] for sent in double.sent(owner.chat) if not sent.get("reply_to")]
    assert len(notices) == 1
    assert reference in notices[0]
    assert f"Reference {reference}" in bot.log
    assert second["text"].rpartition(" ")[2] in bot.log
    assert "Quand rouvre" not in bot.log + notices[0]


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_the_log_holds_no_token_and_at_info_no_question(
    double: Double, start_bot: StartBot, level: str
) -> None:
    bot = start_bot(log_level=level)
    reader = Person(double, "en")
    for fault in ("500", "cut_after"):
        double.faults.add(fault, "sendMessage")
    double.faults.add("500", "getUpdates")
    double.say(reader.user, "When does the windmill turn?")
    reader.say("When does the windmill turn?")
    bot.terminate()
    assert bot.log
    assert double.token not in bot.log
    assert double.token.partition(":")[2] not in bot.log
    if level == "INFO":
        assert "windmill" not in bot.log


def test_sigterm_ends_the_bot_in_time_even_where_telegram_hangs(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    reader = Person(double, "en")
    double.faults.add("hang", "sendMessage")
    double.say(reader.user, ASKED)
    double.wait_for(lambda: double._hanging, what="a reply that hangs")
    bot.signal(signal.SIGTERM)
    assert bot.wait_exit(60) == 0
    bot.restart()
    reader.say("/help")
    assert len(bot.inbox().unknown) == 1


def test_sigterm_keeps_the_questions_whose_replies_had_not_left(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot(telegram_messages_per_second=0)
    readers = [Person(double, "en") for _ in range(MAX_CONCURRENT_CALLS + 8)]
    double.faults.add("hang", "sendMessage", times=MAX_CONCURRENT_CALLS)
    asked = [double.say(reader.user, ASKED) for reader in readers]
    double.wait_for(lambda: len(double._hanging) == MAX_CONCURRENT_CALLS, what="replies that hang")
    double.wait_for(lambda: bot.inbox().sending == MAX_CONCURRENT_CALLS, what="all of them noted")
    bot.signal(signal.SIGTERM)
    assert bot.wait_exit(60) == 0
    assert (bot.inbox().waiting, bot.inbox().sending) == (8, MAX_CONCURRENT_CALLS)
    bot.restart()
    double.wait_for(lambda: bot.inbox().done == {"sent": 8}, what="the other replies")
    assert sum(len(double.replies(message)) for message in asked) == 8
    assert len(bot.inbox().unknown) == MAX_CONCURRENT_CALLS


def test_a_reply_that_telegram_refuses_is_made_good_by_a_notice_even_after_a_restart(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot()
    reader = Person(double, "en")
    double.faults.add("400", "sendMessage")
    double.faults.add("429", "sendMessage", retry_after=600)
    refused = double.say(reader.user, ASKED)
    double.wait_for(lambda: len(sends(double)) == 2, what="the refusal, and the notice's")
    double.wait_for(lambda: bot.inbox().waiting == 1, what="the note of that")
    bot.restart()
    assert quotes(wait_for_reply(double, refused))
    assert len(double.replies(refused)) == 1


def test_a_second_process_waits_for_the_end_of_the_first(
    double: Double, start_bot: StartBot
) -> None:
    first = start_bot()
    reader = Person(double, "en")
    double.faults.add("429", "sendMessage", retry_after=600)
    asked = double.say(reader.user, ASKED)
    double.wait_for(lambda: first.inbox().waiting == 1, what="the attempt that is refused")
    second = start_bot(ready=False)
    double.wait_for(lambda: "waiting for its end" in second.log, what="the second to wait")
    assert second.terminate() == 0
    second.start()
    double.wait_for(lambda: second.log.count("waiting for its end") == 2, what="it to wait again")
    first.kill()
    wait_for_reply(double, asked)
    assert len(double.replies(asked)) == 1


def test_a_bot_that_starts_before_telegram_can_be_reached_waits_for_it(
    double: Double, start_bot: StartBot
) -> None:
    double.faults.add("500", "getMe")
    double.faults.add("cut_before", "getMe")
    double.faults.add("429", "deleteWebhook")
    start_bot()
    assert quotes(Person(double, "en").say(ASKED))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"telegram_token": None}, "no token"),
        ({"telegram_token": "12345:wrong"}, "does not know this token"),
        ({"telegram_token": "bad"}, "telegram.token"),
        ({"telegram_tokn": "12345:wrong"}, "Did you mean BRIEFING_TELEGRAM_TOKEN"),
        ({"limits_burst": 0}, "limits.burst"),
        ({"telegram_owners": "me"}, "telegram.owners"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_the_bot_with_one_clear_line(
    double: Double, start_bot: StartBot, settings: dict[str, object], said: str
) -> None:
    bot = start_bot(ready=False, log_level="WARNING", **settings)
    assert bot.wait_exit(60) == 2
    (line,) = bot.log.splitlines()
    assert said in line
    assert "wrong" not in line


def test_a_token_that_is_revoked_ends_the_bot_with_one_clear_line(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot(log_level="ERROR")
    double.revoke()
    assert bot.wait_exit(60) == 2
    (line,) = bot.log.splitlines()
    assert "does not know this token, or no longer" in line
