"""The planner: at most one edition a local day, on a due day, never early, whatever happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.models import Schedule
from bot.digest.schedule import GRACE_PERIOD, MAX_MISSED_DAYS, LastDecision, due_on, next_due, plan

LATE = 20
DAY = timedelta(days=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
zones = st.sampled_from(ZONES) | st.sampled_from(
    ["Africa/Tripoli", "Europe/Berlin", "Pacific/Apia", "Asia/Beirut", "Australia/Lord_Howe"]
)
quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)
week = st.frozensets(st.integers(0, 6), min_size=1)
moments = st.datetimes(datetime(2005, 1, 1), datetime(2037, 1, 1)).map(  # noqa: DTZ001 - UTC
    lambda naive: naive.replace(tzinfo=UTC)
)
late_hours = st.integers(0, 23)


def schedule(at: str = "08:00", zone: str = "Africa/Tripoli", **more: object) -> Schedule:
    hour, minute = map(int, at.split(":"))
    known = {"at": hour * 60 + minute, "zone": zone, "since": LONG_AGO, **more}
    return Schedule.model_validate(known)


def utc(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


def last(day: str, decided_at: str | None = None) -> LastDecision:
    return LastDecision(date.fromisoformat(day), utc(decided_at) if decided_at else None)


BEFORE = last("2026-03-03", "2026-03-03T06:00")


def test_an_edition_is_due_at_its_time_and_not_a_moment_before() -> None:
    early = plan(schedule(), BEFORE, utc("2026-03-04T05:59:59"), LATE)
    assert early.due is None
    assert early.next_check_at == utc("2026-03-04T06:00")
    due = plan(schedule(), BEFORE, utc("2026-03-04T06:00"), LATE)
    assert due.due
    assert due.due.day == date(2026, 3, 4)
    assert due.next_check_at == utc("2026-03-05T06:00")
    assert due.missed == ()


def test_the_same_day_has_no_other_edition_though_the_clock_is_set_back() -> None:
    sent = last("2026-03-04", "2026-03-04T06:00")
    for now in ("2026-03-04T06:00", "2026-03-04T19:00", "2026-03-03T07:00", "2026-02-01T07:00"):
        assert plan(schedule(), sent, utc(now), LATE).due is None


def test_a_missed_edition_is_sent_late_until_the_set_hour_and_then_skipped() -> None:
    assert plan(schedule(), BEFORE, utc("2026-03-04T17:59"), LATE).due
    over = plan(schedule(), BEFORE, utc("2026-03-04T18:00"), LATE)
    assert over.due is None
    assert over.missed == (date(2026, 3, 4),)
    assert over.next_check_at == utc("2026-03-05T06:00")


def test_a_time_after_the_set_hour_may_be_an_hour_late_but_not_on_the_next_day() -> None:
    evening = due_on(schedule("21:00"), date(2026, 3, 4), LATE)
    assert evening
    assert evening.deadline == evening.due_at + GRACE_PERIOD
    night = due_on(schedule("23:45"), date(2026, 3, 4), LATE)
    assert night
    assert night.deadline == utc("2026-03-04T22:00")


def test_after_a_long_absence_there_is_one_edition_and_no_flood() -> None:
    back = plan(schedule(), BEFORE, utc("2026-04-20T09:00"), LATE)
    assert back.due
    assert back.due.day == date(2026, 4, 20)
    assert len(back.missed) == MAX_MISSED_DAYS
    assert back.missed[-1] == date(2026, 4, 19)


def test_a_day_missed_and_noticed_before_the_next_ones_hour_costs_it_nothing() -> None:
    night = plan(schedule(), BEFORE, utc("2026-03-05T02:00"), LATE)
    assert (night.due, night.missed) == (None, (date(2026, 3, 4),))
    then = LastDecision(date(2026, 3, 4), BEFORE.planned_at)
    assert plan(schedule(), then, utc("2026-03-05T06:00"), LATE).due


def test_what_was_due_before_it_was_chosen_is_neither_sent_nor_missed() -> None:
    chosen = schedule(since=utc("2026-03-04T09:00"))
    found = plan(chosen, None, utc("2026-03-04T09:00"), LATE)
    assert (found.due, found.missed) == (None, ())
    assert found.next_check_at == utc("2026-03-05T06:00")


def test_only_the_chosen_days_of_the_week_have_editions() -> None:
    mondays = schedule(days=frozenset({0}))
    assert plan(mondays, BEFORE, utc("2026-03-04T07:00"), LATE).next_check_at == utc(
        "2026-03-09T06:00"
    )
    assert plan(mondays, BEFORE, utc("2026-03-09T07:00"), LATE).due


def test_a_pause_is_kept_and_what_falls_into_it_is_not_missed() -> None:
    paused = schedule(resumes=date(2026, 3, 11))
    assert plan(paused, BEFORE, utc("2026-03-08T07:00"), LATE) == (
        None,
        (),
        utc("2026-03-11T06:00"),
    )
    back = plan(paused, BEFORE, utc("2026-03-11T06:00"), LATE)
    assert back.due
    assert back.missed == ()


def test_a_skipped_hour_is_read_with_the_offset_before_the_gap() -> None:
    spring = due_on(schedule("02:30", "Europe/Berlin"), date(2026, 3, 29), LATE)
    assert spring
    assert spring.due_at == utc("2026-03-29T01:30")  # 03:30 there


def test_of_a_doubled_hour_the_first_one_counts_and_only_that() -> None:
    autumn = schedule("02:30", "Europe/Berlin")
    day = date(2026, 10, 25)
    due = due_on(autumn, day, LATE)
    assert due
    assert due.due_at == utc("2026-10-25T00:30")
    again = plan(autumn, LastDecision(day, due.due_at), utc("2026-10-25T01:30"), LATE)
    assert again.due is None
    assert again.next_check_at == utc("2026-10-26T01:30")


def test_a_day_that_a_zone_left_out_has_no_edition() -> None:
    assert due_on(schedule("08:00", "Pacific/Apia"), date(2011, 12, 30), LATE) is None


def test_the_same_hour_on_the_clock_is_kept_when_the_clocks_change() -> None:
    there = schedule("08:00", "Europe/Berlin")
    assert next_due(there, last("2026-03-28"), utc("2026-03-28T08:00"), LATE) == utc(
        "2026-03-29T06:00"
    )


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Pago_Pago"])
def test_moving_to_another_zone_brings_no_second_edition_of_a_day(zone: str) -> None:
    decided_at = utc("2026-03-04T06:00")
    moved = schedule("21:00", zone, since=decided_at)
    sent = LastDecision(date(2026, 3, 4), decided_at)
    there = decided_at.astimezone(ZoneInfo(zone)).date()
    now = decided_at
    while (found := plan(moved, sent, now, LATE)).due is None:
        now = found.next_check_at
    assert found.due.day > there
    assert now.astimezone(ZoneInfo(zone)).date() == found.due.day


@given(zones, quarters, week, st.dates(date(2005, 1, 1), date(2037, 1, 1)), late_hours)
def test_an_edition_may_be_sent_on_its_own_day_only_and_never_before_its_time(
    zone: str, at: int, days: frozenset[int], day: date, late_hour: int
) -> None:
    chosen = Schedule(at=at, zone=zone, days=days, since=LONG_AGO)
    due = due_on(chosen, day, late_hour)
    if due is None:
        assert day.weekday() not in days or not exists(day, chosen.tz)
        return
    first = due.due_at.astimezone(chosen.tz)
    final = (due.deadline - timedelta(microseconds=1)).astimezone(chosen.tz)
    assert day.weekday() in days
    assert first.date() == day == final.date()
    assert (first.hour, first.minute) >= (at // 60, at % 60)
    assert due.deadline > due.due_at


def exists(day: date, zone: ZoneInfo) -> bool:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


class Reader:
    """Somebody over weeks: changes their mind, while the bot comes, goes, and has a wrong clock."""

    def __init__(self, now: datetime, chosen: Schedule) -> None:
        self.now = now
        self.schedule = chosen
        self.last: LastDecision | None = None
        self.sent: list[tuple[datetime, date, Schedule]] = []
        self.missed: list[date] = []

    def ask(self, late_hour: int) -> None:
        """Let the bot look whether something is due, and send it at once."""
        found = plan(self.schedule, self.last, self.now, late_hour)
        assert found.next_check_at > self.now
        self.missed += found.missed
        if found.due:
            self.sent.append((self.now, found.due.day, self.schedule))
        days = [*found.missed, *([found.due.day] if found.due else [])]
        if days:
            decided_at = self.now if found.due else (self.last.planned_at if self.last else None)
            self.last = LastDecision(max(days), decided_at)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 60 * 40)),
        st.tuples(st.just("next"), st.just(0)),
        st.tuples(st.just("back"), st.integers(1, 60 * 30)),
        st.tuples(st.just("at"), quarters),
        st.tuples(st.just("zone"), zones),
        st.tuples(st.just("days"), week),
        st.tuples(st.just("pause"), st.integers(0, 10)),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=300)
@given(moments, zones, quarters, week, late_hours, steps)
def test_whatever_a_reader_chooses_and_the_clock_does_no_day_has_two_editions(
    now: datetime,
    zone: str,
    at: int,
    days: frozenset[int],
    late_hour: int,
    happening: list[tuple[str, object]],
) -> None:
    reader = Reader(now, Schedule(at=at, zone=zone, days=days, since=now))
    for what, value in happening:
        change: dict[str, object] = {}
        if what in ("wait", "back"):
            assert isinstance(value, int)
            reader.now += timedelta(minutes=value if what == "wait" else -value)
        elif what == "next":
            reader.now = max(
                reader.now, next_due(reader.schedule, reader.last, reader.now, late_hour)
            )
        elif what == "pause":
            assert isinstance(value, int)
            today = reader.now.astimezone(reader.schedule.tz).date()
            change = {"resumes": today + value * DAY}
        else:
            change = {what: value}
        if change:
            reader.schedule = reader.schedule.model_copy(update={**change, "since": reader.now})
        reader.ask(late_hour)
    sent_days = [day for _, day, _ in reader.sent]
    assert len(set(sent_days)) == len(sent_days), "one day, two editions"
    assert not set(sent_days) & set(reader.missed), "said to be missed, and sent"
    for sent_at, day, chosen in reader.sent:
        there = sent_at.astimezone(chosen.tz)
        due = due_on(chosen, day, late_hour)
        assert due, "on a day that was not chosen, or in a pause"
        assert due.due_at <= sent_at < due.deadline
        assert there.date() == day
        assert due.due_at >= chosen.since
    for (earlier, _, _), (later, _, chosen) in zip(reader.sent, reader.sent[1:], strict=False):
        here = chosen.tz
        assert earlier.astimezone(here).date() != later.astimezone(here).date()
