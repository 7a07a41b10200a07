"""What an editor wrote for a field of a draft or an article, read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.editorial.import_request import ImportRequest
from bot.editorial.importer import SourceImporter
from bot.i18n.catalogue import UiLanguage
from bot.i18n.editorial_strings import DESK
from bot.telegram.updates import NonTextEvent, QuestionEvent
from index.clock import Clock
from index.models import parse_iso_date
from index.text.dates.parser import read_date

NONE = frozenset(("-", "–", "—"))
"""What an editor writes for «unknown» or «none»."""


class InvalidFieldValue(Exception):
    """What an editor wrote is not what was asked for; `said` tells them why."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class FieldParser:
    """Reads what editors write."""

    def __init__(self, bringer: SourceImporter, zone: ZoneInfo, clock: Clock) -> None:
        self._bringer = bringer
        self._zone = zone
        self._clock = clock

    async def read(
        self, wants: QuestionEvent | NonTextEvent, field: str, lang: UiLanguage
    ) -> dict[str, Any]:
        """Return the fields that a message gives. Raises `InvalidFieldValue`."""
        words = DESK[lang]
        file = wants.material.file if wants.material else None
        if field == "text" and file:
            haul = await self._bringer.bring(ImportRequest(file=file))
            if not haul.stories:
                raise InvalidFieldValue(words[haul.failed[0].refused.refusal])
            story = haul.stories[0]
            return {"text": story.text, **({"title": story.title} if story.title else {})}
        if not isinstance(wants, QuestionEvent):
            raise InvalidFieldValue(words[f"write {field}"])
        said = wants.text.strip()
        if field == "text":
            return {"text": wants.text}
        if said in NONE:
            return {field: None}
        return {field: self._day(said, lang) if field == "published" else said}

    def _day(self, said: str, lang: UiLanguage) -> date | datetime:
        """Read a date that an editor wrote. Raises `InvalidFieldValue` where it may be another day."""
        try:
            return parse_iso_date(said)
        except ValueError:
            read = read_date(said, now=self._clock().astimezone(self._zone))
        if read is None:
            raise InvalidFieldValue(DESK[lang]["no date read"])
        if not read.certain:
            raise InvalidFieldValue(DESK[lang]["unclear date"])
        return read.published
