"""Options that several commands take."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click
from pydantic import TypeAdapter, ValidationError

from index.clock import system_clock
from index.errors import InvalidInputError, reasons
from index.models import DateWindow, Language, Line, parse_iso_date, to_instant


class DateParam(click.ParamType[Any]):
    """A date or a date and time, ISO 8601."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a date for a bare date, else a datetime."""
        if isinstance(value, date):
            return value
        try:
            return parse_iso_date(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


since = click.option("--since", type=DateParam(), help="Published then or later (ISO 8601).")
until = click.option("--until", type=DateParam(), help="Published then or earlier (ISO 8601).")


def window_of(first: date | None, last: date | None, zone: ZoneInfo) -> DateWindow | None:
    """Return the window of --since and --until, or None. Raises `InvalidInputError` for one turned round."""
    if first is None and last is None:
        return None
    if first and last and to_instant(first, zone) > to_instant(last, zone, end_of_day=True):
        raise InvalidInputError(f"--since {first} is after --until {last}", "Turn them round")
    return DateWindow(since=first, until=last)


class ArticleIdParam(click.ParamType[str]):
    """An article's id, as it can stand in a database."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the id."""
        if any("\ud800" <= char <= "\udfff" for char in value):
            self.fail("that is no id: it is not text in UTF-8", param, ctx)
        return str(value)


class PydanticParam(click.ParamType[str]):
    """What an article has of that kind; "" for none."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._kind: TypeAdapter[str | None] = TypeAdapter(kind)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it as it is kept."""
        try:
            return self._kind.validate_python(value) or ""
        except ValidationError as error:
            self.fail(reasons(error), param, ctx)


LANGUAGE, LINE = PydanticParam("language", Language), PydanticParam("text", Line)
NUMBER = click.IntRange(1, 2**62)
"""A number that the database may have given."""

article_id = click.argument("article_id", metavar="ID", type=ArticleIdParam())


def known_fields(known: dict[str, str | None], zone: ZoneInfo) -> dict[str, Any]:
    """Return the fields that options name; a date may be written as it is printed.

    Raises `InvalidInputError` for a date that cannot be read, or can be read as two.
    """
    from index.text.dates.parser import read_date

    fields: dict[str, Any] = {name: value for name, value in known.items() if value is not None}
    said = fields.get("published")
    if said:
        try:
            fields["published"] = parse_iso_date(said.strip())
        except ValueError as error:
            read = read_date(said, now=system_clock().astimezone(zone))
            if read is None:
                raise InvalidInputError(f"published: {error}") from None
            if read.otherwise:
                days = ", ".join(each.isoformat() for each in (read.published, *read.otherwise))
                raise InvalidInputError(
                    f"{said!r} can be read as {days}", "Write it as one of these"
                ) from None
            fields["published"] = read.published
    return fields
