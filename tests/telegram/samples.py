"""Updates written by hand, one of each kind that matters, and the words that updates are made of."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

BOT = "noran_briefing_bot"
TEXTS = (
    *("ماذا حدث في ميناء الرمال في نوران؟", "من هو رئيس بلدية نوران؟", "نوران", "وماذا بعد؟"),
    *("What happened at the harbour of Noran?", "Who opened the school of Noran?", "and then?"),
    *("Que s'est-il passé à Noran mardi ?", "Pourquoi les ponts de Noran sont-ils fermés ?"),
    *("/start", "/start x-1_y", f"/help@{BOT}", "/language fr", "/language@other_bot", "/START"),
    *("/nonsense", "/", "//", "/ start", "/help\n\nNoran", "/start@", "/نوران", f"@{BOT} Noran"),
    *(
        "😀",
        "👩\u200d👩\u200d👧",
        "?",
        "؟",
        "",
        " ",
        "\n",
        "\u00a0",
        "\u200b",
        "\x00",
        "a",
        "0",
        "None",
    ),
    *("ن" * 4096, "Noran? " * 585, "😀" * 2048, "a" + "\u0301" * 1_000, "من" + "\u064b" * 1_000),
    *(
        "\u202eنوران\u202c Noran?",
        "\u2066\u2067who\u2069",
        "No\u200dr\u200can\ufeff?",
        "\u200f\u061c",
    ),
    *(
        "'; DROP TABLE articles; --",
        'Noran" OR "1"="1',
        "noran* NEAR(a b)",
        "%s {0} \\",
        "<b>Noran",
    ),
)
NAMES = (
    "سالم الدرويش",
    "Layla Hamdan",
    "Zoé Zahran",
    "<b>Rami</b>",
    "\u202eميرا",
    "_*[`",
    "🌵",
    "",
)
WORDS = ("noran", "Noran Daily", "ساحة الرمال", "", "XTR", "🎲", "https://noran.example/a?b=1")
PRESSED = (
    *("more:12", "around:3:1", "lang:ar", "lang:xx", "more:-1", "more:", ":::", "around:1:2:3:4"),
    *("more:99999999999999999999", "more:12\n", "more:٣", "more:1e3", "", "ن" * 32, "\x00", "{}"),
)
LANGUAGES = ("ar", "en", "fr", "pt-br", None, "xx-unknown")

DATE = 1_770_282_000
LAYLA = {"id": 4_001, "is_bot": False, "first_name": "Layla", "language_code": "en"}
SALIM = {"id": 2**40 - 7, "is_bot": False, "first_name": "سالم", "username": "salim_noran"}
ROBOT = {"id": 70_001, "is_bot": True, "first_name": "Noran Briefing", "username": BOT}
OTHER_BOT = {"id": 70_002, "is_bot": True, "first_name": "Dune Finder", "username": "dune_bot"}
ADMIN = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
PRIVATE = {"id": 4_001, "type": "private", "first_name": "Layla"}
GROUP = {"id": -5_001, "type": "group", "title": "Harbour watch"}
FORUM = {"id": -1_001_000_000_501, "type": "supergroup", "title": "Noran", "is_forum": True}
CHANNEL = {"id": -1_001_000_000_502, "type": "channel", "title": "Noran Daily"}
FILE = {"file_id": "a1", "file_unique_id": "b1", "file_size": 2_048}
PHOTO = [{**FILE, "width": 90, "height": 60}, {**FILE, "width": 900, "height": 600}]
STICKER = {**PHOTO[0], "type": "regular", "is_animated": False, "is_video": False, "emoji": "🌵"}
POLL_FLAGS = (
    "is_closed",
    "is_anonymous",
    "allows_multiple_answers",
    "allows_revoting",
    "members_only",
)
POLL = {"id": "9", "question": "Is the harbour open?", "type": "regular", "total_voter_count": 1}
POLL |= {"options": [{"persistent_id": "0", "text": "Yes", "voter_count": 1}]}
POLL |= dict.fromkeys(POLL_FLAGS, False)
LIKED = [{"type": "emoji", "emoji": "👍"}, {"type": "paid"}]
REACTED = {"chat": GROUP, "message_id": 11, "date": DATE}
HARBOUR = "What happened at the harbour of Noran?"


def _bare(chat: Json = PRIVATE, sender: Json | None = LAYLA, **content: Any) -> Json:
    """Make a message with some content, without the update around it."""
    message = {"message_id": 11, "date": DATE, "chat": chat, **content}
    return message | ({"from": sender} if sender else {})


def _message(chat: Json = PRIVATE, sender: Json | None = LAYLA, **content: Any) -> Json:
    return {"message": _bare(chat, sender, **content)}


def _command(text: str, chat: Json = PRIVATE) -> Json:
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    return _message(chat, text=text, entities=[entity])


def _forwarded(type_: str, **origin: Any) -> Json:
    return _message(text=HARBOUR, forward_origin={"type": type_, "date": DATE, **origin})


def _pressed(**query: Any) -> Json:
    return {"callback_query": {"id": "77", "from": LAYLA, "chat_instance": "5", **query}}


def _member(before: str, after: str, who: Json = ROBOT, chat: Json = PRIVATE) -> Json:
    old, new = ({"status": status, "user": who, "until_date": 0} for status in (before, after))
    changed = {"chat": chat, "from": LAYLA, "date": DATE}
    return changed | {"old_chat_member": old, "new_chat_member": new}


ASKED = [
    _message(text=HARBOUR),
    _message(GROUP, SALIM, text="ماذا حدث في ميناء الرمال في نوران؟"),
    _command("/start"),
    _command(f"/help@{BOT}", GROUP),
    _command("/nonsense"),
    _message(text="/"),
    {"edited_message": _bare(text=HARBOUR, edit_date=DATE + 60)},
    {"channel_post": _bare(CHANNEL, None, text=HARBOUR, sender_chat=CHANNEL)},
    {"edited_channel_post": _bare(CHANNEL, None, text=HARBOUR, edit_date=DATE + 60)},
    _message(FORUM, ADMIN, text=HARBOUR, sender_chat=FORUM),
    _message(FORUM, None, text=HARBOUR, sender_chat=CHANNEL, is_automatic_forward=True),
    _message(sender=None, text=HARBOUR),
    _forwarded("user", sender_user=SALIM),
    _forwarded("hidden_user", sender_user_name="Karim Zahran"),
    _forwarded("chat", sender_chat=GROUP),
    _forwarded("channel", chat=CHANNEL, message_id=8),
    _message(text=HARBOUR, via_bot=OTHER_BOT),
    _message(text="and then?", reply_to_message=_bare(sender=ROBOT, text="1. Noran Daily")),
    {"business_message": _bare(text=HARBOUR, business_connection_id="c1")},
    {"guest_message": _bare(GROUP, text=HARBOUR, guest_query_id="g1")},
]
"""Words in messages: what of it is a question to the bot, the bot decides."""

WORDLESS = [
    _message(poll=POLL),
    _message(sticker=STICKER),
    _message(voice={**FILE, "duration": 3}),
    _message(photo=PHOTO, caption=HARBOUR),
    _message(document={**FILE, "file_name": "noran.pdf"}),
    _message(location={"latitude": 30.1, "longitude": 17.2}),
    _message(contact={"phone_number": "+0", "first_name": "Zoé"}),
    _message(story={"chat": CHANNEL, "id": 3}),
    _message(paid_media={"star_count": 1, "paid_media": [{"type": "photo", "photo": PHOTO}]}),
    _message(users_shared={"request_id": 1, "users": [{"user_id": 4_002}]}),
    _message(web_app_data={"data": "{}", "button_text": "Open"}),
    _message(GROUP, new_chat_members=[ROBOT, SALIM]),
    _message(GROUP, left_chat_member=ROBOT),
    _message(GROUP, migrate_to_chat_id=FORUM["id"]),
    _message(FORUM, ADMIN, migrate_from_chat_id=GROUP["id"], sender_chat=FORUM),
    _message(GROUP, pinned_message={"chat": GROUP, "message_id": 4, "date": 0}),
    _message(FORUM, forum_topic_created={"name": "Harbour", "icon_color": 7322096}),
    _message(FORUM, video_chat_started={}),
]
"""Messages in which nobody asks anything."""

BESIDE_MESSAGES = [
    {"poll": POLL},
    {"poll_answer": {"poll_id": "9", "user": SALIM, "option_ids": [], "option_persistent_ids": []}},
    {"message_reaction": {**REACTED, "user": LAYLA, "old_reaction": [], "new_reaction": LIKED}},
    {
        "message_reaction": {
            **REACTED,
            "actor_chat": GROUP,
            "old_reaction": LIKED,
            "new_reaction": [],
        }
    },
    {"message_reaction_count": {**REACTED, "reactions": [{"type": LIKED[0], "total_count": 4}]}},
    {"my_chat_member": _member("member", "kicked")},
    {"my_chat_member": _member("kicked", "member")},
    {"my_chat_member": _member("left", "member", chat=GROUP)},
    {"chat_member": _member("left", "member", SALIM, FORUM)},
    {
        "chat_join_request": {
            "chat": FORUM,
            "from": SALIM,
            "user_chat_id": SALIM["id"],
            "date": DATE,
        }
    },
    {"inline_query": {"id": "6", "from": LAYLA, "query": HARBOUR, "offset": ""}},
    {
        "deleted_business_messages": {
            "business_connection_id": "c1",
            "chat": PRIVATE,
            "message_ids": [4],
        }
    },
    _pressed(data="more:12", message=_bare(sender=ROBOT, text="1. Noran Daily")),
    _pressed(data="more:12", message={"chat": PRIVATE, "message_id": 4, "date": 0}),
    _pressed(data="more:12", inline_message_id="i1"),
    _pressed(data="around:3:1"),
    _pressed(data=":::"),
    _pressed(game_short_name="dunes"),
]

UNKNOWN = [
    {},
    {"holographic_message": {"message_id": 11, "aura": 3}},
    _message({**PRIVATE, "aura": 3}, {**LAYLA, "holo": []}, text=HARBOUR, glow={"deep": [1]}),
    _message({**PRIVATE, "type": "hologram"}, text=HARBOUR),
    _message(text=HARBOUR, entities=[{"type": "glow", "offset": 0, "length": 4}]),
    {"my_chat_member": _member("member", "glowing")},
    _message(hologram={"file_id": "a1"}),
]
"""What a later Telegram may send."""

BROKEN = [
    {"message": None},
    {"message": []},
    {"message": {"message_id": 11}},
    _message({"id": 4_001}, text=HARBOUR),
    _message({**PRIVATE, "id": 4_001.5}, {**LAYLA, "id": "4001"}, text=HARBOUR),
    _message(text=7),
    _message(text=None, entities="none"),
    _message(text=HARBOUR, date="today"),
    _pressed(data=12, message=[]),
    {"callback_query": {"data": "more:12"}},
    {"my_chat_member": {"chat": PRIVATE}},
]
"""What no Telegram should send."""

SAMPLES: list[Json] = [*ASKED, *WORDLESS, *BESIDE_MESSAGES, *UNKNOWN, *BROKEN]
"""All of them, without their `update_id`; the unknown and the broken are the last."""
