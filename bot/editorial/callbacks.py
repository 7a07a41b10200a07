"""What the buttons under an editor's messages say when they are pressed: pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_PATTERN = re.compile(
    r"(?P<of>draft|batch|article|library|found|removed|log|admin|once|feed|feeds|held)"
    r":(?P<number>\d{1,19})(?::(?P<what>[a-z]{1,9}))?(?::(?P<place>\d{1,9}))?"
)
_MAX_NUMBER = 2**62
"""No number is so high."""


class EditorialCallback(NamedTuple):
    """A button of an editor's: what to do to which draft, batch, article, feed, page or person."""

    subject: str
    number: int
    action: str
    argument: int


def parse_callback(callback_data: str) -> EditorialCallback | None:
    """Return what a button's data asks for; None where it is no editor's."""
    match = _PATTERN.fullmatch(callback_data)
    if match is None or int(match["number"]) >= _MAX_NUMBER:
        return None
    return EditorialCallback(
        match["of"], int(match["number"]), match["what"] or "", int(match["place"] or 0)
    )
