"""An archive that commit 09231cd filled opens without loss, prints and answers the same, and its buttons work."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json
from tests.fixtures.archive_09231cd_restore import (
    DATABASE,
    TapResult,
    put_back,
    read,
    restore,
    tap_old_button,
    unpack,
)
from tests.fixtures.bot_process import BotProcess, Person, quotes
from tests.fixtures.cli_runner import document
from tests.fixtures.digest_simulation import Clock, timed_bot
from tests.fixtures.editors import plain
from tests.fixtures.sample_articles import RAIN
from tests.integration.bot.cli.conftest import loaded_once  # noqa: F401 - a fixture

EXPECTED, BUTTONS, TELEGRAM = read("expected.json"), read("buttons.json"), read("telegram.json")
PEOPLE = TELEGRAM["people"]
PINNED = {"around:N:N", "page:N:N", "page:N:N:N", "story:N:N", "edition:N:N", "parked:N"}
"""Kinds of buttons whose reply quotes the same passages, whatever the ranking is."""
Print = Callable[..., Any]


@pytest.fixture(scope="module")
def printed(
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
    loaded_once: None,  # noqa: F811 - the fixture
) -> Print:
    """Run a command over the old archive, or over the one in `folder`; return its document."""
    old = unpack(tmp_path_factory.mktemp("printed") / "archive")

    def run(*words: str, folder: Path = old) -> Any:
        places = {"BRIEFING_DATA_DIR": str(folder), "BRIEFING_MODEL_DIR": str(models_folder)}
        return document(CliRunner(env=places).invoke(main, [*words, "--json"]))

    return run


@pytest.fixture
def opened(tmp_path: Path, printed: Print) -> Path:
    """Return the database of the old archive, which today's code has opened."""
    folder = unpack(tmp_path / "archive")
    printed("articles", "list", folder=folder)
    return folder / DATABASE


def without_scores(value: Any) -> Any:
    """Leave out what a later ranking may change."""
    if isinstance(value, dict):
        return {name: without_scores(each) for name, each in value.items() if name != "score"}
    return [without_scores(each) for each in value] if isinstance(value, list) else value


def tables(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in named if not name.startswith("sqlite_")}


def selected(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("command", EXPECTED["commands"], ids=lambda each: " ".join(each["words"]))
def test_a_command_prints_the_document_of_the_old_commit(printed: Print, command: Json) -> None:
    now = printed(*command["words"])
    if command["words"] == ["feeds", "list"]:
        for feed in now["feeds"]:
            del feed["health"]["articles_a_day"]  # it depends on the day
            assert feed["health"].pop("site_limit_at") is None  # it is newer than that commit
    assert without_scores(now) == without_scores(command["printed"])


@pytest.mark.parametrize("asked", EXPECTED["questions"], ids=lambda each: each["words"][0])
def test_the_first_quote_is_that_of_the_old_commit_but_later_quotes_may_be_ranked_anew(
    printed: Print, asked: Json
) -> None:
    answer = printed("ask", *asked["words"])
    first = [
        {
            "text": each["text"],
            **{name: each["article"][name] for name in ("id", "source", "published")},
        }
        for each in answer["quotes"][:1]
    ]
    assert first == asked["quotes"][:1]
    assert answer["window"] == asked["window"]


@pytest.mark.parametrize("asked", EXPECTED["questions"], ids=lambda each: each["words"][0])
def test_a_question_has_an_answer_where_it_had_one(printed: Print, asked: Json) -> None:
    assert printed("ask", *asked["words"])["answered"] == asked["answered"]


def test_the_schema_becomes_that_of_a_new_archive(
    tmp_path: Path, opened: Path, printed: Print
) -> None:
    printed("articles", "list", folder=tmp_path / "new")
    new = tmp_path / "new" / DATABASE
    assert tables(opened) == tables(new)
    for table in tables(new):
        columns = f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')"
        assert set(selected(opened, columns)) == set(selected(new, columns))
    revision = "SELECT version_num FROM alembic_version"
    assert selected(opened, revision) == selected(new, revision)


def test_no_table_has_fewer_rows_than_before(opened: Path) -> None:
    rows = {
        table: selected(opened, f'SELECT count(*) FROM "{table}"')[0][0] for table in tables(opened)
    }
    fewer = {name: (count, rows.get(name)) for name, count in EXPECTED["rows"].items()}
    assert {name: each for name, each in fewer.items() if (each[1] or 0) < each[0]} == {}


def test_the_archive_keeps_its_identity(opened: Path, tmp_path: Path) -> None:
    facts = "SELECT * FROM facts ORDER BY name"
    before = unpack(tmp_path / "before") / DATABASE
    assert set(selected(before, facts)) <= set(selected(opened, facts))


class Running(NamedTuple):
    """A bot over the old archive, at the time at which the old commit's bot was killed."""

    double: Double
    bot: BotProcess
    clock: Clock

    def person(self, name: str) -> Person:
        """Return somebody whom the old bot knew."""
        known = self.double.state.users[PEOPLE[name]]
        return Person(self.double, known.language_code, known.first_name, known.id)

    def tap_old_button(self, message_json: Json, data: str) -> TapResult:
        """Press an old button as its reader; in the group, as its admin."""
        of_group = message_json["chat"]["id"] == TELEGRAM["group"]
        result = tap_old_button(
            self.double, message_json, data, TELEGRAM["group_admin"] if of_group else None
        )
        assert "Traceback" not in self.bot.log
        return result

    def printed(self, *words: str) -> Any:
        """Run a command beside the bot."""
        return json.loads(self.bot.briefing(*words, "--json"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    unpack(folder / "archive")
    clock = Clock(folder / "clock", datetime.fromisoformat(TELEGRAM["clock"]))
    with Double() as double:
        restore(double, TELEGRAM["chats"], TELEGRAM["last_update"])
        put_back(double, TELEGRAM["waiting_message"])
        with timed_bot(
            double,
            folder,
            models_folder,
            clock,
            telegram_owners=TELEGRAM["owner"],
            telegram_full_text="true",
            telegram_messages_per_second=0,
            feeds_enabled="false",
        ) as bot:
            bot.wait_ready()
            yield Running(double, bot, clock)
            assert "Traceback" not in bot.log
        double.check()


def test_a_question_that_waited_when_the_old_bot_was_killed_is_answered(running: Running) -> None:
    asked = TELEGRAM["waiting_message"]
    answer = running.double.wait_for(lambda: running.double.replies(asked), what="the answer")[0]
    assert quotes(answer)[0] == RAIN


def test_a_reply_that_was_being_sent_is_of_unknown_fate_and_not_sent_again(
    running: Running,
) -> None:
    unknown = [each["update_id"] for each in running.printed("inbox")["unknown"]]
    assert TELEGRAM["last_update"] in unknown
    assert running.double.replies(TELEGRAM["hung_message"]) == []


def test_a_reader_is_spoken_to_in_the_language_that_they_chose(running: Running) -> None:
    reader = running.person("zoe")
    assert reader.user.language_code == "en"
    assert "mot pour mot" in reader.say("/help")["text"]


def test_an_invitation_that_was_open_makes_an_editor(running: Running) -> None:
    guest = Person(running.double, "en", "Guest")
    said = guest.say(f"/start {TELEGRAM['open_invitation']}")["text"]
    assert said.startswith("You are an editor now")


def test_who_was_asked_for_the_source_of_a_draft_sets_it_with_the_next_message(
    running: Running,
) -> None:
    assert "Source: The Harbour Post" in plain(running.person("omar").say("The Harbour Post"))


def test_a_draft_in_work_is_published(running: Running) -> None:
    question = "Who mended the clock of Noran with a spoon?"
    reader = running.person("huda")
    assert "Basil Karam" not in reader.say(question)["text"]
    running.tap_old_button(TELEGRAM["screens"]["draft"], "draft:3:publish")
    assert "Basil Karam" in reader.say(question)["text"]


def test_an_article_that_waited_for_approval_is_approved(running: Running) -> None:
    (waiting,) = [each for each in running.printed("feeds", "held")["held"] if each["number"] == 3]
    running.tap_old_button(TELEGRAM["screens"]["held"], "held:3:approve:0")
    there = [each["url"] for each in running.printed("articles", "list")["articles"]]
    assert waiting["url"] in there


def test_a_delivery_in_doubt_is_listed(running: Running) -> None:
    listed = running.printed("digest", "ledger", "--state", "parked")["deliveries"]
    assert PEOPLE["idris"] in [each["chat"] for each in listed]


def test_a_delivery_in_doubt_is_sent_again_when_the_operator_asks_for_it(running: Running) -> None:
    reader = running.person("idris")
    (ledger,) = [each for each in EXPECTED["commands"] if each["words"] == ["digest", "ledger"]]
    (number,) = [
        each["number"]
        for each in ledger["printed"]["deliveries"]
        if (each["chat"], each["state"]) == (reader.user.id, "parked")
    ]
    assert running.printed("digest", "resend", str(number))["was"] == "parked"
    edition = running.double.wait_for(lambda: running.double.sent(reader.chat), what="it")[-1]
    assert "4 February 2026" in plain(edition)


def without_citations(quoted: list[str]) -> list[str]:
    """Return quotes without their citations, which stood inside the block of an edition then."""
    return [re.sub("\n[\u200e\u200f]?\u2068[^\n]*$", "", each) for each in quoted]


def test_a_delivery_in_doubt_that_was_offered_is_shown_by_its_button(running: Running) -> None:
    result = running.tap_old_button(TELEGRAM["screens"]["offer"], "parked:6")
    (button,) = [each for each in BUTTONS["pressed"] if each["data"] == "parked:6"]
    assert without_citations(quotes(result.message)) == without_citations(button["quotes"])


def test_a_delivery_that_was_on_its_way_when_the_old_bot_was_killed_is_offered(
    running: Running,
) -> None:
    reader = running.person("sami")
    rows = reader.say("/help")["reply_markup"]["inline_keyboard"]
    assert rows[-1][0]["callback_data"] == "parked:4"


def test_a_subscriber_has_the_settings_that_they_chose(running: Running) -> None:
    text = plain(running.person("salma").say("/digest"))
    assert "Stories: 10\nOnly about: Noran\nNot about: football\n" in text


def publish(running: Running, article: str) -> None:
    """Publish an article as an editor whom the old bot knew."""
    editor = running.person("omar")
    preview = editor.say(f"/add The Noran Courier: Wednesday 4 February 2026 09:15\n\n{article}")
    editor.double.tap(editor.user, preview, "Publish")
    editor.wait_for_buttons(preview, "Undo")


def wait_for_message(running: Running, reader: Person, *parts: str) -> str:
    """Wait for a message to somebody that has all of these parts, and return it."""

    def there() -> list[str]:
        texts = [plain(each) for each in running.double.sent(reader.chat) if "text" in each]
        return [each for each in texts if all(part in each for part in parts)]

    return running.double.wait_for(there, what=str(parts))[0]


def test_who_watched_a_name_is_told_of_a_new_article_about_it(running: Running) -> None:
    article = (
        "Ilias Durra bought a white goat in the market of Zallum, and named it after the mayor."
    )
    publish(running, article)
    wait_for_message(running, running.person("salma"), "🔔 Ilias Durra", article)


def test_a_subscriber_gets_the_next_edition_with_what_came_since_the_last(
    running: Running,
) -> None:
    news = "The potters of Noran baked a jar on Wednesday in which a grown camel can stand."
    publish(running, news)
    running.clock.set(datetime.fromisoformat("2026-02-05T06:00:05+00:00"))
    edition = wait_for_message(running, running.person("salma"), "5 February 2026", news)
    assert "A whale was seen off the lighthouse." not in edition


@pytest.mark.parametrize("button", BUTTONS["pressed"], ids=lambda each: each["data"])
def test_an_old_button_leads_where_it_led(running: Running, button: Json) -> None:
    result = running.tap_old_button(BUTTONS["screens"][button["screen"]], button["data"])
    assert result.how == button["comes"]
    if button["kind"] in PINNED:
        assert without_citations(quotes(result.message)) == without_citations(button["quotes"])
