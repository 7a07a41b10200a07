"""What a press or a word changes of a subscription."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest import subscription_changes
from bot.digest.callbacks import SettingsAction
from bot.digest.models import MAX_PAUSE_DAYS, MAX_TOPICS, Subscription
from bot.digest.subscription_changes import InvalidTopic, TooManyTopics
from bot.telegram.callback_data import parse_callback_data
from tests.fixtures.digest_stores import chosen

THEN = datetime(2026, 2, 3, 9, tzinfo=UTC)
NOW = THEN + timedelta(hours=5)
OF = chosen(5, THEN)


def pressed(what: str, value: str, of: Subscription = OF) -> Subscription:
    changed = subscription_changes.apply_action(of, SettingsAction(name=what, value=value), NOW)
    assert changed is not None
    return changed


@pytest.mark.parametrize(
    ("what", "value", "field", "now"),
    [
        ("at", "1425", "at", 1425),
        ("zone", "Europe/Berlin", "zone", "Europe/Berlin"),
        ("day", "0", "days", frozenset(range(1, 7))),
        ("pause", "7", "resumes", date(2026, 2, 10)),
    ],
)
def test_what_changes_when_editions_come_counts_from_now_on(
    what: str, value: str, field: str, now: object
) -> None:
    schedule = pressed(what, value).schedule
    assert getattr(schedule, field) == now
    assert schedule.since == NOW


@pytest.mark.parametrize(
    ("what", "value"), [("at", "480"), ("zone", "Africa/Tripoli"), ("resume", "")]
)
def test_what_was_chosen_already_changes_nothing(what: str, value: str) -> None:
    assert pressed(what, value) == OF


@pytest.mark.parametrize(
    ("what", "value", "field", "now"),
    [("length", "10", "length", 10), ("silent", "", "silent", True)],
)
def test_what_changes_what_editions_are_like_leaves_their_times(
    what: str, value: str, field: str, now: object
) -> None:
    changed = pressed(what, value)
    assert getattr(changed.taste, field) == now
    assert changed.schedule == OF.schedule


def test_a_day_comes_back_when_it_is_pressed_again_and_the_last_one_stays() -> None:
    assert pressed("day", "0", pressed("day", "0")).schedule.days == OF.schedule.days
    monday = chosen(5, THEN, days=frozenset({0}))
    assert pressed("day", "0", monday) == monday


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("at", "481"),
        ("at", "1440"),
        ("at", "x"),
        ("zone", "Mars/Base"),
        ("zone", "localtime"),
        ("day", "7"),
        ("length", "4"),
        ("pause", "0"),
        ("pause", str(MAX_PAUSE_DAYS + 1)),
        ("nothing", ""),
    ],
)
def test_what_no_button_of_ours_says_changes_nothing(what: str, value: str) -> None:
    assert (
        subscription_changes.apply_action(OF, SettingsAction(name=what, value=value), NOW) is None
    )


@given(st.text(max_size=80))
def test_no_button_and_no_topic_breaks_anything(said: str) -> None:
    wanted = parse_callback_data(f"sub:{said}")
    if isinstance(wanted, SettingsAction):
        subscription_changes.apply_action(OF, wanted, NOW)
    try:
        kept = subscription_changes.parse_topic(said)
    except InvalidTopic:
        return
    assert subscription_changes.parse_topic(kept) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [("حفتر", "حفتر"), ('"border  security"', "border security"), ("«أمن الحدود»", "أمن الحدود")],
)
def test_a_topic_is_kept_without_its_quotation_marks(said: str, kept: str) -> None:
    assert subscription_changes.parse_topic(said) == kept


@pytest.mark.parametrize(
    "said",
    ["", "x", '"', "😀😀", "12", "the", "من في على", "news", "أخبار اليوم", "yesterday", "x?" * 60],
)
def test_what_says_nothing_is_no_topic(said: str) -> None:
    with pytest.raises(InvalidTopic):
        subscription_changes.parse_topic(said)


def test_a_topic_is_included_or_left_out_but_not_both_and_only_once() -> None:
    once = subscription_changes.with_topic(OF, "include", "Port")
    assert once.taste.include == ("Port",)
    assert subscription_changes.with_topic(once, "include", "port").taste.include == ("port",)
    other = subscription_changes.with_topic(once, "exclude", "port")
    assert (other.taste.include, other.taste.exclude) == ((), ("port",))


def test_no_more_topics_are_taken_than_can_be_kept() -> None:
    of = OF
    for number in range(MAX_TOPICS):
        of = subscription_changes.with_topic(of, "include", f"port number {'abcdefghijk'[number]}x")
    with pytest.raises(TooManyTopics):
        subscription_changes.with_topic(of, "include", "one more port")


def test_who_comes_back_has_their_choices_again_and_missed_nothing() -> None:
    left = subscription_changes.apply_action(
        chosen(5, THEN, length=10), SettingsAction(name="pause", value="30"), THEN
    )
    assert left
    back = subscription_changes.resubscribe(left, 9, "fr", NOW)
    assert (back.thread, back.language, back.taste.length) == (9, "fr", 10)
    assert (back.schedule.resumes, back.schedule.since) == (None, NOW)
