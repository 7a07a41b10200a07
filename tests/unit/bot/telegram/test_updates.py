"""Events parsed from updates."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.invitation_tokens import (
    INVITATION_PREFIX,
    hash_token,
    hash_tokens,
    make_token,
)
from bot.telegram.message_content import MessageContent
from bot.telegram.updates import (
    Actor,
    BotIdentity,
    ButtonEvent,
    ChatMigratedEvent,
    CommandEvent,
    IncomingEvent,
    InlineQueryEvent,
    MembershipEvent,
    NonTextEvent,
    QuestionEvent,
    ReactionEvent,
    ReplyTarget,
    parse_update,
)
from tests.fixtures.sample_updates import (
    ADMIN,
    BOT,
    BROKEN,
    CHANNEL,
    DATE,
    DISLIKED,
    FILE,
    FORUM,
    GROUP,
    HARBOUR,
    LAYLA,
    LIKED,
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
PRIVATE_TARGET = ReplyTarget(PRIVATE["id"], None, 11, is_private=True)
GROUP_TARGET = ReplyTarget(GROUP["id"], None, 11, is_private=False)
SENT_AT = datetime.fromtimestamp(DATE, UTC)
KINDS = [
    *("message", "edited_message", "callback_query", "message_reaction"),
    *("my_chat_member", "inline_query"),
]
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


def button_update(**query: Any) -> Json:
    below = {"message_id": 11, "date": DATE, "chat": PRIVATE, "from": ROBOT, "text": "1."}
    known = {"id": "77", "from": LAYLA, "data": "more:12", "message": below, "chat_instance": "5"}
    return {"callback_query": {**known, **query}}


def membership_update(status: Any, chat: Json = PRIVATE) -> Json:
    changed = {"chat": chat, "from": LAYLA, "date": DATE, "old_chat_member": {"status": "left"}}
    return {"my_chat_member": {**changed, "new_chat_member": {"status": status, "user": ROBOT}}}


def question_in(update: Json) -> str | None:
    """Return the question in an update without spaces around it; None if there is none."""
    event = parse_update(update, ME)
    return " ".join(event.text.split()) if isinstance(event, QuestionEvent) else None


def locations(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every location in a JSON value: an object or array, and a key or index of it."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from locations(value[key])


def has_storable_ids(event: IncomingEvent | InlineQueryEvent | None) -> bool:
    """Return whether a database can store the ids in an event."""
    if isinstance(event, InlineQueryEvent):
        return abs(event.actor.id) <= 2**62
    numbers = [*event.target, event.actor.id if event.actor else None] if event else []
    return all(abs(number or 0) <= 2**62 for number in numbers)


@given(st.sampled_from(SAMPLES), st.integers(0, 10**6), VALUES)
def test_whatever_is_put_into_an_update_it_is_understood_or_passed_over(
    sample: Json, place: int, value: Any
) -> None:
    update = copy.deepcopy(sample) or {"message": 0}
    all_locations = list(locations(update))
    container, key = all_locations[place % len(all_locations)]
    container[key] = value
    assert has_storable_ids(parse_update(update, ME))


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 10**6), st.none() | VALUES), min_size=1, max_size=6),
)
def test_an_update_with_several_fields_replaced_or_missing_never_raises(
    sample: Json, mutations: list[tuple[int, Any]]
) -> None:
    update = copy.deepcopy(sample) or {"message": 0}
    for place, value in mutations:
        all_locations = list(locations(update))
        if not all_locations:
            break
        container, key = all_locations[place % len(all_locations)]
        if value is None:
            del container[key]
        else:
            container[key] = value
    assert has_storable_ids(parse_update(update, ME))


@given(VALUES, st.sampled_from(["poll", "gift", "photo", "entities", "quote", "forward_origin"]))
def test_a_question_is_read_whatever_the_other_fields_of_its_message_hold(
    value: Any, field: str
) -> None:
    assert question_in(message(text=HARBOUR, **{field: value})) == HARBOUR
    sender = {**LAYLA, "badge": {"id": value}}
    assert question_in(
        message(text=HARBOUR, **{"from": sender, "chat": {**PRIVATE, "photo": value}})
    )


@given(VALUES, st.sampled_from(KINDS))
def test_any_json_at_all_is_understood_or_passed_over(value: Any, kind: str) -> None:
    assert has_storable_ids(parse_update(value, ME))
    assert has_storable_ids(parse_update({kind: value}, ME))


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_in_private_is_taken_unless_it_is_to_another_bot(text: str) -> None:
    event = parse_update(message(text=text), ME)
    assert isinstance(event, QuestionEvent | CommandEvent) == ("@other_bot" not in text)


@pytest.mark.parametrize("sample", BROKEN)
def test_what_no_telegram_should_send_asks_nothing(sample: Json) -> None:
    assert parse_update(sample, ME) is None


def test_a_token_of_an_invitation_is_hashed_wherever_an_update_holds_it() -> None:
    token = make_token()
    opened = message(text=f"/start {token}")
    opened["message"]["reply_to_message"] = {"text": f"Open https://t.me/noran?start={token}"}
    hashed = hash_tokens(opened)
    event = parse_update(hashed, ME)
    assert isinstance(event, CommandEvent)
    assert event.argument == INVITATION_PREFIX + hash_token(token)
    assert token not in json.dumps(hashed)
    # What is stored opens nothing: it is hashed again where it is sent.
    assert hash_tokens(hashed) != hashed
    asked = message(text="Who spoke in the invite-only meeting of Noran?")
    assert hash_tokens(asked) == asked


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if not {*sample} & {*KINDS}])
def test_posts_and_other_kinds_ask_nothing(sample: Json) -> None:
    assert parse_update(sample, ME) is None


def test_an_edited_question_is_a_question_and_an_edited_command_is_nothing() -> None:
    edited = {"edited_message": message(text=HARBOUR)["message"]}
    assert parse_update(edited, ME) == QuestionEvent(
        READER, PRIVATE_TARGET, HARBOUR, SENT_AT, is_edited=True
    )
    assert parse_update({"edited_message": message(text="/help")["message"]}, ME) is None


def test_words_in_a_private_chat_are_a_question_from_its_reader() -> None:
    event = parse_update(message(text=HARBOUR), ME)
    assert event == QuestionEvent(
        READER, PRIVATE_TARGET, HARBOUR, SENT_AT, MessageContent(HARBOUR, (), None, None)
    )


def test_a_caption_is_a_question() -> None:
    captioned = message(photo=PHOTO, caption=HARBOUR)
    event = parse_update(captioned, ME)
    assert event == QuestionEvent(
        READER, PRIVATE_TARGET, HARBOUR, SENT_AT, MessageContent(HARBOUR, (), None, None)
    )


def test_a_command_without_the_bots_name_may_be_another_bots_in_a_group() -> None:
    for name in ("nonsense", "today", "subscribe", "forgetme"):
        assert parse_update(message(text=f"/{name}", chat=GROUP), ME) is None
    assert isinstance(parse_update(message(text="/latest", chat=GROUP), ME), CommandEvent)
    assert parse_update(message(text="/nonsense"), ME) == CommandEvent(
        READER, PRIVATE_TARGET, "nonsense", ""
    )


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
@pytest.mark.parametrize(("chat", "place"), [(PRIVATE, PRIVATE_TARGET), (GROUP, GROUP_TARGET)])
def test_a_command_is_named_in_small_letters_with_the_words_after_it(
    text: str, name: str, argument: str, chat: Json, place: ReplyTarget
) -> None:
    event = parse_update(message(text=text, chat=chat), ME)
    assert event == CommandEvent(READER, place, name, argument)


@pytest.mark.parametrize("text", ["/language@dune_bot", f"/help@{BOT}2", "/ask@dune_bot who?"])
@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_a_command_to_another_bot_is_not_taken(text: str, chat: Json) -> None:
    assert parse_update(message(text=text, chat=chat), ME) is None


@pytest.mark.parametrize("text", ["/", "//", "/ start", "/start@", "/نوران"])
def test_what_only_looks_like_a_command_is_a_question(text: str) -> None:
    assert question_in(message(text=text)) == text


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
    assert question_in(message(chat=GROUP, **fields)) == question


@pytest.mark.parametrize("text", [f"@{BOT}", f" @{BOT.upper()}  ", "/ask", f"/ask@{BOT}"])
@pytest.mark.parametrize(
    ("replied", "question"),
    [
        ({"from": LAYLA, "text": HARBOUR}, HARBOUR),
        ({"sender_chat": CHANNEL, "caption": f"@{BOT} {HARBOUR}"}, HARBOUR),
        ({"from": ROBOT, "text": "1. Noran Daily"}, ""),
        ({"from": LAYLA, "photo": PHOTO}, ""),
        ({"from": LAYLA, "text": 7}, ""),
    ],
)
def test_a_bare_call_in_reply_to_another_asks_what_the_other_wrote(
    text: str, replied: Json, question: str
) -> None:
    reply = {"reply_to_message": {"message_id": 4, "date": DATE, "chat": GROUP, **replied}}
    assert question_in(message(chat=GROUP, text=text, **reply)) == question


def test_who_writes_in_the_name_of_a_chat_is_that_chat() -> None:
    by_admin = {"from": ADMIN, "sender_chat": FORUM}
    event = parse_update(message(chat=FORUM, text="/help", **by_admin), ME)
    assert isinstance(event, CommandEvent)
    assert event.actor == Actor(FORUM["id"], None)


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
    event = parse_update(update, ME)
    assert isinstance(event, CommandEvent)
    assert event.target == ReplyTarget(FORUM["id"], thread, 11, is_private=False)


@pytest.mark.parametrize("date", [DATE, 0])
def test_a_button_is_known_by_its_data_even_below_a_message_of_long_ago(date: int) -> None:
    below = {"message_id": 4, "chat": GROUP, "date": date}
    event = parse_update(button_update(message=below, data="around:3:1"), ME)
    assert event == ButtonEvent(
        READER, ReplyTarget(GROUP["id"], None, 4, is_private=False), "77", "around:3:1"
    )


def test_words_after_the_name_of_the_bot_are_an_inline_query_of_who_types_them() -> None:
    query = {"id": "6", "from": LAYLA, "query": HARBOUR, "offset": "", "location": "?"}
    assert parse_update({"inline_query": query}, ME) == InlineQueryEvent(READER, "6", HARBOUR)
    for missing in ("id", "from", "query"):
        assert parse_update({"inline_query": {**query, missing: None}}, ME) is None


def reaction_update(**fields: Any) -> Json:
    before = {"chat": PRIVATE, "message_id": 11, "date": DATE, "user": LAYLA, "old_reaction": []}
    return {"message_reaction": {**before, "new_reaction": LIKED, **fields}}


@pytest.mark.parametrize(
    ("fields", "added", "removed"),
    [
        ({}, {"👍"}, set()),
        ({"old_reaction": LIKED, "new_reaction": []}, set(), {"👍"}),
        ({"old_reaction": LIKED, "new_reaction": DISLIKED}, {"👎"}, {"👍"}),
        ({"new_reaction": [*LIKED, *DISLIKED], "old_reaction": LIKED}, {"👎"}, set()),
        ({"new_reaction": [{"type": "aura"}, {"type": "emoji", "emoji": 7}]}, set(), set()),
    ],
)
@pytest.mark.parametrize(("chat", "place"), [(PRIVATE, PRIVATE_TARGET), (GROUP, GROUP_TARGET)])
def test_the_emoji_that_a_reader_adds_to_a_message_or_takes_away_are_read(
    fields: Json, added: set[str], removed: set[str], chat: Json, place: ReplyTarget
) -> None:
    event = parse_update(reaction_update(chat=chat, **fields), ME)
    assert event == ReactionEvent(READER, place, 11, frozenset(added), frozenset(removed))


@pytest.mark.parametrize(
    "fields",
    [
        {"user": None},
        {"user": OTHER_BOT},
        {"user": None, "actor_chat": GROUP},
        {"message_id": "11"},
        {"new_reaction": None},
        {"old_reaction": ["👍"]},
    ],
)
def test_a_reaction_of_no_reader_or_without_its_emoji_says_nothing(fields: Json) -> None:
    assert parse_update(reaction_update(**fields), ME) is None


@pytest.mark.parametrize("missing", ["id", "from", "data", "message"])
def test_a_button_without_all_that_answers_it_asks_nothing(missing: str) -> None:
    assert isinstance(parse_update(button_update(), ME), ButtonEvent)
    assert parse_update(button_update(**{missing: None}), ME) is None


@pytest.mark.parametrize(
    ("status", "reachable"),
    [("kicked", False), ("left", False), ("member", True), ("administrator", True), ("new", True)],
)
@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_whether_the_bot_may_write_to_a_chat_is_understood(
    status: str, reachable: bool, chat: Json
) -> None:
    place = ReplyTarget(chat["id"], is_private=chat is PRIVATE)
    added_by = READER if reachable and chat is GROUP else None
    expected = MembershipEvent(place, reachable, added_by)
    assert parse_update(membership_update(status, chat), ME) == expected


@pytest.mark.parametrize(
    ("before", "chat"),
    [
        ("member", GROUP),
        ("administrator", GROUP),
        ({}, GROUP),
        ("left", CHANNEL),
        ("left", PRIVATE),
    ],
)
def test_only_a_group_that_the_bot_was_not_in_before_has_somebody_who_added_it(
    before: Any, chat: Json
) -> None:
    update = membership_update("administrator", chat)
    update["my_chat_member"]["old_chat_member"] = {"status": before}
    event = parse_update(update, ME)
    assert isinstance(event, MembershipEvent)
    assert event.added_by is None


@pytest.mark.parametrize(
    "fields",
    [{"sticker": STICKER}, {"voice": {**FILE, "duration": 3}}, {"photo": PHOTO}, {"poll": POLL}],
)
def test_what_has_no_words_is_answered_in_private_and_passed_over_in_a_group(fields: Json) -> None:
    assert parse_update(message(**fields), ME) == NonTextEvent(READER, PRIVATE_TARGET)
    assert parse_update(message(**fields, chat=GROUP), ME) is None


@pytest.mark.parametrize(
    "sample", [sample for sample in WORDLESS if "caption" not in sample["message"]]
)
def test_what_people_and_groups_do_beside_writing_is_never_a_question(sample: Json) -> None:
    event = parse_update(sample, ME)
    assert event is None or isinstance(event, NonTextEvent | ChatMigratedEvent)


@pytest.mark.parametrize("huge", [2**62 + 1, -(2**62) - 1, 2**63, 10**400, 1e300])
@pytest.mark.parametrize("field", ["message_id", "chat", "from", "message_thread_id", "date"])
def test_a_number_that_no_database_holds_asks_nothing(field: str, huge: float) -> None:
    whole = {"chat": {**PRIVATE, "id": huge}, "from": {**LAYLA, "id": huge}}
    assert parse_update(message(text=HARBOUR, **{field: whole.get(field, huge)}), ME) is None
    if field == "from":
        assert parse_update(button_update(**{"from": {**LAYLA, "id": huge}}), ME) is None


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
