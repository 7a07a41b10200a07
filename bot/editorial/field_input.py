"""What an editor wrote for a field of a draft or an article, read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.editorial.import_request import Wanted
from bot.editorial.importer import Bringer
from bot.i18n.catalogue import Tongue
from bot.i18n.editorial_strings import DESK
from bot.telegram.updates import Asked, Wordless
from index.clock import Clock
from index.models import moment
from index.text.dates.parser import read_date

NONE = frozenset(("-", "–", "—"))
"""What an editor writes for «unknown» or «none»."""


class Unfit(Exception):
    """What an editor wrote is not what was asked for; `said` tells them why."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Fields:
    """Reads what editors write."""

    def __init__(self, bringer: Bringer, zone: ZoneInfo, clock: Clock) -> None:
        self._bringer = bringer
        self._zone = zone
        self._clock = clock

    async def read(self, wants: Asked | Wordless, field: str, tongue: Tongue) -> dict[str, Any]:
        """Return the fields that a message gives. Raises `Unfit`."""
        words = DESK[tongue]
        file = wants.material.file if wants.material else None
        if field == "text" and file:
            haul = await self._bringer.bring(Wanted(file=file))
            if not haul.stories:
                raise Unfit(words[haul.failed[0].refused.refusal])
            story = haul.stories[0]
            return {"text": story.text, **({"title": story.title} if story.title else {})}
        if not isinstance(wants, Asked):
            raise Unfit(words[f"write {field}"])
        said = wants.text.strip()
        if field == "text":
            return {"text": wants.text}
        if said in NONE:
            return {field: None}
        return {field: self._day(said, tongue) if field == "published" else said}

    def _day(self, said: str, tongue: Tongue) -> date | datetime:
        """Read a date that an editor wrote. Raises `Unfit` where it may be another day."""
        try:
            return moment(said)
        except ValueError:
            read = read_date(said, now=self._clock().astimezone(self._zone))
        if read is None:
            raise Unfit(DESK[tongue]["no date read"])
        if not read.certain:
            raise Unfit(DESK[tongue]["unclear date"])
        return read.published
