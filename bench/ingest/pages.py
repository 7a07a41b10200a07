"""Measure how well stories are extracted from pages: words found, and extra words.

    python -m bench.ingest.pages $BRIEFING_EVAL_DIR [--show]

Words are compared folded, as multisets. The real pages of the evaluation folder come first, then
the invented ones of tests/fixtures/pages (of many content management systems), with the number of
metadata fields that are right.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bot.settings import load_boilerplate, load_settings
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.html.reader import read_page
from index.text.normalise import fold

FIXTURES = Path(__file__).parents[2] / "tests" / "fixtures" / "pages"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = load_boilerplate(load_settings().config_dir)
FACTS = ("title", "source", "language", "url", "author", "published", "found")


class Extraction(NamedTuple):
    """An extracted page, and the time that it took in milliseconds."""

    article: ExtractedArticle
    milliseconds: float


def words(text: str) -> Counter[str]:
    return Counter("".join(char if char.isalnum() else " " for char in fold(text)).split())


def read(path: Path, url: str | None = None, charset: str | None = None) -> Extraction:
    start = time.perf_counter()
    article = read_page(path.read_bytes(), url=url, charset=charset, now=NOW, rules=RULES)
    return Extraction(article, 1000 * (time.perf_counter() - start))


def report(name: str, extraction: Extraction, expected: str, show: bool) -> None:
    expected_words, found = words(expected), words(extraction.article.text)
    share = (expected_words & found).total() / expected_words.total()
    extra = (found - expected_words).total() / found.total()
    print(f"{name}: {share:.2%} found, {extra:.2%} extra, {extraction.milliseconds:.0f} ms")
    if show:
        print(f"    missing {dict(expected_words - found)}, extra {dict(found - expected_words)}")


def facts(article: ExtractedArticle) -> dict[str, str]:
    values = {name: str(getattr(article, name, "")) for name in FACTS}
    return values | {"found": str(article.date_found), "published": iso(article)}


def iso(article: ExtractedArticle) -> str:
    return article.published.isoformat() if article.published else "None"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder of evaluation data")
    parser.add_argument("--show", action="store_true", help="show the words that are not right")
    options = parser.parse_args()
    real = options.folder / "hard" / "html"
    expected = (real / "newspaper4k_arabic_article.expected.txt").read_text("utf-8")
    for path in sorted(real.glob("*.html")):
        report(path.stem, read(path), expected, options.show)
    right: Counter[str] = Counter()
    paths = sorted(FIXTURES.glob("*.toml"))
    for path in paths:
        fields = tomllib.loads(path.read_text("utf-8"))
        page = read(path.with_suffix(".html"), fields["address"], fields.get("charset"))
        report(path.stem, page, "\n".join(fields["story"]), options.show)
        values = facts(page.article)
        right.update(name for name in FACTS if values[name] == str(fields.get(name)))
    print("facts:", ", ".join(f"{name} {right[name]}/{len(paths)}" for name in FACTS))


if __name__ == "__main__":
    main()
