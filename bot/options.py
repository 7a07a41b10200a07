"""Options that several commands take."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from index.article import Window, moment
from index.errors import BadInput


class Moment(click.ParamType[Any]):
    """A date or a date and time, ISO 8601."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a date for a bare date, else a datetime."""
        if isinstance(value, date):
            return value
        try:
            return moment(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


since = click.option("--since", type=Moment(), help="Published then or later (ISO 8601).")
until = click.option("--until", type=Moment(), help="Published then or earlier (ISO 8601).")


def window_of(first: date | None, last: date | None) -> Window | None:
    """Return the window of --since and --until, or None. Raises `BadInput` for one turned round."""
    if first is None and last is None:
        return None
    if first and last and first.isoformat()[:10] > last.isoformat()[:10]:
        raise BadInput(f"--since {first} is after --until {last}", "Turn them round")
    return Window(since=first, until=last)
