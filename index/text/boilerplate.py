"""Separate the story in a page's text from its byline and the site's boilerplate.

Left out of the passages, never of the text: the byline before the story (source and date), and the
site's lines after it («أخبار متعلقة», "Read also", disclaimers, share bars). Rules in
`config/boilerplate.toml`, which editors extend, describe those lines. In doubt a line stays: losing
a story's last sentence is worse than keeping a site's line.
"""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from index.text.byline import Byline, read_byline
from index.text.normalise import fold
from index.text.segmentation.paragraphs import split_paragraphs
from index.text.spans import INVISIBLE_CHARS, Span, has_words, trim_span

MAX_SITE_LINE_LENGTH = 600
"""A line of more characters is always a part of the story, whatever the rules."""
MAX_LINK_TEXT_LENGTH = 150
"""Maximum characters of the titles that follow a heading such as «أخبار متعلقة»."""
MAX_TEASER_LENGTH = 250
"""A line of more characters is a part of the story, however it starts."""
_FILLER = " :.·-–—|*•#>_"


Phrase = Annotated[str, Field(min_length=2)]
"""Words as sites print them."""


class BoilerplateRules(BaseModel):
    """Lines that sites add to stories. Phrases match folded: without case, harakat and hamzas."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heading_after_story: tuple[Phrase, ...] = ()
    """Such a line ends the story if only titles and boilerplate follow, and the rest of the text is
    no larger than `rest_at_most`."""
    line_starts: tuple[Phrase, ...] = ()
    """A line after the story's last sentence that starts with one of these is left out."""
    line_has_all: tuple[Annotated[tuple[Phrase, ...], Field(min_length=1)], ...] = ()
    """A line after the story's last sentence that contains all phrases of a group is left out."""
    line_in_page: tuple[Phrase, ...] = ()
    """A line of a web page that equals one of these is left out wherever it stands."""
    line_starts_in_page: tuple[Phrase, ...] = ()
    """A short line of a web page that starts with one of these is left out wherever it stands."""
    label_before_story: tuple[Phrase, ...] = ()
    """Labels before an author's name or a date, on the lines before a web page's story."""
    not_an_author: tuple[Phrase, ...] = ()
    """Placeholders that publishing systems print instead of an author's name."""
    page_without_story: tuple[Phrase, ...] = ()
    """A page is no article if it has few words, or one of these in its title."""
    teaser_label: tuple[Phrase, ...] = ()
    """A line inside the story that starts with one of these and a colon or the like names another
    story; a line that is one of these alone stands above such lines. They are not quoted."""
    rest_at_most: float = Field(default=0.5, ge=0, le=1)
    """The largest share of the text that may follow a heading and still be left out."""


class StoryBody(NamedTuple):
    """The span of the story in a text, the byline before it, and the teasers inside it."""

    body: Span
    byline: Byline | None
    teasers: tuple[Span, ...] = ()
    """Lines inside the body that are of other stories: they are neither searched nor quoted."""


def find_story_body(text: str, rules: BoilerplateRules) -> StoryBody:
    """Find the story in `text`, without the byline and the boilerplate around it.

    The body contains words if `text` does.
    """
    byline = read_byline(text)
    start = byline.end if byline else 0
    if not has_words(text, start, len(text)):
        start = 0
    end = _find_story_end(text, Span(start, len(text)), BoilerplateMatcher(rules))
    if not has_words(text, start, end):
        end = len(text)
    body = trim_span(text, start, end) or Span(0, len(text))
    return StoryBody(body, byline, _find_teasers(text, body, BoilerplateMatcher(rules)))


class BoilerplateMatcher:
    """The rules, folded once, and the predicates on lines.

    Methods take lines as `strip_leading_marks` returns them.
    """

    def __init__(self, rules: BoilerplateRules) -> None:
        self.headings = {strip_leading_marks(phrase) for phrase in rules.heading_after_story}
        self.line_prefixes = tuple(strip_leading_marks(phrase) for phrase in rules.line_starts)
        self.phrase_groups = [[fold(phrase) for phrase in group] for group in rules.line_has_all]
        self.page_lines = {strip_leading_marks(phrase) for phrase in rules.line_in_page}
        self.page_line_prefixes = tuple(
            strip_leading_marks(phrase) for phrase in rules.line_starts_in_page
        )
        self.rest_at_most = rules.rest_at_most
        labels = sorted(map(strip_leading_marks, rules.teaser_label), key=len, reverse=True)
        self._teaser = re.compile(
            rf"(?:{'|'.join(map(re.escape, labels))})\s*(?:[:/|–—-]|\.\.|…)" if labels else "(?!)"
        )
        self._teaser_labels = frozenset(labels)

    def is_heading(self, line: str) -> bool:
        """Say whether a line is a heading such as «أخبار متعلقة» and nothing else."""
        return line.strip(_FILLER) in self.headings

    def is_boilerplate(self, line: str) -> bool:
        """Say whether a line is boilerplate, a heading, or has no letter or digit ("-----")."""
        return (
            not has_words(line, 0, len(line))
            or self.is_heading(line)
            or line.startswith(self.line_prefixes)
            or any(all(phrase in line for phrase in group) for group in self.phrase_groups)
        )

    def is_teaser(self, line: str) -> bool:
        """Say whether a line inside a story names another story, or asks to follow the site."""
        return len(line) <= MAX_TEASER_LENGTH and (
            self._teaser.match(line) is not None or line.startswith(self.line_prefixes)
        )

    def is_teaser_label(self, line: str) -> bool:
        """Say whether a line is a label such as «اقرأ أيضا» and nothing else."""
        return line.strip(_FILLER) in self._teaser_labels

    def is_boilerplate_in_page(self, line: str) -> bool:
        """Say whether a line is left out of a web page even between paragraphs of its story."""
        if len(line) > MAX_LINK_TEXT_LENGTH:
            return False
        return line.strip(_FILLER) in self.page_lines or line.startswith(
            (*self.line_prefixes, *self.page_line_prefixes)
        )

    def find_heading(self, line: str) -> str | None:
        """Return the longest heading that a line starts with, such as «اقرأ أيضا», or None."""
        headings = [heading for heading in self.headings if line.startswith(heading)]
        return max(headings, key=len, default=None)


def strip_leading_marks(line: str) -> str:
    """Return a line folded, without the punctuation before its first word."""
    return fold(line).lstrip(_FILLER)


def _find_story_end(text: str, body: Span, matcher: BoilerplateMatcher) -> int:
    """Return the end of the story, going up from the last line over boilerplate and titles."""
    lines = split_paragraphs(text, body)
    line_count = len(lines)
    in_tail = True
    for index in range(len(lines) - 1, 0, -1):
        line = lines[index]
        if line.length > MAX_SITE_LINE_LENGTH:
            break
        folded_line = strip_leading_marks(line.slice(text))
        is_short_tail = body.end - line.start <= matcher.rest_at_most * body.length
        if is_short_tail and matcher.is_heading(folded_line):
            line_count, in_tail = index, True
        elif matcher.is_boilerplate(folded_line):
            line_count = index if in_tail else line_count
        else:
            in_tail = False
            if not (is_short_tail and _is_link_text(line.slice(text))):
                break
    return lines[line_count - 1].end if lines else body.end


def _find_teasers(text: str, body: Span, matcher: BoilerplateMatcher) -> tuple[Span, ...]:
    """Return the lines of the body that are teasers; none if nothing else has words."""
    lines = split_paragraphs(text, body)
    teasers = []
    is_below_label = False
    for line in lines:
        written = line.slice(text)
        folded_line = strip_leading_marks(written)
        is_label = matcher.is_teaser_label(folded_line)
        is_listed = is_below_label and _is_link_text(written) and bool(folded_line)
        is_below_label = is_label or is_listed
        if is_label or is_listed or matcher.is_teaser(folded_line):
            teasers.append(line)
    return tuple(teasers) if len(teasers) < len(lines) else ()


def _is_link_text(line: str) -> bool:
    return len(line) <= MAX_LINK_TEXT_LENGTH and not line.rstrip(
        INVISIBLE_CHARS + " \"'”’»)"
    ).endswith((".", "،"))
