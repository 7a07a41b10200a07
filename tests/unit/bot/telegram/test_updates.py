"""What updates ask of the bot."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.message_content import MessageContent
from bot.telegram.updates import (
    Actor,
    BotIdentity,
    ButtonEvent,
    ChatMigratedEvent,
    CommandEvent,
    IncomingEvent,
    MembershipEvent,
    NonTextEvent,
    QuestionEvent,
    ReplyTarget,
    parse_update,
)
from tests.fixtures.sample_updates import (
    ADMIN,
    BOT,
    BROKEN,
    CHANNEL,
    DATE,
    FILE,
    FORUM,
    GROUP,
    HARBOUR,
    LAYLA,
    OTHER_BOT,
    PHOTO,
    POLL,
    PRIVATE,
    ROBOT,
    SAMPLES,
    STICKER,
    TEXTS,
    WORDLESS,
    Json,
)

ME = BotIdentity(ROBOT["id"], BOT)
READER = Actor(LAYLA["id"], "en", LAYLA["first_name"])
HERE = ReplyTarget(PRIVATE["id"], None, 11, is_private=True)
THERE = ReplyTarget(GROUP["id"], None, 11, is_private=False)
AT = datetime.fromtimestamp(DATE, UTC)
KINDS = ["message", "callback_query", "my_chat_member"]
KEYS = st.sampled_from(["id", "from", "chat", "text", "type", "date", "data"]) | st.text()
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
LEAVES = PLAIN | st.sampled_from([*TEXTS, 2**62, -(2**62), 2**70, "private", "member"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def message(**fields: Any) -> Json:
    return {"message": {"message_id": 11, "date": DATE, "chat": PRIVATE, "from": LAYLA, **fields}}


def pressed(**query: Any) -> Json:
    below = {"message_id": 11, "date": DATE, "chat": PRIVATE, "from": ROBOT, "text": "1."}
    known = {"id": "77", "from": LAYLA, "data": "more:12", "message": below, "chat_instance": "5"}
    return {"callback_query": {**known, **query}}


def member(status: Any, chat: Json = PRIVATE) -> Json:
    changed = {"chat": chat, "from": LAYLA, "date": DATE, "old_chat_member": {"status": "left"}}
    return {"my_chat_member": {**changed, "new_chat_member": {"status": status, "user": ROBOT}}}


def asked(update: Json) -> str | None:
    """Return the question in an update, without the spaces around it; None where it is none."""
    wants = parse_update(update, ME)
    return " ".join(wants.text.split()) if isinstance(wants, QuestionEvent) else None


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a value: an object or array, and the key or number in it."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def usable(wants: IncomingEvent | None) -> bool:
    """Say whether a database holds the numbers of what was understood."""
    numbers = [*wants.target, wants.actor.id if wants.actor else None] if wants else []
    return all(abs(each or 0) <= 2**62 for each in numbers)


@given(st.sampled_from(SAMPLES), st.integers(0, 10**6), VALUES)
def test_whatever_is_put_into_an_update_it_is_understood_or_passed_over(
    sample: Json, place: int, value: Any
) -> None:
    update = copy.deepcopy(sample) or {"message": 0}
    inside = list(places(update))
    holder, key = inside[place % len(inside)]
    holder[key] = value
    assert usable(parse_update(update, ME))


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 10**6), st.none() | VALUES), min_size=1, max_size=6),
)
def test_an_update_with_several_fields_replaced_or_missing_never_raises(
    sample: Json, mutations: list[tuple[int, Any]]
) -> None:
    update = copy.deepcopy(sample) or {"message": 0}
    for place, value in mutations:
        inside = list(places(update))
        if not inside:
            break
        holder, key = inside[place % len(inside)]
        if value is None:
            del holder[key]
        else:
            holder[key] = value
    assert usable(parse_update(update, ME))


@given(VALUES, st.sampled_from(["poll", "gift", "photo", "entities", "quote", "forward_origin"]))
def test_a_question_is_read_whatever_the_other_fields_of_its_message_hold(
    value: Any, field: str
) -> None:
    assert asked(message(text=HARBOUR, **{field: value})) == HARBOUR
    sender = {**LAYLA, "badge": {"id": value}}
    assert asked(message(text=HARBOUR, **{"from": sender, "chat": {**PRIVATE, "photo": value}}))


@given(VALUES, st.sampled_from(KINDS))
def test_any_json_at_all_is_understood_or_passed_over(value: Any, kind: str) -> None:
    assert usable(parse_update(value, ME))
    assert usable(parse_update({kind: value}, ME))


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_in_private_is_taken_unless_it_is_to_another_bot(text: str) -> None:
    wants = parse_update(message(text=text), ME)
    assert isinstance(wants, QuestionEvent | CommandEvent) == ("@other_bot" not in text)


@pytest.mark.parametrize("sample", BROKEN)
def test_what_no_telegram_should_send_asks_nothing(sample: Json) -> None:
    assert parse_update(sample, ME) is None


@pytest.mark.parametrize("sample", [each for each in SAMPLES if not {*each} & {*KINDS}])
def test_edits_posts_and_other_kinds_ask_nothing(sample: Json) -> None:
    assert parse_update(sample, ME) is None


def test_words_in_a_private_chat_are_a_question_from_its_reader() -> None:
    wants = parse_update(message(text=HARBOUR), ME)
    assert wants == QuestionEvent(
        READER, HERE, HARBOUR, AT, MessageContent(HARBOUR, (), None, None)
    )


def test_a_caption_is_a_question() -> None:
    captioned = message(photo=PHOTO, caption=HARBOUR)
    wants = parse_update(captioned, ME)
    assert wants == QuestionEvent(
        READER, HERE, HARBOUR, AT, MessageContent(HARBOUR, (), None, None)
    )


def test_an_unknown_command_without_the_bots_name_may_be_another_bots_in_a_group() -> None:
    assert parse_update(message(text="/nonsense", chat=GROUP), ME) is None
    assert parse_update(message(text="/nonsense"), ME) == CommandEvent(READER, HERE, "nonsense", "")


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/start", "start", ""),
        (" /START x-1_y ", "start", "x-1_y"),
        (f"/help@{BOT}", "help", ""),
        (f"/language@{BOT.upper()}  العربية\n", "language", "العربية"),
        ("/help\n\nNoran\nport", "help", "Noran\nport"),
        (f"/nonsense@{BOT}", "nonsense", ""),
    ],
)
@pytest.mark.parametrize(("chat", "place"), [(PRIVATE, HERE), (GROUP, THERE)])
def test_a_command_is_named_in_small_letters_with_the_words_after_it(
    text: str, name: str, argument: str, chat: Json, place: ReplyTarget
) -> None:
    wants = parse_update(message(text=text, chat=chat), ME)
    assert wants == CommandEvent(READER, place, name, argument)


@pytest.mark.parametrize("text", ["/language@dune_bot", f"/help@{BOT}2", "/ask@dune_bot who?"])
@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_a_command_to_another_bot_is_not_taken(text: str, chat: Json) -> None:
    assert parse_update(message(text=text, chat=chat), ME) is None


@pytest.mark.parametrize("text", ["/", "//", "/ start", "/start@", "/نوران"])
def test_what_only_looks_like_a_command_is_a_question(text: str) -> None:
    assert asked(message(text=text)) == text


@pytest.mark.parametrize(
    ("fields", "question"),
    [
        ({"text": HARBOUR}, None),
        ({"photo": PHOTO, "caption": HARBOUR}, None),
        ({"text": f"/ask {HARBOUR}"}, HARBOUR),
        ({"text": f"/ASK@{BOT}\n{HARBOUR}"}, HARBOUR),
        ({"text": "/ask"}, ""),
        ({"text": f"@{BOT} {HARBOUR}"}, HARBOUR),
        ({"text": f"What happened, @{BOT.upper()}, at @port?"}, "What happened, , at @port?"),
        ({"photo": PHOTO, "caption": f"{HARBOUR} @{BOT}"}, HARBOUR),
        ({"text": f"@{BOT}2 {HARBOUR}"}, None),
        ({"text": "and then?", "reply_to_message": {"message_id": 4, "from": ROBOT}}, "and then?"),
        ({"text": "and then?", "reply_to_message": {"message_id": 4, "from": OTHER_BOT}}, None),
        ({"text": "and then?", "reply_to_message": {"message_id": 4, "chat": GROUP}}, None),
    ],
)
def test_in_a_group_only_words_to_the_bot_are_asked(fields: Json, question: str | None) -> None:
    assert asked(message(chat=GROUP, **fields)) == question


def test_who_writes_in_the_name_of_a_chat_is_that_chat() -> None:
    by_admin = {"from": ADMIN, "sender_chat": FORUM}
    wants = parse_update(message(chat=FORUM, text="/help", **by_admin), ME)
    assert isinstance(wants, CommandEvent)
    assert wants.actor == Actor(FORUM["id"], None)


@pytest.mark.parametrize(
    "fields",
    [
        {"from": OTHER_BOT},
        {"from": ROBOT},
        {"from": None},
        {"via_bot": OTHER_BOT},
        {"is_automatic_forward": True, "sender_chat": CHANNEL},
    ],
)
@pytest.mark.parametrize("text", [HARBOUR, "/help"])
def test_what_no_reader_wrote_asks_nothing(fields: Json, text: str) -> None:
    assert parse_update(message(text=text, **fields), ME) is None


@pytest.mark.parametrize(("is_topic", "thread"), [(True, 9), (False, None)])
def test_a_reply_goes_to_the_topic_of_a_message_but_not_to_a_thread(
    is_topic: bool, thread: int | None
) -> None:
    update = message(chat=FORUM, text="/help", message_thread_id=9, is_topic_message=is_topic)
    wants = parse_update(update, ME)
    assert wants is not None
    assert wants.target == ReplyTarget(FORUM["id"], thread, 11, is_private=False)


@pytest.mark.parametrize("date", [DATE, 0])
def test_a_button_is_known_by_its_data_even_below_a_message_of_long_ago(date: int) -> None:
    below = {"message_id": 4, "chat": GROUP, "date": date}
    wants = parse_update(pressed(message=below, data="around:3:1"), ME)
    assert wants == ButtonEvent(
        READER, ReplyTarget(GROUP["id"], None, 4, is_private=False), "77", "around:3:1"
    )


@pytest.mark.parametrize("gone", ["id", "from", "data", "message"])
def test_a_button_without_all_that_answers_it_asks_nothing(gone: str) -> None:
    assert isinstance(parse_update(pressed(), ME), ButtonEvent)
    assert parse_update(pressed(**{gone: None}), ME) is None


@pytest.mark.parametrize(
    ("status", "yes"),
    [("kicked", False), ("left", False), ("member", True), ("administrator", True), ("new", True)],
)
@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_whether_the_bot_may_write_to_a_chat_is_understood(
    status: str, yes: bool, chat: Json
) -> None:
    place = ReplyTarget(chat["id"], is_private=chat is PRIVATE)
    assert parse_update(member(status, chat), ME) == MembershipEvent(place, yes)


@pytest.mark.parametrize(
    "fields",
    [{"sticker": STICKER}, {"voice": {**FILE, "duration": 3}}, {"photo": PHOTO}, {"poll": POLL}],
)
def test_what_has_no_words_is_answered_in_private_and_passed_over_in_a_group(fields: Json) -> None:
    assert parse_update(message(**fields), ME) == NonTextEvent(READER, HERE)
    assert parse_update(message(**fields, chat=GROUP), ME) is None


@pytest.mark.parametrize("sample", [each for each in WORDLESS if "caption" not in each["message"]])
def test_what_people_and_groups_do_beside_writing_is_never_a_question(sample: Json) -> None:
    wants = parse_update(sample, ME)
    assert wants is None or isinstance(wants, NonTextEvent | ChatMigratedEvent)


@pytest.mark.parametrize("huge", [2**62 + 1, -(2**62) - 1, 2**63, 10**400, 1e300])
@pytest.mark.parametrize("field", ["message_id", "chat", "from", "message_thread_id", "date"])
def test_a_number_that_no_database_holds_asks_nothing(field: str, huge: float) -> None:
    whole = {"chat": {**PRIVATE, "id": huge}, "from": {**LAYLA, "id": huge}}
    assert parse_update(message(text=HARBOUR, **{field: whole.get(field, huge)}), ME) is None
    if field == "from":
        assert parse_update(pressed(**{"from": {**LAYLA, "id": huge}}), ME) is None


WRONG: dict[str, list[Any]] = {
    "message_id": [None, "seven", "7", 1.5, 7.0, True],
    "date": ["today", -1, 1.5, None],
    "chat": [None, 7, {"id": 7}, {"id": 7, "type": 7}],
    "from": [[], {"id": "Layla"}, {"id": 7, "is_bot": "perhaps"}, {**LAYLA, "id": True}],
    "text": [7, ["why?"], {}, "a lone surrogate \ud800"],
    "caption": [7],
    "sender_chat": ["Noran", {"id": 7}],
    "message_thread_id": ["x", 1.5],
    "is_topic_message": [7],
    "is_automatic_forward": ["perhaps"],
    "reply_to_message": [7, {"from": 7}],
}


@pytest.mark.parametrize(
    ("field", "wrong"), [(field, wrong) for field, all_ in WRONG.items() for wrong in all_]
)
def test_a_message_with_a_value_of_the_wrong_kind_asks_nothing(field: str, wrong: Any) -> None:
    assert parse_update(message(**{"text": HARBOUR, field: wrong}), ME) is None


@pytest.mark.parametrize("update", [None, 7, "message", [], [message(text=HARBOUR)], {}])
def test_what_is_no_object_asks_nothing(update: Any) -> None:
    assert parse_update(update, ME) is None
