"""Parse what an editor writes for a field of a draft or an article."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.editorial.import_request import ImportRequest
from bot.editorial.importer import SourceImporter
from bot.editorial.texts import FIELD_PROMPTS, reject_reason_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.telegram.updates import NonTextEvent, QuestionEvent
from index.clock import Clock
from index.models import parse_iso_date
from index.text.dates.parser import read_date

EMPTY_VALUES = frozenset(("-", "–", "—"))
"""Input that means «unknown» or «none»."""


class InvalidFieldValue(Exception):
    """The input does not fit the field; `message` is the explanation for the editor."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class FieldParser:
    """Parses the input of fields."""

    def __init__(self, importer: SourceImporter, zone: ZoneInfo, clock: Clock) -> None:
        self._importer = importer
        self._zone = zone
        self._clock = clock

    async def parse(
        self, event: QuestionEvent | NonTextEvent, field: str, lang: UiLanguage
    ) -> dict[str, Any]:
        """Return the changed fields with their values. Raises `InvalidFieldValue`."""
        _ = translator(lang).gettext
        file = event.content.file if event.content else None
        if field == "text" and file:
            result = await self._importer.import_sources(ImportRequest(file=file))
            if not result.stories:
                raise InvalidFieldValue(
                    reject_reason_text(result.failures[0].rejection.reason, lang)
                )
            extracted = result.stories[0]
            return {
                "text": extracted.text,
                **({"title": extracted.title} if extracted.title else {}),
            }
        if not isinstance(event, QuestionEvent):
            raise InvalidFieldValue(translator(lang).gettext(FIELD_PROMPTS[field]))
        text = event.text.strip()
        if field == "text":
            return {"text": event.text}
        if text in EMPTY_VALUES:
            return {field: None}
        return {field: self._parse_date(text, lang) if field == "published" else text}

    def _parse_date(self, text: str, lang: UiLanguage) -> date | datetime:
        """Return the date in an editor's input.

        Raises `InvalidFieldValue` if there is none, or if it is ambiguous or implausible.
        """
        try:
            return parse_iso_date(text)
        except ValueError:
            parsed = read_date(text, now=self._clock().astimezone(self._zone))
        if parsed is None:
            raise InvalidFieldValue(
                translator(lang).gettext(
                    "I found no date in that. Write it with the month's name, such as 4 "
                    "February 2026."
                )
            )
        if not parsed.certain:
            raise InvalidFieldValue(
                translator(lang).gettext(
                    "That could be either of two days, or is unlikely. Write it with the "
                    "month's name, or as 2026-02-04."
                )
            )
        return parsed.published
