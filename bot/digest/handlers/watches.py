"""Watching: /watch, /unwatch and /watching."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.digest.models import MAX_TOPIC_LENGTH
from bot.digest.payloads import AlertPayload
from bot.digest.renderer import PayloadRenderer
from bot.digest.store.watches import MAX_WATCHES, TooManyWatches, Watch, WatchStore
from bot.digest.subscription_changes import InvalidTopic, topic
from bot.i18n.catalogue import UiLanguage
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.message import Button, OutgoingMessage, bidi_isolate, joined, text, trusted_text
from bot.telegram.reply import Reply, say
from bot.telegram.updates import ButtonEvent, CommandEvent

COMMANDS = frozenset(("watch", "unwatch", "watching"))
_DATA = re.compile(r"(?P<what>watch|unwatch):(?P<number>\d{1,18})")


class WatchCallback(NamedTuple):
    """What a button asks for: to watch a thing no longer, by its number or by an alert's."""

    number: int
    of_alert: bool


def watch_wish(data: str) -> WatchCallback | None:
    """Return what a button's data asks for of what is watched; None where it is of none."""
    found = _DATA.fullmatch(data)
    if found is None:
        return None
    return WatchCallback(int(found["number"]), found["what"] == "unwatch")


class WatchHandlers:
    """What chats watch."""

    def __init__(self, alerts: WatchStore, faces: PayloadRenderer) -> None:
        self._alerts = alerts
        self._faces = faces

    async def command(self, wants: CommandEvent, lang: UiLanguage) -> Reply:
        """Answer one of `COMMANDS`; whoever sent it may."""
        chat = wants.place.chat
        if wants.name == "watching" or (wants.name == "unwatch" and not wants.argument):
            return await self._list(chat, lang)
        if wants.name == "unwatch":
            return await self._unwatch(chat, wants.argument, lang)
        return await self._watch(wants, lang)

    async def tapped(
        self, wants: ButtonEvent, wanted: WatchCallback, lang: UiLanguage
    ) -> Reply | None:
        """Watch something no longer."""
        chat = wants.place.chat
        if not wanted.of_alert:
            await self._alerts.unwatch(chat, wanted.number)
            return (await self._list(chat, lang))._replace(edits=True)
        of = await self._faces.content(wanted.number)
        if not isinstance(of, AlertPayload):
            return None
        return await self._unwatch(chat, of.watched, lang)

    async def _watch(self, wants: CommandEvent, lang: UiLanguage) -> Reply:
        words = BRIEFING[lang]
        if not wants.argument:
            return say(words["watch how"])
        try:
            said = topic(wants.argument)
            place = wants.place
            is_new = await self._alerts.watch(place.chat, place.thread, said, lang)
        except InvalidTopic:
            return say(words["bad topic"].format(longest=MAX_TOPIC_LENGTH))
        except TooManyWatches:
            return say(words["too many watches"].format(most=MAX_WATCHES))
        return _named(words["watched" if is_new else "watched already"], said)

    async def _unwatch(self, chat: int, said: str, lang: UiLanguage) -> Reply:
        words = BRIEFING[lang]
        there = await self._alerts.of(chat)
        found = _meant(said, there)
        if found is None or await self._alerts.unwatch(chat, found.number) is None:
            return say(words["not watched"])
        return _named(words["unwatched"], found.said)

    async def _list(self, chat: int, lang: UiLanguage) -> Reply:
        words = BRIEFING[lang]
        there = await self._alerts.of(chat)
        if not there:
            return say(words["watching nothing"])
        lines = [trusted_text(words["watching"])]
        lines += [
            joined([trusted_text(f"{place}."), bidi_isolate(text(each.said))], " ")
            for place, each in enumerate(there, 1)
        ]
        rows = tuple((Button(f"✕ {each.said}"[:60], f"watch:{each.number}"),) for each in there)
        return Reply(OutgoingMessage(joined(lines, "\n"), rows))


def _meant(said: str, there: list[Watch]) -> Watch | None:
    """Return what «/unwatch» means: by its place in the list, or by what it is."""
    if said.isdecimal() and len(said) < 4:
        place = int(said)
        return there[place - 1] if 1 <= place <= len(there) else None
    try:
        wanted = topic(said).casefold()
    except InvalidTopic:
        return None
    return next((each for each in there if each.said.casefold() == wanted), None)


def _named(words: str, said: str) -> Reply:
    before, _, after = words.partition("{watched}")
    return Reply(
        OutgoingMessage(
            joined([trusted_text(before), bidi_isolate(text(said)), trusted_text(after)])
        )
    )
