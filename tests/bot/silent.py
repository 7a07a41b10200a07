"""An archive that has an answer to nothing, however much is in it."""

from __future__ import annotations

from index.answering import Understood
from index.archive import Archive
from index.article import Answer, Window


class Silent(Archive):
    """Looks everything up in another archive, and takes no passage for an answer."""

    def __init__(self, archive: Archive) -> None:
        self.__dict__ = archive.__dict__

    def answer(
        self, understood: Understood, *, limit: int = 3, window: Window | None = None
    ) -> Answer:
        """Return what would be quoted as what is nearest."""
        found = super().answer(understood, limit=limit, window=window)
        nearest = found.quotes or found.nearest
        return found.model_copy(update={"answered": False, "quotes": (), "nearest": nearest})
