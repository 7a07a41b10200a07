"""Every kind of update that Telegram can send, made from its published schema, and some it cannot."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.telegram.samples import ADMIN, LANGUAGES, NAMES, PRESSED, TEXTS, WORDS, Json

DEEPEST = 6
"""From here on, objects have only what they must and arrays are empty."""

OFTEN = ("message",) * 8 + ("callback_query",) * 4
"""What people send a bot most: so many more in each round, beside one update of every kind."""

BESIDE = """
message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count
sender_business_bot sender_tag date guest_query_id business_connection_id chat forward_origin
is_topic_message is_automatic_forward reply_to_message external_reply quote reply_to_story
reply_to_checklist_task_id reply_to_poll_option_id via_bot edit_date guest_bot_caller_user
guest_bot_caller_chat has_protected_content is_from_offline entities is_paid_post media_group_id
author_signature paid_star_count link_preview_options effect_id suggested_post_info caption
caption_entities show_caption_above_media has_media_spoiler reply_markup
"""
NO_CONTENT = frozenset(BESIDE.split())
"""What a message may have beside its content: all that is not named here is content."""

CAPTIONED = {"animation", "audio", "document", "paid_media", "photo", "video", "voice"}
COMES_WITH = {"animation": "document", "live_photo": "photo", "venue": "location"}
WRONG = (None, "seven", "", 7, -1, 3.5, 2**70, True, [], [None], ["seven"], {}, {"id": "seven"})

ENUMERATED = re.compile(r"\b(?:always|must be|one of|either|can be) (.*)", re.DOTALL)
QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]")
COMMAND = re.compile(r"/\w+(?:@\w+)?", re.ASCII)


def load_schema() -> Json | None:
    """Read Telegram's schema, which lies beside the folder of evaluation sets."""
    named = os.environ.get("BRIEFING_EVAL_DIR")
    path = Path(named).parent / "telegram" / "bot-api.json" if named else None
    return json.loads(path.read_text("utf-8")) if path and path.is_file() else None


def generate(
    schema: Json, count: int, seed: int, *, first_id: int = 1, hostile: float = 0.15
) -> Iterator[Json]:
    """Make `count` updates; `hostile` is the share that is spoiled.

    The same seed makes the same updates, and whatever the share, those left whole are the same.
    """
    rng, spoiling = random.Random(f"{seed} whole"), random.Random(f"{seed} spoiled")
    maker = _Maker(schema["types"], rng)
    kinds = {f["name"]: f["types"][0] for f in maker.fields("Update") if f["name"] != "update_id"}
    rounds = _rounds(rng, [*kinds, *OFTEN])
    for update_id in range(first_id, first_id + count):
        kind = next(rounds)
        update = {"update_id": update_id, kind: maker.value(kinds[kind], kind, 0)}
        if spoiling.random() < hostile:
            _spoil(update, maker.required, spoiling)
        yield update


def _rounds(rng: random.Random, names: Sequence[str]) -> Iterator[str]:
    """Yield all the names, again and again, in a new order each time."""
    while True:
        yield from rng.sample(names, len(names))


class _Maker:
    """Makes values of the types of a schema."""

    def __init__(self, types: Json, rng: random.Random) -> None:
        self._types = types
        self._rng = rng
        self._contents = [f for f in self.fields("Message") if f["name"] not in NO_CONTENT]
        self._next_content = _rounds(rng, [f["name"] for f in self._contents])
        self._next_text = _rounds(rng, TEXTS)
        self._people = [rng.randrange(1, 2 ** rng.randint(8, 40)) for _ in range(40)]
        self._special = {"Chat": self._chat, "Message": self._message, "User": self._user}
        self._special["CallbackQuery"] = self._callback_query
        self.required = {f["name"] for kind in types for f in self.fields(kind) if f["required"]}

    def fields(self, kind: str) -> list[Json]:
        return self._types[kind].get("fields", [])

    def value(self, kind: str, name: str, depth: int) -> Any:
        """Make a value of a type, for a field of that name."""
        if kind.startswith("Array of "):
            many = self._rng.randint(0, 3) if depth < DEEPEST else 0
            return [self.value(kind[9:], name, depth) for _ in range(many)]
        if kind in {"Integer", "Float"}:
            return self._integer(name) if kind == "Integer" else self._rng.uniform(-90, 90)
        if kind in {"String", "Boolean"}:
            likely = 0.05 if name == "is_bot" else 0.8
            return self._string(name) if kind == "String" else self._rng.random() < likely
        if subtypes := self._types[kind].get("subtypes"):
            shallow = [one for one in subtypes if one in {"String", "InaccessibleMessage"}]
            one = self._rng.choice(shallow if shallow and depth >= DEEPEST else subtypes)
            return self.value(one, name, depth + 1)
        make = self._special.get(kind)
        return make(name, depth) if make else self._object(kind, depth)

    def _object(self, kind: str, depth: int, share: float = 0.5, never: Any = ()) -> Json:
        """Make an object: what it must have, and the deeper it lies the less of what it may."""
        made = {}
        for field in self.fields(kind):
            wanted = depth < DEEPEST and self._rng.random() < share / (depth + 1)
            if field["required"] or (wanted and field["name"] not in never):
                made[field["name"]] = self._field(field, depth)
        return made

    def _field(self, field: Json, depth: int) -> Any:
        kind, told = self._rng.choice(field["types"]), field["description"]
        if told.startswith("Always 0"):
            return 0
        listed = ENUMERATED.search(told) if kind == "String" else None
        words = QUOTED.findall(listed[1]) if listed else []
        return self._rng.choice(words) if words else self.value(kind, field["name"], depth + 1)

    def _integer(self, name: str) -> int:
        if name.endswith(("user_id", "user_ids", "user_chat_id")):
            return self._rng.choice(self._people)
        if name.endswith("chat_id"):
            return self._chat_id("group" if name == "migrate_from_chat_id" else "supergroup")
        if name.endswith(("date", "unix_time")):
            return self._rng.choice((1, 2**31 - 1, 1_770_000_000 + self._rng.randrange(10**7)))
        return self._rng.choice((0, 1, self._rng.randrange(100), self._rng.randrange(2**31)))

    def _string(self, name: str) -> str:
        if name in {"text", "caption", "query", "question", "description", "title"}:
            return self._rng.choice(TEXTS)
        if name.endswith("name"):
            return self._rng.choice(NAMES)
        if name == "data":
            noise = self._rng.choices(":09az-ن😀\n", k=self._rng.randint(1, 64))
            cut = "".join(noise).encode()[:64].decode(errors="ignore")
            return self._rng.choice((cut, self._rng.choice(PRESSED)))
        return str(self._rng.getrandbits(62)) if name.endswith("id") else self._rng.choice(WORDS)

    def _chat_id(self, kind: str) -> int:
        number = self._rng.choice(self._people)
        if kind in {"private", "group"}:
            return number if kind == "private" else -number
        return -1_000_000_000_000 - number % 10**10

    def _user(self, _name: str, depth: int) -> Json:
        user = self._object("User", depth) | {"id": self._chat_id("private")}
        user["language_code"] = self._rng.choice(LANGUAGES)
        return {name: value for name, value in user.items() if value is not None}

    def _chat(self, type_: str, depth: int) -> Json:
        chat = self._object("Chat", depth, never={"title", "first_name", "last_name"})
        if type_ in {"private", "group", "supergroup", "channel"}:
            chat["type"] = type_
        named, name = ("first_name", NAMES) if chat["type"] == "private" else ("title", WORDS)
        return chat | {"id": self._chat_id(chat["type"]), named: self._rng.choice(name)}

    def _callback_query(self, _name: str, depth: int) -> Json:
        made = self._object("CallbackQuery", depth, 0.7, {"data", "game_short_name"})
        key = "data" if self._rng.random() < 0.95 else "game_short_name"
        return made | {key: self._string(key)}

    def _message(self, kind: str, depth: int) -> Json:
        """Make a message: one content, who sent it and where, and little of what may be beside."""
        rng = self._rng
        never = {f["name"] for f in self._contents} | {"from", "entities", "caption_entities"}
        never |= {"caption", "edit_date"} | ({"reply_to_message"} if depth else set())
        made = self._object("Message", depth, 0.1, never) | self._sent(kind, depth)
        content = rng.choice(("text", "text", "photo", "sticker", "voice", "new_chat_members"))
        if not depth:
            content = "text" if rng.random() < 0.5 else next(self._next_content)
        for field in self._contents:
            name = field["name"]
            if name in {content, COMES_WITH.get(content)}:
                made[name] = True if field["types"] == ["Boolean"] else []
            while made.get(name) == []:
                made[name] = self._field(field, min(depth, DEEPEST - 2))
        if content == "text" and not depth:
            made["text"] = next(self._next_text)
        if content in CAPTIONED and rng.random() < 0.7:
            made["caption"] = self._string("caption")
        for text, entities in (("text", "entities"), ("caption", "caption_entities")):
            if marks := self._entities(made.get(text, ""), depth):
                made[entities] = marks
        return made

    def _sent(self, kind: str, depth: int) -> Json:
        """Make the fields that tell where a message of some kind was sent, and who sent it."""
        rng, sent = self._rng, {}
        type_ = rng.choice(("private", "private", "private", "group", "supergroup", "supergroup"))
        if "channel" in kind or "business" in kind:
            type_ = "channel" if "channel" in kind else "private"
        sent["chat"] = chat = self._chat(type_, depth + 1)
        if type_ == "channel" or (type_ != "private" and rng.random() < 0.15):
            sent["sender_chat"] = dict(chat)
        sender = dict(ADMIN) if "sender_chat" in sent else self._user("", depth + 1)
        if type_ != "channel" and rng.random() < 0.95:
            sent["from"] = sender | ({"id": chat["id"]} if type_ == "private" else {})
        edited = {"edit_date": self._integer("date")} if kind.startswith("edited") else {}
        return sent | edited | ({"business_connection_id": "noran"} if "business" in kind else {})

    def _entities(self, text: str, depth: int) -> list[Json]:
        """Make entities that lie within the text; a command at its start always has one."""
        command, units = COMMAND.match(text), len(text.encode("utf-16-le")) // 2
        made = [{"type": "bot_command", "offset": 0, "length": command.end()}] if command else []
        for _ in range(self._rng.choice((0, 0, 1, 2)) if units else 0):
            made.append(self._object("MessageEntity", depth + 2))
            made[-1]["offset"] = offset = self._rng.randrange(units)
            made[-1]["length"] = self._rng.randint(1, units - offset)
        return made


def _places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any, Any, int]]:
    """Yield each place in a value: what holds it, its key or index, what lies there, how deep."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key, inner, depth
        if isinstance(inner, dict | list):
            yield from _places(inner, depth + 1)


def _spoil(update: Json, required: set[str], rng: random.Random) -> None:
    """Make an update one of a later Telegram, or of a broken one; its id stays."""
    places = [place for place in _places(update) if place[1] != "update_id"]
    fitting = {
        "kind": (sure := places[:1]),
        "field": [place for place in places if isinstance(place[2], dict)] or sure,
        "word": [place for place in places if place[1] in {"type", "status", "source"}] or sure,
        "retype": places,
        "missing": [place for place in places if place[1] in required] or sure,
    }
    way = rng.choice(sorted(fitting))
    weights = [0.7 ** place[3] for place in fitting[way]]
    holder, key, was, _ = rng.choices(fitting[way], weights)[0]
    if way == "kind":
        update["holographic_message"] = update.pop(key)
    elif way == "field":
        was[rng.choice(("aura", "holo_id", "_", ""))] = rng.choice(WRONG)
    elif way == "word":
        holder[key] = rng.choice(("hologram", "glow", "", "PRIVATE"))
    elif way == "missing":
        del holder[key]
    else:
        near = [str(was), was + 0.5] if isinstance(was, int) else []
        holder[key] = rng.choice([*near, *(one for one in WRONG if type(one) is not type(was))])
