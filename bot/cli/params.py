"""Parameter types and options that several commands share."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click
from pydantic import TypeAdapter, ValidationError

from index.clock import system_clock
from index.errors import InvalidInputError, format_validation_error
from index.models import DateWindow, Language, SingleLine, parse_iso_date, to_instant


class DateParam(click.ParamType[Any]):
    """A date, or a date with a time, in ISO 8601."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a `date` for a date without a time, else a `datetime`."""
        if isinstance(value, date):
            return value
        try:
            return parse_iso_date(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


since_option = click.option(
    "--since", type=DateParam(), help="Only articles published on or after this date (ISO 8601)."
)
until_option = click.option(
    "--until", type=DateParam(), help="Only articles published on or before this date (ISO 8601)."
)

source_option = click.option(
    "--source", help="Only articles of this source, under any of its names (BBC, بي بي سي)."
)


def build_window(since: date | None, until: date | None, zone: ZoneInfo) -> DateWindow | None:
    """Return the date window of --since and --until; None if neither is given.

    Raises `InvalidInputError` if --since is after --until.
    """
    if since is None and until is None:
        return None
    if since and until and to_instant(since, zone) > to_instant(until, zone, end_of_day=True):
        raise InvalidInputError(f"--since {since} is after --until {until}", "Swap the two dates")
    return DateWindow(since=since, until=until)


class ArticleIdParam(click.ParamType[str]):
    """The id of an article: text that can be encoded in UTF-8."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the id; fail on lone surrogates, which UTF-8 cannot encode."""
        if any("\ud800" <= char <= "\udfff" for char in value):
            self.fail("not a valid id: it is not UTF-8 text", param, ctx)
        return str(value)


class PydanticParam(click.ParamType[str]):
    """A field of an article, validated by its pydantic type; "" clears the field."""

    def __init__(self, name: str, field_type: Any) -> None:
        self.name = name
        self._adapter: TypeAdapter[str | None] = TypeAdapter(field_type)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value as the archive stores it; fail if it is not valid."""
        try:
            return self._adapter.validate_python(value) or ""
        except ValidationError as error:
            self.fail(format_validation_error(error), param, ctx)


LANGUAGE_PARAM, LINE_PARAM = PydanticParam("language", Language), PydanticParam("text", SingleLine)
NUMBER_PARAM = click.IntRange(1, 2**62)
"""A number that may be a database key."""

article_id_argument = click.argument("article_id", metavar="ID", type=ArticleIdParam())


def parse_article_fields(options: dict[str, str | None], zone: ZoneInfo) -> dict[str, Any]:
    """Return the article fields that options set.

    `published` may be in ISO 8601 or as it is printed in an article.
    Raises `InvalidInputError` for a date that cannot be parsed or is ambiguous.
    """
    from index.text.dates.parser import read_date

    fields: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    published = fields.get("published")
    if published:
        try:
            fields["published"] = parse_iso_date(published.strip())
        except ValueError as error:
            parsed = read_date(published, now=system_clock().astimezone(zone))
            if parsed is None:
                raise InvalidInputError(f"published: {error}") from None
            if parsed.alternatives:
                days = ", ".join(
                    day.isoformat() for day in (parsed.published, *parsed.alternatives)
                )
                raise InvalidInputError(
                    f"{published!r} can be read as {days}", "Write it as one of these"
                ) from None
            fields["published"] = parsed.published
    return fields
