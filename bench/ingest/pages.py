"""How well pages become stories: the words of the story that are found, and the words beside them.

    python -m bench.ingest.pages $BRIEFING_EVAL_DIR [--show]

Words are compared folded, each as often as it occurs. The pages of the evaluation folder (real)
come first, then those of tests/fixtures/pages (invented, of many makes), with the facts that were
read right.
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


class Read(NamedTuple):
    """A page as it was read, and how long that took, in milliseconds."""

    brought: ExtractedArticle
    milliseconds: float


def words(text: str) -> Counter[str]:
    return Counter("".join(char if char.isalnum() else " " for char in fold(text)).split())


def read(path: Path, url: str | None = None, charset: str | None = None) -> Read:
    began = time.perf_counter()
    brought = read_page(path.read_bytes(), url=url, charset=charset, now=NOW, rules=RULES)
    return Read(brought, 1000 * (time.perf_counter() - began))


def report(name: str, told: Read, expected: str, show: bool) -> None:
    wanted, found = words(expected), words(told.brought.text)
    share = (wanted & found).total() / wanted.total()
    extra = (found - wanted).total() / found.total()
    print(f"{name}: {share:.2%} found, {extra:.2%} extra, {told.milliseconds:.0f} ms")
    if show:
        print(f"    missing {dict(wanted - found)}, extra {dict(found - wanted)}")


def facts(brought: ExtractedArticle) -> dict[str, str]:
    said = {name: str(getattr(brought, name, "")) for name in FACTS}
    return said | {"found": str(brought.date_found), "published": iso(brought)}


def iso(brought: ExtractedArticle) -> str:
    return brought.published.isoformat() if brought.published else "None"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder of evaluation data")
    parser.add_argument("--show", action="store_true", help="show the words that are not right")
    told = parser.parse_args()
    real = told.folder / "hard" / "html"
    expected = (real / "newspaper4k_arabic_article.expected.txt").read_text("utf-8")
    for path in sorted(real.glob("*.html")):
        report(path.stem, read(path), expected, told.show)
    right: Counter[str] = Counter()
    paths = sorted(FIXTURES.glob("*.toml"))
    for path in paths:
        wanted = tomllib.loads(path.read_text("utf-8"))
        page = read(path.with_suffix(".html"), wanted["address"], wanted.get("charset"))
        report(path.stem, page, "\n".join(wanted["story"]), told.show)
        said = facts(page.brought)
        right.update(name for name in FACTS if said[name] == str(wanted.get(name)))
    print("facts:", ", ".join(f"{name} {right[name]}/{len(paths)}" for name in FACTS))


if __name__ == "__main__":
    main()
