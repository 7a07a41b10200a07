"""Extract the story of a page: its lines without bylines and what the site puts around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.ingest.charset import to_printable
from index.ingest.html.date_candidates import DATE_WORDS
from index.ingest.html.dom import VisibleLine, visible_lines
from index.ingest.html.metadata import BYLINE_PREFIX, PageMetadata, ParsedPage, clean_author
from index.text.boilerplate import (
    BoilerplateMatcher,
    BoilerplateRules,
    find_story_body,
    strip_leading_marks,
)
from index.text.normalise import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_NEARBY_LINES = 5
"""Number of lines before the headline and after the story that may state the date."""
_PARAGRAPH_PREFIX_LENGTH = 80
"""Characters that suffice to distinguish a paragraph from others."""
_MAX_BYLINE_LINES = 8
"""Number of leading lines that may be a byline: author, date, the headline again."""
_MAX_BYLINE_LENGTH = 160
_MIN_SHOWN_SHARE = 0.5
"""A text of which a page shows less is hidden."""
_MAX_COMPARED_SENTENCES = 200
_SENTENCE_BREAK = re.compile(r"[.!؟?\n]")
_SENTENCE_END = re.compile(r"[.!؟?…:»\"”]$")
_WORD = re.compile(r"[^\W\d_]+")
_MIN_LINKED_SHARE = 0.9
_NAME_END = re.compile(r"\d|[|–—•·،,;(/]| - | في | الى | on | le |\b(?:نشر|published|publié)\b")
_MAX_AUTHOR_WORDS = 5
"""Maximum number of words of a printed author's name."""


class ExtractedStory(NamedTuple):
    """A page's story, and the lines around it that may state its date and author."""

    text: str
    lead_lines: tuple[VisibleLine, ...]
    """The lines from the headline to the story."""
    nearby_lines: tuple[VisibleLine, ...]
    """Lines before the headline and after the story; a date there may be the whole site's."""
    hidden: bool
    """Whether the page shows less than half of the text: the rest is its JSON-LD."""


def extract_story(
    page: ParsedPage, tree: HtmlElement, metadata: PageMetadata, rules: BoilerplateRules
) -> ExtractedStory | None:
    """Return the story of a page, or None if there is none.

    `tree` is the pruned tree of the page; boilerplate lines are removed from it in place.
    """
    boilerplate = BoilerplateMatcher(rules)
    lines = visible_lines(tree)
    for line in _find_site_lines(lines, boilerplate):
        line.erase()
    text = _extract_text(tree, page.url)
    json_ld_body = to_printable(page.article.body) if page.article and page.article.body else ""
    if len(text.split()) < 0.5 * len(json_ld_body.split()):
        text = json_ld_body
    hidden = _shown_share(text, page.lines) < _MIN_SHOWN_SHARE
    kept_lines = _restore_printed_lines(text, lines)
    kept_lines = [
        kept_line
        for kept_line in kept_lines
        if not boilerplate.is_boilerplate_in_page(strip_leading_marks(kept_line))
    ]
    kept_lines = _strip_byline(kept_lines, metadata, rules)
    joined = "\n".join(kept_lines)
    if not any(char.isalnum() for char in joined):
        return None
    text = find_story_body(joined, rules).body.slice(joined)
    story_lines = text.splitlines()
    lead_lines, _ = _surrounding_lines(page.lines, metadata.title, story_lines)
    _, nearby_lines = _surrounding_lines(lines, metadata.title, story_lines)
    return ExtractedStory(text, lead_lines, nearby_lines, hidden)


def _shown_share(text: str, lines: Sequence[VisibleLine]) -> float:
    """Return the share of a text's sentences that the lines show, weighted by their lengths."""
    shown = "".join(_alphanumerics(line.text) for line in lines)
    sentences = list(filter(None, map(_alphanumerics, _SENTENCE_BREAK.split(text))))
    sample = sentences[:: len(sentences) // _MAX_COMPARED_SENTENCES + 1]
    lengths = [(len(sentence), sentence in shown) for sentence in sample]
    shown_length = sum(length for length, is_shown in lengths if is_shown)
    return shown_length / max(1, sum(length for length, _ in lengths))


def _restore_printed_lines(text: str, lines: list[VisibleLine]) -> list[str]:
    """Return the extracted lines as the page prints them, without list markers added to them."""
    printed_by_letters = {_alphanumerics(line.text): line.text for line in reversed(lines)}
    matched_lines = (
        printed_by_letters.get(_alphanumerics(extracted_line), " ".join(extracted_line.split()))
        for extracted_line in text.splitlines()
    )
    return [line for line in matched_lines if any(char.isalnum() for char in line)]


def _alphanumerics(line: str) -> str:
    return "".join(filter(str.isalnum, line))


def _extract_text(tree: HtmlElement, url: str | None) -> str:
    from trafilatura import bare_extraction

    extracted = bare_extraction(
        tree, url=url, include_comments=False, include_tables=True, with_metadata=False
    )
    return (
        to_printable(extracted.text or "")
        if extracted is not None and not isinstance(extracted, dict)
        else ""
    )


def _find_site_lines(
    lines: list[VisibleLine], boilerplate: BoilerplateMatcher
) -> list[VisibleLine]:
    """Return the boilerplate lines: by the rules, and links below headings like «اقرأ أيضا»."""
    site_lines = []
    under_heading = False
    for line in lines:
        words = strip_leading_marks(line.text)
        heading = boilerplate.find_heading(words)
        is_link = len(line.linked_text) >= _MIN_LINKED_SHARE * len(line.text)
        after_heading = words[len(heading) :].strip(" :.-–|") if heading else ""
        if heading and (
            not after_heading
            or len(fold(line.linked_text)) >= _MIN_LINKED_SHARE * len(after_heading) > 0
        ):
            under_heading = not after_heading
            site_lines.append(line)
        elif under_heading and is_link:
            site_lines.append(line)
        else:
            under_heading = False
            if boilerplate.is_boilerplate_in_page(words):
                site_lines.append(line)
    return site_lines


def _surrounding_lines(
    lines: Sequence[VisibleLine], title: str | None, story_lines: list[str]
) -> tuple[tuple[VisibleLine, ...], tuple[VisibleLine, ...]]:
    """Return the lines from the headline to the story, and some before and after both."""
    folded_lines = [fold(line.text) for line in lines]
    story_prefixes = [
        fold(story_line)[:_PARAGRAPH_PREFIX_LENGTH]
        for story_line in story_lines
        if len(story_line) >= _PARAGRAPH_PREFIX_LENGTH // 2
    ]
    start_indexes = [
        index
        for index, line in enumerate(folded_lines)
        if story_prefixes and line.startswith(story_prefixes[0])
    ]
    first = start_indexes[0] if start_indexes else min(len(lines), _MAX_BYLINE_LINES)
    end_indexes = [
        index
        for index, line in enumerate(folded_lines)
        if story_prefixes and line.startswith(story_prefixes[-1])
    ]
    last = end_indexes[-1] + 1 if end_indexes else first
    folded_title = fold(title or "")
    headline_indexes = [
        index for index in range(first) if folded_title and folded_lines[index] == folded_title
    ]
    headline_index = headline_indexes[-1] if headline_indexes else max(0, first - _MAX_BYLINE_LINES)
    before = lines[max(0, headline_index - _MAX_NEARBY_LINES) : headline_index]
    return tuple(lines[headline_index:first]), (*before, *lines[last : last + _MAX_NEARBY_LINES])


def find_printed_author(
    lead_lines: Sequence[VisibleLine], metadata: PageMetadata, rules: BoilerplateRules
) -> str | None:
    """Return the author named between headline and story, as in «بقلم: سالم الورفي», or None."""
    for line in lead_lines:
        for text in (line.text, line.spaced_text):
            if len(text) <= _MAX_BYLINE_LENGTH and BYLINE_PREFIX.match(text):
                name = _NAME_END.split(BYLINE_PREFIX.sub("", text))[0]
                author = clean_author(name, metadata.source, metadata.url, rules)
                if author and 2 <= len(author.split()) <= _MAX_AUTHOR_WORDS:
                    return author
    return None


def _strip_byline(
    story_lines: list[str], metadata: PageMetadata, rules: BoilerplateRules
) -> list[str]:
    """Return the lines without the leading byline: repeated headline, author, date."""
    byline = _BylineBlock(metadata, rules)
    end = 0
    for index, line in enumerate(story_lines[:_MAX_BYLINE_LINES]):
        if byline.is_byline(line):
            end = index + 1
        elif len(line.split()) >= 12:
            break
    head = [line for line in story_lines[:end] if not byline.is_byline(line)]
    return [*head, *story_lines[end:]]


class _BylineBlock:
    """Recognise the lines that a site prints between headline and story."""

    def __init__(self, metadata: PageMetadata, rules: BoilerplateRules) -> None:
        self.title = fold(metadata.title or "")
        self.names = [fold(name) for name in (metadata.author, metadata.source) if name]
        self.labels = sorted(map(fold, rules.label_before_story), key=len, reverse=True)
        self.label_words = {word for label in self.labels for word in label.split()}

    def is_byline(self, line: str) -> bool:
        """Return whether a line is the headline, or holds only labels, names and a date."""
        words = fold(line)
        if self.title and words == self.title:
            return True
        if len(line) > _MAX_BYLINE_LENGTH:
            return False
        remaining, has_name = words, False
        for name in self.names:
            has_name = has_name or name in remaining
            remaining = remaining.replace(name, " ")
        remaining_words = _WORD.findall(remaining)
        other_words = [
            word for word in remaining_words if word not in self.label_words | DATE_WORDS
        ]
        has_date = any(char.isdigit() for char in words) and len(other_words) < len(remaining_words)
        if not other_words:
            return (
                has_name
                or has_date
                or not remaining_words
                or all(word in self.label_words for word in remaining_words)
            )
        has_label = any(re.match(rf"{re.escape(label)}\b", words) for label in self.labels)
        ends_sentence = _SENTENCE_END.search(line.rstrip())
        return not ends_sentence and len(other_words) <= (
            5 if has_label else 3 if has_date else 2 if has_name else 0
        )
