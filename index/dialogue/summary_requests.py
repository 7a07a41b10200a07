"""Recognise a request for the news of some days in brief: "summarise 29 May 2018", «ملخص أمس»."""

from __future__ import annotations

import re
from datetime import date

from index.text.normalise import fold
from index.text.spans import word_set
from index.text.terms import content_words
from index.text.time_expressions.resolver import Period, extract_time_window

_SUMMARY = re.compile(
    r"^\W*(?:please |can you |could you )?"
    r"(?:summari[sz]e|summary|sum up|recap|digest|overview|brief me"
    r"|resumez?|resume moi|fais le resume|fais un resume|un resume|le resume|synthese|recapitule"
    r"|لخصوا|لخصي|لخص لي|لخص|تلخيص|ملخص|خلاصه|موجز)\b"
)
_CONNECTIVES = re.compile(
    r"\b(?:the|of|for|on|from|about|me|le|la|les|de|du|des|d|l|pour|ما|حدث|عن|في|يوم|ل|لي)\b"
)


_NEWS = "news"
"""Put in the place of the summary's word: a time after it dates the news."""
_NEWS_WORDS = word_set(
    "news headlines events happened nouvelles infos actualites اخبار انباء احداث حدث"
)


def find_summary_period(message: str, today: date) -> Period | None:
    """Return the days whose news a message wants in brief, or None if it wants something else.

    Both ends of the period are days. `today` is the day in Libya.
    """
    folded = fold(message)
    if not _SUMMARY.match(folded):
        return None
    timed = extract_time_window(_SUMMARY.sub(_NEWS, folded), today)
    if timed.period is None or timed.period.since is None or timed.period.until is None:
        return None
    rest = content_words(_CONNECTIVES.sub(" ", timed.remaining_text))
    return timed.period if _NEWS_WORDS.issuperset(rest) else None
