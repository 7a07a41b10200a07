"""Recognise a request for the timeline of a topic: "timeline of Derna", «التسلسل الزمني لدرنة»."""

from __future__ import annotations

import re

_LATIN_REQUEST = re.compile(
    r"^\W*(?:please |show me |give me |montre[- ]moi |donne[- ]moi )?(?:(?:the|a|la|une) )?"
    r"(?:(?:timeline|chronology)(?: of| for| on|\s*:)(?:(?: the)? events (?:in|of|on)\b)?"
    r"|chronologie(?: des? [ée]v[ée]nements)?(?: de la| de l['’]| d['’]| du| des| de| à| :|:))"
    r"\s*(?P<topic>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_ARABIC_REQUEST = re.compile(
    r"^\W*(?:ال)?تسلسل (?:ال)?زمن[يى]"
    r"(?: (?:ل?ل?[أا]حداث|للأحداث|لأحداث)(?: (?:في|فى))?\s+|\s*[:：]\s*|\s+(?:عن|حول)\s+"
    r"|\s+(?P<preposition>لـ\s*|ل\s+|لل|ل))(?P<topic>.+)$",
    re.DOTALL,
)


def find_timeline_topic(message: str) -> str | None:
    """Return the topic whose timeline a message wants, or None if it wants something else."""
    match = _LATIN_REQUEST.match(message) or _ARABIC_REQUEST.match(message)
    if match is None:
        return None
    topic = match["topic"].strip(' \t\n.!?؟«»"')
    if match.groupdict().get("preposition") == "لل":
        topic = f"ال{topic}"
    return topic if any(char.isalnum() for char in topic) else None
