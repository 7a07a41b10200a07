"""Who the editors are, what they do with the articles there, and the log, over HTTP."""

from __future__ import annotations

import json
from functools import partial
from typing import get_args

import pytest

from bot.editorial.callbacks import EditorialCallback
from tests.fakes.telegram.server import Double
from tests.fixtures.bot_process import BotProcess, Person
from tests.fixtures.editors import UNKNOWN, archive_counts, plain


def test_an_invitation_makes_one_admin_and_only_once(
    editorial_bot: BotProcess, shared_double: Double, reader: Person
) -> None:
    link = json.loads(editorial_bot.briefing("admin", "invite", "--json"))["link"]
    assert link.startswith("https://t.me/noran_briefing_bot?start=invite-")
    words = link.partition("?start=")[2]
    first = Person(shared_double, "en", "Omar")
    assert "You are an editor now" in first.say(f"/start {words}")["text"]
    assert "expired or has been used" in reader.say(f"/start {words}")["text"]
    assert "expired or has been used" in reader.say("/start invite-guessed")["text"]
    assert reader.say("/add x")["text"] == UNKNOWN
    admins = json.loads(editorial_bot.briefing("admin", "list", "--json"))["admins"]
    assert first.user.id in [each["id"] for each in admins]
    assert reader.user.id not in [each["id"] for each in admins]
    secret = words.removeprefix("invite-").encode()
    stored = [path for path in editorial_bot.archive.rglob("*") if path.is_file()]
    assert [path.name for path in stored if secret in path.read_bytes()] == []


def answers_to(double: Double, presses: set[str]) -> dict[str, str | None]:
    """Return what was shown to who pressed, by press; nothing until each is answered."""
    shown = {
        call.params["callback_query_id"]: call.params.get("text")
        for call in list(double.journal)
        if call.method == "answerCallbackQuery"
    }
    return {press: shown[press] for press in presses} if presses <= shown.keys() else {}


EDITORS_BUTTONS = {
    "draft": "publish keep replace discard title source published day noday text undo show",
    "batch": "all page",
    "article": "published source title text remove restore show",
    "library": "",
    "found": "page",
    "removed": "",
    "log": "",
    "admin": "revoke invite",
    "once": "",
    "feed": "show pause resume hold atonce remove really source language require refuse",
    "feeds": "list how",
    "held": "list show approve refuse yes no",
}
"""By what a button decides on: what it says is to be done."""


def test_an_editors_button_does_nothing_where_a_stranger_presses_it(
    editor: Person, editorial_bot: BotProcess, shared_double: Double
) -> None:
    assert EDITORS_BUTTONS.keys() == set(
        get_args(EditorialCallback.model_fields["subject"].annotation)
    )
    draft = editor.say("/add The baker of Noran, Salma Dabbas, bakes ninety loaves every morning.")
    number = draft["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1]
    numbers = {"draft": number, "admin": editor.user.id}
    pressed = [
        f"{subject}:{numbers.get(subject, 1)}{action and ':'}{action}"
        for subject, actions in EDITORS_BUTTONS.items()
        for action in actions.split() or [""]
    ]
    before = archive_counts(editorial_bot), editorial_bot.briefing("log", "--limit", "1", "--json")
    # Nobody presses more buttons than the limit of commands allows at once.
    for data in (pressed[:20], pressed[20:]):
        stranger = Person(shared_double, "en", "Huda")
        greeting = stranger.say("/start")
        buttons = [[{"text": each, "callback_data": each}] for each in data]
        seen = {**greeting, "reply_markup": {"inline_keyboard": buttons}}
        presses = {shared_double.tap(stranger.user, seen, each)["id"] for each in data}
        notices = shared_double.wait_for(
            partial(answers_to, shared_double, presses), what="an answer to every press"
        )
        assert notices == dict.fromkeys(presses, "This button is for editors.")
        assert shared_double.replies(greeting) == []
        assert stranger.now(greeting) == greeting
    after = archive_counts(editorial_bot), editorial_bot.briefing("log", "--limit", "1", "--json")
    assert after == before
    editor.double.tap(editor.user, draft, "Discard")
    editor.wait_for_buttons(draft)


@pytest.mark.parametrize("command", ["/add https://noran.example/", "/articles", "/log", "/admins"])
def test_a_stranger_gets_the_reply_of_an_unknown_command(reader: Person, command: str) -> None:
    assert reader.say(command)["text"] == reader.say("/nosuchthing")["text"] == UNKNOWN


def test_an_owner_lists_and_revokes_admins_who_are_strangers_from_then_on(
    owner: Person, editor: Person
) -> None:
    assert editor.say("/admins")["text"] == UNKNOWN
    listed = owner.say("/admins")
    assert f"Omar · {editor.user.id}" in plain(listed)
    data = f"admin:{editor.user.id}:revoke"
    owner.double.tap(owner.user, listed, data)
    owner.double.wait_for(
        lambda: f"{editor.user.id} ·" not in plain(owner.now(listed)), what="the list"
    )
    assert editor.say("/articles")["text"] == UNKNOWN


def test_articles_are_paged_searched_edited_removed_and_restored(
    editor: Person, reader: Person
) -> None:
    preview = editor.say(
        "/add The lighthouse of Noran is painted by Sami Ghandour every spring, with forty buckets of lime."
    )
    editor.double.tap(editor.user, preview, "Publish")
    editor.wait_for_buttons(preview, "Undo")
    assert "newest first" in plain(editor.say("/articles"))
    found = editor.say("/articles lighthouse painted by Sami Ghandour")
    assert "lighthouse of Noran" in plain(found)
    editor.double.tap(editor.user, found, "1")
    editor.wait_for_buttons(found, "Date", "Source", "Title", "Text", "Remove", "Back")
    editor.double.tap(editor.user, editor.now(found), "Text")
    editor.wait_for_buttons(found, "Back")
    edited = editor.say(
        "The lighthouse of Noran is painted by Sami Ghandour every autumn, with ninety buckets of lime."
    )
    assert plain(edited).startswith("Edited.")
    question = "How many buckets of lime is the lighthouse painted with?"
    assert "ninety buckets" in reader.say(question)["text"]
    editor.double.tap(editor.user, edited, "Remove")
    editor.wait_for_buttons(edited, "Restore")
    assert "ninety buckets" not in reader.say(question)["text"]
    assert "lighthouse" in plain(editor.say("/articles removed"))
    editor.double.tap(editor.user, editor.now(edited), "Restore")
    editor.wait_for_buttons(edited, "Date", "Source", "Title", "Text", "Remove", "Back")
    assert "ninety buckets" in reader.say(question)["text"]


def test_the_log_says_who_changed_what(editor: Person, editorial_bot: BotProcess) -> None:
    preview = editor.say(
        "/add The goats of Noran are counted by Wafa Hijazi on the first day of every month."
    )
    editor.double.tap(editor.user, preview, "Publish")
    editor.wait_for_buttons(preview, "Undo")
    shown = plain(editor.say("/log"))
    assert f"{editor.user.first_name} · added · The goats of Noran are counted" in shown
    newest = json.loads(editorial_bot.briefing("log", "--limit", "1", "--json"))["entries"][0]
    assert (newest["by"], newest["what"]) == (f"telegram {editor.user.id}", "added")
    assert newest["after"]["language"] == "en"


def test_editors_have_a_menu_of_their_own_and_lose_it_with_their_role(
    owner: Person, editor: Person
) -> None:
    scope = json.dumps({"chat_id": editor.user.id, "type": "chat"}, sort_keys=True)
    there = owner.double.state.commands

    def menu() -> list[str]:
        return [each["command"] for each in there.get((scope, "en"), [])]

    owner.double.wait_for(lambda: "add" in menu(), what="the editor's menu")
    assert "admins" not in menu()
    listed = owner.say("/admins")
    owner.double.tap(owner.user, listed, f"admin:{editor.user.id}:revoke")
    owner.double.wait_for(lambda: menu() == [], what="the menu's end")


def test_help_tells_editors_what_only_they_can_do(editor: Person, reader: Person) -> None:
    assert "/articles" in editor.say("/help")["text"]
    assert "/articles" not in reader.say("/help")["text"]
