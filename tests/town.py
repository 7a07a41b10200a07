"""An invented town and its news, and what tests of several rooms share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from index.archive import Archive
from index.article import Draft

PROJECT = Path(__file__).parent.parent
SEED = PROJECT / "seeds" / "000_4c06396c80f6f76b.txt"
TRIPOLI = ZoneInfo("Africa/Tripoli")
OpenArchive = Callable[..., Archive]

PORT = "أعلنت إدارة ميناء الرمال في مدينة نوران أن الميناء سيعود إلى العمل يوم الأحد. وقال المدير سالم الدرويش إن الإصلاحات انتهت."
SCHOOL = "The council of Noran opened a new school on Monday. Its head, Layla Hamdan, said that two hundred pupils had enrolled."
RAIN = "La ville de Noran a connu de fortes pluies mardi. Le maire Karim Zahran a fermé deux ponts."


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def draft(article_id: str, text: str, **fields: object) -> Draft:
    return Draft.model_validate({"id": article_id, "text": text, **fields})
