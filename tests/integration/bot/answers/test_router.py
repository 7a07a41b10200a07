"""Which updates of readers wait for the archive's executor."""

from __future__ import annotations

from typing import Any

from bot.answers.router import ReaderRouter

from bot.telegram.updates import Actor, ButtonEvent, CommandEvent, IncomingUpdate, ReplyTarget
from index.archive import Archive
from tests.fixtures.town import SetClock


def test_an_edition_takes_no_turn_of_the_questions(archive: Archive) -> None:
    unused: Any = None
    reader = ReaderRouter(
        archive, unused, unused, unused, default_lang="en", allow_full_text=False, clock=SetClock()
    )
    person, place = Actor(7, "en"), ReplyTarget(7)
    digest = CommandEvent(person, place, "digest", "2026-02-03")
    button = ButtonEvent(person, place, "q", "edition:2026-02-03:2026-02-03:5")
    try:
        assert not reader.needs_archive(IncomingUpdate(1, digest))
        assert not reader.needs_archive(IncomingUpdate(2, button))
        assert reader.needs_archive(IncomingUpdate(3, button._replace(callback_data="more:7")))
    finally:
        reader.close()
