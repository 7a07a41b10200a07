"""Dates: as sources print them, and as questions name them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from index.text.dates.leading import read_leading_date
from index.text.dates.parser import read_date
from index.text.time_expressions.resolver import extract_time_window
from tests.fuzz.harness import NOW, evaluation_files

SEEDS = tuple(
    text.encode()
    for text in (
        "الأربعاء 4 فبراير 2026 12:51 مساءً",
        "منذ 3 ساعات",
        "15 رمضان 1447 هـ",
        "Sat, 07 Mar 2026 10:00:00 +0200",
        "le 3 août 2025 à 14h30",
        "what happened between 3 and 9 May last year?",
        "ماذا حدث في الأسبوع الماضي",
    )
)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data."""
    for file in evaluation_files("dates", ".jsonl"):
        for line in file.splitlines():
            fields = json.loads(line)
            yield str(fields.get("raw") or fields.get("context")).encode()


def run(data: bytes) -> None:
    """Read a date, and the time that a question names."""
    text = data.decode(errors="replace")
    read_date(text, now=NOW)
    read_leading_date(text, 0)
    extract_time_window(text, NOW.date())
