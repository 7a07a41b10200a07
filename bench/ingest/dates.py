"""Measure how many dates of sources are parsed to the right day, and how many wrong as certain.

    python -m bench.ingest.dates $BRIEFING_EVAL_DIR [--wrong]

First raw dates of feeds and pages, compared with the day on the source's own clock; then dates
mentioned in articles, by notation: how many are parsed, to a plausible day; then the dates of the
pages in tests/fixtures/pages, compared with htmldate's.
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from htmldate import find_date

from bench.ingest.pages import FIXTURES, RULES
from index.ingest.charset import decode
from index.ingest.html.dom import parse_html
from index.ingest.html.reader import read_page
from index.text.dates.parser import read_date

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = timedelta(days=3 * 366)
"""How far after its article's own day a plausible date in it may be."""


def lines(path: Path) -> Iterator[Any]:
    yield from map(json.loads, path.read_text("utf-8").splitlines())


def day(parsed: date | datetime) -> date:
    return parsed.date() if isinstance(parsed, datetime) else parsed


def raw_dates(path: Path, show: bool) -> None:
    counts: Counter[str] = Counter()
    for line in lines(path):
        true = date.fromisoformat(line["docid_date"])
        parsed = read_date(line["raw"], now=NOW)
        counts["all"] += 1
        if parsed is None:
            counts["unread"] += 1
        elif day(parsed.published) == true:
            counts["right"] += 1
            counts["right and certain"] += parsed.certain
        else:
            counts["wrong, certain" if parsed.certain else "wrong, uncertain"] += 1
        if show and (parsed is None or day(parsed.published) != true):
            print(f"    {line['raw']!r} is {true}, parsed {parsed}")
    print(
        f"raw dates: {counts['right'] / counts['all']:.2%} right of {counts['all']}; {dict(counts)}"
    )


def mentioned(path: Path, show: bool) -> None:
    counts: dict[str, Counter[str]] = {}
    for line in lines(path):
        kind_counts = counts.setdefault(line["kind"], Counter())
        article = date.fromisoformat(line["article_date"] or f"{NOW:%Y-%m-%d}")
        now = datetime.combine(article, datetime.min.time(), UTC) + timedelta(hours=12)
        parsed = read_date(line["match"], now=now)
        kind_counts["all"] += 1
        if parsed is None:
            kind_counts["unread"] += 1
        else:
            plausible = date(1600, 1, 1) <= day(parsed.published) <= article + SOON
            kind_counts["plausible" if plausible else "implausible"] += 1
            kind_counts["certain"] += parsed.certain
        if show and parsed is None:
            print(f"    {line['kind']}: {line['match']!r}")
    for kind, kind_counts in counts.items():
        print(f"mentioned, {kind}: {dict(kind_counts)}")


def page_dates() -> None:
    """Compare the date chosen for each page with htmldate's, in both of its modes."""
    for path in sorted(FIXTURES.glob("*.toml")):
        expected = tomllib.loads(path.read_text("utf-8"))
        content = path.with_suffix(".html").read_bytes()
        url, charset = expected["address"], expected.get("charset")
        article = read_page(content, url=url, charset=charset, now=NOW, rules=RULES)
        guesses = []
        for extensive in (False, True):
            tree = parse_html(decode(content, charset))
            start = time.process_time()
            guess = find_date(
                tree,
                extensive_search=extensive,
                original_date=True,
                url=url,
                max_date=f"{NOW:%Y-%m-%d}",
            )
            guesses.append(f"{guess} ({time.process_time() - start:.2f} s)")
        print(
            f"{path.stem} is of {expected['published'][:10]}: {article.published} "
            f"({article.date_found}); htmldate {guesses[0]}, extensive {guesses[1]}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder of evaluation data")
    parser.add_argument("--wrong", action="store_true", help="show what is wrong or not parsed")
    options = parser.parse_args()
    raw_dates(options.folder / "hard/dates/raw_pubdate_vs_docid.jsonl", options.wrong)
    mentioned(options.folder / "hard/dates/date_mentions_in_real_articles.jsonl", options.wrong)
    page_dates()


if __name__ == "__main__":
    main()
