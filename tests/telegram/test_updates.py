"""The makers of updates: that they make every kind, the same each time, and as the schema has it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import telegram

from tests.telegram.samples import BROKEN, SAMPLES, TEXTS, UNKNOWN, Json
from tests.telegram.updates import NO_CONTENT, generate, load_schema

Check = Callable[[Any], list[str]]


@pytest.fixture(scope="module")
def schema(evaluation_sets: Path) -> Json:
    loaded = load_schema()
    if loaded is None:
        pytest.skip(f"no schema of Telegram lies beside {evaluation_sets}")
    return loaded


@pytest.fixture(scope="module")
def check(schema: Json, evaluation_sets: Path) -> Check:
    """What the schema's own checker finds wrong with an update."""
    path = evaluation_sets.parent / "telegram" / "check_call.py"
    spec = importlib.util.spec_from_file_location("check_call", path)
    assert spec
    assert spec.loader
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)

    def problems_of(update: Any) -> list[str]:
        problems: list[str] = []
        checker._check(update, "Update", "", problems)
        return problems

    return problems_of


@pytest.fixture(scope="module")
def whole(schema: Json) -> list[Json]:
    return list(generate(schema, 2_000, seed=5, hostile=0))


@pytest.fixture(scope="module")
def mixed(schema: Json) -> list[Json]:
    return list(generate(schema, 2_000, seed=5))


def fields(schema: Json, kind: str) -> set[str]:
    return {field["name"] for field in schema["types"][kind]["fields"]}


def objects(value: Any) -> Iterator[Json]:
    """Yield each object in a value, at any depth."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from objects(inner)


def messages(updates: list[Json]) -> Iterator[Json]:
    """Yield the messages that updates bring, not those within others."""
    for update in updates:
        yield from (value for key, value in update.items() if key.endswith(("message", "_post")))


def test_the_same_seed_makes_the_same_updates(schema: Json) -> None:
    once, again, other = (list(generate(schema, 200, seed)) for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_ids_rise_one_by_one_from_the_first(schema: Json) -> None:
    made = list(generate(schema, 50, seed=1, first_id=901, hostile=1))
    assert [update["update_id"] for update in made] == list(range(901, 951))


def test_making_updates_leaves_the_schema_alone(schema: Json) -> None:
    before = json.dumps(schema)
    list(generate(schema, 200, seed=1, hostile=1))
    assert json.dumps(schema) == before


def test_each_whole_update_is_as_the_schema_has_it(whole: list[Json], check: Check) -> None:
    assert {i: problems for i, update in enumerate(whole) if (problems := check(update))} == {}


def test_each_whole_update_brings_one_thing(whole: list[Json]) -> None:
    assert {len(update) for update in whole} == {2}


def test_each_kind_of_update_comes_often(schema: Json, whole: list[Json]) -> None:
    kinds = fields(schema, "Update") - {"update_id"}
    counts = {kind: sum(kind in update for update in whole) for kind in kinds}
    assert min(counts.values()) >= 30


def test_each_field_of_a_message_comes(schema: Json, whole: list[Json]) -> None:
    came = {name for message in messages(whole) for name in message}
    contents = fields(schema, "Message") - NO_CONTENT
    assert {"text", "giveaway", "users_shared", "video_chat_ended", "story"} <= contents
    assert fields(schema, "Message") - came == set()


@pytest.mark.parametrize(
    ("union", "key"),
    [
        ("ChatMember", "status"),
        ("MessageOrigin", "type"),
        ("ReactionType", "type"),
        ("ChatBoostSource", "source"),
        ("PaidMedia", "type"),
    ],
)
def test_each_kind_of_a_union_comes_and_says_so(
    schema: Json, whole: list[Json], union: str, key: str
) -> None:
    said = {made[key] for made in objects(whole) if isinstance(made.get(key), str)}
    for kind in schema["types"][union]["subtypes"]:
        told = next(f for f in schema["types"][kind]["fields"] if f["name"] == key)["description"]
        assert told.split("always ")[1].strip('"“”') in said


def test_chats_have_ids_of_their_type(whole: list[Json]) -> None:
    chats = [message["chat"] for message in messages(whole)]
    assert {chat["type"] for chat in chats} == {"private", "group", "supergroup", "channel"}
    for chat in chats:
        if chat["type"] == "private":
            assert 0 < chat["id"] < 2**40
        else:
            assert str(chat["id"]).startswith("-100") or chat["type"] == "group"
            assert chat["id"] < 0


def test_each_text_is_sent_to_the_bot(whole: list[Json]) -> None:
    sent = {message.get("text") for message in messages(whole)}
    assert set(TEXTS) - sent == set()


def test_commands_are_marked_as_commands(whole: list[Json]) -> None:
    starts = [message for message in messages(whole) if message.get("text") == "/start"]
    assert starts
    for message in starts:
        assert message["entities"][0] == {"type": "bot_command", "offset": 0, "length": 6}


def test_marks_lie_within_their_text(whole: list[Json]) -> None:
    for message in messages(whole):
        units = len(message.get("text", "").encode("utf-16-le")) // 2
        for mark in message.get("entities", []):
            assert 0 <= mark["offset"] < mark["offset"] + mark["length"] <= units


def test_what_a_button_sends_has_at_most_64_bytes(whole: list[Json]) -> None:
    pressed = [update["callback_query"] for update in whole if "callback_query" in update]
    assert len(pressed) > 200
    assert all(("data" in query) != ("game_short_name" in query) for query in pressed)
    assert max(len(query.get("data", "").encode()) for query in pressed) <= 64


def test_some_updates_are_spoiled_and_the_others_left(
    whole: list[Json], mixed: list[Json], check: Check
) -> None:
    spoiled = [one for one, other in zip(mixed, whole, strict=True) if one != other]
    assert 200 < len(spoiled) < 400
    assert any("holographic_message" in update for update in spoiled)
    assert any(made.get("type") == "hologram" for made in objects(spoiled))
    problems = [problem for update in spoiled for problem in check(update)]
    for found in ("unknown field", "required by", "not Integer", "not String", "not Chat"):
        assert any(found in problem for problem in problems), found


def test_every_update_can_be_sent(mixed: list[Json]) -> None:
    assert json.loads(json.dumps(mixed, allow_nan=False)) == mixed
    assert json.dumps(mixed, ensure_ascii=False).encode()


def test_no_schema_is_loaded_where_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BRIEFING_EVAL_DIR", str(tmp_path / "data"))
    assert load_schema() is None
    monkeypatch.delenv("BRIEFING_EVAL_DIR")
    assert load_schema() is None


def test_each_sample_brings_at_most_one_thing() -> None:
    for sample in SAMPLES:
        assert len(sample) <= 1
        assert "update_id" not in sample
        assert json.loads(json.dumps(sample, allow_nan=False)) == sample


def test_samples_are_of_many_kinds() -> None:
    known = {kind for sample in SAMPLES for kind in sample} & set(telegram.Update.ALL_TYPES)
    assert len(known) >= 15


def test_samples_are_sound_unless_they_say_otherwise(check: Check) -> None:
    sound = SAMPLES[: -len(UNKNOWN + BROKEN)]
    assert [problems for sample in sound if (problems := check({"update_id": 1, **sample}))] == []
