"""Write the citation of an article, in a reader's language and as BibTeX, to be copied."""

from __future__ import annotations

import re

from bot.i18n.formats import date_text, list_separator, source_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import strip_controls
from index.models import Article

_QUOTATION_MARKS: dict[UiLanguage, tuple[str, str]] = {
    "ar": ("«", "»"),
    "en": ("“", "”"),
    "fr": ("«\u00a0", "\u00a0»"),
}
_BIBTEX_SPECIAL = re.compile(r"[{}#$%&_\\]")
"""Characters that LaTeX reads as commands: braces, backslashes and the like."""


def citation_text(article: Article, lang: UiLanguage) -> str:
    """Return «headline», source, date and address of an article on one line."""
    opening, closing = _QUOTATION_MARKS[lang]
    parts = [
        f"{opening}{article.headline}{closing}",
        source_text(article.source, lang),
        date_text(article.published, lang),
        article.url or "",
    ]
    return list_separator(lang).join(strip_controls(part) for part in parts if part)


def bibtex_entry(article: Article) -> str:
    """Return a BibTeX entry of type `misc`, without the fields that are unknown."""
    published = article.published
    fields = {
        "title": f"{{{_escape(article.headline)}}}",
        "author": f"{{{_escape(article.author)}}}" if article.author else None,
        "howpublished": _escape(article.source) if article.source else None,
        "year": f"{published:%Y}" if published else None,
        "month": f"{published.month}" if published else None,
        "day": f"{published.day}" if published else None,
        "url": article.url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{libya-news-{article.number},", *lines, "}"])


def _escape(text: str) -> str:
    return _BIBTEX_SPECIAL.sub(_escape_character, " ".join(strip_controls(text).split()))


def _escape_character(match: re.Match[str]) -> str:
    return r"\textbackslash{}" if match[0] == "\\" else f"\\{match[0]}"
