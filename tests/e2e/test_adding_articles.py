"""The editor's desk: every way in, the preview, and what becomes of a draft, over HTTP."""

from __future__ import annotations

import json

import pytest

from tests.fakes.telegram.state import Json
from tests.fakes.web.site import Site
from tests.fixtures.bot_process import BotProcess, Person, labels
from tests.fixtures.crafted_documents import paragraph, word
from tests.fixtures.editors import DAM, FERRY, MARKET, archive_counts, hidden_page, page, plain
from tests.fixtures.pdf_and_docx import pdf_of, right_aligned

BELLS = (
    "The seven bells of Noran were cast on Monday in the yard of the old foundry, before a crowd. "
    "Their founder, Munir Saqqaf, said that they will ring from the tower at the first new moon."
)
ASKED_OF_DAM = "Who opened the dam above Noran?"


def sent_file(person: Person, content: bytes, name: str, **fields: object) -> Json:
    """Send a document, and return the one reply."""
    return person.say("", document=person.double.file(content, name), **fields)


def test_a_page_is_previewed_then_published_then_undone(
    editor: Person, reader: Person, site: Site
) -> None:
    address = site.page(
        "/dam?utm_source=x", page("The dam is open", DAM, date="2026-02-05T09:30:00+02:00")
    )
    preview = editor.say(f"/add {address}")
    shown = plain(preview)
    assert "The dam is open" in shown
    assert "Source: The Noran Ledger" in shown
    assert "Date: 5 February 2026, 09:30 (from the page)" in shown
    assert "Language: English" in shown
    assert DAM[:80] in shown
    assert "A goat is mayor" not in shown
    assert labels(preview) == ["Publish", "Date", "Source", "Title", "Discard"]
    assert "Karim Belhadj" not in reader.say(ASKED_OF_DAM)["text"]
    editor.double.tap(editor.user, preview, "Publish")
    editor.wait_for_buttons(preview, "Undo")
    answer = plain(reader.say(ASKED_OF_DAM))
    assert "Karim Belhadj" in answer
    assert "The Noran Ledger · 5 February 2026, 09:30 · link" in answer
    editor.double.tap(editor.user, editor.now(preview), "Undo")
    editor.wait_for_buttons(preview, *labels(preview))
    assert "Karim Belhadj" not in reader.say(ASKED_OF_DAM)["text"]
    editor.double.tap(editor.user, editor.now(preview), "Discard")
    editor.wait_for_buttons(preview)


def test_a_text_that_its_page_does_not_show_is_asked_about_before_it_is_published(
    editor: Person, site: Site
) -> None:
    preview = editor.say(f"/add {site.page('/unseen', hidden_page('The bells are cast', BELLS))}")
    assert "The page does not show this text to its readers" in plain(preview)
    assert labels(preview) == ["Yes, it is the article", "Date", "Source", "Title", "Discard"]
    editor.double.tap(editor.user, preview, "Yes, it is the article")
    editor.wait_for_buttons(preview, "Publish", "Date", "Source", "Title", "Discard")
    editor.double.tap(editor.user, editor.now(preview), "Discard")
    editor.wait_for_buttons(preview)


def test_a_text_after_add_becomes_a_draft_with_the_byline_it_carries(editor: Person) -> None:
    preview = plain(
        editor.say(f"/add The Noran Courier: Thursday 5 February 2026 10:15\n\n{FERRY}")
    )
    assert "Source: The Noran Courier" in preview
    assert "Date: 5 February 2026, 10:15 (from the line above the text)" in preview


def test_add_in_reply_takes_what_the_message_says(editor: Person) -> None:
    message = editor.double.say(editor.user, "what a ferry", chat=editor.chat)
    editor.double.wait_for(lambda: editor.double.replies(message), what="an answer")
    there = editor.double.state.chats[editor.chat.id].messages[message["message_id"]]
    there["text"] = FERRY
    preview = plain(editor.say("/add", reply_to=message))
    assert FERRY[:60] in preview
    assert "Date: unknown" in preview


def test_a_forwarded_post_has_its_channel_for_source_and_its_first_day_for_date(
    editor: Person,
) -> None:
    origin = {
        "type": "channel",
        "date": 1_770_285_600,
        "chat": {"id": -100_555, "type": "channel", "title": "قناة نوران", "username": "noran_ly"},
        "message_id": 77,
    }
    preview = editor.say(MARKET, forward_origin=origin)
    shown = plain(preview)
    assert "Source: قناة نوران" in shown
    assert "Date: 5 February 2026, 12:00 (date of the original post)" in shown
    assert "https://t.me/noran_ly/77" in json.dumps(preview["entities"])
    editor.double.tap(editor.user, preview, "Discard")
    editor.wait_for_buttons(preview)


def test_a_reader_who_forwards_a_post_asks_a_question_with_it(reader: Person) -> None:
    origin = {"type": "hidden_user", "date": 1_770_285_600, "sender_user_name": "Somebody"}
    assert "Draft" not in reader.say(DAM[:200], forward_origin=origin)["text"]


DOCUMENTS = {
    "story.txt": MARKET.encode(),
    "story.md": MARKET.encode(),
    "story.html": page("سوق السمك", MARKET, lang="ar").encode(),
    "story.docx": word("".join(map(paragraph, MARKET.split("\n\n")))),
    "story.pdf": pdf_of([[right_aligned(MARKET[:90], 560, 700)]]),
    "wrong.pdf": MARKET.encode(),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_read_by_what_is_in_it(editor: Person, name: str) -> None:
    assert MARKET[:60] in plain(sent_file(editor, DOCUMENTS[name], name))


def test_a_page_is_found_behind_redirects_and_in_an_old_encoding(
    editor: Person, site: Site
) -> None:
    old = page("سوق السمك", MARKET, lang="ar").replace("utf-8", "windows-1256")
    site.page("/old", old.encode("windows-1256"), "text/html")
    site.redirect("/moved", "/moved/again", 301)
    preview = editor.say(f"/add {site.redirect('/moved/again', '/old')}")
    assert MARKET[:60] in plain(preview)


def test_arabic_in_an_old_encoding_is_read_right(editor: Person) -> None:
    assert MARKET[:60] in plain(
        sent_file(editor, MARKET.encode("windows-1256", "replace"), "a.txt")
    )


def test_lines_of_json_become_a_list_from_which_all_that_are_clear_are_published(
    editor: Person, reader: Person
) -> None:
    first_reply = [
        {
            "title": "Bells",
            "text": "The bells of Noran were cast by Ruba Sahhar in the year of the comet, out of nine old cannons.",
        },
        {
            "title": "Wells",
            "text": "The deepest well of Noran was dug by hand by Munir Qabbani, who found a Roman lamp in it.",
        },
        {"title": "Broken"},
    ]
    content = "\n".join(map(json.dumps, first_reply)).encode()
    listed = sent_file(editor, content, "two.jsonl")
    assert "Articles: 2" in plain(listed)
    assert "line 3" in plain(listed) or "3 was not added" in plain(listed)
    assert labels(listed) == ["1", "2", "Publish all that are clear"]
    editor.double.tap(editor.user, listed, "Publish all that are clear")
    editor.wait_for_buttons(listed, "1", "2")
    assert plain(editor.now(listed)).count("published") == 2
    assert "Ruba Sahhar" in reader.say("Who cast the bells of Noran?")["text"]


def test_several_links_in_one_message_become_a_list_and_each_can_be_opened(
    editor: Person, site: Site
) -> None:
    one = site.page("/one", page("The ferry sails", FERRY, date="2026-02-01"))
    two = site.page("/two", page("السوق الجديد", MARKET, date="2026-02-02", lang="ar"))
    gone = site.url("/gone")
    listed = editor.say(f"{one}\n{two} {gone}")
    shown = plain(listed)
    assert "Articles: 2" in shown
    assert f"{gone} was not added: The site says that there is no such page." in shown
    editor.double.tap(editor.user, listed, "2")
    editor.wait_for_buttons(listed, "Publish", "Date", "Source", "Title", "Discard", "Back")
    assert MARKET[:60] in plain(editor.now(listed))
    editor.double.tap(editor.user, editor.now(listed), "Back")
    editor.wait_for_buttons(listed, "1", "2", "Publish all that are clear")


def test_title_source_and_date_are_set_by_the_next_message_and_a_wrong_one_is_told(
    editor: Person,
) -> None:
    preview = editor.say(f"/add {FERRY}")
    editor.double.tap(editor.user, preview, "Source")
    editor.wait_for_buttons(preview, "Back")
    changed = editor.say("The Harbour Post")
    assert "Source: The Harbour Post" in plain(changed)
    editor.double.tap(editor.user, changed, "Date")
    editor.wait_for_buttons(changed, "Back")
    assert "found no date" in editor.say("when the wind is kind")["text"]
    assert "either of two days" in editor.say("04/05/2018")["text"]
    dated = editor.say("٤ جانفي ٢٠٢٦")
    assert "Date: 4 January 2026 (set by an editor)" in plain(dated)
    editor.double.tap(editor.user, dated, "Title")
    editor.wait_for_buttons(dated, "Back")
    assert editor.say("/cancel")["text"] == "Cancelled."
    assert "Draft" not in editor.say("Is this a title?")["text"]


def test_an_ambiguous_date_is_asked_about_before_it_can_be_published(
    editor: Person, site: Site
) -> None:
    address = site.page("/ambiguous", page("The dam", DAM, printed="04/05/2018"))
    preview = editor.say(f"/add {address}")
    assert "The date is written 04/05/2018. Which day is it?" in plain(preview)
    assert labels(preview)[:3] == ["4 May 2018", "5 April 2018", "Unknown"]
    assert "Publish" not in labels(preview)
    editor.double.tap(editor.user, preview, "5 April 2018")
    editor.wait_for_buttons(preview, "Publish", "Date", "Source", "Title", "Discard")
    assert "Date: 5 April 2018 (set by an editor)" in plain(editor.now(preview))


def test_a_copy_is_recognised_and_kept_or_put_in_the_place_of_the_old_one(
    editor: Person, site: Site
) -> None:
    text = DAM.replace("Thursday", "Friday").replace("Karim Belhadj", "Adel Shukri")
    address = site.page("/copy", page("A dam", text, date="2026-02-06"))
    first = editor.say(f"/add {address}")
    editor.double.tap(editor.user, first, "Publish")
    editor.wait_for_buttons(first, "Undo")
    again = editor.say(f"/add {address}?utm_source=elsewhere&fbclid=1")
    assert "The archive already has this address:" in plain(again)
    assert labels(again) == ["Keep both", "Replace", "Date", "Source", "Title", "Discard"]
    edited = editor.say(f"/add URGENT: {text.replace('It', 'it')}")
    assert "The archive already has nearly the same text:" in plain(edited)
    editor.double.tap(editor.user, edited, "Replace")
    editor.wait_for_buttons(edited, "Undo")
    changed = editor.say(f"/add {text.replace('two hundred', 'three hundred')}")
    assert "The archive already has" not in plain(changed)


def test_an_editor_in_a_hurry_publishes_at_once_and_undoes_it(
    editor: Person, reader: Person
) -> None:
    first_reply = editor.say("/add")
    assert "preview before anything is published" in plain(first_reply)
    editor.double.tap(editor.user, first_reply, "Publish at once")
    editor.wait_for_buttons(first_reply, "Preview first")
    done = editor.say(
        "/add The baker of Noran, Zahra Mimoun, was given the silver loaf for her sesame bread."
    )
    assert plain(done).startswith("Published")
    question = "Who was given the silver loaf in Noran?"
    assert "Zahra Mimoun" in reader.say(question)["text"]
    editor.double.tap(editor.user, done, "Undo")
    editor.wait_for_buttons(done, "Publish", "Date", "Source", "Title", "Discard")
    assert "Zahra Mimoun" not in reader.say(question)["text"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nowhere", "no such page"),
        ("/empty", "found no article"),
        ("/picture", "cannot read this kind"),
        ("/loop", "from one page to another"),
        ("/inside", "private network"),
        ("/broken", "does not answer"),
        ("/failed", "answered with an error"),
    ],
)
def test_a_failed_add_says_what_failed_and_leaves_nothing_behind(
    editor: Person, site: Site, editorial_bot: BotProcess, path: str, said: str
) -> None:
    site.page("/empty", "<html><body><a href='/'>Home</a></body></html>")
    site.page("/picture", b"\x89PNG\r\n\x1a\n" + bytes(200), "text/html")
    site.redirect("/loop", "/loop")
    site.redirect("/inside", "http://169.254.169.254/latest/meta-data/")
    site.broken("/broken")
    site.page("/failed", "sorry", status=500)
    before = archive_counts(editorial_bot)
    reply = editor.say(f"/add {site.url(path)}")
    assert said in plain(reply)
    assert labels(reply) == []
    assert archive_counts(editorial_bot) == before


def test_a_draft_survives_a_kill_and_is_published_once(
    editor: Person, reader: Person, editorial_bot: BotProcess
) -> None:
    preview = editor.say(
        "/add The clock of Noran strikes thirteen since Basil Karam mended it with a spoon."
    )
    editorial_bot.restart()
    editor.double.tap(editor.user, preview, "Publish")
    editor.wait_for_buttons(preview, "Undo")
    assert "Basil Karam" in reader.say("Who mended the clock of Noran?")["text"]
    entries = json.loads(editorial_bot.briefing("log", "--limit", "3", "--json"))["entries"]
    about = [each["about"] for each in entries if each["about"] == entries[0]["about"]]
    assert (entries[0]["what"], len(about)) == ("added", 1)


def test_questions_are_answered_while_a_page_hangs_and_a_hostile_document_is_read(
    editor: Person, reader: Person, site: Site
) -> None:
    hanging = editor.double.say(editor.user, f"/add {site.silent('/silent')}")
    nested = b"<html><body>" + b"<div><table><tr><td>x" * 400_000
    hostile = editor.double.say(editor.user, "", document=editor.double.file(nested, "nested.html"))
    assert "word for word" in reader.say("/about")["text"]
    assert "الميناء" in reader.say("متى يعود ميناء الرمال إلى العمل؟")["text"]
    assert editor.double.replies(hanging) == []
    editor.double.wait_for(lambda: editor.double.replies(hostile), what="a refusal")
    refused = plain(editor.double.replies(hostile)[0])
    assert refused.startswith("nested.html was not added:")
