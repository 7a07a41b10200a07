"""Measure how well PDFs that browsers print are read: Arabic news in five fonts, two producers.

    apt-get install chromium fonts-noto-core fonts-hosny-amiri fonts-sil-scheherazade
    python -m venv .venv-weasyprint && .venv-weasyprint/bin/pip install weasyprint
    python -m bench.ingest.printed_pdfs --weasyprint .venv-weasyprint/bin/weasyprint

The articles of `printed_articles.toml` are printed by Chromium and by WeasyPrint in each font, with
three styles of page. For each producer and font: the share of the words that are found in order,
and of the paragraphs that are right in every word. `--fixtures tests/fixtures/printed` prints one
sentence instead, in the two fonts that are hardest to read, for the tests.
"""

from __future__ import annotations

import argparse
import html
import shutil
import subprocess
import tempfile
import tomllib
from collections import defaultdict
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from index.ingest.pdf.reader import read_pdf

ARTICLES = Path(__file__).with_name("printed_articles.toml")
FONTS = ("Noto Naskh Arabic", "Noto Sans Arabic", "Noto Kufi Arabic", "Amiri", "Scheherazade")
HARD_FONTS = ("Noto Naskh Arabic", "Amiri")
HARD_SENTENCE = (
    "قال رئيس المجلس بالساحل إن خلافا على تاريخ الجلسة أخر بناء ميناء نوران، "
    "وإن كلفته بلغت 4.5 ملايين دينار."
)
"""Its words have wide gaps between letters in one font, and stacked letters in the other."""
STYLES = (
    "font-size: 12pt",
    "font-size: 11pt; text-align: justify",
    "font-size: 15px; line-height: 1.9; text-align: justify; width: 12cm",
)
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)


class Article(NamedTuple):
    """An invented article."""

    title: str
    paragraphs: list[str]

    def markup(self, font: str, style: str) -> str:
        """Return the article as a page in one font."""
        body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in self.paragraphs)
        title = f"<h1>{html.escape(self.title)}</h1>" if self.title else ""
        return (
            f'<!doctype html><html lang="ar" dir="rtl"><meta charset="utf-8">'
            f"<style>body {{ font-family: '{font}'; {style} }}</style><body>{title}{body}</body>"
        )


class Printer(NamedTuple):
    """The commands that print, and the folder in which pages and PDFs are kept."""

    chromium: str
    weasyprint: str
    folder: Path

    def print_page(self, name: str, markup: str) -> dict[str, Path]:
        """Return the PDFs of a page by their producer; those in the folder are not made again."""
        page = self.folder / f"{name}.html"
        page.write_text(markup, "utf-8")
        by_chromium = page.with_suffix(".chromium.pdf")
        by_weasyprint = page.with_suffix(".weasyprint.pdf")
        if not by_chromium.exists():
            profile = f"--user-data-dir={self.folder / 'profile'}"
            target = f"--print-to-pdf={by_chromium}"
            _run([self.chromium, *CHROMIUM_FLAGS, profile, target, page.as_uri()])
        if not by_weasyprint.exists():
            _run([self.weasyprint, str(page), str(by_weasyprint)])
        return {"chromium": by_chromium, "weasyprint": by_weasyprint}


class Figures(NamedTuple):
    """Counts of one producer and font."""

    pdfs: int = 0
    right_words: int = 0
    words: int = 0
    right_paragraphs: int = 0
    paragraphs: int = 0


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def compare(article: Article, pdf: Path) -> Figures:
    """Return how much of an article is read from a PDF of it."""
    story = read_pdf(pdf.read_bytes())
    found = " ".join(f"{story.title or ''} {story.text}".split())
    expected = [article.title, *article.paragraphs]
    words = " ".join(expected).split()
    matcher = SequenceMatcher(None, words, found.split(), autojunk=False)
    return Figures(
        1,
        sum(block.size for block in matcher.get_matching_blocks()),
        len(words),
        sum(paragraph in found for paragraph in article.paragraphs),
        len(article.paragraphs),
    )


def write_fixtures(printer: Printer) -> None:
    """Print the hard sentence in the hard fonts, and keep only the PDFs."""
    for font in HARD_FONTS:
        markup = Article("", [HARD_SENTENCE]).markup(font, STYLES[0])
        for producer, pdf in printer.print_page(font.replace(" ", "_").lower(), markup).items():
            print(producer, font, read_pdf(pdf.read_bytes()).text == HARD_SENTENCE)


def measure(printer: Printer) -> None:
    """Print the figures of each producer and font."""
    articles = [
        Article(**fields) for fields in tomllib.loads(ARTICLES.read_text("utf-8"))["article"]
    ]
    figures: defaultdict[tuple[str, str], Figures] = defaultdict(Figures)
    for number, article in enumerate(articles):
        for font in FONTS:
            markup = article.markup(font, STYLES[number % len(STYLES)])
            pdfs = printer.print_page(f"{number}-{font.replace(' ', '-')}", markup)
            for producer, pdf in pdfs.items():
                added = zip(figures[producer, font], compare(article, pdf), strict=True)
                figures[producer, font] = Figures(*map(sum, added))
    for (producer, font), counts in sorted(figures.items()):
        print(
            f"{producer}, {font}: {counts.pdfs} PDFs, "
            f"words right {counts.right_words / counts.words:.4f}, "
            f"whole paragraphs right {counts.right_paragraphs / counts.paragraphs:.0%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chromium", default="chromium")
    parser.add_argument("--weasyprint", default="weasyprint")
    parser.add_argument("--folder", type=Path, help="keep the PDFs here, and use those kept there")
    parser.add_argument("--fixtures", type=Path, help="print the sentence of the tests to here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        printer = Printer(options.chromium, options.weasyprint, folder.absolute())
        if options.fixtures is None:
            measure(printer)
            return
        write_fixtures(printer)
        options.fixtures.mkdir(parents=True, exist_ok=True)
        for pdf in folder.glob("*.pdf"):
            shutil.copy(pdf, options.fixtures)


if __name__ == "__main__":
    main()
