"""Render quotes word for word, each with its citation: source, date and link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from bot.i18n.formats import list_separator
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import DIRECTION_MARKS, citation_runs, is_partly_highlighted
from bot.i18n.translations import translator
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    MAX_URL_LENGTH,
    HtmlText,
    bidi_isolate,
    blockquote,
    bold,
    join_html,
    link,
    plain_text,
    truncate,
    trusted_text,
    utf16_length,
)
from index.models import Article, Quote
from index.text.gazetteer import GazetteerEntry
from index.text.language import primary_subtag
from index.text.segmentation.sentences import split_sentences
from index.text.spans import Span

FindNames = Callable[[str], Sequence[GazetteerEntry]]
"""Returns the known names that a text mentions."""
MAX_ALSO_REPORTED_BY = 3
"""The largest number of other articles with the same passage that are cited."""
_MAX_RUN_LENGTH = 150
_MAX_QUOTE_UNITS = MAX_MESSAGE_LENGTH - 1_500
"""The longest quote; the rest of the message is left for the lines above and below it."""
_MAX_EXCERPT_LENGTH = 240
"""The longest excerpt with neighbours of the best sentence, in characters: six lines of a phone."""
_MAX_HEADLINE_UNITS = 100
_MAX_NAMES = 4
"""The largest number of known names listed for a reader of another language."""
_VISIBLE_UNITS = 120
"""What a phone shows of a folded quote, at least: three lines of 40 characters."""


def render_article_quotes(
    first_number: int, quotes: Sequence[Quote], lang: UiLanguage, find_names: FindNames
) -> HtmlText:
    """Render quotes of one article below its headline, with one citation.

    Each shows its best sentence. For a reader of another language a line names the article's
    language and the names in its headline that are known.
    """
    article = quotes[0].article
    excerpts = [quote.text[slice(*excerpt_span(quote))] for quote in quotes]
    lines = []
    if not _repeats_headline(article, excerpts[0]):
        lines.append(bold(plain_text(truncate(article.headline, _MAX_HEADLINE_UNITS))))
    if article.language and primary_subtag(article.language) != lang:
        lines.append(_render_language_line(article, excerpts[0], lang, find_names))
    lines += [_render_excerpt(quote) for quote in quotes]
    lines.append(render_citation(article, lang, first_number, first_number + len(quotes) - 1))
    also = {other.id: other for quote in quotes for other in quote.also}
    if also:
        lines.append(_render_also_reported_by(list(also.values()), lang))
    return join_html(lines, "\n")


def excerpt_span(quote: Quote) -> Span:
    """Return the part of a quote's text that an answer shows: its best sentence.

    Whole sentences around it are added as long as all are short enough to be read at a glance.
    """
    start, end = quote.highlight
    sentences = split_sentences(quote.text, Span(0, len(quote.text)))
    before = [sentence for sentence in sentences if sentence.end <= start]
    after = [sentence for sentence in sentences if sentence.start >= end]
    while after and after[0].end - start <= _MAX_EXCERPT_LENGTH:
        end = after.pop(0).end
    while before and end - before[-1].start <= _MAX_EXCERPT_LENGTH:
        start = before.pop().start
    return Span(start, end)


def group_by_article(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes with those of one article together, in the order of the first of each."""
    order = {
        article_id: place
        for place, article_id in enumerate(dict.fromkeys(quote.article.id for quote in quotes))
    }
    return tuple(sorted(quotes, key=lambda quote: order[quote.article.id]))


def article_groups(quotes: Sequence[Quote]) -> Iterator[list[Quote]]:
    """Yield the quotes of each article that stand next to one another."""
    for _, group in groupby(quotes, key=lambda quote: quote.article.id):
        yield list(group)


def _repeats_headline(article: Article, excerpt: str) -> bool:
    """Return whether a headline is the beginning of the text that is shown below it."""
    return excerpt.startswith(article.headline.removesuffix("…"))


def _render_language_line(
    article: Article, excerpt: str, lang: UiLanguage, find_names: FindNames
) -> HtmlText:
    """Say in the reader's language in which language an article is, and which names it has."""
    _ = translator(lang).gettext
    labels = {"ar": _("In Arabic"), "en": _("In English"), "fr": _("In French")}
    label = labels.get(primary_subtag(article.language) or "", _("In another language"))
    entries = [*find_names(article.headline), *find_names(excerpt)]
    names = list(dict.fromkeys(getattr(entry, lang)[0] for entry in entries))[:_MAX_NAMES]
    if names:
        # Translators: {names}: known names in an article of another language.
        named = _("names: {names}").format(names=list_separator(lang).join(names))
        label = f"{label} · {named}"
    return trusted_text(f"{DIRECTION_MARKS[lang]}{label}")


def _render_excerpt(quote: Quote) -> HtmlText:
    """Render the excerpt of a quote in a block that is never folded."""
    first, last = excerpt_span(quote)
    start, end = quote.highlight
    text = quote.text[first:last]
    if utf16_length(text) > _MAX_QUOTE_UNITS:
        return blockquote(plain_text(truncate(text, _MAX_QUOTE_UNITS)), may_fold=False)
    parts = [text[: start - first], text[start - first : end - first], text[end - first :]]
    pieces = [plain_text(part) for part in parts]
    if parts[0] or parts[2]:
        pieces[1] = bold(pieces[1])
    return blockquote(join_html(pieces), may_fold=False)


def render_quote(number: int, quote: Quote, lang: UiLanguage) -> HtmlText:
    """Render one whole passage, with its best sentence in bold, and its citation below it.

    A quote is not folded where that would hide a part of its best sentence. A quote that is too
    long is truncated, without bold.
    """
    quote_text = quote.text
    start, end = quote.highlight if is_partly_highlighted(quote) else (0, 0)
    if utf16_length(quote_text) > _MAX_QUOTE_UNITS:
        quote_text, start, end = truncate(quote_text, _MAX_QUOTE_UNITS), 0, 0
    parts = [
        plain_text(quote_text[:start]),
        plain_text(quote_text[start:end]),
        plain_text(quote_text[end:]),
    ]
    if end:
        parts[1] = bold(parts[1])
    may_fold = utf16_length(quote_text[:end]) <= _VISIBLE_UNITS
    lines = [
        blockquote(join_html(parts), may_fold=may_fold),
        render_citation(quote.article, lang, number),
    ]
    if quote.also:
        lines.append(_render_also_reported_by(quote.also, lang))
    return join_html(lines, "\n")


def render_citation(
    article: Article, lang: UiLanguage, number: int | None = None, last_number: int | None = None
) -> HtmlText:
    """Render a citation on a line of its own: «2. source · 4 فبراير 2026، 12:51 · link».

    It may be that of several quotes, up to `last_number`: «2–3. source …».
    """
    mark = DIRECTION_MARKS[lang]
    numbers = str(number) if last_number in (None, number) else f"{number}–{last_number}"
    opening = mark if number is None else f"{mark}{numbers}. "
    return join_html([plain_text(opening), _render_citation_runs(article, lang)])


def _render_citation_runs(article: Article, lang: UiLanguage) -> HtmlText:
    runs = [
        bidi_isolate(plain_text(truncate(run, _MAX_RUN_LENGTH)))
        for run in citation_runs(article, lang)
    ]
    if article.url and len(article.url) <= MAX_URL_LENGTH:
        runs.append(link(translator(lang).gettext("link"), article.url))
    return join_html(runs, " · ")


def _render_also_reported_by(articles: Sequence[Article], lang: UiLanguage) -> HtmlText:
    citations = [
        bidi_isolate(_render_citation_runs(article, lang))
        for article in articles[:MAX_ALSO_REPORTED_BY]
    ]
    unnamed_count = len(articles) - len(citations)
    if unnamed_count:
        citations.append(plain_text(f"+{unnamed_count}"))
    before, _separator, after = (
        # Translators: {sources}: citations of articles.
        translator(lang).gettext("Also carried by: {sources}").partition("{sources}")
    )
    return join_html([plain_text(before), join_html(citations, " · "), plain_text(after)])
