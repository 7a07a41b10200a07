"""Feeds in Telegram: how editors add, mend, pause and remove them, and decide on what they bring."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.editorial.roles import revoke_admin
from bot.feeds.store.schema import feed_items, feeds, pending_articles
from index.clock import system_clock
from index.ingest.feeds.opml import read_opml
from index.storage.database import Database
from index.storage.schema import articles
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json
from tests.fakes.web.site import Site
from tests.fixtures.bot_process import BotProcess, Person, labels
from tests.fixtures.editors import UNKNOWN, page, plain, start_editorial_bot

FEED_BUTTONS = [
    "Pause",
    "Hold for approval",
    "Source name",
    "Language",
    "Required words",
    "Excluded words",
    "Remove",
    "Back",
]


class Item(NamedTuple):
    path: str
    title: str
    text: str
    day: str


LAMP = Item(
    "/lamp",
    "The harbour lamp burns again",
    "The harbour lamp of Tarsha burns again since Monday, after Wadi Sarkis had climbed to it with a "
    "pot of oil and a new wick of wool. It had been dark for eleven winters, and the boats had found "
    "their way by the bells of the goats on the hill above the shore.",
    "Mon, 02 Feb 2026 08:15:00 +0200",
)
KITES = Item(
    "/kites",
    "Kites over Tarsha",
    "Four hundred kites flew over Tarsha on Tuesday for the feast of the wind, and the largest of them, "
    "sewn by Lamia Zaher out of the sails of a wreck, took six men to hold and carried one of them into "
    "the fountain. Nobody was hurt, and the fountain is being mended by the masons.",
    "Tue, 03 Feb 2026 18:40:00 +0200",
)


def rss(site: Site, *items: Item, name: str = "The Tarsha Gazette", whole: bool = True) -> str:
    """A feed of these articles, whole or as summaries."""
    feed_items_xml = "".join(
        f"<item><title>{each.title}</title><link>{site.url(each.path)}</link>"
        f"<guid>{site.url(each.path)}</guid><pubDate>{each.day}</pubDate>"
        f"<description>{each.text[:60]}…</description>"
        + (f"<content:encoded>{escape(f'<p>{each.text}</p>')}</content:encoded>" if whole else "")
        + "</item>"
        for each in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{name}</title><link>{site.url('/')}</link><language>en</language>{feed_items_xml}"
        "</channel></rss>"
    )


def numbered(count: int, word: str) -> list[Item]:
    trades = ("weaver", "baker", "potter", "sailor", "mason", "tanner", "dyer", "cooper", "miller")
    return [
        Item(
            f"/{word}-{number}",
            f"The {trade} of {word}",
            f"The {trade} of {word} was given a silver {trade}'s key by the council on the feast of the "
            f"{trade}s, because in the year of the {number + 2} storms every {trade} had stayed at work.",
            f"{['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][number % 7]}, {number + 2:02d} Feb 2026 09:00:00 +0200",
        )
        for number, trade in enumerate(trades[:count])
    ]


def opml(*outlines: str) -> bytes:
    body = "".join(f"<outline {each}/>" for each in outlines)
    return (
        '<?xml version="1.0"?><opml version="2.0" xmlns:briefing="urn:libya-briefing:feeds">'
        f"<head><title>ours</title></head><body>{body}</body></opml>"
    ).encode()


def sent(person: Person, content: bytes, name: str = "ours.opml", text: str = "") -> Json:
    """Send a list of feeds, and return the one reply."""
    return person.say(text, document=person.double.file(content, name))


@pytest.fixture(scope="module")
def editorial_bot(
    shared_double: Double,
    noran_archive: Path,
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
) -> Iterator[BotProcess]:
    """A bot that follows feeds of this machine without a pause between two requests."""
    with start_editorial_bot(
        noran_archive,
        tmp_path_factory.mktemp("feeds"),
        shared_double,
        models_folder,
        telegram_poll_seconds=1,
        feeds_seconds_between=0,
        feeds_list_hour=23,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def database(editorial_bot: BotProcess) -> Iterator[Database]:
    opened = Database(editorial_bot.archive)
    yield opened
    opened.close()


def items(database: Database, state: str) -> int:
    """How many articles of feeds are in that state."""
    with database.read_transaction() as connection:
        return sum(row.state == state for row in connection.execute(feed_items.select()))


def waiting(database: Database) -> int:
    with database.read_transaction() as connection:
        return sum(row.state == "open" for row in connection.execute(pending_articles.select()))


def headlines(database: Database) -> list[str]:
    with database.read_transaction() as connection:
        return [row.title or "" for row in connection.execute(articles.select())]


def test_a_feed_is_found_from_its_page_and_its_articles_answer_with_source_and_date(
    editor: Person, reader: Person, site: Site, database: Database
) -> None:
    site.page(LAMP.path, page(LAMP.title, LAMP.text))
    site.page("/gazette.xml", rss(site, LAMP, whole=False), "application/rss+xml")
    named = '<link rel="alternate" type="application/rss+xml" href="/gazette.xml">'
    address = site.page("/gazette", f"<html><head>{named}</head><body>News</body></html>")
    added = editor.say(f"/feeds {address}")
    shown = plain(added)
    assert shown.startswith("I now follow this feed. Its last 20 articles are being added")
    assert "The Tarsha Gazette" in shown
    assert "RSS feed · followed" in shown
    assert "Its articles are published at once." in shown
    assert labels(added) == FEED_BUTTONS
    editor.double.wait_for(lambda: items(database, "done") == 1, what="the article")
    answer = plain(reader.say("Who climbed to the harbour lamp of Tarsha?"))
    assert "Wadi Sarkis" in answer
    assert "The Tarsha Gazette · 2 February 2026, 08:15 · link" in answer
    again = plain(editor.say(f"/feeds {site.url('/gazette.xml')}"))
    assert again.startswith("I already follow this feed.")
    assert "Last read: " in again
    listed = editor.say("/feeds")
    assert "● 1. The Tarsha Gazette" in plain(listed)
    assert labels(listed) == ["1", "How to add one"]
    assert "no feed with this number" in editor.say("/feeds 999")["text"]
    assert f"{editor.user.first_name} · added a feed · feed 1" in plain(editor.say("/log"))


def test_a_site_without_a_feed_and_an_address_that_is_none_are_told_apart(
    editor: Person, site: Site
) -> None:
    bare = site.page("/bare", "<html><body><p>Nothing here</p></body></html>")
    assert plain(editor.say(f"/feeds {bare}")).startswith("I found no feed, no sitemap")
    assert plain(editor.say("/feeds weather")).startswith("That is not a web address.")


def test_a_stranger_gets_the_reply_of_an_unknown_command(reader: Person, editor: Person) -> None:
    assert reader.say("/feeds https://noran.example/")["text"] == UNKNOWN
    assert "/feeds" in editor.say("/help")["text"]


def test_what_a_feed_brings_is_held_then_approved_and_refused_many_at_once(
    owner: Person, editor: Person, reader: Person, site: Site, database: Database
) -> None:
    site.page("/guild.xml", rss(site, *numbered(9, "Guildhall"), name="Guild"), "text/xml")
    reply = sent(
        editor,
        opml(
            f'type="rss" text="Guild" xmlUrl="{site.url("/guild.xml")}" briefing:hold="yes"',
            f'type="rss" text="Gazette" xmlUrl="{site.url("/gazette.xml")}"',
            'type="rss" text="Gopher" xmlUrl="gopher://noran.example/feed"',
        ),
    )
    shown = plain(reply)
    assert "Feeds added: 1" in shown or "Feeds added: 2" in shown
    assert "Cannot be followed: 1" in shown
    assert "Gopher: The address cannot be used." in shown
    editor.double.wait_for(lambda: waiting(database) == 9, what="nine articles that wait")
    listed = editor.say("/feeds")
    assert "waiting for approval: 9" in plain(listed)
    editor.double.tap(editor.user, listed, "Waiting for approval (9)")
    decisions = ["Approve all shown", "Refuse all shown"]
    numbers = [str(number) for number in range(1, 9)]
    editor.wait_for_buttons(listed, *numbers, *decisions, "▶", "Back")
    first = plain(editor.now(listed))
    assert "Waiting for approval: 9, oldest first" in first
    assert "1. The weaver of Guildhall · Guild · 2 February 2026, 09:00" in first
    assert "silver" not in reader.say("Who was given a silver key of the weaver's?")["text"]

    editor.double.tap(editor.user, editor.now(listed), "2")
    editor.wait_for_buttons(listed, "Approve", "Refuse", "Back")
    assert "silver baker's key" in plain(editor.now(listed))
    editor.double.tap(editor.user, editor.now(listed), "Refuse")
    editor.wait_for_buttons(listed, *numbers, *decisions, "Back")
    assert plain(editor.now(listed)).startswith("1 refused.\nWaiting for approval: 8")

    old = editor.now(listed)
    editor.double.tap(editor.user, old, "Approve all shown")
    editor.wait_for_buttons(listed, "Back")
    assert plain(editor.now(listed)).startswith("8 added.\nNo article is waiting")
    assert "weaver" in reader.say("Who was given a silver weaver's key?")["text"]
    assert waiting(database) == 0
    there = headlines(database)
    assert "The weaver of Guildhall" in there
    assert "The baker of Guildhall" not in there
    editor.double.tap(editor.user, old, "Refuse all shown")
    editor.double.wait_for(
        lambda: plain(editor.now(listed)).startswith("Nothing was changed"), what="the list"
    )
    assert headlines(database) == there


def test_a_revoked_editors_button_decides_nothing(
    editor: Person, site: Site, database: Database
) -> None:
    site.page("/reeds.xml", rss(site, *numbered(2, "Reedmarket"), name="Reeds"), "text/xml")
    sent(editor, opml(f'text="Reeds" xmlUrl="{site.url("/reeds.xml")}" briefing:hold="yes"'))
    editor.double.wait_for(lambda: waiting(database) == 2, what="two articles that wait")
    listed = editor.say("/feeds")
    editor.double.tap(editor.user, listed, "Waiting for approval (2)")
    editor.wait_for_buttons(listed, "1", "2", "Approve all shown", "Refuse all shown", "Back")
    assert revoke_admin(database, editor.user.id, "Nadia", system_clock())
    editor.double.tap(editor.user, editor.now(listed), "Approve all shown")
    assert editor.say("/feeds")["text"] == UNKNOWN
    assert waiting(database) == 2
    assert "The weaver of Reedmarket" not in headlines(database)


def test_a_feeds_settings_are_written_in_the_next_message_and_it_is_paused_and_removed(
    editor: Person, site: Site
) -> None:
    address = site.page("/kites.xml", rss(site, KITES, name="Wind"), "text/xml")
    sent(editor, opml(f'text="Wind" xmlUrl="{address}" briefing:paused="yes"'), "from-reader.xml")
    number = plain(editor.say("/feeds")).partition(". Wind")[0].rpartition(" ")[2]
    shown = editor.say(f"/feeds {number}")
    assert "· paused" in plain(shown)
    assert labels(shown)[0] == "Resume"

    def written(button: str, *messages: str) -> list[Json]:
        editor.double.tap(editor.user, editor.now(shown), button)
        editor.wait_for_buttons(shown, "Back")
        replies = [editor.say(each) for each in messages]
        editor.double.tap(editor.user, editor.now(shown), "Back")
        editor.wait_for_buttons(shown, "Resume", *FEED_BUTTONS[1:])
        return replies

    assert "Source name: The Winds" in plain(written("Source name", "The Winds")[0])
    feed_items_xml, changed = written("Language", "Klingon", "عربية")
    assert "ar, en or fr" in plain(feed_items_xml)
    assert "Language: العربية" in plain(changed)
    words = plain(written("Required words", "kite, حفتر، feast of the wind\nsail")[0])
    assert "Only articles with: kite, حفتر, feast of the wind, sail" in words
    assert "No articles with: goal" in plain(written("Excluded words", "goal")[0])
    without = plain(written("Excluded words", "-")[0])
    assert "Only articles with" in without
    assert "No articles with" not in without
    assert plain(written("Excluded words", "?!")[0]).startswith("“?!” cannot be searched for")
    assert "Source name: Wind\n" in plain(written("Source name", "-")[0])

    editor.double.tap(editor.user, editor.now(shown), "Hold for approval")
    editor.double.wait_for(lambda: "wait for an editor" in plain(editor.now(shown)), what="hold")
    editor.double.tap(editor.user, editor.now(shown), "Resume")
    editor.double.wait_for(lambda: labels(editor.now(shown))[0] == "Pause", what="resumed")
    editor.double.tap(editor.user, editor.now(shown), "Remove")
    editor.wait_for_buttons(shown, "Yes, remove it", "Back")
    editor.double.tap(editor.user, editor.now(shown), "Yes, remove it")
    editor.double.wait_for(
        lambda: plain(editor.now(shown)).startswith("I no longer follow Wind."), what="gone"
    )
    assert ". Wind" not in plain(editor.now(shown))


@pytest.mark.parametrize("elsewhere", ["All waiting for approval", "/feeds", "/help"])
def test_who_goes_elsewhere_is_asked_for_a_feeds_name_no_longer(
    editor: Person, site: Site, database: Database, elsewhere: str
) -> None:
    word = f"Lane{len(elsewhere)}"
    site.page(f"/{word}.xml", rss(site, *numbered(1, word), name=word), "text/xml")
    address = site.url(f"/{word}.xml")
    before = waiting(database)
    sent(editor, opml(f'text="{word}" xmlUrl="{address}" briefing:hold="yes"'))
    editor.double.wait_for(lambda: waiting(database) > before, what="an article that waits")
    number = plain(editor.say("/feeds")).partition(f". {word}")[0].rpartition(" ")[2]
    shown, other = editor.say(f"/feeds {number}"), editor.say(f"/feeds {number}")
    editor.double.tap(editor.user, shown, "Source name")
    editor.wait_for_buttons(shown, "Back")
    if elsewhere.startswith("/"):
        editor.say(elsewhere)
    else:
        editor.double.tap(editor.user, other, elsewhere)
        editor.double.wait_for(
            lambda: plain(editor.now(other)).startswith("Waiting for approval"), what="the list"
        )
    editor.say("Who opened the dam above Noran?")
    assert f"Source name: {word}" in plain(editor.say(f"/feeds {number}"))
    with database.write_transaction() as connection:
        connection.execute(feeds.delete().where(feeds.c.number == int(number)))


def test_all_feeds_are_sent_as_a_list_that_can_be_sent_back(editor: Person, site: Site) -> None:
    address = site.url("/paused.xml")
    sent(editor, opml(f'text="Paused" xmlUrl="{address}" briefing:paused="yes"'))
    reply = editor.say("/feeds export")
    assert reply["document"]["file_name"] == "feeds.opml"
    assert reply["caption"].startswith("Feeds in this list: ")
    content = editor.double.content(reply["document"]["file_id"])
    listed = {each.address: each for each in read_opml(content).outlines}
    assert listed[address].paused
    assert "Feeds added: 0" in plain(sent(editor, content))


def test_a_file_that_is_no_list_is_told_or_is_taken_for_an_article(editor: Person) -> None:
    assert "not a readable list of feeds" in plain(sent(editor, b"hello", "broken.opml"))
    assert "not a readable list of feeds" in plain(
        sent(editor, b"hello", "story.txt", text="/feeds")
    )
    story = f"<html><body><article><p>{KITES.text}</p></article></body></html>"
    assert "Draft" in plain(sent(editor, story.encode(), "story.xml"))
