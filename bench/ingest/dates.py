"""How well the dates of sources are read: the right day, and never a wrong one called certain.

    python -m bench.ingest.dates $BRIEFING_EVAL_DIR [--wrong]

Raw dates of feeds and pages with the day of the source's own clock; then dates mentioned in
articles, by kind of writing: how many are read, to a day that a writer could have meant; then the
dates of the pages of tests/fixtures/pages, and what htmldate finds on the same pages.
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
"""How far beyond its article's own day a date in it may lie."""


def lines(path: Path) -> Iterator[Any]:
    yield from map(json.loads, path.read_text("utf-8").splitlines())


def day(read: date | datetime) -> date:
    return read.date() if isinstance(read, datetime) else read


def raw_dates(path: Path, show: bool) -> None:
    told: Counter[str] = Counter()
    for line in lines(path):
        true = date.fromisoformat(line["docid_date"])
        read = read_date(line["raw"], now=NOW)
        told["all"] += 1
        if read is None:
            told["unread"] += 1
        elif day(read.published) == true:
            told["right"] += 1
            told["right and certain"] += read.certain
        else:
            told["wrong, certain" if read.certain else "wrong, uncertain"] += 1
        if show and (read is None or day(read.published) != true):
            print(f"    {line['raw']!r} is {true}, read {read}")
    print(f"raw dates: {told['right'] / told['all']:.2%} right of {told['all']}; {dict(told)}")


def mentioned(path: Path, show: bool) -> None:
    told: dict[str, Counter[str]] = {}
    for line in lines(path):
        counts = told.setdefault(line["kind"], Counter())
        article = date.fromisoformat(line["article_date"] or f"{NOW:%Y-%m-%d}")
        now = datetime.combine(article, datetime.min.time(), UTC) + timedelta(hours=12)
        read = read_date(line["match"], now=now)
        counts["all"] += 1
        if read is None:
            counts["unread"] += 1
        else:
            plausible = date(1600, 1, 1) <= day(read.published) <= article + SOON
            counts["plausible" if plausible else "implausible"] += 1
            counts["certain"] += read.certain
        if show and read is None:
            print(f"    {line['kind']}: {line['match']!r}")
    for kind, counts in told.items():
        print(f"mentioned, {kind}: {dict(counts)}")


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
    parser.add_argument("--wrong", action="store_true", help="show what is wrong or not read")
    told = parser.parse_args()
    raw_dates(told.folder / "hard/dates/raw_pubdate_vs_docid.jsonl", told.wrong)
    mentioned(told.folder / "hard/dates/date_mentions_in_real_articles.jsonl", told.wrong)
    page_dates()


if __name__ == "__main__":
    main()
