"""Choosing the digest: by one tap, by commands and buttons, in groups and channels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json
from tests.fixtures.bot_process import BotProcess, Meet, Person, labels
from tests.fixtures.digest_simulation import Clock, timed_bot
from tests.fixtures.editors import plain

arabic = translator("ar").gettext
NEWLY_SUBSCRIBED = translator("ar").pgettext(
    "new subscription", "You are subscribed to the daily digest."
)
NOW = datetime(2026, 2, 5, 9, tzinfo=UTC)
"""A Thursday, 11:00 in Tripoli."""
ME = "@noran_briefing_bot"
DEFAULT = (
    "At 08:00, Tripoli time\nEvery day\nStories: 5\nIf there is no news: tell me\n"
    "Next digest: 6 February 2026 08:00"
)

FORGED = (
    "sub:at:7",
    "sub:at:1440",
    "sub:at:",
    "sub:hour:24",
    "sub:zone:Factory",
    "sub:zone:Mars/Olympus",
    "sub:zone:../../etc/passwd",
    "sub:day:7",
    "sub:day:-1",
    "sub:length:4",
    "sub:pause:0",
    "sub:pause:9999",
    "sub:drop:i:0123",
    "sub:nothing",
    "watch:999999999999999999",
    "unwatch:1",
    "chart:999999999999999999",
    "edition:999999999999999999:999999999999999999",
    "story:0:1",
    "parked:999999999999999999",
)
"""What no button of the bot says, or none that this reader has."""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock") / "clock", NOW)


@pytest.fixture(scope="module")
def shared_bot(
    shared_double: Double,
    clock: Clock,
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
) -> Iterator[BotProcess]:
    """A bot over an empty archive, at a time that the tests set."""
    folder = tmp_path_factory.mktemp("subscribing")
    with timed_bot(shared_double, folder, models_folder, clock, telegram_poll_seconds=5) as bot:
        bot.wait_ready()
        yield bot


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    clock.set(NOW)


@pytest.fixture
def reader(meet: Meet) -> Person:
    """Somebody who is subscribed."""
    person = meet("en")
    person.say("/subscribe")
    return person


def press(person: Person, message: Json, button: str) -> Json:
    """Tap a button that changes its message; return the message as it stands then."""
    before = person.now(message)
    person.double.tap(person.user, before, button)
    person.double.wait_for(lambda: person.now(message) != before, what=button)
    return person.now(message)


def forged(person: Person, message: Json, data: str) -> None:
    """Press a button that the bot did not make."""
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
    person.double.tap(person.user, {**message, "reply_markup": markup}, "x")


def settings(person: Person) -> str:
    return plain(person.say("/digest"))


@pytest.mark.parametrize(
    ("language", "at"),
    [
        ("ar", "الساعة 08:00 بتوقيت طرابلس"),
        ("en", "At 08:00, Tripoli time"),
        ("fr", "À 08:00, heure de Tripoli"),
    ],
)
def test_one_command_subscribes_at_eight_in_tripoli_in_the_readers_language(
    meet: Meet, language: UiLanguage, at: str
) -> None:
    subscribed = plain(meet(language).say("/subscribe")).replace("\u2066", "").replace("\u2069", "")
    assert subscribed.startswith(
        translator(language).pgettext("new subscription", "You are subscribed to the daily digest.")
    )
    assert at in subscribed


def test_one_tap_subscribes_and_again_changes_nothing(meet: Meet) -> None:
    person = meet("en")
    offered = person.say("/digest")
    assert "Tap below" in plain(offered)
    assert plain(press(person, offered, "Subscribe")).endswith(DEFAULT)
    assert plain(person.say("/subscribe")).endswith(DEFAULT)


def test_everything_is_chosen_by_buttons_in_one_message(reader: Person) -> None:
    shown = reader.say("/digest")
    press(reader, shown, "Time")
    press(reader, shown, "21")
    assert "At 21:45, Tripoli time" in plain(press(reader, shown, "21:45"))
    press(reader, shown, "Time zone")
    assert "At 21:45, Rome time" in plain(press(reader, shown, "Rome"))
    press(reader, shown, "Number of stories")
    assert "Stories: 10" in plain(press(reader, shown, "10"))
    press(reader, shown, "Days")
    for day in ("Thursday", "Friday"):
        press(reader, shown, f"✓ {day}")
    press(reader, shown, "Friday")
    screen = plain(press(reader, shown, "◀ Back"))
    assert "Days: Monday, Tuesday, Wednesday, Friday, Saturday, Sunday" in screen
    screen = plain(press(reader, shown, "Day without news"))
    assert "If there is no news: send nothing\nNext digest: 6 February 2026 21:45" in screen
    assert settings(reader) == screen
    assert plain(press(reader, shown, "Unsubscribe")).startswith("You are no longer subscribed")
    assert "You are not subscribed to the daily digest" in settings(reader)
    assert plain(reader.say("/subscribe")).splitlines()[1:] == screen.splitlines()[1:]


def test_days_that_are_tapped_at_once_are_all_taken(reader: Person) -> None:
    shown = press(reader, reader.say("/digest"), "Days")
    for day in ("Monday", "Tuesday", "Wednesday"):
        reader.double.tap(reader.user, shown, f"✓ {day}")
    reader.double.wait_for(
        lambda: labels(reader.now(shown))[:3] == ["Monday", "Tuesday", "Wednesday"],
        seconds=5,
        what="the days",
    )
    assert "Days: Thursday, Friday, Saturday, Sunday" in settings(reader)


def test_the_last_day_of_a_week_cannot_be_taken_out(reader: Person) -> None:
    shown = press(reader, reader.say("/digest"), "Days")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"):
        shown = press(reader, shown, f"✓ {day}")
    reader.double.tap(reader.user, shown, "✓ Sunday")
    assert "Days: Sunday" in settings(reader)


@pytest.mark.parametrize(
    ("said", "zone"), [("tunis", "Tunis"), ("بنغازي", "Tripoli"), ("America/New_York", "New York")]
)
def test_a_zone_is_taken_by_its_city_in_any_language(reader: Person, said: str, zone: str) -> None:
    assert f"At 08:00, {zone} time" in plain(reader.say(f"/zone {said}"))


def test_a_city_that_is_several_is_asked_about_and_one_that_is_none_is_said(
    reader: Person,
) -> None:
    asked = reader.say("/zone San Jose")
    assert plain(asked) == "Which one do you mean?"
    first = labels(asked)[0]
    assert plain(press(reader, asked, first)).splitlines()[1].startswith("At 08:00, ")
    assert plain(reader.say("/zone Qwertyville")).startswith("I do not know this city")


def test_a_location_is_a_time_zone_for_who_is_subscribed(reader: Person, meet: Meet) -> None:
    cairo = {"latitude": 30.05, "longitude": 31.24}
    screen = plain(reader.say("", location=cairo))
    assert "At 08:00, Cairo time" in screen
    assert "You are not subscribed" in plain(meet("en").say("", location=cairo))


def test_topics_are_included_and_left_out_and_dropped_by_their_button(reader: Person) -> None:
    reader.say("/include حفتر")
    screen = plain(reader.say('/exclude "football"'))
    assert "Only about: حفتر" in screen
    assert "Not about: football" in screen
    assert "Only about: حفتر, football" in plain(reader.say("/include football"))
    shown = press(reader, reader.say("/digest"), "Topics")
    assert labels(shown) == ["✕ + حفتر", "✕ + football", "◀ Back"]
    shown = press(reader, shown, "✕ + حفتر")
    assert labels(shown) == ["✕ + football", "◀ Back"]
    assert "Only about: football" in settings(reader)
    assert plain(reader.say("/include ?!")) == ("Give a name or topic of 2 to 100 characters.")
    for number in range(9):
        reader.say(f"/include town {number}")
    assert plain(reader.say("/include one more")) == "No more than 10 topics, please."


@pytest.mark.parametrize(("days", "until"), [("7", "12 February"), ("30", "7 March")])
def test_a_pause_is_shown_until_it_is_over_and_can_be_ended(
    reader: Person, clock: Clock, days: str, until: str
) -> None:
    screen = reader.say(f"/pause {days}")
    assert f"Paused until {until} 2026" in plain(screen)
    assert "Resume" in labels(screen)
    assert plain(press(reader, screen, "Resume")).endswith(DEFAULT)
    reader.say(f"/pause {days}")
    assert plain(reader.say("/resume")).endswith(DEFAULT)
    reader.say(f"/pause {days}")
    clock.set(datetime(2026, 3, 10, 9, tzinfo=UTC))
    shown = reader.say("/digest")
    assert plain(shown).endswith("Next digest: 11 March 2026 08:00")
    assert "Pause for 7 days" in labels(shown)


@pytest.mark.parametrize("said", ["0", "-1", "366", "soon", "7 days"])
def test_a_pause_of_no_such_length_is_asked_about(reader: Person, said: str) -> None:
    assert plain(reader.say(f"/pause {said}")).startswith(
        "For how many days? For example: /pause 7"
    )
    assert settings(reader).endswith(DEFAULT)


def test_who_is_not_subscribed_is_told_how_to_be(meet: Meet) -> None:
    person = meet("en")
    for words in ("/pause 7", "/unsubscribe", "/zone Cairo", "/include football"):
        assert plain(person.say(words)) == "You are not subscribed. To subscribe: /subscribe"


def test_forged_buttons_do_no_harm(reader: Person, shared_bot: BotProcess) -> None:
    shown = reader.say("/digest")
    for data in FORGED:
        forged(reader, shown, data)

    def is_done() -> bool:
        counts = shared_bot.inbox()
        if counts.waiting + counts.sending:
            reader.double.push({"poll": {}})
        return not counts.waiting + counts.sending

    reader.double.wait_for(is_done, what="an end of it")
    assert settings(reader).endswith(DEFAULT)
    assert "Traceback" not in shared_bot.log


def test_a_group_is_subscribed_and_changed_by_its_admins_only(meet: Meet) -> None:
    admin, member = meet("en"), meet("en")
    group = admin.double.supergroup("Noran Square", admin.user, member.user)
    refused = plain(member.say(f"/subscribe{ME}", chat=group))
    assert refused == "Only the admins of this group or channel can do that."
    shown = admin.say(f"/subscribe{ME}", chat=group)
    assert plain(shown).endswith(DEFAULT)
    for words in ("unsubscribe", "pause", "zone Cairo", "include football", "watch football"):
        name, _, rest = words.partition(" ")
        said = plain(member.say(f"/{name}{ME} {rest}".strip(), chat=group))
        assert said == "Only the admins of this group or channel can do that."
    queries = [member.double.tap(member.user, shown, each)["id"] for each in labels(shown)]
    calls = member.double.journal
    member.double.wait_for(
        lambda: {*queries} <= {call.params.get("callback_query_id") for call in calls}
    )
    notices = [c.params["text"] for c in calls if c.params.get("callback_query_id") in queries]
    assert {*notices} == {"Only the admins of this group or channel can do that."}
    length = press(admin, shown, "Number of stories")
    assert "Stories: 3" in plain(press(admin, length, "3"))
    assert "Unsubscribe" in labels(admin.now(shown))


def test_an_admin_who_writes_in_the_groups_name_is_one_and_a_stranger_channel_is_none(
    meet: Meet,
) -> None:
    person = meet("en")
    group = person.double.supergroup("Noran Square", person.user)
    other = person.double.channel("Noran Radio")
    stranger = {"sender_chat": other.as_json()}
    assert plain(person.say(f"/subscribe{ME}", chat=group, **stranger)) == arabic(
        "I cannot tell who wrote this. Write it in your own name, or as an anonymous admin."
    )
    anonymous = {"sender_chat": group.as_json()}
    assert NEWLY_SUBSCRIBED in plain(person.say(f"/subscribe{ME}", chat=group, **anonymous))


def test_where_telegram_does_not_say_who_is_an_admin_nothing_is_changed(meet: Meet) -> None:
    admin = meet("en")
    group = admin.double.supergroup("Noran Square", admin.user)
    admin.double.faults.add("500", "getChatMember")
    assert "could not check" in plain(admin.say(f"/subscribe{ME}", chat=group))
    assert "not subscribed" in plain(admin.say(f"/digest{ME}", chat=group))


def test_a_forum_is_subscribed_in_the_topic_of_the_command(meet: Meet) -> None:
    admin = meet("en")
    forum = admin.double.supergroup("Noran Forum", admin.user, forum=True)
    screen = admin.say(f"/subscribe{ME}", chat=forum, thread=77)
    assert screen["thread"] == 77


def test_a_channel_is_subscribed_by_a_post_and_nobody_else_changes_it(meet: Meet) -> None:
    person = meet("en")
    channel = person.double.channel("Noran Radio")
    shown = person.say("/subscribe", chat=channel)
    assert NEWLY_SUBSCRIBED in plain(shown)
    query = person.double.tap(person.user, shown, arabic("Unsubscribe"))["id"]
    calls = person.double.journal
    person.double.wait_for(
        lambda: any(call.params.get("callback_query_id") == query for call in calls)
    )
    assert arabic("You are subscribed to the daily digest.") in plain(
        person.say(f"/digest{ME}", chat=channel)
    )
    assert person.say("/unsubscribe", chat=channel)["text"] == arabic(
        "You are no longer subscribed. To subscribe again: /subscribe"
    )
