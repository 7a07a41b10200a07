"""Articles, quotes and answers made by hand, and messages read as Telegram reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.screens.screen import Screen
from index.article import Answer, Article, Holdings, Quote, Window
from tests.telegram.double.entities import parse_html
from tests.telegram.double.text import Parsed, utf16

HELD = Holdings(articles=1200, passages=5, since=date(2026, 1, 10), until=date(2026, 2, 4))
EMPTY = Holdings(articles=0, passages=0, since=None, until=None)
JANUARY = Window(since=date(2026, 1, 1), until=date(2026, 1, 31))


def article(text: str = "وصل الوفد. ثم غادر.", **fields: object) -> Article:
    known = {"id": "port", "headline": "وصل الوفد.", "language": "ar", "source": "صحيفة نوران"}
    added = {
        "published": "2026-02-04T12:51",
        "added_at": datetime(2026, 2, 5, tzinfo=UTC),
        "number": 1,
    }
    return Article.model_validate({**known, **added, "text": text, **fields})


def quote(of: Article | None = None, **fields: object) -> Quote:
    of = of or article()
    known = {"text": of.text, "start": 0, "end": len(of.text), "highlight": (0, 10), "score": 0.8}
    return Quote.model_validate({**known, "article": of, **fields})


def answer(*found: Quote, window: Window | None = None) -> Answer:
    return Answer(question="q", answered=bool(found), window=window, quotes=found)


def no_answer(*near: Quote, window: Window | None = None, searched: int = 7) -> Answer:
    found = Answer(question="q", answered=False, window=window, quotes=(), searched=searched)
    return found.model_copy(update={"nearest": near})


def taken(screen: Screen) -> Parsed:
    """Read a message as Telegram does, which must find nothing to refuse, cut or drop."""
    found = parse_html(screen.text.html)
    assert found.text
    assert not found.dropped
    assert utf16(found.text) <= min(screen.text.units, 4096)
    assert len(found.entities) <= min(screen.text.entities, 100)
    assert all(screen.buttons)
    for label, data in sum(screen.buttons, ()):
        assert label.strip()
        assert 1 <= len(data.encode()) <= 64
    return found


def datas(screen: Screen) -> list[str]:
    return [button.data for row in screen.buttons for button in row]
