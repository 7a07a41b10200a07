"""What the buttons under an editor's messages say when they are pressed: pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_DATA = re.compile(
    r"(?P<of>draft|batch|article|library|found|removed|log|admin|once|feed|feeds|held)"
    r":(?P<number>\d{1,19})(?::(?P<what>[a-z]{1,9}))?(?::(?P<place>\d{1,9}))?"
)
_LARGEST = 2**62
"""No number is so high."""


class EditorialCallback(NamedTuple):
    """A button of an editor's: what to do to which draft, batch, article, feed, page or person."""

    of: str
    number: int
    what: str
    place: int


def press(data: str) -> EditorialCallback | None:
    """Return what a button's data asks for; None where it is no editor's."""
    found = _DATA.fullmatch(data)
    if found is None or int(found["number"]) >= _LARGEST:
        return None
    return EditorialCallback(
        found["of"], int(found["number"]), found["what"] or "", int(found["place"] or 0)
    )
