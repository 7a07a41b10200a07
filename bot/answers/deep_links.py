"""Deep links that open a quote: the payload of `/start` names the article and the passage."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from bot.telegram.inbox import QuotedPassage
from index.models import Article

_PAYLOAD = re.compile(r"q(\d{1,15})-(\d{1,9})-(\d{1,9})-([0-9a-f]{16})", re.ASCII)
"""At most 53 characters; Telegram allows 64 of A–Z, a–z, 0–9, _ and -."""


class QuoteLink(NamedTuple):
    """The passage `text[start:end]` of an article, and a digest of that text."""

    article_number: int
    start: int
    end: int
    digest: str

    @classmethod
    def for_passage(cls, article: Article, passage: QuotedPassage) -> Self:
        """Return the link to a quoted passage of `article`."""
        return cls(article.number, passage.start, passage.end, passage.digest)

    @classmethod
    def parse(cls, payload: str) -> Self | None:
        """Return the link that a payload of `/start` names; None for another payload."""
        match = _PAYLOAD.fullmatch(payload)
        if match is None:
            return None
        number, start, end, digest = match.groups()
        return cls(int(number), int(start), int(end), digest)

    @property
    def payload(self) -> str:
        """The payload of `/start`."""
        return f"q{self.article_number}-{self.start}-{self.end}-{self.digest}"
