"""Profiles of names as messages."""

from __future__ import annotations

from bot.answers.views import no_names
from bot.research.views.names import render_name_profile, render_unknown_name
from index.models import Quote
from index.research.name_profile import CoMention, NameProfile
from index.text.gazetteer import GazetteerEntry
from tests.fixtures.messages import article, datas, quote, taken

SALEM = GazetteerEntry(
    kind="person",
    ar=("سالم الدرويش",),
    en=("Salem Darwish",),
    fr=("Salem Darwich",),
    seen=("a page",),
)


def mention(text: str) -> Quote:
    return quote(article(text), highlight=(0, len(text)))


def test_a_profile_shows_its_quotes_companions_spellings_and_buttons() -> None:
    profile = NameProfile(
        "darwish",
        SALEM,
        2,
        mention("Salem Darwish came."),
        (mention("Salem Darwish left."),),
        (CoMention(SALEM, 12),),
        ("سالم الدرويش",),
        (SALEM,),
    )
    rendered = render_name_profile(profile, "en", 7, no_names)
    message = taken(rendered.message)
    for part in ("came.", "left.", "Salem Darwish (12)", "سالم الدرويش"):
        assert part in message.text
    assert datas(rendered.message) == [
        "around:7:0",
        "around:7:1",
        "follow:7",
        "timeline:7",
        "who:Salem Darwish",
    ]


def test_quotes_that_do_not_fit_are_left_out_and_the_lines_below_them_are_not() -> None:
    newest = tuple(mention("n" * 1_500) for _ in range(3))
    profile = NameProfile("Salem", None, 4, mention("n" * 1_500), newest, spellings=("n" * 1_000,))
    rendered = render_name_profile(profile, "en", 7, no_names)
    assert rendered.message.text.fits()
    assert rendered.quote_count == 1
    assert "n" * 1_000 in taken(rendered.message).text.splitlines()[-1]


def test_an_unknown_name_is_said_to_be_so_and_the_nearest_names_are_buttons() -> None:
    message = render_unknown_name(NameProfile("Darwash", None, similar=(SALEM,)), "fr", 7)
    assert "Darwash" in taken(message).text
    assert [(button.label, button.callback_data) for button in message.buttons[0]] == [
        ("Salem Darwich", "who:Salem Darwich")
    ]
    assert [button.callback_data for button in message.buttons[1]] == ["find:7"]
