"""Who the editors are, and who changed what: /admins for owners, /log, and invitations."""

from __future__ import annotations

from collections.abc import Callable

from telegram.helpers import create_deep_linked_url

from bot.editorial import article_view as screens
from bot.editorial.executors import EditorialExecutors
from bot.editorial.roles import Roles, logged_as
from bot.i18n.catalogue import UiLanguage
from bot.i18n.editorial_strings import DESK
from bot.telegram.message import Button, Buttons, OutgoingMessage, clipped, joined, trusted_text
from bot.telegram.reply import Reply, say
from bot.telegram.updates import Actor, BotIdentity
from index.archive import Archive

_ENTRIES = 10
_MAX_NAME_LENGTH = 30
_MAX_ADMINS = 30
"""So many are listed, those who came last; `briefing admin list` has all."""
Told = Callable[[int], None]
"""Is told of somebody by their id."""


class AdminHandlers:
    """The editors, and the log of what they did."""

    def __init__(
        self,
        archive: Archive,
        roles: Roles,
        me: BotIdentity,
        lanes: EditorialExecutors,
        joined: Told,
        left: Told,
    ) -> None:
        self._archive = archive
        self._roles = roles
        self._me = me
        self._lanes = lanes
        self._joined = joined
        self._left = left

    async def join(self, words: str, person: Actor, lang: UiLanguage) -> Reply:
        """Make an admin of whoever opened a good invitation."""
        if not await self._roles.accept(words, person.id, person.name):
            return say(DESK[lang]["bad invitation"])
        self._joined(person.id)
        return say(DESK[lang]["joined"])

    async def admins(self, lang: UiLanguage, said: str = "", *, edits: bool = False) -> Reply:
        """List the admins, each with a button that revokes them."""
        words = DESK[lang]
        there = (await self._roles.admins())[-_MAX_ADMINS:]
        lines = [said] if said else []
        lines.append(words["admins" if there else "no admins"])
        rows: list[tuple[Button, ...]] = []
        for each in there:
            name = clipped(each.name or str(each.id), _MAX_NAME_LENGTH)
            lines.append(f"{screens.run(name)} · {each.id} · {each.since[:10]}")
            label = words["revoke"].format(name=name)
            rows.append((Button(label, f"admin:{each.id}:revoke"),))
        rows.append((Button(words["invite"], "admin:0:invite"),))
        return Reply(
            OutgoingMessage(joined(map(trusted_text, lines), "\n"), tuple(rows)), edits=edits
        )

    async def revoke(self, admin: int, owner: int, lang: UiLanguage) -> Reply:
        """Make an admin a reader again."""
        there = {each.id: each for each in await self._roles.admins()}
        if await self._roles.revoke(admin, logged_as(owner)):
            self._left(admin)
        name = there[admin].name if admin in there else None
        said = DESK[lang]["revoked"].format(name=screens.run(name or str(admin)))
        return await self.admins(lang, said, edits=True)

    async def invite(self, owner: int, lang: UiLanguage) -> Reply:
        """Make an invitation."""
        words = await self._roles.invite(logged_as(owner))
        link = create_deep_linked_url(self._me.username, words)
        return say(f"{DESK[lang]['invited']}\n{link}")

    async def log(self, lang: UiLanguage, below: int | None = None) -> Reply:
        """Show who changed what, the newest first."""
        found = await self._lanes.look_up(
            lambda: self._archive.log(below=below, limit=_ENTRIES + 1)
        )
        laid, shown = screens.log(found[:_ENTRIES], lang)
        rows: Buttons = ()
        if shown < len(found):
            last = found[shown - 1].number
            rows = ((Button(DESK[lang]["older"], f"log:{last}"),),)
        return Reply(OutgoingMessage(laid, rows), edits=below is not None)
