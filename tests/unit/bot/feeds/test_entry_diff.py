"""Which entries of a feed are new, and which are known under other names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.entry_diff import FeedDiff, KnownItem, diff_entries, iso_date
from index.ingest.feeds.models import FeedEntry

AT = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)


def entry(number: int, **changes: object) -> FeedEntry:
    summary = f"The council of Noran met about the bridge number {number} and about its lamps."
    known = {
        "id": f"g{number}",
        "url": f"https://noran.example/{number}",
        "title": f"Bridge {number}",
        "summary": summary,
        "published": AT - timedelta(hours=number),
    }
    return FeedEntry.model_validate({**known, **changes})


def seen(entries: list[FeedEntry]) -> list[KnownItem]:
    """What is known after these were read for the first time."""
    new = diff_entries(entries, []).new
    return [
        KnownItem(n, each.keys, iso_date(each.entry), each.content_digest)
        for n, each in enumerate(new)
    ]


def again(entries: list[FeedEntry], before: list[FeedEntry]) -> FeedDiff:
    return diff_entries(entries, seen(before))


TEN = [entry(n) for n in range(10)]


def test_the_first_time_everything_is_new_in_the_order_of_the_feed() -> None:
    assert [each.entry for each in diff_entries(TEN, []).new] == TEN


def test_the_same_again_is_nothing_new() -> None:
    assert again(TEN, TEN) == FeedDiff((), (), frozenset(range(10)))


@pytest.mark.parametrize(
    "changes",
    [
        lambda n: {"id": f"other-{n}"},
        lambda n: {"url": f"https://moved.example/x/{n}"},
        lambda n: {"published": AT},
        lambda n: {"id": None},
        lambda n: {"url": None},
        lambda n: {"id": f"o{n}", "url": f"https://moved.example/x/{n}"},
        lambda n: {"id": f"o{n}", "url": f"https://moved.example/x/{n}", "published": AT},
    ],
)
def test_entries_whose_names_all_change_are_known(changes: object) -> None:
    assert callable(changes)
    renamed = [entry(n, **changes(n)) for n in range(10)]
    diff = again([entry(20), *renamed], TEN)
    assert [each.entry for each in diff.new] == [entry(20)]
    assert len(diff.present_numbers) == 10


def test_other_words_at_the_same_address_are_a_correction() -> None:
    diff = again([entry(3, title="Bridge 3 is open"), *TEN[:3]], TEN)
    assert [number for number, _ in diff.corrected] == [3]
    assert diff.new == ()


def test_other_punctuation_and_case_are_no_correction_of_folded_words() -> None:
    assert again([entry(3, title="bridge  3"), *TEN[:3]], TEN).corrected == ()


def test_a_place_in_the_feed_is_no_name_of_an_article() -> None:
    before = [entry(n, id=str(n)) for n in range(5)]
    after = [entry(n + 1, id=str(n)) for n in range(5)]
    assert [each.entry.url for each in again(after, before).new] == ["https://noran.example/5"]


def test_an_id_that_all_entries_share_names_none_of_them() -> None:
    before = [entry(n, id="feed") for n in range(3)]
    after = [entry(n, id="feed") for n in range(-1, 3)]
    assert [each.entry.title for each in again(after, before).new] == ["Bridge -1"]


def test_an_address_that_all_entries_share_names_none_of_them() -> None:
    before = [entry(n, url="https://noran.example/") for n in range(3)]
    after = [entry(n, url="https://noran.example/") for n in range(-1, 3)]
    assert [each.entry.title for each in again(after, before).new] == ["Bridge -1"]


def test_the_bulletin_of_another_day_is_new_at_the_same_address() -> None:
    url = "https://noran.example/bulletin"
    before = [entry(1, url=url), *TEN[2:]]
    after = [entry(11, url=url, published=AT + timedelta(days=1)), *TEN[2:]]
    assert [each.entry.id for each in again(after, before).new] == ["g11"]


def test_a_bulletin_in_the_same_words_is_new_where_the_rest_keeps_its_names() -> None:
    words = {"title": TEN[1].title, "summary": TEN[1].summary}
    bulletin = entry(11, published=AT + timedelta(days=1), **words)
    assert [each.entry.id for each in again([bulletin, *TEN], TEN).new] == ["g11"]


def test_an_entry_that_a_feed_has_twice_is_one() -> None:
    assert len(diff_entries([entry(1), entry(1), entry(2)], []).new) == 2


def test_two_entries_that_only_their_words_tell_and_that_have_the_same_are_one() -> None:
    shared = {"id": None, "url": None, "summary": None}
    twins = [entry(0, **shared), entry(1, **shared, title="1"), entry(2, **shared, title="1.")]
    assert len(diff_entries(twins, []).new) == 2
    assert again(twins, twins).corrected == ()


def test_tracking_parameters_are_no_other_address() -> None:
    tracked = [
        entry(n, id=None, url=f"https://noran.example/{n}?utm_source=rss") for n in range(10)
    ]
    assert again(tracked, TEN).new == ()


texts = st.text("ab نو12 .", max_size=20) | st.none()
entries = st.lists(
    st.builds(
        lambda i, u, t, s: FeedEntry(id=i or None, url=u, title=t, summary=s),
        st.sampled_from(["a", "b", "", None]),
        st.sampled_from(["https://noran.example/1", "https://noran.example/2", None]),
        texts,
        texts,
    ),
    max_size=6,
)


@given(entries)
def test_whatever_a_feed_says_twice_is_new_once(said: list[FeedEntry]) -> None:
    diff = again(said, said)
    assert diff.new == ()
    assert diff.corrected == ()


@given(entries, entries)
def test_no_feed_breaks_the_sorting(before: list[FeedEntry], after: list[FeedEntry]) -> None:
    diff = again(after, before)
    assert len(diff.new) + len(diff.present_numbers) <= len(after) + len(before)
